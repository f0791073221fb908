"""Read the calendar: entries within limits, conflicts of every plan."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select as sa_select
from sqlmodel import Session, and_, col, or_, select

from contentops.assets.standards import Standards
from contentops.errors import NotFound
from contentops.models import Asset, DateChange, Lane, Milestone, MilestoneState, Slot, SlotState, WorkflowState
from contentops.planning.agenda import GIVEN_UP, REVIEW_HOURS, Agenda, AgendaItem, uid_of_date, uid_of_milestone
from contentops.planning.capacity import Work
from contentops.planning.context import PlanningContext
from contentops.planning.digests import Digest, digest, in_review_by_role
from contentops.planning.findings import Finding, findings
from contentops.planning.outgoing.ledger import Filters
from contentops.store.pause import collector_paused
from contentops.texts import gettext as _
from contentops.texts import use_language


def agenda_items(context: PlanningContext, filters: Filters, *, with_dropped: bool = False) -> list[AgendaItem]:
    """Return what stands on the calendar, by day, asset and key.

    Args:
        with_dropped: what was cancelled too.
    """
    agenda = Agenda(context.standards, context.people(), context.settings.public_url, context.zone)
    with context.store.read() as session, collector_paused():
        items = [item for item in _all(session, agenda, filters) if with_dropped or not item.is_dropped]
    return sorted((item for item in items if _fits(item, filters)), key=lambda i: (i.day, i.asset_id, i.key))


def _fits(item: AgendaItem, filters: Filters) -> bool:
    return (
        (not filters.roles or item.role in filters.roles)
        and (not filters.kinds or item.kind in filters.kinds)
        and (not filters.lanes or item.lane in filters.lanes)
        and (filters.start is None or item.day >= filters.start)
        and (filters.end is None or item.day <= filters.end)
    )


def _all(session: Session, agenda: Agenda, filters: Filters) -> Iterator[AgendaItem]:
    """Yield at least what fits; the database leaves out what is outside the days."""
    milestones: dict[str, list[Milestone]] = {}
    for milestone in session.exec(select(Milestone).where(*_between(Milestone.due_on, filters))):
        milestones.setdefault(milestone.asset_id, []).append(milestone)
    assets = select(Asset)
    if filters.kinds:
        assets = assets.where(col(Asset.kind).in_(list(filters.kinds)))
    if filters.start is not None or filters.end is not None:
        # Those with a date of their own within the days; those with a milestone there are read by it.
        days = Filters(start=filters.start and filters.start - timedelta(days=1), end=filters.end)
        own = or_(_all_of(_moments(Asset.expires_at, days)), _all_of(_between(Asset.review_on, filters)))
        found = {asset.id: asset for asset in session.exec(assets.where(own))}
        missing = sorted(milestones.keys() - found.keys())
        for start in range(0, len(missing), 500):
            these = assets.where(col(Asset.id).in_(missing[start : start + 500]))
            found |= {asset.id: asset for asset in session.exec(these)}
        rows = list(found.values())
    else:
        rows = list(session.exec(assets))
    for asset in rows:
        yield from agenda.items(asset, milestones.get(asset.id, ()))
    for slot in session.exec(select(Slot).where(col(Slot.state) == SlotState.OPEN, *_between(Slot.day, filters))):
        yield agenda.slot(slot)


def _between(column: Any, filters: Filters) -> list[Any]:
    limits = []
    if filters.start is not None:
        limits.append(col(column) >= filters.start)
    if filters.end is not None:
        limits.append(col(column) <= filters.end)
    return limits


def _moments(column: Any, filters: Filters) -> list[Any]:
    """Limit a moment to days, generously: which day it is depends on the zone."""
    limits = []
    if filters.start is not None:
        limits.append(col(column) >= _utc(filters.start))
    if filters.end is not None:
        limits.append(col(column) <= _utc(filters.end + timedelta(days=2)))
    return limits


def _utc(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _all_of(limits: list[Any]) -> Any:
    return and_(*limits)


def date_changes(context: PlanningContext, asset: Asset) -> list[DateChange]:
    """Return every change of an asset's dates, the oldest first."""
    with context.store.read() as session:
        query = select(DateChange).where(DateChange.asset_id == asset.id)
        return list(session.exec(query.order_by(col(DateChange.at), DateChange.what)))


def plan_backlog(context: PlanningContext, kind: str | None) -> list[Asset]:
    """Return what is neither dated nor out, the oldest first."""
    open_states = {*WorkflowState} - {WorkflowState.PUBLISHED, WorkflowState.RETIRED}
    found = [a for a in context.assets.find(kind=kind) if a.planned_on is None and a.state in open_states]
    return sorted(found, key=lambda asset: (asset.created_at, asset.slug))


def plan_findings(context: PlanningContext) -> list[Finding]:
    """Return the conflicts of every plan that is under way, by planned day."""
    with context.store.read() as session, collector_paused():
        planned = select(Asset).where(col(Asset.planned_on).is_not(None), col(Asset.state).not_in(list(GIVEN_UP)))
        assets = list(session.exec(planned.order_by(col(Asset.planned_on), Asset.slug)))
        milestones: dict[str, list[Milestone]] = {}
        for milestone in session.exec(select(Milestone).where(Milestone.state == MilestoneState.DUE)):
            milestones.setdefault(milestone.asset_id, []).append(milestone)
    found: list[Finding] = []
    people, today = context.people(), context.today()
    for asset in assets:
        standard = context.standards.by_kind.get(asset.kind)
        found += findings(asset, milestones.get(asset.id, ()), standard, context.days, people, today)
    return found


def plan_digests(context: PlanningContext, person: str | None) -> list[Digest]:
    """Return today's digest of everybody who fills a role, by name.

    Raises:
        NotFound: nobody of the given name does.
    """
    roles: dict[str, list[str]] = {}
    emails: dict[str, str | None] = {}
    for holder in context.team.holders():
        roles.setdefault(holder.name, []).append(holder.role)
        emails[holder.name] = holder.email
    if person is not None and person not in roles:
        raise NotFound(_("person"), person, roles)
    with use_language(context.settings.language):
        items = agenda_items(context, Filters())
    owners = {kind: standard.duties.owner for kind, standard in context.standards.by_kind.items()}
    in_review = in_review_by_role(context.assets.find(state=WorkflowState.IN_REVIEW), owners)
    wanted = [person] if person is not None else sorted(roles)
    return [digest(name, emails[name], roles[name], items, in_review, context.today()) for name in wanted]


def due_work(
    session: Session, standards: Standards, *, role: str | None, start: date | None, end: date | None
) -> Iterator[Work]:
    """Yield what is due as capacity sees it, without making an object of every row: thousands are added up."""
    limits = Filters(start=start, end=end)
    query = sa_select(
        col(Milestone.asset_id),
        col(Milestone.step),
        col(Milestone.role),
        col(Milestone.due_on),
        col(Milestone.effort_hours),
    ).join(Asset, col(Asset.id) == col(Milestone.asset_id))
    query = query.where(
        col(Milestone.state) == MilestoneState.DUE,
        col(Milestone.effort_hours) > 0,
        col(Asset.state).not_in(list(GIVEN_UP)),
        *_between(Milestone.due_on, limits),
        *([col(Milestone.role) == role] if role else []),
    )
    for asset_id, step, owed_by, day, hours in session.connection().execute(query):
        yield Work(uid_of_milestone(asset_id, step), owed_by, day, hours, day, day)
    reviews = sa_select(col(Asset.id), col(Asset.kind), col(Asset.owner), col(Asset.review_on)).where(
        col(Asset.review_on).is_not(None), col(Asset.state).not_in(list(GIVEN_UP)), *_between(Asset.review_on, limits)
    )
    for asset_id, kind, owner, review_on in session.connection().execute(reviews):
        reviewer = owner or (standards[kind].duties.owner if kind in standards.kinds else None)
        if review_on is not None and reviewer and role in (None, reviewer):
            yield Work(uid_of_date(asset_id, Lane.REVIEW), reviewer, review_on, REVIEW_HOURS, review_on, review_on)
