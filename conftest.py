"""The README is a doctest; it makes folders, so it runs in a place of its own."""

import os
import sys
from pathlib import Path

import pytest

# Every process of the suite, and each of the many that its tests start, would compile all of contentops anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(autouse=True)
def _readme_runs_elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if isinstance(request.node, pytest.DoctestItem):
        folder: Path = request.getfixturevalue("tmp_path")
        monkeypatch.chdir(folder)
