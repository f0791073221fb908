"""Which days people work. Pure once loaded.

In China, working days include make-up Saturdays and Sundays, which the State Council announces for one year at a
time, usually in November of the year before. The package ``holidays`` knows the announced years; for later ones it
answers with the statutory days only. Such years are *provisional* here and are said to be so.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from contentops.errors import InvalidInput, Problem, StandardInvalid, did_you_mean
from contentops.settings import CalendarSettings
from contentops.texts import gettext as _

FIRST_YEAR, LAST_YEAR = 2000, 2100
_DAY = timedelta(days=1)
# Countries in which make-up days are announced year by year: without any, a year is not announced.
_ANNOUNCED_YEARLY = {"CN"}


@dataclass(frozen=True, slots=True)
class Overrides:
    """A team's own days, over the public ones.

    Attributes:
        off: days nobody works. work: days that are worked. announced: years whose public days the file has in full.
    """

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    announced: frozenset[int] = frozenset()


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

    def is_working_day(self, day: date) -> bool:
        """Return whether people work on `day`."""
        if day in self.overrides.work:
            return True
        return day not in self.overrides.off and bool(self._public(day.year).is_working_day(day))

    def shift(self, day: date, days: int) -> date:
        """Return the day that is `days` working days after `day` (before it, if negative); `day` itself for 0.

        Counting starts at the day as it is: one working day before a Sunday is the Friday (or the make-up Saturday).
        """
        step = _DAY if days > 0 else -_DAY
        for _number in range(abs(days)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def holiday_name(self, day: date, language: str) -> str | None:
        """Return the name of the public holiday on `day`, or None."""
        name: str | None = self._public(day.year, "zh_CN" if language.startswith("zh") else "en_US").get(day)
        return name

    def is_provisional(self, year: int) -> bool:
        """Return whether the days of `year` are not announced yet and may change."""
        if year in self.overrides.announced:
            return False
        public = self._public(year, "en_US")
        if any("(estimated" in name for name in public.values()):
            return True
        return self.country in _ANNOUNCED_YEARLY and not any(day.year == year for day in public.weekend_workdays)

    def provisional_years(self, days: Iterator[date]) -> list[int]:
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


def load_calendar(settings: CalendarSettings, folder: Path) -> WorkingCalendar:
    """Make the working calendar of a workspace.

    Raises:
        StandardInvalid: the file of own days is wrong; every problem at once.
    """
    path = folder / settings.overrides
    overrides = read_overrides(path) if path.is_file() else Overrides()
    return WorkingCalendar(settings.country, settings.subdivision, overrides)


def read_overrides(path: Path) -> Overrides:
    """Read a file of own days: ``off = [2027-02-04]``, ``work = [2027-02-06]``, ``announced = [2027]``."""
    try:
        values: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise StandardInvalid([Problem(str(path), _("cannot be read: {reason}").format(reason=error))]) from error
    problems = []
    expected: dict[str, type] = {"off": date, "work": date, "announced": int}
    for key, value in values.items():
        if key not in expected:
            problems.append(Problem(str(path), _("unknown key '{key}'").format(key=key) + did_you_mean(key, expected)))
        elif not isinstance(value, list) or not all(type(item) is expected[key] for item in value):
            sample = "2027" if key == "announced" else "2027-02-04"
            problems.append(
                Problem(str(path), _("{key} must be a list like [{sample}]").format(key=key, sample=sample))
            )
    if problems:
        raise StandardInvalid(problems)
    both = set(values.get("off", [])) & set(values.get("work", []))
    if both:
        days = ", ".join(sorted(map(str, both)))
        raise StandardInvalid([Problem(str(path), _("both off and work: {days}").format(days=days))])
    return Overrides(*(frozenset(values.get(key, [])) for key in expected))
