"""Importing contentops, and asking for help, load next to nothing."""

import json
import subprocess
import sys

import pytest

HEAVY = {"sqlmodel", "sqlalchemy", "alembic", "jinja2", "markdown", "icalendar", "holidays", "babel", "starlette",
         "uvicorn", "yaml", "phonenumbers", "pydantic", "xlsxwriter"}  # fmt: skip


@pytest.mark.parametrize(
    "code", ["import contentops", "import contentops; contentops.NotFound", "from contentops.cli import app"], ids=str
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    """Measured times are in benchmarks/; what decides them is which packages are loaded."""
    program = f"import sys, json; {code}; print(json.dumps(sorted(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in json.loads(result.stdout)}
    assert not loaded & HEAVY


def test_nothing_happens_at_import(tmp_path) -> None:
    """No files, no loggers' handlers, no reading of the environment's secrets."""
    program = (
        "import logging, os, pathlib; before = set(os.listdir('.'));"
        "import contentops, contentops.workspace, contentops.web.app, contentops.leads.desk;"
        "assert not logging.getLogger().handlers and not logging.getLogger('contentops').handlers;"
        "assert set(os.listdir('.')) == before"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
