"""The README is a doctest; it makes folders, so it runs in a place of its own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _readme_runs_elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.chdir(tmp_path)
