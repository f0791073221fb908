"""The calendar: 2,000 and 10,000 events as .ics, and an export that repeats with nothing changed.

The bare icalendar is the same package that contentops writes with, given the same properties in the same order, already
sorted and cleaned: what remains is the price of ordering and cleaning. Both give the same bytes, which is checked.

The export that repeats is the whole verb `calendar.export()` over the database: fingerprints of all milestones, rows
through the ORM, wordings, and the file.
"""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from contentops.planning.back_planning import back_plan, merge
from contentops.planning.ics import PRODID, CalendarEntry, calendar_file
from icalendar import Calendar, Event, vText
from sqlmodel import col, select

from benchmarks.measuring import Options, Report, Samples, Timing, take_turns, timed
from benchmarks.workspaces import NOW, Bench, temporary_folder
from contentops.models import Asset
from contentops.workspace import Workspace

NAME, ZONE = "Benchmark", "Asia/Shanghai"


def run(options: Options) -> Report:
    """Measure the exports."""
    report = Report("calendar", "one calendar")
    sizes = (500, 1000) if options.quick else (2000, 10_000)
    for size in sizes:
        samples = _files(size, options.rounds)
        report.samples.rounds |= samples.rounds
        report.compare(f"{size:,} events: contentops / icalendar", f"contentops, {size:,}", f"icalendar, {size:,}", 1.0,
                       at_least=False)  # fmt: skip
    with temporary_folder() as folder:
        samples = _exports(folder, sizes, options)
    report.samples.rounds |= samples.rounds
    for size in sizes:
        report.limit(f"{size:,} unchanged events again", f"export again, {size:,}", 0.05 if size == 10_000 else None)
        report.compare(f"{size:,} unchanged events again / icalendar alone", f"export again, {size:,}",
                       f"icalendar, {size:,}")  # fmt: skip
    return report


def _files(size: int, rounds: int) -> Samples:
    entries = [_entry(number) for number in range(size)]
    ordered = sorted(entries, key=lambda entry: (entry.day, entry.uid))
    written: dict[str, bytes] = {}

    def ours() -> Timing:
        timing, written["ours"] = timed(lambda: calendar_file(entries, name=NAME, time_zone=ZONE))
        return timing

    def bare() -> Timing:
        timing, written["bare"] = timed(lambda: bare_calendar(ordered))
        return timing

    samples = take_turns({f"contentops, {size:,}": ours, f"icalendar, {size:,}": bare}, rounds, warm_up=True)
    assert written["ours"] == written["bare"]
    return samples


def bare_calendar(entries: list[CalendarEntry]) -> bytes:
    """Write the same properties with nothing but icalendar."""
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", vText(NAME))
    calendar.add("X-WR-CALNAME", vText(NAME))
    calendar.add("X-WR-TIMEZONE", vText(ZONE))
    for entry in entries:
        event = Event()
        event.add("UID", entry.uid)
        event.add("DTSTAMP", entry.changed_at)
        event.add("LAST-MODIFIED", entry.changed_at)
        event.add("SEQUENCE", entry.revision)
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


def _entry(number: int) -> CalendarEntry:
    title = f"设备点检闭环的三个步骤 {number}" if number % 3 else f"Closing the loop of equipment inspection {number}"
    url = f"http://127.0.0.1:8000/zh/inspection-{number}/"
    return CalendarEntry(
        uid=f"{number * 7919 % 1_000_003:032x}-draft@contentops",
        day=date(2026, 1, 1) + timedelta(days=number * 37 % 700),
        summary=f"撰写初稿 · {title}",
        description=f"白皮书: {title}\nStep: 撰写初稿, 24 h\nRole: ops (陈七言)\n{url}",
        categories=("白皮书", "production"),
        url=url,
        status=("TENTATIVE", "CONFIRMED", "CANCELLED")[number % 3],
        revision=number % 4,
        changed_at=datetime(2026, 11, 21, 9, number % 60, tzinfo=UTC),
    )


def _exports(folder: Path, sizes: tuple[int, ...], options: Options) -> Samples:
    spaces: dict[int, Workspace] = {}
    for size in sizes:
        bench = Bench(folder / str(size), Options(files=size // 6 + 40))
        workspace = spaces[size] = bench.open()
        workspace.assets.sync()
        _plan(workspace, size)
        first = workspace.calendar.export()  # stamps every milestone
        assert first.count(b"BEGIN:VEVENT") == size
        assert workspace.calendar.export() == first

    def again(size: int) -> Timing:
        return timed(spaces[size].calendar.export)[0]

    def plan_one(size: int) -> Timing:
        workspace = spaces[size]
        asset = workspace.assets.find()[0]
        day = asset.publish_on or date(2027, 3, 1)
        address = f"{asset.language}/{asset.slug}"
        return timed(lambda: workspace.calendar.plan(address, day + timedelta(days=1)))[0]

    variants = {f"export again, {size:,}": partial(again, size) for size in sizes}
    # plan() moves an asset and exports nothing, so the next export has milestones to stamp: measured apart.
    samples = take_turns(variants, options.rounds, warm_up=True)
    plans = {f"plan one asset among {size:,}": partial(plan_one, size) for size in sizes}
    samples.rounds |= take_turns(plans, options.rounds, warm_up=True).rounds
    for workspace in spaces.values():
        workspace.close()
    return samples


def _plan(workspace: Workspace, size: int) -> None:
    """Plan assets until there are `size` milestones, in one transaction."""
    made = 0
    calendar, standards = workspace.calendar.working_days, workspace.assets.standards
    with workspace.store.write() as session:
        for number, asset in enumerate(session.exec(select(Asset).order_by(col(Asset.slug)))):
            standard = standards[asset.kind]
            asset.publish_on = calendar.shift(date(2026, 2, 2), number % 220)
            steps = back_plan(standard, asset.publish_on, calendar)[: size - made]
            session.add_all(merge(asset.id, steps, standard.version, [], NOW))
            made += len(steps)
            if made == size:
                return
    raise AssertionError(f"the corpus is too small for {size} milestones")
