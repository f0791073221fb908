"""The README is a doctest; it makes folders, so it runs in a place of its own."""

import os
import shutil
import sys
from pathlib import Path

import pytest

# Every process of the suite, and each of the many that its tests start, would compile all of contentops anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

MEMORY, NEEDED_BYTES = Path("/dev/shm"), 4 * 1024**3  # noqa: S108 - pytest keeps a folder of its own there


def _prefer_memory() -> None:
    """Let temporary files lie in memory where a machine has room there: thousands of databases wait for no disk.

    They are as real there; whoever wants them on a disk names one in ``PYTEST_DEBUG_TEMPROOT``.
    """
    if "PYTEST_DEBUG_TEMPROOT" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= NEEDED_BYTES:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


_prefer_memory()


@pytest.fixture(autouse=True)
def _readme_runs_elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if isinstance(request.node, pytest.DoctestItem):
        folder: Path = request.getfixturevalue("tmp_path")
        monkeypatch.chdir(folder)
