"""Entries as an iCalendar file that Outlook and the others accept; the same plan gives the same bytes.

The rules and their reasons: days are VALUE=DATE with an exclusive end (RFC 5545 3.6.1); the UID never changes
(3.8.4.7); DTSTAMP and LAST-MODIFIED are the row's last change, not the clock; SEQUENCE grows with each change and only
with one (3.8.7.4); what was dropped stays as STATUS:CANCELLED; nobody's time is blocked (TRANSP, and Microsoft's
BUSYSTATUS, which wins over it); no ORGANIZER or ATTENDEE, since Outlook would ask to accept or decline.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event, vDuration, vText

FORMAT = "2"
"""Raised when events are written in another way, so that those kept from before are written anew."""

PRODID = "-//contentops//content calendar//EN"
_END = b"END:VCALENDAR"
_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
# Everything that is none of them: nearly every text, found out in one go.
_SUSPECT = re.compile("[^\n\t -~\xa0-\u2027\u202a-\ud7ff\ue000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What one event says.

    Attributes:
        uid: for ever the same for one step of one asset. day: all day long. summary: one line. description: plain text.
        categories: Outlook colours by them. url: back to the asset, or empty.
        status: TENTATIVE, CONFIRMED or CANCELLED.
    """

    uid: str
    day: date
    summary: str
    description: str
    categories: tuple[str, ...]
    url: str
    status: str

    def fingerprint(self) -> str:
        """Hash everything a reader sees: where it differs from last time, the event has changed."""
        parts = (FORMAT, str(self.day), self.summary, self.description, *self.categories, self.url, self.status)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def calendar_file(
    events: Sequence[bytes],
    *,
    name: str,
    description: str = "",
    time_zone: str = "Asia/Shanghai",
    refresh: timedelta | None = None,
) -> bytes:
    """Return rendered events as one iCalendar file.

    Args:
        events: from :func:`render`, in the order they shall have. name: shown by Outlook as the calendar's name.
        description: shown by some clients. time_zone: IANA name, a hint for clients that add timed events.
        refresh: of a feed: how often clients are asked to come again (RFC 7986 5.7; most take it as a hint).
    """
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    if len(events) != 1 or refresh is not None:
        # Classic Outlook would open a new calendar for a file of one event that carries a name.
        # icalendar 7.3 writes unknown properties as they are; vText escapes them.
        for key in ("NAME", "X-WR-CALNAME"):
            calendar.add(key, vText(one_line(name)))
    if description:
        calendar.add("X-WR-CALDESC", vText(plain(description)))
    calendar.add("X-WR-TIMEZONE", vText(time_zone))
    if refresh is not None:
        calendar.add("REFRESH-INTERVAL", refresh, parameters={"VALUE": "DURATION"})
        lifetime = vDuration(refresh).to_ical().decode()  # type: ignore[no-untyped-call]
        calendar.add("X-PUBLISHED-TTL", vText(lifetime))
    head, end = bytes(calendar.to_ical(sorted=False)).split(_END)
    return b"".join((head, *events, _END, end))


def render(entry: CalendarEntry, revision: int, changed_at: datetime) -> bytes:
    """Return one entry as a VEVENT, to be joined into a file.

    Args:
        revision: SEQUENCE. changed_at: DTSTAMP and LAST-MODIFIED, UTC.
    """
    event = Event()
    event.add("UID", entry.uid)
    event.add("DTSTAMP", changed_at)
    event.add("LAST-MODIFIED", changed_at)
    event.add("SEQUENCE", revision)
    event.add("DTSTART", entry.day)
    event.add("DTEND", entry.day + timedelta(days=1))
    event.add("SUMMARY", one_line(entry.summary))
    event.add("DESCRIPTION", plain(entry.description))
    event.add("CATEGORIES", [one_line(word) for word in entry.categories])
    if entry.url:
        event.add("URL", entry.url)
    event.add("STATUS", entry.status)
    event.add("TRANSP", "TRANSPARENT")
    event.add("X-MICROSOFT-CDO-BUSYSTATUS", vText("FREE"))
    return bytes(event.to_ical(sorted=False))


def plain(text: str) -> str:
    """Return `text` without what RFC 5545 3.1 forbids or parsers stumble over: controls, line separators."""
    if _SUSPECT.search(text) is None:
        return text
    kept = (
        char
        if char in "\n\t" or unicodedata.category(char) not in _FORBIDDEN
        else " "
        if char in "\v\f\r\x85\u2028\u2029"
        else ""
        for char in text
    )
    return "".join(kept)


def one_line(text: str) -> str:
    """Return `text` as one line, for titles and names."""
    return " ".join(plain(text).split())
