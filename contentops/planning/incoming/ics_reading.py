"""Read a calendar that came back from Outlook, Google, Thunderbird or Apple, however they wrote it.

What is rewritten on the way, and understood here (MS-OXCICAL 2.1.3; RFC 5545): days as midnight to midnight in a
Windows time zone, in UTC or floating; zones defined in the file or named only; foreign PRODID, METHOD and X-
properties; LAST-MODIFIED and SEQUENCE of their own. A file is a stranger's: its size is limited, and of its events
only those with one of our UIDs are parsed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Event, Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from contentops.errors import CalendarInvalid, Problem
from contentops.planning.incoming.differences import Incoming
from contentops.texts import gettext as _

MOST_BYTES = 10_000_000
MOST_EVENTS = 20_000
_MOST_ZONES = 100
_OURS = re.compile(r"@contentops$", re.IGNORECASE)
_FOLD = re.compile(r"\r?\n[ \t]")
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
    if len(content) > MOST_BYTES:
        size = _("the file has {size:.0f} MB; at most {most:.0f} MB are read: export a shorter time")
        raise _refused(size.format(size=len(content) / 1e6, most=MOST_BYTES / 1e6))
    text = _FOLD.sub("", _decoded(content)).replace("\r\n", "\n").replace("\r", "\n")
    if not re.match(r"\s*BEGIN:VCALENDAR\s*$", text, re.MULTILINE | re.IGNORECASE):
        raise _refused(_("this is no calendar: it does not begin with BEGIN:VCALENDAR"))
    count = len(re.findall(r"^BEGIN:VEVENT\s*$", text, re.MULTILINE | re.IGNORECASE))
    if count > MOST_EVENTS:
        many = _("the file has {count} events; at most {most} are read: export a shorter time")
        raise _refused(many.format(count=count, most=MOST_EVENTS))
    head, events, zones = _blocks(text)
    named = _zones(zones)
    file_zone = _zone(_value(head, "X-WR-TIMEZONE"), named)
    reading = _Reading(zone, named, file_zone)
    method = _value(head, "METHOD").upper()
    entries = [reading.entry(number, block, method) for number, block in enumerate(events, 1)]
    return IncomingCalendar(tuple(entry for entry in entries if entry is not None), method)


def _refused(message: str) -> CalendarInvalid:
    return CalendarInvalid([Problem(_("file"), message)])


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")  # Chinese editions of older programs


def _blocks(text: str) -> tuple[list[str], list[list[str]], list[list[str]]]:
    """Return the calendar's own lines, the lines of each event, and those of each time zone."""
    head: list[str] = []
    events: list[list[str]] = []
    zones: list[list[str]] = []
    here, ends = head, ""
    for line in text.split("\n"):
        word = line.strip().upper()
        if not ends and word.startswith("BEGIN:") and word not in ("BEGIN:VCALENDAR",):
            ends = "END:" + word.removeprefix("BEGIN:")
            here = [line]
            {"END:VEVENT": events, "END:VTIMEZONE": zones}.get(ends, []).append(here)
        elif line:
            here.append(line)
        if ends and word == ends:
            here, ends = head, ""
    return head, events, zones


def _value(lines: Iterable[str], name: str) -> str:
    """Return the value of the first property of a name, raw."""
    for line in lines:
        if line[: len(name)].upper() == name and line[len(name) : len(name) + 1] in (":", ";"):
            return re.sub(r'^(?:[^":]|"[^"]*")*:', "", line, count=1).strip()
    return ""


def _zones(blocks: list[list[str]]) -> dict[str, tzinfo]:
    """Return the time zones that the file defines, by their names there."""
    found: dict[str, tzinfo] = {}
    for block in blocks[:_MOST_ZONES]:
        name = _value(block, "TZID").strip('"')
        known = _zone(name, found)
        try:
            found[name] = known or _defined("\r\n".join(block))
        except Exception:  # noqa: BLE001, S112 - a zone that no parser can read is a zone that is not defined
            continue
    return found


def _defined(block: str) -> tzinfo:
    zone: Timezone = Timezone.from_ical(block)  # type: ignore[assignment]
    made: tzinfo = zone.to_tz()
    return made


def _zone(name: str, defined: dict[str, tzinfo]) -> tzinfo | None:
    """Return the zone of a name: defined in the file, an IANA name, or one of Windows."""
    if name in defined:
        return defined[name]
    name = WINDOWS_TO_OLSON.get(name, name).lstrip("/")
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

    def entry(self, number: int, block: list[str], method: str) -> Incoming | None:
        """Return one event, or None for a changed instance of a series: its series is read, once."""
        uid, place = _value(block, "UID"), _("event {number}").format(number=number)
        if _value(block, "RECURRENCE-ID"):
            return None
        if not _OURS.search(uid):
            return Incoming(uid, place, None, summary=_value(block, "SUMMARY")[:200])
        try:
            event = Event.from_ical("\r\n".join(block))
            return self._read(event, uid, place, method)
        except Exception:  # noqa: BLE001 - a hostile event must not stop the others
            return Incoming(uid, place, None, problem=_("the event cannot be read"))

    def _read(self, event: Any, uid: str, place: str, method: str) -> Incoming:
        start = event.get("DTSTART")
        if start is None or isinstance(start, list):
            return Incoming(uid, place, None, problem=_("the event has no start, or several"))
        notes = []
        if event.get("RRULE") is not None or event.get("RDATE") is not None:
            notes.append(_("it repeats there; only its first day counts"))
        day, timed = self._day(start, event.get("DTEND"))
        if timed:
            notes.append(_("it has a time there; its day counts"))
        summary = event.get("SUMMARY")
        status = str(event.get("STATUS", "")).upper()
        sequence = event.get("SEQUENCE")
        return Incoming(
            uid=uid.lower() if uid.isupper() else uid,
            place=place,
            day=day,
            summary=None if summary is None else _bare(str(summary)),
            cancelled=method == "CANCEL" or status in ("CANCELLED", "CANCELED"),
            modified_at=self._moment(event.get("LAST-MODIFIED")),
            sequence=int(sequence) if isinstance(sequence, int) else None,
            notes=tuple(notes),
        )

    def _day(self, start: Any, end: Any) -> tuple[date, bool]:
        """Return the day that is meant, and whether the event has a time of day."""
        value = start.dt
        if not isinstance(value, datetime):
            return value, False
        own = self._zone_of(start)
        begins = value.replace(tzinfo=own) if value.tzinfo is None and own else value
        until = getattr(end, "dt", None)
        whole = isinstance(until, datetime) and _length(value, until) % _DAY == timedelta(0) and until != value
        if begins.time() == time() and (begins.tzinfo is None or begins.utcoffset() != timedelta(0) or self._is_utc()):
            return begins.date(), not whole  # midnight where it was written: that day
        if begins.tzinfo is None:
            return begins.date(), True
        for zone in (self._zone, self._file_zone):
            if zone is not None and begins.astimezone(zone).time() == time():
                return begins.astimezone(zone).date(), not whole
        if whole and begins.utcoffset() == timedelta(0):
            # Midnight in a zone that is not named: east of Greenwich it is the day before in UTC.
            return begins.date() + (_DAY if begins.hour >= 12 else timedelta(0)), False
        return begins.astimezone(self._zone).date(), True

    def _is_utc(self) -> bool:
        return datetime(2026, 1, 1, tzinfo=self._zone).utcoffset() == timedelta(0)

    def _zone_of(self, start: Any) -> tzinfo | None:
        name = str(start.params.get("TZID", "")).strip('"')
        return _zone(name, self._named) if name else None

    def _moment(self, stamp: Any) -> datetime | None:
        value = getattr(stamp, "dt", None)
        if not isinstance(value, datetime):
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


def _length(start: datetime, end: datetime) -> timedelta:
    """Return the length by the clock on the wall: a day on which clocks change is a whole day."""
    if (start.tzinfo is None) != (end.tzinfo is None):
        return timedelta(seconds=1)
    if start.tzinfo is not None and start.utcoffset() != end.utcoffset() and start.tzinfo == end.tzinfo:
        return end.replace(tzinfo=None) - start.replace(tzinfo=None)
    return end - start


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
