"""Read a calendar that came back from Outlook, Google, Thunderbird or Apple, however they wrote it.

What is rewritten on the way, and understood here (MS-OXCICAL 2.1.3; RFC 5545): days as midnight to midnight in a
Windows time zone, in UTC or floating; zones defined in the file or named only; foreign PRODID, METHOD and X-
properties; LAST-MODIFIED and SEQUENCE of their own. A file is a stranger's: its size is limited, and of its events
only those with one of our UIDs are parsed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Event, Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from contentops.planning.incoming.differences import Incoming
from contentops.planning.incoming.ics_lines import read_lines, value_of
from contentops.planning.working_days import FIRST_YEAR, LAST_YEAR
from contentops.texts import gettext as _

_OURS = re.compile(r"@contentops$", re.IGNORECASE)
_TZID = re.compile(r';TZID=("[^"]*"|[^;:]*)', re.IGNORECASE)
_PARSED = ("DTSTART", "DTEND", "DURATION", "SUMMARY", "LAST-MODIFIED", "SEQUENCE")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class IncomingCalendar:
    """What a file holds.

    Attributes:
        entries: events with one of our UIDs, and the others as unknown ones. method: its METHOD, for notes.
    """

    entries: tuple[Incoming, ...]
    method: str


def read_calendar(content: bytes, zone: ZoneInfo) -> IncomingCalendar:
    """Read the events of an .ics file.

    Args:
        zone: the workspace's, in which days are meant.

    Raises:
        CalendarInvalid: it is no calendar, too large, or has too many events.
    """
    lines = read_lines(content)
    named = _zones(lines.zones)
    reading = _Reading(zone, named, _zone(value_of(lines.head.get("X-WR-TIMEZONE", "")), named))
    method = value_of(lines.head.get("METHOD", "")).upper()
    entries = (reading.entry(number, event, method) for number, event in enumerate(lines.events, 1))
    return IncomingCalendar(tuple(entry for entry in entries if entry is not None), method)


def _zones(blocks: list[str]) -> dict[str, tzinfo]:
    """Return the time zones that the file defines, by their names there."""
    found: dict[str, tzinfo] = {}
    for block in blocks:
        try:
            zone: Timezone = Timezone.from_ical(block)  # type: ignore[assignment]
            name = str(zone["TZID"])
            # Not by its name: Outlook calls every zone that Windows has customised by the same one.
            found[name] = _zone(name, found) or zone.to_tz(lookup_tzid=False)
        except Exception:  # noqa: BLE001, S112 - a zone that no parser can read is a zone that is not defined
            continue
    return found


def _zone(name: str, defined: dict[str, tzinfo]) -> tzinfo | None:
    """Return the zone of a name: defined in the file, an IANA name, or one of Windows."""
    if name in defined:
        return defined[name]
    name = WINDOWS_TO_OLSON.get(name, name)
    while name not in _known_zones() and "/" in name:  # /freeassociation.sourceforge.net/Asia/Tokyo
        name = name.partition("/")[2]
    return ZoneInfo(name) if name in _known_zones() else None


def _known_zones() -> set[str]:
    if not _ZONES:
        _ZONES.update(available_timezones())
    return _ZONES


_ZONES: set[str] = set()


class _Reading:
    """Reads the events of one file.

    Args:
        zone: the workspace's. named: zones that the file defines. file_zone: of its X-WR-TIMEZONE, if any.
    """

    def __init__(self, zone: tzinfo, named: dict[str, tzinfo], file_zone: tzinfo | None) -> None:
        self._zone, self._named, self._file_zone = zone, named, file_zone

    def entry(self, number: int, lines: dict[str, list[str]], method: str) -> Incoming | None:
        """Return one event, or None for a changed instance of a series: its series is read, once."""
        place = _("event {number}").format(number=number)
        uid = value_of(lines.get("UID", [""])[0])
        if "RECURRENCE-ID" in lines:
            return None
        if not _OURS.search(uid):
            return Incoming(uid[:200], place, None, summary=value_of(lines.get("SUMMARY", [""])[0])[:200])
        if any(len(lines.get(name, ())) > 1 for name in ("UID", "DTSTART", "SUMMARY", "STATUS")):
            return Incoming(uid, place, None, problem=_("the event says one thing twice"))
        try:
            return self._read(lines, uid.lower() if uid.isupper() else uid, place, method)
        except Exception:  # noqa: BLE001 - a hostile event must not stop the others
            return Incoming(uid, place, None, problem=_("the event cannot be read"))

    def _read(self, lines: dict[str, list[str]], uid: str, place: str, method: str) -> Incoming:
        wanted = [lines[name][0] for name in _PARSED if name in lines]
        zone = _TZID.search(lines.get("DTSTART", [""])[0].partition(":")[0] + ":")
        # Without their zones, which the package would look up among those of other files.
        bare = "\r\n".join(["BEGIN:VEVENT", *(_without_zone(line) for line in wanted), "END:VEVENT", ""])
        event: Any = Event.from_ical(bare)
        start = getattr(event.get("DTSTART"), "dt", None)
        if not isinstance(start, date):
            return Incoming(uid, place, None, problem=_("the event has no day"))
        notes = [_("it repeats there; only its first day counts")] if lines.keys() & {"RRULE", "RDATE"} else []
        marked = value_of(lines.get("X-MICROSOFT-CDO-ALLDAYEVENT", [""])[0]).upper() == "TRUE"
        name = zone[1].strip('"') if zone else ""
        day, timed = self._day(event, _zone(name, self._named) if name else None, marked=marked)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            message = _("its day, {day}, is not between {first} and {last}")
            problem = message.format(day=day, first=FIRST_YEAR, last=LAST_YEAR)
            return Incoming(uid, place, None, problem=problem)
        if timed:
            notes.append(_("it has a time there; its day counts"))
        summary, sequence = event.get("SUMMARY"), event.get("SEQUENCE")
        return Incoming(
            uid=uid,
            place=place,
            day=day,
            summary=None if summary is None else _bare(str(summary)),
            cancelled=method == "CANCEL" or value_of(lines.get("STATUS", [""])[0]).upper() in ("CANCELLED", "CANCELED"),
            modified_at=self._moment(event.get("LAST-MODIFIED")),
            sequence=int(sequence) if isinstance(sequence, int) else None,
            notes=tuple(notes),
        )

    def _day(self, event: Any, own: tzinfo | None, *, marked: bool) -> tuple[date, bool]:
        """Return the day that is meant, and whether the event has a time of day.

        Args:
            own: the zone that the event names. marked: Outlook says that it is all day long.
        """
        value = event["DTSTART"].dt
        if not isinstance(value, datetime):
            return value, False
        whole = marked or _is_whole(value, event)
        if value.tzinfo is None:  # in a zone that it names, or wherever it is read
            if value.time() == time() and whole:
                return value.date(), False
            moment = value.replace(tzinfo=own or self._zone)
            return (value.date() if own is None else moment.astimezone(self._zone).date()), not whole
        for zone in (self._zone, self._file_zone):
            if whole and zone is not None and value.astimezone(zone).time() == time():
                return value.astimezone(zone).date(), False
        if whole:
            # Midnight in a zone that is not named: east of Greenwich it is the day before in UTC.
            return value.date() + (_DAY if value.hour >= 12 else timedelta(0)), False
        return value.astimezone(self._zone).date(), True

    def _moment(self, stamp: Any) -> datetime | None:
        value = getattr(stamp, "dt", None)
        if not isinstance(value, datetime):
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


def _is_whole(start: datetime, event: Any) -> bool:
    """Return whether an event lasts whole days."""
    if event.get("DURATION") is not None:
        length: timedelta = event["DURATION"].dt
    elif event.get("DTEND") is None:
        return start.tzinfo is None and start.time() == time()
    else:
        end = event["DTEND"].dt
        if not isinstance(end, datetime) or (start.tzinfo is None) != (end.tzinfo is None):
            return False
        length = end - start
    return length > timedelta(0) and length % _DAY == timedelta(0)


def _without_zone(line: str) -> str:
    name, colon, value = line.partition(":") if '"' not in line.partition(":")[0] else _split(line)
    return _TZID.sub("", name) + colon + value


def _split(line: str) -> tuple[str, str, str]:
    """Split a line at the colon that ends its parameters: one in quotes does not."""
    value = line[len(line) - len(value_of(line)) :] if value_of(line) else ""
    return line[: len(line) - len(value) - 1], ":", value


def _bare(summary: str) -> str:
    """Return a summary without the word that we put before cancelled ones."""
    for prefix in _prefixes():
        summary = summary.removeprefix(prefix)
    return summary


def _prefixes() -> Iterator[str]:
    from contentops.texts import LANGUAGES, use_language

    for language in LANGUAGES:
        with use_language(language):
            yield _("Cancelled: {summary}").format(summary="")
