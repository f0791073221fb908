"""Whether visitors can see a page, and the first thing that keeps it from them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from contentops.assets.standards import load_standards
from contentops.models import WorkflowState
from contentops.pages.material.pieces import is_public, visibility

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SOON, PAST = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)


@dataclass
class Paper:
    state: WorkflowState = WorkflowState.PUBLISHED
    draft: bool = False
    go_live_at: datetime | None = None
    expires_at: datetime | None = None
    kind: str = "whitepaper"


@pytest.mark.parametrize(
    ("paper", "seen"),
    [
        (Paper(), "public"), (Paper(go_live_at=NOW, expires_at=SOON), "public"),
        (Paper(WorkflowState.RETIRED, draft=True, expires_at=PAST), "retired"),
        (Paper(draft=True, expires_at=NOW), "draft"), (Paper(go_live_at=SOON, expires_at=NOW), "expired"),
        (Paper(WorkflowState.APPROVED, expires_at=PAST), "expired"), (Paper(go_live_at=SOON), "future"),
        (Paper(WorkflowState.APPROVED, go_live_at=SOON), "unpublished"), (Paper(kind="process"), "unpublished"),
        (Paper(kind="没有这种"), "unpublished"),
    ],
)  # fmt: skip
def test_what_keeps_it_is_named(tmp_path, paper, seen) -> None:
    standards = load_standards(tmp_path)
    assert visibility(paper, standards, NOW) == seen
    assert is_public(paper, standards, NOW) == (seen == "public")
