"""The desk for what would move: a changed standard, newly announced holidays. ``ws.calendar.replanning``."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from contentops.models import Asset, WorkflowState
from contentops.planning.context import PlanningContext, asset_in
from contentops.planning.moving import Author, plan_asset
from contentops.planning.schedule import DateMove
from contentops.texts import pick

_DONE = (WorkflowState.IDEA, WorkflowState.PUBLISHED, WorkflowState.RETIRED)


@dataclass(frozen=True, slots=True)
class StepMove:
    """One step whose plan would change, or has changed.

    Attributes:
        address: the asset, as ``zh-CN/slug``. title: its title. step, name, role: what is to be done, by whom.
        before, after: its days; None before: new; None after: dropped.
    """

    address: str
    title: str
    step: str
    name: str
    role: str
    before: date | None
    after: date | None


class Replanning:
    """Shows what planning anew would change, and does it."""

    def __init__(self, context: PlanningContext) -> None:
        self._context = context

    def compare(self, *, kind: str | None = None) -> list[StepMove]:
        """Return what would move if every plan were made anew by today's standards and holidays. Changes nothing."""
        with self._context.store.read() as session, session.no_autoflush:
            moves = self._plan_again(session, kind, Author("", self._context.now(), ""))
            session.expunge_all()
        return moves

    def apply(self, *, kind: str | None = None, by: str) -> list[StepMove]:
        """Plan anew what is under way, and return what moved. Days set by hand and what is done stay."""
        author = Author(by, self._context.now(), "calendar replan")
        with self._context.store.write() as session:
            return self._plan_again(session, kind, author)

    def _plan_again(self, session: Session, kind: str | None, author: Author) -> list[StepMove]:
        planned = select(Asset.id).where(col(Asset.planned_on).is_not(None), col(Asset.state).not_in(_DONE))
        if kind is not None:
            planned = planned.where(Asset.kind == kind)
        found = []
        for asset_id in session.exec(planned.order_by(col(Asset.planned_on), Asset.slug)).all():
            asset = asset_in(session, asset_id)
            if asset.planned_on is None or asset.kind not in self._context.standards.kinds:
                continue
            moves = plan_asset(session, self._context, asset, asset.planned_on, author)
            found += [_shown(asset, move) for move in moves if move.is_move]
        return found


def _shown(asset: Asset, move: DateMove) -> StepMove:
    milestone = move.milestone
    address = f"{asset.language}/{asset.slug}"
    name = pick(milestone.name) if milestone.name else milestone.step
    return StepMove(address, asset.title, milestone.step, name, milestone.role, move.before, move.after)
