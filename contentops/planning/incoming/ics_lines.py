"""An .ics file as the few lines of it that matter here. A file is a stranger's: nothing else in it is looked at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from contentops.errors import CalendarInvalid, Problem
from contentops.texts import gettext as _

MOST_BYTES = 10_000_000
MOST_EVENTS = 20_000
_MOST_ZONES, _ZONE_SIZE = 100, 20_000
_DEEPEST = 50
_LONGEST = 10_000  # characters of one line; a title is cut there, and nothing else that matters is so long
_EVENT_LINES = (
    "UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "STATUS", "LAST-MODIFIED", "SEQUENCE", "RRULE", "RDATE",
    "RECURRENCE-ID", "X-MICROSOFT-CDO-ALLDAYEVENT",
)  # fmt: skip
_HEAD_LINES = ("METHOD", "X-WR-TIMEZONE")
_LINE = re.compile(
    rf"^({'|'.join(('BEGIN', 'END', *_EVENT_LINES, *_HEAD_LINES))})[:;][^\n]*", re.MULTILINE | re.IGNORECASE
)
_FREQUENCY = re.compile(r"FREQ=(\w+)", re.IGNORECASE)


@dataclass(slots=True)
class Lines:
    """What was found.

    Attributes:
        head: the calendar's own lines by name. events: of each whole event its lines by name; a name that stands twice
            has two lines. zones: the whole text of each VTIMEZONE.
    """

    head: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, list[str]]] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)


def read_lines(content: bytes) -> Lines:
    """Take an .ics file apart.

    Raises:
        CalendarInvalid: it is no calendar, too large, or has too many events.
    """
    if len(content) > MOST_BYTES:
        size = _("the file has {size:.0f} MB; at most {most:.0f} MB are read: export a shorter time")
        raise refused(size.format(size=len(content) / 1e6, most=MOST_BYTES / 1e6))
    text = _decoded(content)
    if not re.match(r"\s*BEGIN:VCALENDAR[ \t]*$", text, re.MULTILINE | re.IGNORECASE):
        raise refused(_("this is no calendar: it does not begin with BEGIN:VCALENDAR"))
    count = len(re.findall(r"^BEGIN:VEVENT[ \t]*$", text, re.MULTILINE | re.IGNORECASE))
    if count > MOST_EVENTS:
        many = _("the file has {count} events; at most {most} are read: export a shorter time")
        raise refused(many.format(count=count, most=MOST_EVENTS))
    return _sorted_out(text)


def refused(message: str) -> CalendarInvalid:
    """Return the error that says why a file is not read."""
    return CalendarInvalid([Problem(_("file"), message)])


def value_of(line: str) -> str:
    """Return the value of a line, raw."""
    quoted = False
    for place, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == ":" and not quoted:
            return line[place + 1 :].strip()
    return ""


def _decoded(content: bytes) -> str:
    """Return the unfolded text, its lines ended by LF."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode()
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    # Before decoding: some programs fold in the middle of a character.
    content = content.replace(b"\n ", b"").replace(b"\n\t", b"")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    text = content.decode("utf-8-sig", "replace")
    foreign = sum(byte > 127 for byte in content[:100_000])
    if text[:100_000].count("\ufffd") * 10 < foreign:  # a few wrong bytes; in another encoding, most would be wrong
        return text
    return content.decode("gb18030", "replace")  # Chinese editions of older programs


def _sorted_out(text: str) -> Lines:
    """Sort the lines that matter by where they stand; what stands inside alarms and other parts is left out."""
    sorting = _Sorting(text)
    for name, line, start, end in _matching(text):
        if name == "BEGIN":
            sorting.begin(value_of(line).upper(), start)
        elif name == "END":
            sorting.end(value_of(line).upper(), end)
        else:
            sorting.take(name, line[:_LONGEST])
    return sorting.found


class _Sorting:
    """Keeps track of the part of the calendar in which a line stands."""

    def __init__(self, text: str) -> None:
        self.found = Lines()
        self._text, self._path, self._zone = text, list[str](), 0
        self._event: dict[str, list[str]] = {}

    def begin(self, part: str, start: int) -> None:
        """A part begins."""
        if part == "VEVENT":  # events do not stand inside each other: the one before was cut off
            self._path, self._event = ["VCALENDAR"], {}
        elif part == "VTIMEZONE":
            self._zone = start
        if len(self._path) < _DEEPEST:
            self._path.append(part)

    def end(self, part: str, end: int) -> None:
        """A part ends; of nested ones, those inside it end with it."""
        if part not in self._path:
            return
        if part == "VEVENT":
            self.found.events.append(self._event)
        elif part == "VTIMEZONE" and len(self.found.zones) < _MOST_ZONES and _is_harmless(self._text, self._zone, end):
            self.found.zones.append(self._text[self._zone : end])
        while self._path.pop() != part:
            pass

    def take(self, name: str, line: str) -> None:
        """Keep a line that stands where it counts."""
        if self._path[-1:] == ["VEVENT"] and name in _EVENT_LINES:
            self._event.setdefault(name, []).append(line)
        elif self._path == ["VCALENDAR"] and name in _HEAD_LINES:
            self.found.head.setdefault(name, line)


def _matching(text: str) -> Iterator[tuple[str, str, int, int]]:
    for match in _LINE.finditer(text):
        yield match[1].upper(), match[0], match.start(), match.end()


def _is_harmless(text: str, start: int, end: int) -> bool:
    """Return whether a time zone changes its clocks as real ones do: by the year, and not thousands of times."""
    return end - start <= _ZONE_SIZE and {f.upper() for f in _FREQUENCY.findall(text, start, end)} <= {"YEARLY"}
