"""Recurring series: rules of calendar/cadence.toml and the days they name. Pure rules."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from dateutil.rrule import rrulestr
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from contentops.errors import Problem, StandardInvalid
from contentops.planning.working_days import WorkingCalendar
from contentops.settings.wrong_values import in_words
from contentops.texts import gettext as _

_KEY = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
MOST_SLOTS = 1000


class Series(BaseModel):
    """One series: what comes how often, and what happens when its day is not worked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: _KEY = Field(description="Never renamed: slots and their calendar events hang on it.")
    name: str = Field(min_length=1, max_length=200)
    kind: str = Field(max_length=40, description="Kind of the assets that fill it.")
    rule: str | None = Field(
        None, description="Recurrence rule (RFC 5545 3.3.10), such as FREQ=WEEKLY;INTERVAL=2;BYDAY=TH."
    )
    working_day: int | None = Field(
        None, description="In place of a rule: the n-th working day of each month; -1 is the last one."
    )
    every_months: int = Field(1, ge=1, le=12, description="With working_day: in every month, every third …")
    starts_on: date = Field(description="First day that may be named; weeks and months are counted from it.")
    ends_on: date | None = Field(None, description="Last day.")
    on_holiday: Literal["skip", "before", "after"] = Field(
        "after", description="What a day becomes that is not worked: left out, or the working day before or after it."
    )

    @field_validator("rule")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value is None:
            return None
        text = value.upper().removeprefix("RRULE:")
        parts = dict(part.partition("=")[::2] for part in text.split(";"))
        if parts.get("INTERVAL", "1").strip("0") == "":
            raise ValueError(_("INTERVAL must be 1 or more"))
        if parts.get("FREQ") not in _FREQUENCIES or "\n" in text:
            raise ValueError(_("begin the rule with FREQ= and one of {known}").format(known=", ".join(_FREQUENCIES)))
        if parts.keys() & {"UNTIL", "COUNT", "BYHOUR", "BYMINUTE", "BYSECOND"}:
            raise ValueError(_("a rule has no end and no time of day: ends_on ends a series"))
        try:
            rrulestr(text, dtstart=datetime(2026, 1, 1))  # noqa: DTZ001 - days have no zone
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(_("no recurrence rule: {reason}").format(reason=error)) from error
        return text

    @model_validator(mode="after")
    def _one_rule(self) -> "Series":
        if (self.rule is None) == (self.working_day is None):
            raise ValueError(_("say when it comes: either rule or working_day"))
        if self.working_day is not None and not 1 <= abs(self.working_day) <= 15:
            raise ValueError(_("working_day: from 1 to 15, or from -1 to -15"))
        return self


@dataclass(frozen=True, slots=True)
class SeriesDay:
    """One date of a series.

    Attributes:
        rule_on: the day that the rule names. day: the day it is for, after holidays were looked at.
    """

    rule_on: date
    day: date


def series_days(series: Series, calendar: WorkingCalendar, until: date, since: date = date.min) -> Iterator[SeriesDay]:
    """Yield the dates of a series from `since` up to `until`, in order, at most :data:`MOST_SLOTS`.

    Two of the rule's days may fall on one working day; the second is left out then.
    """
    count = 0
    last = min(until, series.ends_on or until)
    taken: set[date] = set()
    for rule_on in _rule_days(series, calendar, last):
        if calendar.is_working_day(rule_on):
            day = rule_on
        elif series.on_holiday == "skip":
            continue
        else:
            day = calendar.shift(rule_on, 1 if series.on_holiday == "after" else -1)
        if day in taken:
            continue
        taken.add(day)
        if day < since:
            continue
        yield SeriesDay(rule_on, day)
        count += 1
        if count == MOST_SLOTS:
            return


def _rule_days(series: Series, calendar: WorkingCalendar, last: date) -> Iterator[date]:
    if series.rule is not None:
        start = datetime.combine(series.starts_on, time())
        for moment in rrulestr(series.rule, dtstart=start):
            if moment.date() > last:
                return
            yield moment.date()
        return
    number, month = series.working_day or 0, series.starts_on.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=32)).replace(day=1)
        # From the day before the month forwards, or from the day after it backwards.
        day = calendar.shift(month - timedelta(days=1) if number > 0 else following, number)
        if series.starts_on <= day <= last and month <= day < following:
            yield day
        for _month in range(series.every_months):
            month = (month + timedelta(days=32)).replace(day=1)


def load_series(path: Path) -> dict[str, Series]:
    """Read the series of a workspace by key; none where there is no file.

    Raises:
        StandardInvalid: with every problem of the file.
    """
    if not path.is_file():
        return {}
    try:
        tables: Any = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise StandardInvalid([Problem(str(path), _("cannot be read: {reason}").format(reason=error))]) from error
    unknown = _("unknown key '{key}'; write [[series]]")
    problems = [Problem(str(path), unknown.format(key=key)) for key in sorted(tables.keys() - {"series"})]
    found: dict[str, Series] = {}
    entries = tables.get("series", [])
    for number, table in enumerate(entries if isinstance(entries, list) else [entries], 1):
        try:
            series = Series.model_validate(table)
        except ValidationError as error:
            for detail in error.errors(include_input=False):
                place = ".".join(str(part) for part in (f"series {number}", *detail["loc"]))
                problems.append(Problem(str(path), f"{place}: {in_words(detail)}"))
            continue
        if series.key in found:
            problems.append(Problem(str(path), _("the series '{key}' stands here twice").format(key=series.key)))
        found[series.key] = series
    if problems:
        raise StandardInvalid(problems)
    return found
