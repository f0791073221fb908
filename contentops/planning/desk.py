"""The desk for the content calendar: plan back from a day, list, export."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from contentops.assets.desk import Assets, change_state
from contentops.assets.slugs import page_path
from contentops.assets.team import Team
from contentops.errors import NotFound
from contentops.models import Asset, Milestone, MilestoneState, WorkflowState
from contentops.planning.back_planning import back_plan, merge
from contentops.planning.ics import CalendarEntry, calendar_file
from contentops.planning.working_days import WorkingCalendar, load_calendar
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _
from contentops.texts import pick, use_language

CANCELLED_FOR = timedelta(days=90)
"""How long a dropped milestone stays in the calendar as cancelled, in calendar days."""

_GIVEN_UP = {WorkflowState.RETIRED, WorkflowState.IDEA}
_WITH_ASSETS = select(Milestone, Asset).join(Asset, col(Asset.id) == Milestone.asset_id)
_SETTLED = {WorkflowState.APPROVED, WorkflowState.PUBLISHED}


@dataclass(frozen=True, slots=True)
class Plan:
    """What planning an asset came to.

    Attributes:
        asset: as it is now. milestones: its live milestones by day. changed: how many are new, moved or dropped.
        notices: sentences worth saying: the day is a holiday, a step is in the past, a year is provisional.
    """

    asset: Asset
    milestones: tuple[Milestone, ...]
    changed: int
    notices: tuple[str, ...]


class ContentCalendar:
    """Everything about dates: ``ws.calendar``."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        folder: Path,
        assets: Assets,
        team: Team,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._settings, self._folder, self._now = store, settings, folder, now
        self._assets, self._team = assets, team

    @cached_property
    def working_days(self) -> WorkingCalendar:
        """The working calendar of the workspace's country, with the team's own days."""
        return load_calendar(self._settings.calendar, self._folder)

    def plan(self, address: str, publish_on: date, *, by: str = "plan") -> Plan:
        """Plan an asset back from its day of publication: every step of its standard gets its day.

        May be repeated: a new day moves what is not done, keeps what is, and drops what the standard no longer has.
        An idea becomes planned.

        Raises:
            NotFound: no such asset, or no standard for its kind.
        """
        asset_id, now = self._assets.get(address).id, self._now()
        with self._store.write() as session:
            asset = session.exec(select(Asset).where(Asset.id == asset_id)).one()
            standards = self._assets.standards
            if asset.kind not in standards.kinds:
                raise NotFound(_("standard for the kind"), asset.kind, standards.kinds)
            standard = standards[asset.kind]
            before = list(session.exec(select(Milestone).where(Milestone.asset_id == asset.id)))
            steps = back_plan(standard, publish_on, self.working_days)
            changed = merge(asset.id, steps, standard.version, before, now)
            asset.publish_on, asset.changed_at = publish_on, now
            if asset.state is WorkflowState.IDEA:
                reason = f"calendar plan {publish_on}"
                change_state(session, asset, WorkflowState.PLANNED, by=by, reason=reason, now=now)
            session.add_all([asset, *changed])
            session.flush()
            live = select(Milestone).where(Milestone.asset_id == asset.id, Milestone.state != MilestoneState.DROPPED)
            milestones = tuple(session.exec(live.order_by(col(Milestone.due_on), col(Milestone.step))))
        self._stamp(asset.id)
        return Plan(asset, milestones, len(changed), tuple(self._notices(asset, milestones)))

    def complete(self, address: str, step: str) -> Milestone:
        """Tick a step of an asset off.

        Raises:
            NotFound: no such asset, or no such step in its plan.
        """
        asset_id = self._assets.get(address).id
        with self._store.write() as session:
            planned = select(Milestone).where(Milestone.asset_id == asset_id, Milestone.state != MilestoneState.DROPPED)
            steps = {milestone.step: milestone for milestone in session.exec(planned)}
            if step not in steps:
                raise NotFound(_("step"), step, steps)
            steps[step].state = MilestoneState.DONE
            session.add(steps[step])
        return steps[step]

    def agenda(
        self,
        *,
        role: str | None = None,
        kind: str | None = None,
        start: date | None = None,
        end: date | None = None,
        with_dropped: bool = False,
    ) -> list[tuple[Milestone, Asset]]:
        """Return milestones with their assets, by day.

        Args:
            role, kind: only these. start, end: first and last day. with_dropped: those of the last 90 days too.

        Raises:
            NotFound: no standard names this role, or there is no such kind.
        """
        standards = self._assets.standards
        if role is not None and role not in standards.roles():
            raise NotFound(_("role"), role, standards.roles())
        if kind is not None and kind not in standards.kinds:
            raise NotFound(_("kind"), kind, standards.kinds)
        query = _WITH_ASSETS
        if role is not None:
            query = query.where(Milestone.role == role)
        if kind is not None:
            query = query.where(Asset.kind == kind)
        if start is not None:
            query = query.where(Milestone.due_on >= start)
        if end is not None:
            query = query.where(Milestone.due_on <= end)
        with self._store.read() as session:
            rows = list(
                session.exec(query.order_by(col(Milestone.due_on), col(Milestone.asset_id), col(Milestone.step)))
            )
        recent = self._now() - CANCELLED_FOR
        return [
            (milestone, asset)
            for milestone, asset in rows
            if not _is_dropped(milestone, asset) or (with_dropped and milestone.changed_at >= recent)
        ]

    def export(
        self,
        *,
        role: str | None = None,
        kind: str | None = None,
        start: date | None = None,
        end: date | None = None,
    ) -> bytes:
        """Return the calendar as an .ics file; the same plan gives the same bytes.

        Args:
            role, kind: only these. start, end: first and last day.
        """
        self._stamp()
        rows = self.agenda(role=role, kind=kind, start=start, end=end, with_dropped=True)
        with use_language(self._settings.language):
            entries = self._entries(rows)
            provisional = self.working_days.provisional_years(milestone.due_on for milestone, _asset in rows)
            description = self.provisional_notice(provisional)
        return calendar_file(
            entries, name=self._settings.name, description=description, time_zone=self._settings.time_zone
        )

    def provisional_notice(self, years: Iterable[int]) -> str:
        """Return the sentence that says which years are provisional; empty where none is."""
        listed = _(", ").join(map(str, years))
        if not listed:
            return ""
        return _("The holidays of {years} are not announced yet: working days are provisional.").format(years=listed)

    def _stamp(self, only: str | None = None) -> None:
        """Raise the revision of every event that says something new: a date, a title, a person, an address.

        Done when a calendar leaves the house and not with each change, so that ten edits are one update in Outlook.
        What is open of an asset that was given up is dropped here as well.

        Args:
            only: the one asset that changed; all of them otherwise.
        """
        query = _WITH_ASSETS if only is None else _WITH_ASSETS.where(Asset.id == only)
        with self._store.read() as session:
            if not self._stale(list(session.exec(query))):
                return
        with self._store.write() as session:  # once more, now that nobody else writes
            rows = list(session.exec(query))
            stale, now = self._stale(rows), self._now()
            for milestone, _asset in rows:
                if milestone.id not in stale:
                    continue
                if milestone.fingerprint:
                    milestone.revision += 1
                milestone.fingerprint = stale[milestone.id]
                milestone.changed_at = max(now, milestone.changed_at)
                session.add(milestone)

    def _stale(self, rows: list[tuple[Milestone, Asset]]) -> dict[str, str]:
        """Return the new fingerprints of milestones that say something new, by id."""
        for milestone, asset in rows:
            if milestone.state is MilestoneState.DUE and asset.state in _GIVEN_UP:
                milestone.state = MilestoneState.DROPPED
        with use_language(self._settings.language):
            prints = [
                f"dropped {milestone.due_on}" if milestone.state is MilestoneState.DROPPED else entry.fingerprint()
                for (milestone, _asset), entry in zip(rows, self._entries(rows), strict=True)
            ]
        return {m.id: new for (m, _asset), new in zip(rows, prints, strict=True) if m.fingerprint != new}

    def _entries(self, rows: Iterable[tuple[Milestone, Asset]]) -> list[CalendarEntry]:
        people = {holder.role: holder.name for holder in self._team.holders()}
        return [self._entry(milestone, asset, people) for milestone, asset in rows]

    def _entry(self, milestone: Milestone, asset: Asset, people: dict[str, str]) -> CalendarEntry:
        dropped = _is_dropped(milestone, asset)
        settled = milestone.state is MilestoneState.DONE or asset.state in _SETTLED
        name, kind = pick(milestone.name), self._assets.standards.label(asset.kind)
        url = self._settings.public_url + page_path(asset.language, asset.slug)
        summary = f"{name} · {asset.title}"
        lines = [
            f"{kind}: {asset.title}",
            _("Step: {name}, {hours:g} h").format(name=name, hours=milestone.effort_hours),
            _("Role: {role}").format(role=milestone.role)
            + (f" ({people[milestone.role]})" if milestone.role in people else ""),
            *(f"☐ {point}" for point in self._checklist(asset.kind, milestone.step)),
            url,
        ]
        return CalendarEntry(
            uid=f"{asset.id}-{milestone.step}@contentops",
            day=milestone.due_on,
            summary=_("Cancelled: {summary}").format(summary=summary) if dropped else summary,
            description="\n".join(lines),
            categories=(kind, _("publication") if milestone.step == "publish" else _("production")),
            url=url,
            status="CANCELLED" if dropped else "CONFIRMED" if settled else "TENTATIVE",
            revision=milestone.revision,
            changed_at=milestone.changed_at,
        )

    def _checklist(self, kind: str, step: str) -> list[str]:
        standards = self._assets.standards
        steps = standards[kind].steps if kind in standards.kinds else ()
        return [pick(point) for found in steps if found.key == step for point in found.checklist]

    def _notices(self, asset: Asset, milestones: Iterable[Milestone]) -> Iterable[str]:
        day = asset.publish_on
        if day is not None and not self.working_days.is_working_day(day):
            holiday = self.working_days.holiday_name(day, self._settings.language)
            why = holiday or (_("weekend") if day.weekday() >= 5 else _("own day off"))
            yield _("{day} is not a working day ({why}); it stands as you asked").format(day=day, why=why)
        today = self._now().astimezone(ZoneInfo(self._settings.time_zone)).date()
        late = [m for m in milestones if m.due_on < today and m.state is MilestoneState.DUE]
        if late:
            yield _("{count} steps would have been due before today, the first ({name}) on {day}").format(
                count=len(late), name=pick(late[0].name), day=late[0].due_on
            )
        years = self.working_days.provisional_years(m.due_on for m in milestones)
        if years:
            yield self.provisional_notice(years)


def _is_dropped(milestone: Milestone, asset: Asset) -> bool:
    """Return whether a milestone is dropped, or will be because its asset was given up."""
    given_up = milestone.state is MilestoneState.DUE and asset.state in _GIVEN_UP
    return given_up or milestone.state is MilestoneState.DROPPED
