"""Which days people work. Pure once loaded.

In China, working days include make-up Saturdays and Sundays, which the State Council announces for one year at a
time, usually in November of the year before. The package ``holidays`` knows the announced years; for later ones it
answers with the statutory days only. Such years are *provisional* here and are said to be so.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from contentops.errors import InvalidInput, Problem
from contentops.planning.days_off import Overrides, read_overrides
from contentops.settings import CalendarSettings
from contentops.texts import current_language
from contentops.texts import gettext as _

FIRST_YEAR, LAST_YEAR = 2000, 2100
_DAY = timedelta(days=1)
# Countries in which make-up days are announced year by year: without any, a year is not announced.
_ANNOUNCED_YEARLY = {"CN"}


@dataclass(frozen=True)
class WorkingCalendar:
    """Counts working days for one country.

    Args:
        country: ISO 3166 code. subdivision: region, where holidays differ. overrides: the team's own days.
    """

    country: str = "CN"
    subdivision: str | None = None
    overrides: Overrides = Overrides()
    _years: dict[tuple[int, str], Any] = field(default_factory=dict, repr=False, compare=False)
    _ordinals: dict[int, tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)

    def is_working_day(self, day: date) -> bool:
        """Return whether people work on `day`."""
        if day in self.overrides.work:
            return True
        return day not in self.overrides.off and bool(self._public(day.year).is_working_day(day))

    def shift(self, day: date, days: int) -> date:
        """Return the day that is `days` working days after `day` (before it, if negative); `day` itself for 0.

        Counting starts at the day as it is: one working day before a Sunday is the Friday (or the make-up Saturday).
        """
        if days == 0:
            return day
        year, ordinal = day.year, day.toordinal()
        if days > 0:
            index = bisect_right(self._worked(year), ordinal) + days - 1
            while index >= len(self._worked(year)):
                index -= len(self._worked(year))
                year += 1
        else:
            index = bisect_left(self._worked(year), ordinal) + days
            while index < 0:
                year -= 1
                index += len(self._worked(year))
        return date.fromordinal(self._worked(year)[index])

    def distance(self, start: date, end: date) -> int:
        """Return how many working days lie from `start` to `end`: after the one, up to and including the other.

        Negative where `end` is before `start`: then from `end` on, up to but without `start`. For a working day `end`
        this undoes :meth:`shift`: ``shift(start, distance(start, end)) == end``.
        """
        if end < start:
            return -self._count(end - _DAY, start - _DAY)
        return self._count(start, end)

    def on_or_after(self, day: date) -> date:
        """Return `day`, or the next working day after it."""
        return day if self.is_working_day(day) else self.shift(day, 1)

    def on_or_before(self, day: date) -> date:
        """Return `day`, or the last working day before it."""
        return day if self.is_working_day(day) else self.shift(day, -1)

    def working_days_between(self, first: date, last: date) -> int:
        """Return how many days from `first` to `last`, both included, are worked."""
        return self._count(first - _DAY, last)

    def _count(self, after: date, until: date) -> int:
        """Count the working days after one day, until and with another that is not before it."""
        if after.year == until.year:
            days = self._worked(after.year)
            return bisect_right(days, until.toordinal()) - bisect_right(days, after.toordinal())
        first, last = self._worked(after.year), self._worked(until.year)
        between = sum(len(self._worked(year)) for year in range(after.year + 1, until.year))
        return len(first) - bisect_right(first, after.toordinal()) + between + bisect_right(last, until.toordinal())

    def _worked(self, year: int) -> tuple[int, ...]:
        """Return the working days of a year as proleptic ordinals, in order."""
        if year not in self._ordinals:
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            days = (ordinal for ordinal in range(first, last + 1) if self.is_working_day(date.fromordinal(ordinal)))
            self._ordinals[year] = tuple(days)
        return self._ordinals[year]

    def holiday_name(self, day: date, language: str) -> str | None:
        """Return the name of the public holiday on `day`, or None."""
        name: str | None = self._public(day.year, "zh_CN" if language.startswith("zh") else "en_US").get(day)
        return name

    def is_provisional(self, year: int) -> bool:
        """Return whether the days of `year` are not announced yet and may change."""
        if year in self.overrides.announced:
            return False
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return True
        public = self._public(year, "en_US")
        if any("(estimated" in name for name in public.values()):
            return True
        return self.country in _ANNOUNCED_YEARLY and not any(day.year == year for day in public.weekend_workdays)

    def provisional_years(self, days: Iterable[date]) -> list[int]:
        """Return the provisional years among those of `days`, in order."""
        return [year for year in sorted({day.year for day in days}) if self.is_provisional(year)]

    def _public(self, year: int, language: str = "") -> Any:
        key = (year, language)
        if key not in self._years:
            import holidays

            if not FIRST_YEAR <= year <= LAST_YEAR:
                message = _("working days are known from {first} to {last} only").format(
                    first=FIRST_YEAR, last=LAST_YEAR
                )
                raise InvalidInput([Problem(str(year), message)])
            options: dict[str, Any] = {"language": language} if language else {}
            self._years[key] = holidays.country_holidays(self.country, subdiv=self.subdivision, years=year, **options)
        return self._years[key]


@dataclass(frozen=True)
class WorkingDays:
    """The working days of a workspace: the team's calendar, and who has other days.

    Attributes:
        team: counts for everybody. roles: calendars of roles that work in another country or region.
    """

    team: WorkingCalendar
    roles: dict[str, WorkingCalendar] = field(default_factory=dict)

    def absence(self, role: str, person: str | None, day: date) -> str | None:
        """Return why whoever fills `role` does not work on `day`, which may be a working day for the others."""
        for away in self.team.overrides.away:
            if away.who in (role, person) and away.first <= day <= away.last:
                return _("away until {day}").format(day=away.last)
        own = self.roles.get(role)
        if own is not None and not own.is_working_day(day):
            place = f"{own.country}-{own.subdivision}" if own.subdivision else own.country
            return own.holiday_name(day, current_language()) or _("no working day in {place}").format(place=place)
        return None


def load_calendar(settings: CalendarSettings, folder: Path) -> WorkingDays:
    """Make the working calendars of a workspace.

    Raises:
        StandardInvalid: the file of own days is wrong; every problem at once.
    """
    path = folder / settings.overrides
    overrides = read_overrides(path) if path.is_file() else Overrides()
    team = WorkingCalendar(settings.country, settings.subdivision, overrides)
    own = Overrides(off=overrides.off, work=overrides.work)
    places = {role: place.partition("-") for role, place in settings.roles.items()}
    roles = {role: WorkingCalendar(country, region or None, own) for role, (country, _dash, region) in places.items()}
    return WorkingDays(team, roles)
