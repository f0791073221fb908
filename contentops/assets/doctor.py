"""What is wrong with content as a whole: duties nobody has, files that could not be read, drafts held back."""

from sqlmodel import Session, col, select

from contentops.assets.standards import Standards
from contentops.assets.workflow import duty_problems
from contentops.errors import Problem
from contentops.models import Asset, Person, RoleHolder, SourceFile, WorkflowState
from contentops.texts import gettext as _


def content_problems(session: Session, standards: Standards) -> list[Problem]:
    """Return what `contentops doctor` reports of content."""
    holders = dict(
        session.exec(select(RoleHolder.role, Person.name).join(Person, col(Person.id) == RoleHolder.person_id)).all()
    )
    kinds = session.exec(select(Asset.kind).distinct()).all()
    bad = session.exec(select(SourceFile).where(col(SourceFile.problem).is_not(None)).order_by(SourceFile.path)).all()
    held_back = session.exec(
        select(Asset).where(Asset.state == WorkflowState.PUBLISHED, col(Asset.draft).is_(True)).order_by(Asset.slug)
    ).all()
    problems = duty_problems(standards, holders, kinds)
    message = _("published, but its file still says 'draft: true', so it is on no page")
    problems += [Problem(f"{asset.language}/{asset.slug}", message) for asset in held_back]
    return problems + [Problem(row.path, row.problem or "", row.problem_line) for row in bad]
