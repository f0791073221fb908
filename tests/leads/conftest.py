"""White papers to ask for, with a question of the team's own in their forms."""

import pytest

from contentops.testing import write_content
from contentops.workspace import Workspace

PAPER = """\
---
title: 白皮书
contentops:
  gate: gated
  attachment: w.pdf
  fields: [name, company, job_title, email, phone, {name: plant, label: 工厂规模}]
---
"""


def with_papers(workspace: Workspace) -> Workspace:
    for slug in ("w", "v"):
        write_content(workspace, f"whitepaper/{slug}/index.md", PAPER)
        write_content(workspace, f"whitepaper/{slug}/w.pdf", b"%PDF")
    workspace.assets.sync()
    return workspace


@pytest.fixture
def anywhere(any_workspace: Workspace) -> Workspace:
    """White papers w and v, on SQLite and on PostgreSQL."""
    return with_papers(any_workspace)


@pytest.fixture
def gated(workspace: Workspace) -> Workspace:
    """The same on SQLite only."""
    return with_papers(workspace)
