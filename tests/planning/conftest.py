"""A workspace with one planned asset."""

from datetime import date

import pytest

from contentops.testing import write_content

from .shared import IDEA, STANDARD


def with_a_plan(workspace):
    (workspace.folder / "calendar" / "qa.toml").write_text(STANDARD, encoding="utf-8")
    write_content(workspace, "qa/cost.md", IDEA)
    workspace.assets.sync()
    workspace.calendar.plan("cost", date(2026, 12, 10), by="张三一")
    return workspace


@pytest.fixture
def planned(workspace):
    """On SQLite."""
    return with_a_plan(workspace)


@pytest.fixture
def planned_anywhere(any_workspace):
    """On SQLite, and the same test again on PostgreSQL."""
    return with_a_plan(any_workspace)
