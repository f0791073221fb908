"""The calendar: 2,000 and 10,000 events as .ics, for the first time, again, and after a change.

The bare icalendar is the same package that contentops writes with, given the same properties in the same order, already
worded, sorted and cleaned, in one calendar. Both give the same bytes, which is checked. contentops pauses Python's
collector of cycles while it makes events, which bare icalendar does not by itself; both ways are given.

The first export is the whole verb `calendar.export()` with an empty ledger: rows through the ORM, wordings,
fingerprints, events, and the ledger written; "rendering alone" makes the bytes without a database. An export again
reads the ledger and joins it, and the version of a feed is what the answer 304 costs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from icalendar import Calendar, Event, vText
from sqlalchemy import delete, insert, update
from sqlmodel import col, select

from benchmarks.measuring import Options, Report, Spread, Timing, Verdict, take_turns, timed
from benchmarks.workspaces import NOW, temporary_folder
from contentops.assets.standards import Standard, load_standards
from contentops.models import (
    Asset,
    AssetFields,
    CalendarDirty,
    CalendarEvent,
    CalendarLedger,
    Feed,
    Milestone,
    MilestoneState,
    WorkflowState,
    new_id,
)
from contentops.planning.outgoing.events import entry_of
from contentops.planning.outgoing.ics import PRODID, CalendarEntry, calendar_file, render
from contentops.planning.schedule import DatedStep, back_plan
from contentops.store.pause import collector_paused
from contentops.texts import use_language
from contentops.workspace import Workspace

FIRST_DAY, DAYS, SEED = date(2026, 1, 1), 730, 20261121
TITLES = ("设备点检闭环的三个步骤 {}", "Closing the loop of equipment inspection {}", "备件、工单和停机 {}")
VERSIONS = 50  # asked for in one measurement, since one takes about a millisecond
AGAIN_MS = 50


def run(options: Options) -> Report:
    """Measure the exports."""
    report = Report("calendar", "one calendar")
    sizes = (500, 1000) if options.quick else (2000, 10_000)
    with temporary_folder() as folder:
        for size in sizes:
            exports = Exports(make_workspace(folder / str(size), some_plans(size), size), size)
            exports.check()
            report.samples.rounds |= take_turns(exports.variants(), options.rounds, warm_up=True).rounds
            exports.workspace.close()
    for size in sizes:
        _judge(report, size)
    return report


def _judge(report: Report, size: int) -> None:
    alone, target = f"icalendar, {size:,}", AGAIN_MS if size == 10_000 else None
    first, paused = f"first export, {size:,}", f"icalendar, collector paused, {size:,}"
    report.compare(f"{size:,} events, first export / icalendar alone", first, alone, 1.0, at_least=False)
    report.compare(f"{size:,} events, first export / icalendar, paused", first, paused, clocks=("cpu",))
    rendering = f"rendering alone, {size:,}"
    report.compare(f"{size:,} events, rendering alone / icalendar", rendering, alone, clocks=("cpu",))
    for what, limit in (("export again", target), ("one asset changed", None), ("feed version", None)):
        cpu = report.samples.spread(f"{what}, {size:,}")
        spread = Spread(cpu.median * 1000, cpu.low * 1000, cpu.high * 1000)
        report.verdicts.append(Verdict(f"{what}, {size:,} events (cpu)", spread, limit, False, "ms"))


@dataclass
class Exports:
    """One workspace with `size` events, and what is measured in it."""

    workspace: Workspace
    size: int
    _titles: Any = field(default_factory=count)

    def variants(self) -> dict[str, Any]:
        """Return what takes turns; the first export comes first and leaves a ledger for the others."""
        actions = {
            "first export": self.first,
            "icalendar": self.bare,
            "icalendar, collector paused": self.bare_paused,
            "rendering alone": lambda: timed(self.rendered)[0],
            "export again": self.again,
            "feed version": self.version,
            "one asset changed": self.changed,
            "plan one asset": self.plan_one,
        }
        return {f"{name}, {self.size:,}": action for name, action in actions.items()}

    @cached_property
    def entries(self) -> list[CalendarEntry]:
        """The events before anything is changed, by day and UID."""
        with use_language(self.workspace.settings.language):
            items = self.workspace.calendar.agenda()
            entries = [entry_of(item, self.workspace.assets.standards) for item in items]
        return sorted(entries, key=lambda entry: (entry.day, entry.uid))

    @cached_property
    def feed(self) -> Feed:
        """A subscription to everything."""
        return self.workspace.calendar.feeds.add("Benchmark").feed

    def check(self) -> None:
        """Compare the bytes of all ways."""
        self.forget()
        first = self.workspace.calendar.export()
        assert first.count(b"BEGIN:VEVENT") == len(self.entries) == self.size
        assert first == bare_calendar(self.entries, self.workspace) == self.rendered()
        assert first == self.workspace.calendar.export()
        assert self.feed.revoked_at is None

    def forget(self) -> None:
        """Empty the ledger: nothing has ever left."""
        with self.workspace.store.write() as session:
            connection = session.connection()
            connection.execute(delete(CalendarEvent))
            connection.execute(delete(CalendarDirty))
            connection.execute(update(CalendarLedger).values(version=0, context_sha256="", changed_at=None))

    def first(self) -> Timing:
        """Export with an empty ledger."""
        self.forget()
        return timed(self.workspace.calendar.export)[0]

    def bare(self) -> Timing:
        """Build the same calendar with icalendar."""
        return timed(lambda: bare_calendar(self.entries, self.workspace))[0]

    def bare_paused(self) -> Timing:
        """Do so with the collector paused, as contentops does: all events at once in one calendar keep it busy."""
        with collector_paused():
            return self.bare()

    def rendered(self) -> bytes:
        """Render all events and join them, without a database."""
        settings = self.workspace.settings
        return calendar_file(
            [render(entry, 0, NOW) for entry in self.entries],
            name=settings.name,
            description=_notice(self.workspace),
            time_zone=settings.time_zone,
        )

    def again(self) -> Timing:
        """Export once more with nothing changed."""
        before = self.workspace.calendar.ledger.refresh()
        timing, _file = timed(self.workspace.calendar.export)
        assert self.workspace.calendar.ledger.refresh() == before
        return timing

    def version(self) -> Timing:
        """Ask for the version of an unchanged feed."""
        self.workspace.calendar.ledger.refresh()
        feeds = self.workspace.calendar.feeds
        return timed(lambda: [feeds.version(self.feed) for _time in range(VERSIONS)])[0].per(VERSIONS)

    def changed(self) -> Timing:
        """Export after one title was changed."""
        calendar, title = self.workspace.calendar, f"Changed {next(self._titles)}"
        before = calendar.ledger.refresh()
        with self.workspace.store.write() as session:
            first = select(col(Asset.id)).order_by(col(Asset.slug)).limit(1).scalar_subquery()
            session.connection().execute(update(Asset).where(col(Asset.id) == first).values(title=title))
        timing, file = timed(calendar.export)
        assert title.encode() in file
        assert calendar.ledger.refresh().version == before.version + 1
        return timing

    def plan_one(self) -> Timing:
        """Move one asset by a day; nothing is exported."""
        asset = self.workspace.assets.find()[0]
        day = (asset.planned_on or FIRST_DAY) + timedelta(days=1)
        return timed(lambda: self.workspace.calendar.plan(f"{asset.language}/{asset.slug}", day))[0]


def bare_calendar(entries: list[CalendarEntry], workspace: Workspace) -> bytes:
    """Write the same properties with nothing but icalendar."""
    calendar, settings = Calendar(), workspace.settings
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", vText(settings.name))
    calendar.add("X-WR-CALNAME", vText(settings.name))
    calendar.add("X-WR-CALDESC", vText(_notice(workspace)))
    calendar.add("X-WR-TIMEZONE", vText(settings.time_zone))
    for entry in entries:
        event = Event()
        event.add("UID", entry.uid)
        event.add("DTSTAMP", NOW)
        event.add("LAST-MODIFIED", NOW)
        event.add("SEQUENCE", 0)
        event.add("DTSTART", entry.day)
        event.add("DTEND", entry.day + timedelta(days=1))
        event.add("SUMMARY", entry.summary)
        event.add("DESCRIPTION", entry.description)
        event.add("CATEGORIES", list(entry.categories))
        event.add("URL", entry.url)
        event.add("STATUS", entry.status)
        event.add("TRANSP", "TRANSPARENT")
        event.add("X-MICROSOFT-CDO-BUSYSTATUS", vText("FREE"))
        calendar.add_component(event)
    return bytes(calendar.to_ical(sorted=False))


def _notice(workspace: Workspace) -> str:
    with use_language(workspace.settings.language):
        return workspace.calendar.provisional_notice()


def some_plans(size: int) -> list[tuple[Standard, date]]:
    """Return assets of all shipped standards in turn, with days of publication over two years."""
    by_kind, chance = load_standards(Path("nowhere")).by_kind, Random(SEED)
    kinds = sorted(by_kind)
    days = (FIRST_DAY + timedelta(days=chance.randrange(DAYS)) for _asset in range(size))
    return [(by_kind[kinds[number % len(kinds)]], day) for number, day in enumerate(days)]


def make_workspace(folder: Path, planned: Iterable[tuple[Standard, date]], most: int | None = None) -> Workspace:
    """Make a workspace with planned assets, in plain statements.

    Args:
        most: stop when there are as many milestones.
    """
    workspace = Workspace.init(folder, name="Benchmark", now=lambda: NOW)
    for number, role in enumerate(workspace.assets.standards.roles()):
        workspace.team.assign(role, f"陈七言 {number}")
    assets: list[dict[str, Any]] = []
    milestones: list[dict[str, Any]] = []
    for number, (standard, day) in enumerate(planned):
        steps = back_plan(standard, day, workspace.calendar.working_days)
        assets.append(_asset(number, standard, day))
        milestones += [_milestone(assets[-1]["id"], standard.version, step) for step in steps]
        if most is not None and len(milestones) >= most:
            break
    with workspace.store.write() as session:
        session.connection().execute(insert(Asset), assets)
        session.connection().execute(insert(Milestone), milestones[:most])
    return workspace


def _asset(number: int, standard: Standard, day: date) -> dict[str, Any]:
    values = {
        "slug": f"inspection-{number}",
        "kind": standard.kind,
        "language": "en" if number % 3 == 1 else "zh-CN",
        "translation_key": f"inspection-{number}",
        "title": TITLES[number % 3].format(number),
        "state": WorkflowState.APPROVED if number % 5 == 0 else WorkflowState.PLANNED,
        "planned_on": day,
        "standard_version": standard.version,
        "created_at": NOW,
        "changed_at": NOW,
    }
    return AssetFields.model_validate(values).model_dump()


def _milestone(asset_id: str, version: int, step: DatedStep) -> dict[str, Any]:
    return {
        "id": new_id(),
        "asset_id": asset_id,
        "step": step.step,
        "lane": step.lane,
        "name": {**step.name},
        "role": step.role,
        "due_on": step.due_on,
        "pinned": False,
        "effort_hours": step.effort_hours,
        "checklist": [{"text": {**text}, "by": None, "at": None} for text in step.checklist],
        "state": MilestoneState.DUE,
        "standard_version": version,
        "channel": step.channel,
        "format": step.format,
        "address": "",
        "created_at": NOW,
        "changed_at": NOW,
    }
