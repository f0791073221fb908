"""Apply accepted differences within one transaction: the whole of them, or nothing."""

from collections.abc import Callable, Iterable
from datetime import date

from sqlmodel import Session, select

from contentops.assets.ideas import new_idea
from contentops.errors import Conflict
from contentops.models import Asset, Lane, Milestone, MilestoneState, Slot, SlotState
from contentops.planning.agenda import uid_of_slot
from contentops.planning.context import PlanningContext, asset_in
from contentops.planning.incoming.differences import Difference, Kind
from contentops.planning.moving import (
    Author,
    drop_date,
    drop_milestone,
    move_date,
    move_milestone,
    move_publication,
    move_slot,
    plan_asset,
    unplan_asset,
)
from contentops.planning.steps import Steps
from contentops.texts import gettext as _

# Publications go first: what moves along with one may have a day of its own in the same file, which wins.
_ORDER = (Kind.NEW, Kind.RENAMED, Kind.MOVED, Kind.DONE, Kind.CANCELLED)


def _in_order(difference: Difference) -> tuple[int, date, bool]:
    """Sort: what is done in the order of its days, publication after what stands before it; else publications first."""
    publication = difference.lane is Lane.PUBLICATION
    if difference.kind is Kind.DONE:
        return _ORDER.index(difference.kind), difference.before or date.max, publication
    return _ORDER.index(difference.kind), date.min, not publication


class Applying:
    """Carries accepted differences out.

    Args:
        asset_ids: by UID. with_steps: whether the steps of a moved publication move along.
    """

    def __init__(
        self,
        session: Session,
        context: PlanningContext,
        asset_ids: dict[str, str],
        author: Author,
        *,
        with_steps: bool,
    ) -> None:
        self._session, self._context, self._author = session, context, author
        self._asset_ids, self._with_steps = asset_ids, with_steps

    def apply(self, differences: Iterable[Difference]) -> int:
        """Carry them out; returns how many."""
        verbs: dict[Kind, Callable[[Difference], None]] = {
            Kind.NEW: self._new,
            Kind.RENAMED: self._rename,
            Kind.MOVED: self._move,
            Kind.CANCELLED: self._cancel,
            Kind.DONE: self._complete,
        }
        wanted = sorted(differences, key=_in_order)
        for difference in wanted:
            verbs[difference.kind](difference)
            self._session.flush()
        return len(wanted)

    def _asset(self, difference: Difference) -> Asset:
        if difference.uid:
            return asset_in(self._session, self._asset_ids[difference.uid])
        language, _slash, slug = difference.address.partition("/")
        query = select(Asset).where(Asset.language == language, Asset.slug == slug)
        return self._session.exec(query).one()

    def _milestone(self, asset: Asset, key: str) -> Milestone:
        query = select(Milestone).where(Milestone.asset_id == asset.id, Milestone.step == key)
        return self._session.exec(query).one()

    def _slot(self, difference: Difference) -> Slot:
        series, _blank, rule_on = difference.key.partition(" ")
        query = select(Slot).where(Slot.series == series, Slot.rule_on == date.fromisoformat(rule_on))
        slot = self._session.exec(query).one()
        if slot.state is not SlotState.OPEN or uid_of_slot(slot) != difference.uid:
            raise Conflict(_("the plan has changed meanwhile; look at the differences again"))
        return slot

    def _move(self, difference: Difference) -> None:
        day = difference.after
        assert day is not None  # noqa: S101 - a move has a day
        if difference.lane is Lane.SLOT:
            move_slot(self._session, self._slot(difference), day, self._author)
            return
        asset = self._asset(difference)
        if difference.lane is None:  # of a foreign plan: the piece as a whole
            plan_asset(self._session, self._context, asset, day, self._author)
        elif difference.lane is Lane.PUBLICATION:
            move_publication(self._session, self._context, asset, day, self._author, with_steps=self._with_steps)
        elif difference.lane in (Lane.EXPIRY, Lane.REVIEW):
            move_date(self._session, self._context, asset, difference.lane, day, self._author)
        else:
            move_milestone(self._session, self._milestone(asset, difference.key), day, self._author)

    def _cancel(self, difference: Difference) -> None:
        if difference.lane is Lane.SLOT:
            slot = self._slot(difference)
            slot.state, slot.changed_at = SlotState.SKIPPED, self._author.at
            self._session.add(slot)
            return
        asset = self._asset(difference)
        if difference.lane in (None, Lane.PUBLICATION):
            unplan_asset(self._session, asset, self._author)
        elif difference.lane in (Lane.EXPIRY, Lane.REVIEW):
            drop_date(self._session, self._context, asset, difference.lane, self._author)
        else:
            milestone = self._milestone(asset, difference.key)
            if milestone.state is MilestoneState.DUE:  # else it went with its publication
                drop_milestone(self._session, milestone, self._author)

    def _rename(self, difference: Difference) -> None:
        asset = self._asset(difference)
        asset.title, asset.changed_at = difference.text[:300], self._author.at
        self._session.add(asset)

    def _complete(self, difference: Difference) -> None:
        Steps(self._context).complete_in(self._session, self._asset(difference), difference.key, by=self._author.by)

    def _new(self, difference: Difference) -> None:
        values = difference.values
        asset = new_idea(
            self._session, title=values["title"], kind=values["kind"], language=values["language"],
            slug=values["slug"], description=values["description"], titles=values["titles"], by=self._author.by,
            reason=self._author.why, now=self._author.at,
        )  # fmt: skip
        if difference.after is not None:
            self._session.flush()
            plan_asset(self._session, self._context, asset, difference.after, self._author)
