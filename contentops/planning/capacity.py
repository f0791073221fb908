"""Hours per role and week against what is due. Pure rules."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from contentops.planning.working_days import WorkingCalendar

_WEEK = timedelta(days=7)


class Work(NamedTuple):
    """One piece of work as capacity sees it.

    Attributes:
        key: whatever tells it from others, such as its UID. role: who does it. day: when due. hours: how long.
        earliest, latest: between which days it may be moved; equal to `day` where it cannot be.
        group: work of which one piece is moved at a time, such as the asset: its neighbours stay where they are.
    """

    key: str
    role: str
    day: date
    hours: float
    earliest: date
    latest: date
    group: str = ""


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """What one role owes in one week.

    Attributes:
        role: the role. week: its Monday. due_hours: effort of what is due in it.
        capacity_hours: what the role has: its weekly hours, in proportion to the working days of this week.
        keys: the pieces of work, the largest first.
    """

    role: str
    week: date
    due_hours: float
    capacity_hours: float
    keys: tuple[str, ...]

    @property
    def over_hours(self) -> float:
        """By how much the week is overloaded, in hours; 0 where it is not."""
        return max(0.0, round(self.due_hours - self.capacity_hours, 2))


def week_of(day: date) -> date:
    """Return the Monday of the week of `day`. Make-up Sundays belong to the week that ends with them."""
    return day - timedelta(days=day.weekday())


class Capacity:
    """How many hours each role has in each week.

    Args:
        default: hours in a week of five working days. roles: hours of roles that have others.
        is_away: whether whoever fills a role does not work on a day that the others do.
    """

    def __init__(
        self,
        default: float,
        roles: Mapping[str, float],
        calendar: WorkingCalendar,
        is_away: Callable[[str, date], bool] | None = None,
    ) -> None:
        self._default, self._roles, self._calendar, self._is_away = default, roles, calendar, is_away
        self._hours: dict[tuple[str, date], float] = {}

    def hours(self, role: str, week: date) -> float:
        """Return the hours of a role in the week that begins on the Monday `week`."""
        if (role, week) not in self._hours:
            worked = self._calendar.working_days_between(week, week + timedelta(days=6))
            if self._is_away is not None:
                days = (week + timedelta(days=n) for n in range(7))
                worked -= sum(self._calendar.is_working_day(day) and self._is_away(role, day) for day in days)
            self._hours[role, week] = round(self._roles.get(role, self._default) * worked / 5, 2)
        return self._hours[role, week]


def loads(works: Iterable[Work], capacity: Capacity) -> list[WeekLoad]:
    """Return what each role owes in each week, by week and role. Effort counts in the week in which it is due."""
    weeks: dict[tuple[date, str], list[Work]] = {}
    monday: dict[date, date] = {}
    for work in works:
        week = monday.get(work.day) or monday.setdefault(work.day, week_of(work.day))
        weeks.setdefault((week, work.role), []).append(work)
    found = []
    for (week, role), due in sorted(weeks.items()):
        hours = round(sum(work.hours for work in due), 2)
        keys = tuple(work.key for work in sorted(due, key=lambda work: (-work.hours, work.key)))
        found.append(WeekLoad(role, week, hours, capacity.hours(role, week), keys))
    return found


class Proposal(NamedTuple):
    """One piece of work that could be done in another week.

    Attributes:
        key, role, hours: of the work. before, after: its day now, and the one proposed.
    """

    key: str
    role: str
    hours: float
    before: date
    after: date


def balance(
    works: Iterable[Work], capacity: Capacity, calendar: WorkingCalendar, start: date = date.min
) -> list[Proposal]:
    """Propose moves that take work out of overloaded weeks, each within its slack and into a week with room.

    Weeks are relieved from the first to the last; of a week's work the smallest piece that is enough goes, else the
    largest that fits somewhere, to the nearest week with room, an earlier one where two are equally near. The same
    input gives the same proposals, and no week is overloaded by them that was not before. Of one group one piece moves.

    Args:
        start: weeks before this day are not relieved, though their work counts.
    """
    due: dict[tuple[str, date], list[Work]] = {}
    for work in works:
        due.setdefault((work.role, week_of(work.day)), []).append(work)
    load = {place: sum(work.hours for work in there) for place, there in due.items()}
    proposals: list[Proposal] = []
    groups: set[str] = set()
    for role, week in sorted(due, key=lambda place: (place[1], place[0])):
        hours = capacity.hours(role, week)
        over = load[role, week] - hours
        if over <= 0 or week < start:
            continue
        sunday = week + timedelta(days=6)
        mine = [w for w in due[role, week] if w.hours > 0 and (w.earliest < week or w.latest > sunday)]
        mine.sort(key=lambda work: (work.hours < over, work.hours if work.hours >= over else -work.hours, work.key))
        for work in mine:
            if load[role, week] <= hours:
                break
            day = None if work.group in groups else _room(work, load, capacity, calendar)
            if day is not None:
                groups |= {work.group} - {""}
                load[role, week] -= work.hours
                place = (role, week_of(day))
                load[place] = load.get(place, 0) + work.hours
                proposals.append(Proposal(work.key, role, work.hours, work.day, day))
    return proposals


def _room(
    work: Work, load: Mapping[tuple[str, date], float], capacity: Capacity, calendar: WorkingCalendar
) -> date | None:
    """Return a day of the nearest other week that has room for a piece of work, or None."""
    here = week_of(work.day)
    distance = max((work.latest - here).days, (here - work.earliest).days) // 7 + 1
    for weeks in range(1, distance + 1):
        for week in (here - weeks * _WEEK, here + weeks * _WEEK):
            first, last = max(week, work.earliest), min(week + timedelta(days=6), work.latest)
            if first > last or load.get((work.role, week), 0) + work.hours > capacity.hours(work.role, week):
                continue
            # As near to its old day as the week allows: the last day of an earlier week, the first of a later one.
            day = calendar.on_or_before(last) if week < here else calendar.on_or_after(first)
            if first <= day <= last:
                return day
    return None
