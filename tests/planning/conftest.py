"""A workspace with one planned asset, on SQLite and on PostgreSQL."""

from datetime import date

import pytest

from contentops.testing import write_content

from .shared import IDEA, STANDARD


@pytest.fixture
def planned(any_workspace):
    (any_workspace.folder / "calendar" / "qa.toml").write_text(STANDARD, encoding="utf-8")
    write_content(any_workspace, "qa/cost.md", IDEA)
    any_workspace.assets.sync()
    any_workspace.calendar.plan("cost", date(2026, 12, 10), by="张三一")
    return any_workspace
