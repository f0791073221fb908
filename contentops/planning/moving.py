"""Set dates within one transaction: of a whole plan, of one milestone, of an asset. Every change is noted."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from contentops.assets.standards import PUBLISH
from contentops.assets.transitions import change_state, give_up_plan
from contentops.errors import Conflict, InvalidArgument, Problem
from contentops.models import Asset, Lane, Milestone, MilestoneState, Slot, WorkflowState
from contentops.planning.context import PlanningContext, milestone_in, note
from contentops.planning.schedule import DateMove, back_plan, merge
from contentops.planning.working_days import FIRST_YEAR, LAST_YEAR
from contentops.texts import gettext as _
from contentops.texts import pick


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes dates, when and why, for the history."""

    by: str
    at: datetime
    why: str


def check_day(day: date) -> None:
    """Refuse a day for which nobody can say whether it is worked.

    Raises:
        InvalidArgument: it is before 2000 or after 2100.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        message = _("{day} is not between {first} and {last}").format(day=day, first=FIRST_YEAR, last=LAST_YEAR)
        raise InvalidArgument([Problem("date", message)])


def milestones_of(session: Session, asset_id: str) -> list[Milestone]:
    """Return all milestones of an asset, dropped ones too, by day."""
    found = session.exec(select(Milestone).where(Milestone.asset_id == asset_id))
    return sorted(found, key=lambda milestone: (milestone.due_on, milestone.step))


def plan_asset(
    session: Session, context: PlanningContext, asset: Asset, publish_on: date, author: Author
) -> list[DateMove]:
    """Plan an asset back from its day of publication: new steps come, those not done move, vanished ones are dropped.

    Raises:
        NotFound: no standard for its kind.
    """
    check_day(publish_on)
    standard, before = context.standard(asset), asset.planned_on
    calendar = context.days.team
    moves = merge(
        asset.id,
        back_plan(standard, publish_on, calendar, asset.owner),
        standard.version,
        milestones_of(session, asset.id),
        author.at,
        calendar=calendar,
        publication=(before, publish_on),
    )
    for move in moves:
        session.add(move.milestone)
        if move.is_move:
            _note(session, asset.id, move.milestone.step, move.before, move.after, author)
    if before != publish_on or moves:
        asset.planned_on, asset.standard_version, asset.changed_at = publish_on, standard.version, author.at
    if asset.state is WorkflowState.IDEA:
        change_state(session, asset, WorkflowState.PLANNED, by=author.by, reason=author.why, now=author.at)
    session.add(asset)
    return moves


def unplan_asset(session: Session, asset: Asset, author: Author) -> None:
    """Take an asset back into the backlog: its open milestones are dropped, it has no planned day any more."""
    for milestone in give_up_plan(session, asset, author.at):
        _note(session, asset.id, milestone.step, milestone.due_on, None, author)
    asset.changed_at = author.at
    if asset.state is WorkflowState.PLANNED:
        change_state(session, asset, WorkflowState.IDEA, by=author.by, reason=author.why, now=author.at)
    session.add(asset)


def move_milestone(session: Session, milestone: Milestone, day: date, author: Author) -> None:
    """Set a milestone's day by hand; planning keeps it from then on.

    Raises:
        Conflict: it is done.
    """
    check_day(day)
    if milestone.state is MilestoneState.DONE:
        raise Conflict(_("'{step}' is done and stays where it was").format(step=pick(milestone.name)))
    before = None if milestone.state is MilestoneState.DROPPED else milestone.due_on
    _note(session, milestone.asset_id, milestone.step, before, day, author)
    milestone.due_on, milestone.pinned, milestone.changed_at = day, True, author.at
    milestone.state = MilestoneState.DUE
    session.add(milestone)


def drop_milestone(session: Session, milestone: Milestone, author: Author) -> None:
    """Take a milestone off the calendar by hand; planning does not bring it back.

    Raises:
        Conflict: it is done.
    """
    if milestone.state is MilestoneState.DONE:
        raise Conflict(_("'{step}' is done and stays where it was").format(step=pick(milestone.name)))
    _note(session, milestone.asset_id, milestone.step, milestone.due_on, None, author)
    milestone.state, milestone.pinned, milestone.changed_at = MilestoneState.DROPPED, True, author.at
    session.add(milestone)


def move_publication(
    session: Session, context: PlanningContext, asset: Asset, day: date, author: Author, *, with_steps: bool
) -> list[DateMove]:
    """Move the day of publication, with everything of the plan that is not done, or alone; return what moved.

    Raises:
        Conflict: it has been published already, or was never planned.
    """
    check_day(day)
    publication = milestone_in(session, asset.id, PUBLISH)
    if publication.state is MilestoneState.DONE:
        raise Conflict(_("'{title}' has been published already").format(title=asset.title))
    if with_steps:
        publication.pinned = False
        return plan_asset(session, context, asset, day, author)
    moved = DateMove(publication, publication.due_on)
    for milestone in milestones_of(session, asset.id):
        if milestone.state is MilestoneState.DUE and milestone is not publication:
            milestone.pinned = True  # told to stay: planning anew leaves them there
            session.add(milestone)
    _note(session, asset.id, PUBLISH, publication.due_on, day, author)
    publication.due_on, publication.changed_at = day, author.at
    asset.planned_on, asset.changed_at = day, author.at
    session.add_all([publication, asset])
    return [moved]


def move_date(session: Session, context: PlanningContext, asset: Asset, lane: Lane, day: date, author: Author) -> None:
    """Set the day on which an asset expires (at the time of day it had, or midnight) or is reviewed next."""
    check_day(day)
    if lane is Lane.EXPIRY:
        before = asset.expires_at.astimezone(context.zone) if asset.expires_at else None
        moment = datetime.combine(day, before.timetz() if before else datetime.min.time(), context.zone)
        _note(session, asset.id, str(lane), before.date() if before else None, day, author)
        asset.expires_at = moment.replace(tzinfo=context.zone).astimezone(author.at.tzinfo)
    else:
        _note(session, asset.id, str(lane), asset.review_on, day, author)
        asset.review_on = day
    asset.changed_at = author.at
    session.add(asset)


def drop_date(session: Session, context: PlanningContext, asset: Asset, lane: Lane, author: Author) -> None:
    """Take an asset's expiry or its next review off the calendar."""
    if lane is Lane.EXPIRY and asset.expires_at is not None:
        _note(session, asset.id, str(lane), asset.expires_at.astimezone(context.zone).date(), None, author)
        asset.expires_at = None
    elif lane is Lane.REVIEW:
        _note(session, asset.id, str(lane), asset.review_on, None, author)
        asset.review_on = None
    asset.changed_at = author.at
    session.add(asset)


def move_slot(session: Session, slot: Slot, day: date, author: Author) -> None:
    """Move one free slot of a series; its rule's day stays its name."""
    check_day(day)
    slot.day, slot.changed_at = day, author.at
    session.add(slot)


def _note(session: Session, asset_id: str, what: str, before: date | None, after: date | None, author: Author) -> None:
    note(session, asset_id, what, before, after, at=author.at, by=author.by, why=author.why)
