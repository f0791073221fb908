"""The desk for the content calendar: plan, move, list, export. What grows around it has desks of its own below."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from contentops.assets.desk import Assets
from contentops.assets.standards import PUBLISH
from contentops.assets.team import Team
from contentops.assets.transitions import refuse_unless
from contentops.errors import Conflict, InvalidArgument, Problem
from contentops.models import Asset, DateChange, Lane, Milestone, MilestoneState, WorkflowState
from contentops.planning.agenda import AgendaItem
from contentops.planning.capacity import week_of
from contentops.planning.context import PlanningContext, asset_in, living, milestone_in
from contentops.planning.digests import Digest
from contentops.planning.feeds import Feeds
from contentops.planning.findings import Finding, findings, provisional_sentence
from contentops.planning.incoming.desk import Incoming
from contentops.planning.listing import agenda_items, date_changes, plan_backlog, plan_digests, plan_findings
from contentops.planning.moving import (
    Author,
    milestones_of,
    move_date,
    move_milestone,
    move_publication,
    plan_asset,
    unplan_asset,
)
from contentops.planning.outgoing.ics import calendar_file
from contentops.planning.outgoing.ledger import Filters, Ledger
from contentops.planning.outgoing.sheet import Sheets
from contentops.planning.replanning import Replanning
from contentops.planning.schedule import DateMove, forward_plan
from contentops.planning.series import SeriesDesk
from contentops.planning.steps import Steps
from contentops.planning.working_days import WorkingCalendar
from contentops.planning.workload import Workload
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _
from contentops.texts import use_language


@dataclass(frozen=True, slots=True)
class Plan:
    """What planning an asset came to.

    Attributes:
        asset: as it is now. milestones: its live milestones by day. moves: what is new, moved or dropped.
        findings: conflicts and notices; the plan stands with them.
    """

    asset: Asset
    milestones: tuple[Milestone, ...]
    moves: tuple[DateMove, ...]
    findings: tuple[Finding, ...]


class ContentCalendar:
    """Everything about dates: ``ws.calendar``.

    Attributes:
        steps: tick off, skip. workload: hours per role and week. series: recurring content. feeds: subscriptions.
        sheets: the plan as a workbook. incoming: calendars and sheets that come back. replanning: what a changed
            standard or newly announced holidays would move.
    """

    def __init__(
        self, store: Store, settings: Settings, folder: Path, assets: Assets, team: Team, now: Callable[[], datetime]
    ) -> None:
        self._context = context = PlanningContext(store, settings, folder, assets, team, now)
        self.ledger = Ledger(context)
        self.steps = Steps(context)
        self.series = SeriesDesk(context)
        self.replanning = Replanning(context)
        self.feeds = Feeds(context, self.ledger)
        self.workload = Workload(context, self.agenda)
        self.sheets = Sheets(context, self.agenda, self.workload.report, self.ledger)
        self.incoming = Incoming(context, self.ledger, self.agenda)

    @property
    def working_days(self) -> WorkingCalendar:
        """The working calendar of the workspace's country, with the team's own days."""
        return self._context.days.team

    @property
    def today(self) -> date:
        """The present day in the workspace's time zone."""
        return self._context.today()

    def plan(
        self,
        address: str,
        publish_on: date | None = None,
        *,
        start_on: date | None = None,
        by: str = "plan",
        reason: str = "",
    ) -> Plan:
        """Plan an asset back from its day of publication, or forward from the day on which work begins.

        May be repeated: a new day moves what is not done, keeps what is, and drops what the standard no longer has.
        A day set by hand keeps its distance from publication. An idea becomes planned.

        Args:
            publish_on: the planned day. start_on: in its place, no step is due before this day.

        Raises:
            NotFound: no such asset, or no standard for its kind. InvalidArgument: neither day, or both.
            Conflict: it has been given up.
        """
        if (publish_on is None) == (start_on is None):
            raise InvalidArgument(
                [Problem("publish_on", _("say the day of publication or the day to start on, one of the two"))]
            )
        asset_id = self._context.assets.get(address).id
        with self._context.store.write() as session:
            asset = living(asset_in(session, asset_id))
            if asset.state is WorkflowState.PUBLISHED:
                raise Conflict(_("'{title}' has been published already").format(title=asset.title))
            if start_on is not None:
                standard = self._context.standard(asset)
                publish_on = forward_plan(standard, start_on, self.working_days, asset.owner)
            assert publish_on is not None  # noqa: S101 - one of the two was given
            author = self._author(by, reason or f"calendar plan {publish_on}")
            moves = plan_asset(session, self._context, asset, publish_on, author)
            return self._planned(session, asset, moves)

    def reschedule(self, address: str, publish_on: date, *, by: str = "reschedule", reason: str = "") -> Plan:
        """Move an asset's publication with everything that is not done, and say what becomes impossible.

        Raises:
            NotFound: no such asset. Conflict: it has no plan yet, or is out already.
        """
        found = self._context.assets.get(address)
        if found.planned_on is None:
            raise Conflict(_("'{slug}' has no plan yet; 'contentops calendar plan' makes one").format(slug=address))
        with self._context.store.write() as session:
            asset = living(asset_in(session, found.id))
            author = self._author(by, reason or f"calendar reschedule {publish_on}")
            moves = move_publication(session, self._context, asset, publish_on, author, with_steps=True)
            return self._planned(session, asset, moves)

    def move(self, address: str, what: str, day: date, *, with_steps: bool = False, by: str = "move") -> Plan:
        """Move one date of an asset: a step by its key, or ``publication``, ``expiry``, ``review``.

        A step that was left out comes back by this.

        Args:
            with_steps: for a publication: everything of the plan that is not done moves along.

        Raises:
            NotFound: no such asset, or no such step. Conflict: it is done.
        """
        asset_id = self._context.assets.get(address).id
        author = self._author(by, f"calendar move {what} {day}")
        with self._context.store.write() as session:
            asset = living(asset_in(session, asset_id))
            steps = {milestone.step: milestone for milestone in milestones_of(session, asset.id)}
            moves: list[DateMove] = []
            if what not in steps and what in (Lane.EXPIRY, Lane.REVIEW):
                move_date(session, self._context, asset, Lane(what), day, author)
            elif what in (Lane.PUBLICATION, PUBLISH):
                moves = move_publication(session, self._context, asset, day, author, with_steps=with_steps)
            else:
                milestone = milestone_in(session, asset.id, what, dropped=True)
                before = None if milestone.state is MilestoneState.DROPPED else milestone.due_on
                move_milestone(session, milestone, day, author)
                moves = [DateMove(milestone, before)]
            return self._planned(session, asset, moves)

    def unplan(self, address: str, *, by: str = "unplan", reason: str = "") -> Asset:
        """Take an asset back into the backlog; what was open of its plan is cancelled."""
        found = self._context.assets.get(address)
        refuse_unless(found, {*WorkflowState} - {WorkflowState.PUBLISHED, WorkflowState.RETIRED}, _("unplan"))
        with self._context.store.write() as session:
            asset = asset_in(session, found.id)
            unplan_asset(session, asset, self._author(by, reason or "calendar unplan"))
        return asset

    def backlog(self, *, kind: str | None = None) -> list[Asset]:
        """Return what is neither dated nor out: ideas and unplanned work, the oldest first."""
        return plan_backlog(self._context, kind)

    def backlog_lines(self) -> list[tuple[str, str]]:
        """Return the backlog as (title, kind), the kinds in the workspace's language."""
        with use_language(self._context.settings.language):
            return [(asset.title, self._context.standards.label(asset.kind)) for asset in self.backlog()]

    def agenda(
        self,
        *,
        role: str | None = None,
        person: str | None = None,
        kind: str | None = None,
        lane: Lane | str | None = None,
        start: date | None = None,
        end: date | None = None,
        week: date | None = None,
        with_dropped: bool = False,
    ) -> list[AgendaItem]:
        """Return what stands on the calendar, by day.

        Args:
            role, person, kind, lane: only these. start, end: first and last day. week: in their place, the week of
            this day, Monday to Sunday. with_dropped: what was cancelled too.

        Raises:
            NotFound: there is no such role, person or kind. InvalidArgument: no such lane.
        """
        if week is not None:
            start = week_of(week)
            end = start + timedelta(days=6)
        filters = self.filters(role=role, person=person, kind=kind, lane=lane, start=start, end=end)
        return self.entries(filters, with_dropped=with_dropped)

    def entries(self, filters: Filters, *, with_dropped: bool = False) -> list[AgendaItem]:
        """Return what stands on the calendar within checked limits, such as those of a feed."""
        return agenda_items(self._context, filters, with_dropped=with_dropped)

    def digests(self, *, person: str | None = None) -> list[Digest]:
        """Return what each person should know today: late, due, their turn, to be reviewed.

        Args:
            person: only this one.

        Raises:
            NotFound: nobody of this name fills a role.
        """
        return plan_digests(self._context, person)

    def history(self, asset: Asset) -> list[DateChange]:
        """Return who set, moved or dropped which of an asset's dates, when and why, the oldest first."""
        return date_changes(self._context, asset)

    def findings(self) -> list[Finding]:
        """Return the conflicts of every plan that is under way: late steps, absences, holidays, open roles."""
        return plan_findings(self._context)

    def filters(
        self,
        *,
        role: str | None = None,
        person: str | None = None,
        kind: str | None = None,
        lane: Lane | str | None = None,
        start: date | None = None,
        end: date | None = None,
        uid: str = "",
    ) -> Filters:
        """Check what a calendar shall be limited to.

        Raises:
            NotFound: there is no such role, person or kind. InvalidArgument: no such lane.
        """
        if start is not None and end is not None and end < start:
            raise InvalidArgument(
                [Problem("end", _("the last day, {end}, is before the first, {start}").format(end=end, start=start))]
            )
        one = ([role] if role else [], [kind] if kind else [], [str(lane)] if lane else [])
        roles, kinds, lanes = self.feeds.check_filters(*one, person or "")
        return Filters(roles, kinds, lanes, start, end, uid)

    def export(self, filters: Filters | None = None, *, refresh: timedelta | None = None) -> bytes:
        """Return the calendar as an .ics file; the same plan gives the same bytes.

        Args:
            filters: what it is limited to, from :meth:`filters`. refresh: of a feed: how often to come again.
        """
        filters = filters or Filters()
        self.ledger.refresh()
        events = self.ledger.events(filters)
        with use_language(self._context.settings.language):
            description = self.provisional_notice(filters)
        settings = self._context.settings
        return calendar_file(
            events, name=settings.name, description=description, time_zone=settings.time_zone, refresh=refresh
        )

    def provisional_sentence(self, days: Iterable[date]) -> str:
        """Return the sentence that says which years of some days are provisional; empty where none is."""
        return provisional_sentence(self.working_days.provisional_years(days))

    def provisional_notice(self, filters: Filters | None = None) -> str:
        """Return the sentence that says which years on the calendar are provisional; empty where none is."""
        return provisional_sentence(self.working_days.provisional_years(self.ledger.days(filters or Filters())))

    def _author(self, by: str, why: str) -> Author:
        return Author(by, self._context.now(), why)

    def _planned(self, session: Session, asset: Asset, moves: Iterable[DateMove]) -> Plan:
        session.flush()
        live = [m for m in milestones_of(session, asset.id) if m.state is not MilestoneState.DROPPED]
        standard = self._context.standards.by_kind.get(asset.kind)
        found = findings(asset, live, standard, self._context.days, self._context.people(), self._context.today())
        return Plan(asset, tuple(live), tuple(moves), tuple(found))
