"""Planning: 10,000 assets counted back from their days, hours per role and week, and moves out of overloaded weeks.

The peers are plain loops over numpy's busday functions with the same working days. numpy's calendar knows no make-up
Saturdays, so its week has seven working days here, and every day that is not worked is one of its holidays. The loops
do less: what the steps of a kind are is looked up once, and comes out as tuples without names and checklists. Both must
come to the same days, hours and moves. The limit, arrays, counts all assets of a kind in one call for each step.

The desk's figures are whole verbs over a workspace in SQLite that is open already; their limit is one statement of
plain sqlite3 and a loop, which comes to the same hours.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.export_calendar import make_workspace, some_plans
from benchmarks.measuring import Options, Report, Timing, take_turns, timed
from benchmarks.workspaces import NOW, temporary_folder
from contentops.assets.standards import Standard
from contentops.models import Lane
from contentops.planning.capacity import Capacity, Work, balance, loads
from contentops.planning.schedule import DatedStep, back_plan
from contentops.planning.working_days import WorkingCalendar
from contentops.workspace import Workspace

BACK, REPORT, BALANCE = "back-planning", "capacity report", "balance"
ARRAYS, SQL, FIRST_USE = "back-planning, numpy arrays", "plain SQL and a loop", "working days of five years, first use"
FIRST, LAST = date(2025, 1, 1), date(2029, 12, 31)  # all plans are well within
WEEK, LAST_OF_WEEK = timedelta(days=7), timedelta(days=6)
SPARE = 1.1  # what a role can do in a week, by what it owes in one on average: some weeks are too full
WEEKLY = """
SELECT m.role, m.due_on, sum(m.effort_hours) FROM milestone m JOIN asset a ON a.id = m.asset_id
WHERE m.state = 'due' AND a.state NOT IN ('retired', 'idea') AND m.effort_hours > 0 GROUP BY m.role, m.due_on
"""
Planned = Sequence[tuple[Standard, date]]


def run(options: Options) -> Report:
    """Measure planning, as rules and over a database."""
    size = 500 if options.quick else 10_000
    planned = some_plans(size)
    report = Report("plan", f"{size:,} assets")
    rules = Rules.of(planned)
    report.notes += rules.check()
    report.samples = take_turns(rules.variants(), options.rounds, warm_up=True)
    with temporary_folder() as folder:
        workspace = make_workspace(folder / "desk", planned)
        report.notes.append(check_desk(workspace))
        report.samples.rounds |= take_turns(desk_variants(workspace), options.rounds, warm_up=True).rounds
        workspace.close()
    for what in (BACK, REPORT, BALANCE):
        report.compare(f"{what}: contentops / numpy loop", f"{what}, contentops", f"{what}, numpy loop")
    report.compare(f"{BACK}: contentops / numpy arrays", f"{BACK}, contentops", ARRAYS, clocks=("cpu",))
    report.compare("desk, capacity report / plain SQL and a loop", "desk, capacity report", SQL)
    return report


@dataclass(frozen=True)
class Kind:
    """What the peer looks up once of a standard: working days of its steps, then calendar days of placements."""

    steps: tuple[DatedStep, ...]
    offsets: tuple[int, ...]
    after: tuple[int, ...]

    @classmethod
    def of(cls, standard: Standard, calendar: WorkingCalendar) -> "Kind":
        """Read a standard."""
        after = [days for rule in standard.placements for days in (rule.after_days, *rule.promote_after_days)]
        offsets = tuple(step.offset_days for step in standard.owed())
        return cls(tuple(back_plan(standard, date(2026, 6, 1), calendar)), offsets, tuple(after))


@dataclass(frozen=True)
class Rules:
    """The inputs of both sides."""

    planned: Planned
    kinds: Mapping[str, Kind]
    calendar: WorkingCalendar
    busdays: np.busdaycalendar
    works: Sequence[Work]
    hours: Mapping[str, float]

    @classmethod
    def of(cls, planned: Planned) -> "Rules":
        """Prepare everything that is not measured."""
        calendar = WorkingCalendar()
        kinds = {standard.kind: Kind.of(standard, calendar) for standard, _day in planned}
        works = some_works(back_plan(standard, day, calendar) for standard, day in planned)
        weeks = len({work.day - timedelta(days=work.day.weekday()) for work in works})
        hours: dict[str, float] = defaultdict(float)
        for work in works:
            hours[work.role] += work.hours * SPARE / weeks
        return cls(planned, kinds, calendar, numpy_calendar(calendar), works, dict(hours))

    def ours(self) -> dict[str, Callable[[], list[Any]]]:
        """Return what contentops does, by name."""
        return {
            BACK: lambda: [back_plan(standard, day, self.calendar) for standard, day in self.planned],
            REPORT: lambda: loads(self.works, Capacity(0, self.hours, self.calendar)),
            BALANCE: lambda: balance(self.works, Capacity(0, self.hours, self.calendar), self.calendar),
        }

    def peers(self) -> dict[str, Callable[[], list[Any]]]:
        """Return what the plain loops do, by the same names."""
        kinds, busdays = self.kinds, self.busdays
        return {
            BACK: lambda: [plan_by_numpy(kinds[standard.kind], day, busdays) for standard, day in self.planned],
            REPORT: lambda: loads_by_numpy(self.works, self.hours, busdays),
            BALANCE: lambda: balance_by_numpy(self.works, self.hours, busdays),
        }

    def variants(self) -> dict[str, Callable[[], Timing]]:
        """Return what takes turns."""
        actions: dict[str, Callable[[], object]] = {
            f"{what}, contentops": action for what, action in self.ours().items()
        }
        actions |= {f"{what}, numpy loop": action for what, action in self.peers().items()}
        actions[ARRAYS] = self.arrays
        actions[FIRST_USE] = lambda: WorkingCalendar().working_days_between(FIRST, LAST)
        return {name: partial(_time, action) for name, action in actions.items()}

    def arrays(self) -> dict[str, list[Any]]:
        """Count back all assets of each kind at once."""
        days: dict[str, list[date]] = defaultdict(list)
        for standard, day in self.planned:
            days[standard.kind].append(day)
        return {
            kind: days_by_numpy(self.kinds[kind], np.array(there, "datetime64[D]"), self.busdays)
            for kind, there in days.items()
        }

    def check(self) -> list[str]:
        """Compare what both sides come to, and say what it is."""
        ours = {what: action() for what, action in self.ours().items()}
        peers = {what: action() for what, action in self.peers().items()}
        plans = [[(s.step, s.role, s.due_on, s.effort_hours) for s in steps] for steps in ours[BACK]]
        rows = [(load.role, load.week, load.due_hours, load.capacity_hours, load.keys) for load in ours[REPORT]]
        _same(BACK, plans, peers[BACK])
        _same(REPORT, rows, peers[REPORT])
        _same(BALANCE, [tuple(proposal) for proposal in ours[BALANCE]], peers[BALANCE])
        together = sorted(day for steps in plans for _step, _role, day, _hours in steps)
        arrays = [day for columns in self.arrays().values() for column in columns for day in column.tolist()]
        _same(ARRAYS, together, sorted(arrays))
        full = sum(load.over_hours > 0 for load in ours[REPORT])
        return [
            f"{len(together):,} steps; {len(rows):,} weeks of a role, {full:,} too full; {len(ours[BALANCE]):,} moves",
            f"the same from both; {len(self.busdays.holidays):,} days of {FIRST.year} to {LAST.year} are not worked",
        ]


def _time(action: Callable[[], object]) -> Timing:
    return timed(action)[0]


def _same(what: str, ours: Sequence[Any], peer: Sequence[Any]) -> None:
    """Fail with the first difference; an assertion would show megabytes."""
    if len(ours) != len(peer):
        raise AssertionError(f"{what}: {len(ours)} here, {len(peer)} by numpy")
    for number, (mine, other) in enumerate(zip(ours, peer, strict=True)):
        if mine != other:
            raise AssertionError(f"{what}, number {number}: {mine} here, {other} by numpy")


def some_works(plans: Iterable[Sequence[DatedStep]]) -> list[Work]:
    """Return the work of all plans; a step may be moved between the days of its neighbours."""
    works = []
    for number, steps in enumerate(plans):
        days = sorted({step.due_on for step in steps})
        for step in steps:
            at, free = days.index(step.due_on), step.lane is Lane.STEP
            earliest = days[max(at - 1, 0)] if free else step.due_on
            latest = days[min(at + 1, len(days) - 1)] if free else step.due_on
            works.append(Work(f"{number}-{step.step}", step.role, step.due_on, step.effort_hours, earliest, latest))
    return works


def numpy_calendar(calendar: WorkingCalendar) -> np.busdaycalendar:
    """Return the same working days as numpy's: each day counts but those that are named."""
    days = (FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))
    return np.busdaycalendar(weekmask="1111111", holidays=[day for day in days if not calendar.is_working_day(day)])


def days_by_numpy(kind: Kind, publish_on: Any, busdays: np.busdaycalendar) -> list[Any]:
    """Return the days of all steps for one day of publication, or for an array of them."""
    days = []
    for offset in kind.offsets:
        roll = "forward" if offset < 0 else "backward"  # counting begins at the day as it is
        days.append(np.busday_offset(publish_on, offset, roll=roll, busdaycal=busdays) if offset else publish_on)
    days += [np.busday_offset(publish_on + after, 0, roll="forward", busdaycal=busdays) for after in kind.after]
    return days


def plan_by_numpy(kind: Kind, day: date, busdays: np.busdaycalendar) -> list[tuple[Any, ...]]:
    """Count back one asset."""
    days = days_by_numpy(kind, np.datetime64(day), busdays)
    return [(step.step, step.role, due.item(), step.effort_hours) for step, due in zip(kind.steps, days, strict=True)]


def hours_by_numpy(hours: Mapping[str, float], busdays: np.busdaycalendar) -> Callable[[str, date], float]:
    """Return the function that says how many hours a role has in a week."""
    worked = cache(lambda week: int(np.busday_count(week, week + WEEK, busdaycal=busdays)))
    return lambda role, week: round(hours[role] * worked(week) / 5, 2)


def loads_by_numpy(
    works: Iterable[Work], hours: Mapping[str, float], busdays: np.busdaycalendar
) -> list[tuple[Any, ...]]:
    """Add up what each role owes in each week."""
    capacity, weeks = hours_by_numpy(hours, busdays), defaultdict(list)
    for work in works:
        weeks[work.day - timedelta(days=work.day.weekday()), work.role].append(work)
    found = []
    for (week, role), due in sorted(weeks.items()):
        keys = tuple(work.key for work in sorted(due, key=lambda work: (-work.hours, work.key)))
        found.append((role, week, round(sum(work.hours for work in due), 2), capacity(role, week), keys))
    return found


def balance_by_numpy(
    works: Iterable[Work], hours: Mapping[str, float], busdays: np.busdaycalendar
) -> list[tuple[Any, ...]]:
    """Move work out of weeks that are too full, by the same rule."""
    capacity, due = hours_by_numpy(hours, busdays), defaultdict(list)
    for work in works:
        due[work.day - timedelta(days=work.day.weekday()), work.role].append(work)
    load = defaultdict(float, {place: sum(work.hours for work in there) for place, there in due.items()})
    moves = []
    for (week, role), there in sorted(due.items()):
        over = load[week, role] - capacity(role, week)
        enough = sorted((work.hours, work.key, work) for work in there if work.hours >= over > 0)
        less = sorted((-work.hours, work.key, work) for work in there if 0 < work.hours < over)
        for _hours, _key, work in enough + less:
            if load[week, role] <= capacity(role, week):
                break
            for other, first, last in _weeks_near(work, week):
                if load[other, role] + work.hours > capacity(role, other):
                    continue
                end, roll = (last, "backward") if other < week else (first, "forward")
                day = np.busday_offset(end, 0, roll=roll, busdaycal=busdays).item()
                if first <= day <= last:
                    load[week, role] -= work.hours
                    load[other, role] += work.hours
                    moves.append((work.key, role, work.hours, work.day, day))
                    break
    return moves


def _weeks_near(work: Work, week: date) -> list[tuple[date, date, date]]:
    """Return the weeks in which a piece of work may be done, the nearest first, with the first and last day of each."""
    found = []
    for number in range(1, max((work.latest - week).days, (week - work.earliest).days) // 7 + 2):
        for other in (week - number * WEEK, week + number * WEEK):
            first, last = max(other, work.earliest), min(other + LAST_OF_WEEK, work.latest)
            if first <= last:
                found.append((other, first, last))
    return found


def desk_variants(workspace: Workspace) -> dict[str, Callable[[], Timing]]:
    """Return the verbs that take turns, and their limit."""
    desk = workspace.calendar
    actions: dict[str, Callable[[], object]] = {
        "desk, capacity report": desk.workload.report,
        "desk, agenda of one week": lambda: desk.agenda(week=NOW.date()),
        "desk, whole agenda": desk.agenda,
        SQL: lambda: hours_by_sql(workspace.folder / "contentops.db"),
    }
    return {name: partial(_time, action) for name, action in actions.items()}


def hours_by_sql(file: Path) -> dict[tuple[str, date], float]:
    """Add up the hours of each role and week, and nothing else."""
    database, found = sqlite3.connect(file), defaultdict(float)
    for role, text, hours in database.execute(WEEKLY):
        day = date.fromisoformat(text)
        found[role, day - timedelta(days=day.weekday())] += hours
    database.close()
    return found


def check_desk(workspace: Workspace) -> str:
    """Compare the report with plain SQL, and say what the week holds."""
    report = workspace.calendar.workload.report()
    assert {(load.role, load.week): load.due_hours for load in report} == hours_by_sql(
        workspace.folder / "contentops.db"
    )
    week = workspace.calendar.agenda(week=NOW.date())
    return f"{sum(len(load.keys) for load in report):,} pieces of work in the database, {len(week):,} in the week"
