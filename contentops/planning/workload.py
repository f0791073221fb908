"""The desk for capacity: ``ws.calendar.workload``."""

from collections.abc import Callable
from datetime import date, timedelta

from contentops.assets.standards import PUBLISH
from contentops.errors import Conflict
from contentops.models import Lane, MilestoneState
from contentops.planning.agenda import AgendaItem
from contentops.planning.capacity import Capacity, Proposal, WeekLoad, Work, balance, loads, week_of
from contentops.planning.context import PlanningContext, milestone_in
from contentops.planning.listing import due_work
from contentops.planning.moving import Author, move_milestone
from contentops.store.pause import collector_paused
from contentops.texts import gettext as _


class Workload:
    """Hours per role and week against what is due, and moves that take work out of overloaded weeks."""

    def __init__(self, context: PlanningContext, agenda: Callable[..., list[AgendaItem]]) -> None:
        self._context, self._agenda = context, agenda

    @property
    def capacity(self) -> Capacity:
        """How many hours each role has: ``[capacity]`` in contentops.toml, in proportion to a week's working days."""
        settings = self._context.settings.capacity
        people, days = self._context.people(), self._context.days

        def is_away(role: str, day: date) -> bool:
            return days.absence(role, people.get(role), day) is not None

        return Capacity(settings.hours_per_week, settings.roles, days.team, is_away)

    def report(self, *, start: date | None = None, end: date | None = None, role: str | None = None) -> list[WeekLoad]:
        """Return what each role owes in each week, by week and role; done work does not count.

        Args:
            start, end: any day of the first and of the last week. role: only this one.
        """
        first, last = start and week_of(start), end and week_of(end) + timedelta(days=6)
        with self._context.store.read() as session, collector_paused():
            works = list(due_work(session, self._context.standards, role=role, start=first, end=last))
        return loads(works, self.capacity)

    def balance(self, *, start: date | None = None) -> list[Proposal]:
        """Propose moves out of overloaded weeks, each within its step's slack: not before today, not before the step
        before it, not after the step after it; of each asset one step at a time. Publications, what comes after them
        and reviews stay where they are.

        Args:
            start: any day of the first week to relieve; by default this week.
        """
        this_week = week_of(self._context.today())
        works = self._works(self._agenda(start=this_week))
        return balance(works, self.capacity, self._context.days.team, week_of(start) if start else this_week)

    def apply(self, proposals: list[Proposal], *, by: str) -> int:
        """Make proposed moves, all or none; returns how many.

        Raises:
            Conflict: a step is no longer where the proposal found it.
        """
        context, now = self._context, self._context.now()
        items = {item.uid: item for item in self._agenda()}
        with context.store.write() as session:
            for proposal in proposals:
                item = items.get(proposal.key)
                if item is None or item.day != proposal.before:
                    raise Conflict(_("the plan has changed meanwhile; look at the proposals again"))
                milestone = milestone_in(session, item.asset_id, item.key)
                if milestone.due_on != proposal.before:
                    raise Conflict(_("the plan has changed meanwhile; look at the proposals again"))
                move_milestone(session, milestone, proposal.after, Author(by, now, "calendar balance"))
        return len(proposals)

    def _works(self, items: list[AgendaItem]) -> list[Work]:
        today = self._context.today()
        due = [item for item in items if item.state is MilestoneState.DUE and item.role and item.hours]
        slack = self._slack(items, today)
        return [Work(i.uid, i.role, i.day, i.hours, *slack.get(i.uid, (i.day, i.day)), i.asset_id) for i in due]

    def _slack(self, items: list[AgendaItem], today: date) -> dict[str, tuple[date, date]]:
        """Return between which days each open step may be moved without passing its neighbours in the standard."""
        by_asset: dict[str, list[AgendaItem]] = {}
        for item in items:
            if item.lane in (Lane.STEP, Lane.PUBLICATION):
                by_asset.setdefault(item.asset_id, []).append(item)
        slack = {}
        orders: dict[str, dict[str, int]] = {}
        for mine in by_asset.values():
            kind = mine[0].kind
            if kind not in orders:
                standard = self._context.standards.by_kind.get(kind)
                orders[kind] = {step.key: step.offset_days for step in standard.owed()} if standard else {}
            order = orders[kind]
            for item in mine:
                if item.lane is not Lane.STEP or item.state is not MilestoneState.DUE or item.key not in order:
                    continue
                here = order[item.key]
                if here >= order[PUBLISH]:
                    continue
                known = [(order[other.key], other.day) for other in mine if other.key in order]
                earliest = max([today, *(day for offset, day in known if offset < here)])
                latest = [day for offset, day in known if offset > here]
                if latest and earliest <= min(latest):
                    slack[item.uid] = (earliest, min(latest))
        return slack
