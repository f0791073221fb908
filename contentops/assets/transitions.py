"""Change an asset's state within the caller's transaction, with its history and what follows from it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from sqlmodel import Session, col, select

from contentops.assets.quality import before_publication, missing
from contentops.assets.standards import PUBLISH, Standard
from contentops.assets.workflow import check_transition
from contentops.errors import Conflict, InvalidArgument, Problem, StepBlocked, did_you_mean
from contentops.models import Asset, AssetText, Milestone, MilestoneState, Slot, SlotState, Transition, WorkflowState
from contentops.texts import gettext as _


def change_state(
    session: Session, asset: Asset, wanted: WorkflowState, *, by: str, reason: str, now: datetime, action: str = "move"
) -> None:
    """Move an asset on, with its history; nothing else.

    Raises:
        TransitionRefused: the workflow does not lead there.
    """
    check_transition(asset.slug, asset.state, wanted)
    _keep(session, asset, wanted, by=by, reason=reason, now=now, action=action)
    asset.state, asset.changed_at = wanted, now
    if wanted is WorkflowState.PUBLISHED:
        asset.published_at = now
    session.add(asset)


def comment_on(session: Session, asset: Asset, text: str, *, by: str, now: datetime) -> None:
    """Keep a remark; the state stays."""
    _keep(session, asset, asset.state, by=by, reason=text, now=now, action="comment")


def approve(
    session: Session,
    asset: Asset,
    wanted: WorkflowState,
    standard: Standard | None,
    *,
    by: str,
    reason: str,
    now: datetime,
    override: bool = False,
) -> None:
    """Move an asset on, as its standard allows: what must be true before approval and publication is checked.

    Args:
        override: go on although something is open; the reason is kept.

    Raises:
        TransitionRefused: the workflow does not lead there. StepBlocked: with everything that is open.
        InvalidArgument: an override without a reason.
    """
    check_transition(asset.slug, asset.state, wanted)
    if override and not reason.strip():
        raise InvalidArgument([Problem("reason", _("say why it goes on although something is open"))])
    open_things = _open_things(session, asset, wanted, standard) if standard is not None else []
    if open_things and not override:
        raise StepBlocked(open_things)
    action = "override" if open_things else "move"
    change_state(session, asset, wanted, by=by, reason=reason, now=now, action=action)


def _open_things(session: Session, asset: Asset, wanted: WorkflowState, standard: Standard) -> list[Problem]:
    if wanted not in (WorkflowState.APPROVED, WorkflowState.PUBLISHED):
        return []
    text = session.get(AssetText, asset.id)
    if wanted is WorkflowState.APPROVED:
        return list(missing(asset, text.markdown if text else "", standard))
    milestones = session.exec(select(Milestone).where(Milestone.asset_id == asset.id)).all()
    return before_publication(asset, text.markdown if text else "", milestones, standard)


def note_publication(session: Session, asset: Asset, standard: Standard | None, zone: ZoneInfo, now: datetime) -> None:
    """What follows from publication: the calendar's step is done, and the next review has a day.

    Steps before it that are still open, because somebody went on without them, are dropped: nobody owes them any more.
    """
    offsets = {owed.key: owed.offset_days for owed in standard.owed(asset.owner)} if standard else {}
    for step in session.exec(select(Milestone).where(Milestone.asset_id == asset.id)):
        if step.state is not MilestoneState.DUE:
            continue
        if step.step == PUBLISH:
            step.state, step.changed_at = MilestoneState.DONE, now
        elif offsets.get(step.step, 0) < 0:
            step.state, step.changed_at = MilestoneState.DROPPED, now
        session.add(step)
    if standard is not None:
        asset.review_on = next_review(now.astimezone(zone).date(), standard)
        session.add(asset)


def note_giving_up(session: Session, asset: Asset, now: datetime) -> None:
    """What follows from going back to an idea: no day, no open work; and from that or retirement: slots are free."""
    if asset.state is WorkflowState.IDEA:
        give_up_plan(session, asset, now)
    else:
        give_back_slots(session, asset, now)


def give_up_plan(session: Session, asset: Asset, now: datetime) -> list[Milestone]:
    """Take an asset's day and its open work off the calendar, and free its slots; return the steps that are dropped.

    A new plan brings all of them back, those whose day was set by hand as well.
    """
    give_back_slots(session, asset, now)
    asset.planned_on = None
    open_work = select(Milestone).where(Milestone.asset_id == asset.id, Milestone.state == MilestoneState.DUE)
    dropped = sorted(session.exec(open_work), key=lambda step: (step.due_on, step.step))
    for step in dropped:
        step.state, step.pinned, step.changed_at = MilestoneState.DROPPED, False, now
        session.add(step)
    return dropped


def give_back_slots(session: Session, asset: Asset, now: datetime) -> None:
    """Free the slots of series that an asset fills."""
    for slot in session.exec(select(Slot).where(Slot.asset_id == asset.id)):
        slot.state, slot.asset_id, slot.changed_at = SlotState.OPEN, None, now
        session.add(slot)


def next_review(day: date, standard: Standard) -> date:
    """Return the day of the next review of something that was published or reviewed on `day`."""
    return day + relativedelta(months=standard.review_every_months)


def was_rejected(session: Session, asset: Asset) -> bool:
    """Return whether the last change of state was a rejection."""
    query = select(Transition).where(Transition.asset_id == asset.id, Transition.action != "comment")
    last = session.exec(query.order_by(col(Transition.at).desc(), col(Transition.id).desc())).first()
    return last is not None and last.action == "reject"


def state_named(state: WorkflowState | str) -> WorkflowState:
    """Return the workflow state of a name.

    Raises:
        InvalidArgument: with the closest name.
    """
    try:
        return WorkflowState(state)
    except ValueError:
        known = [str(s) for s in WorkflowState]
        message = _("'{state}' is no state; there are: {known}").format(state=state, known=_(", ").join(known))
        raise InvalidArgument([Problem("state", message + did_you_mean(str(state), known))]) from None


def needs(text: str, what: str, message: str) -> str:
    """Return a text without outer blanks.

    Raises:
        InvalidArgument: there is none.
    """
    if not text.strip():
        raise InvalidArgument([Problem(what, message)])
    return text.strip()


def refuse_unless(asset: Asset, states: set[WorkflowState], verb: str) -> None:
    """Refuse a verb in a state where it has no sense.

    Raises:
        Conflict: with the state it is in.
    """
    if asset.state not in states:
        raise Conflict(
            _("'{slug}' is {state}, so there is nothing to {verb}").format(
                slug=asset.slug, state=asset.state, verb=verb
            )
        )


def _keep(
    session: Session, asset: Asset, to: WorkflowState, *, by: str, reason: str, now: datetime, action: str
) -> None:
    values = {"asset_id": asset.id, "from_state": asset.state, "to_state": to, "at": now, "by": by, "reason": reason}
    session.add(Transition.model_validate({**values, "action": action}))
