"""Take our bytes apart and put them together again by hand, line by line; and edit them with libraries not ours."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import vobject
from ical.calendar_stream import IcsCalendarStream

DAY = timedelta(days=1)


def taken_apart(content: bytes) -> tuple[list[str], list[list[str]]]:
    """Return the calendar's own lines and those of each event, unfolded, without BEGIN and END."""
    text = content.replace(b"\r\n ", b"").decode("utf-8").removeprefix("BEGIN:VCALENDAR\r\n")
    head, *events = text.split("BEGIN:VEVENT\r\n")
    return head.split("\r\n")[:-1], [event.split("END:VEVENT\r\n")[0].split("\r\n")[:-1] for event in events]


def joined(head: Iterable[str], blocks: Iterable[Iterable[str]], end: str = "\r\n") -> bytes:
    """Return a calendar: each block with its own BEGIN and END, folded at 75 octets."""
    lines = ["BEGIN:VCALENDAR", *head, *(line for block in blocks for line in block), "END:VCALENDAR"]
    return "".join(folded(line, end) + end for line in lines).encode("utf-8")


def event(lines: Iterable[str]) -> list[str]:
    return ["BEGIN:VEVENT", *lines, "END:VEVENT"]


def folded(line: str, end: str = "\r\n") -> str:
    """Fold at 75 octets, never inside a character (RFC 5545 3.1)."""
    rows, length = [""], 0
    for char in line:
        size = len(char.encode("utf-8"))
        if length + size > 75:
            rows.append("")
            length = 1
        rows[-1] += char
        length += size
    return f"{end} ".join(rows)


def name_of(line: str) -> str:
    return line.split(":", 1)[0].split(";", 1)[0]


def value_of(lines: Iterable[str], name: str) -> str:
    return next((line.split(":", 1)[1] for line in lines if name_of(line) == name), "")


def edited(content: bytes, uid: str, *changes: str) -> bytes:
    """Change properties of one event by hand: ``NAME:value`` takes the place of its property or is new.

    A bare ``NAME`` takes the property away.
    """
    head, events = taken_apart(content)
    assert uid in [value_of(lines, "UID") for lines in events]
    for lines in events:
        if value_of(lines, "UID") == uid:
            names = {name_of(change) for change in changes}
            lines[:] = [line for line in lines if name_of(line) not in names] + [c for c in changes if ":" in c]
    return joined(head, map(event, events))


def on(day: date) -> tuple[str, str]:
    """Return the start and the end of a day, as :func:`edited` takes them."""
    return f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + DAY:%Y%m%d}"


def only(content: bytes, *uids: str) -> bytes:
    """Leave out all events but some."""
    head, events = taken_apart(content)
    return joined(head, [event(lines) for lines in events if value_of(lines, "UID") in uids])


def with_events(content: bytes, *blocks: Iterable[str]) -> bytes:
    """Add events at the end."""
    head, events = taken_apart(content)
    return joined(head, [*map(event, events), *map(event, blocks)])


def with_vobject(content: bytes, days: Mapping[str, date]) -> bytes:
    """Move events with vobject."""
    calendar = vobject.readOne(content.decode("utf-8"))
    for component in calendar.vevent_list:
        day = days.get(component.uid.value)
        if day is not None:
            component.dtstart.value, component.dtend.value = day, day + DAY
    return calendar.serialize().encode("utf-8")


def with_ical(content: bytes, days: Mapping[str, date]) -> bytes:
    """Move events with ical, the library of Home Assistant."""
    calendar = IcsCalendarStream.calendar_from_ics(content.decode("utf-8"))
    for component in calendar.events:
        day = days.get(str(component.uid))
        if day is not None:
            component.dtstart, component.dtend = day, day + DAY
    return IcsCalendarStream.calendar_to_ics(calendar).encode("utf-8")
