"""When something happened, as cells of spreadsheets say it. Pure rules."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from contentops.planning.incoming.plans import read_day
from contentops.planning.working_days import FIRST_YEAR, LAST_YEAR
from contentops.tables.reading import Cell

_WITH_TIME = re.compile(
    r"^(?P<day>.*\S)[ T]+(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?:[:：](?P<second>\d{2})(?:\.\d+)?)?$"
)


def read_moment(cell: Cell, zone: tzinfo) -> tuple[datetime | None, str]:
    """Return the moment that a cell means, in UTC, or None and why it cannot be told.

    A day alone is its beginning. Days are read as plans are: what may be read in two ways is refused, and so is what
    lies outside the years 2000 to 2100.

    Args:
        zone: in which it is meant where it does not say so itself.
    """
    if isinstance(cell, str):
        whole = _iso(cell.strip())
        if whole is not None and FIRST_YEAR <= whole.year <= LAST_YEAR:
            return whole.astimezone(UTC), ""
        parts = _WITH_TIME.match(cell.strip())
        day, why = read_day(parts["day"] if parts else cell.strip())
        clock = _clock(parts) if parts else time()
        if day is not None and clock is None:
            day, why = read_day(f"{cell}?")  # a day, but no such time: the sentence that it is no date
    else:
        day, why = read_day(cell)
        clock = _of_number(cell) if isinstance(cell, float) else cell.time() if isinstance(cell, datetime) else time()
    if day is None or clock is None:
        return None, why
    return _utc(day, clock, zone), ""


def months_before(moment: datetime, months: int) -> datetime:
    """Return the same day so many months earlier; the month's last day where it has no such day."""
    number = moment.year * 12 + moment.month - 1 - months
    year, month = number // 12, number % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _utc(day: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock.replace(microsecond=0), zone).astimezone(UTC)


def _iso(text: str) -> datetime | None:
    """Return a moment that says its own offset, as programs write it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _clock(parts: re.Match[str]) -> time | None:
    try:
        return time(int(parts["hour"]), int(parts["minute"]), int(parts["second"] or 0))
    except ValueError:
        return None


def _of_number(serial: float) -> time:
    """Return the time of a serial day: what stands behind the point, to the second."""
    seconds = round((serial % 1) * 86_400) % 86_400
    return (datetime.min + timedelta(seconds=seconds)).time()  # noqa: DTZ901 - only its time of day
