"""What calendar programs make of our file when it is imported there, perhaps edited, and exported again.

Typed from the specifications (MS-OXCICAL 2.1.3, RFC 5545, RFC 7986) and from the shape of files that people show in
bug reports; no program was run. Each client takes our bytes, the days that somebody moved there, and the moment at
which that was, and gives back its own bytes.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .files import DAY, event, joined, taken_apart, value_of
from .time_zones import RULES, as_instant, midnight, olson_zone, utc, windows_zone

Client = Callable[[bytes, Mapping[str, date], datetime], bytes]


@dataclass(frozen=True)
class Entry:
    """One of our events as a client knows it: values as they stand in the file, escaped."""

    uid: str
    day: date
    summary: str
    description: str
    categories: str
    url: str
    status: str
    sequence: int
    is_moved: bool

    @property
    def end(self) -> date:
        return self.day + DAY


def entries(content: bytes, moved: Mapping[str, date]) -> tuple[str, list[Entry]]:
    """Read our file; returns the name of its time zone and its events, those that somebody moved on their new day."""
    head, blocks = taken_apart(content)
    found = []
    for lines in blocks:
        uid = value_of(lines, "UID")
        day = datetime.strptime(value_of(lines, "DTSTART"), "%Y%m%d").date()  # noqa: DTZ007 - a day
        found.append(
            Entry(
                uid,
                moved.get(uid, day),
                *(value_of(lines, name) for name in ("SUMMARY", "DESCRIPTION", "CATEGORIES", "URL", "STATUS")),
                int(value_of(lines, "SEQUENCE")),
                uid in moved,
            )
        )
    return value_of(head, "X-WR-TIMEZONE"), found


def outlook(content: bytes, moved: Mapping[str, date], now: datetime, *, name: str = "") -> bytes:
    """Classic Outlook, "Save Calendar": days as midnights of a Windows zone, its own stamps, reminders, HTML."""
    zone, found = entries(content, moved)
    name = name or RULES[zone].windows
    chance = random.Random(len(found))
    blocks = []
    for number, entry in enumerate(chance.sample(found, len(found))):
        lines = [
            f"CATEGORIES:{entry.categories}",
            "CLASS:PUBLIC",
            f"CREATED:{utc(now)}",
            f"DESCRIPTION:{entry.description}\\n",
            f'DTEND;TZID="{name}":{midnight(entry.end)}',
            f"DTSTAMP:{utc(now)}",
            f'DTSTART;TZID="{name}":{midnight(entry.day)}',
            f"LAST-MODIFIED:{utc(now)}",
            "PRIORITY:5",
            f"SEQUENCE:{0 if number % 2 else entry.sequence}",
            f"SUMMARY;LANGUAGE=zh-cn:{entry.summary}",
            "TRANSP:TRANSPARENT",
            f"UID:{entry.uid}",
            'X-ALT-DESC;FMTTYPE=text/html:<html><body>\\n<p class=MsoNormal><span lang="ZH-CN">说明</span></p></body></html>',
            "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
            "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
            "X-MICROSOFT-CDO-IMPORTANCE:1",
            "X-MICROSOFT-DISALLOW-COUNTER:FALSE",
            "X-MS-OLK-AUTOFILLLOCATION:FALSE",
            "X-MS-OLK-CONFTYPE:0",
            "BEGIN:VALARM",
            "TRIGGER:-PT1080M",
            "ACTION:DISPLAY",
            "DESCRIPTION:Reminder",
            "END:VALARM",
        ]
        blocks.append(event(lines))
    head = [
        "PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN",
        "VERSION:2.0",
        "METHOD:PUBLISH",
        "X-CALSTART:20261126T000000",
        "X-CALEND:20270602T000000",
        "X-CLIPSTART:20261125T160000Z",
        "X-WR-RELCALID:{0000002E-9F3B-4A1C-8E6D-5B1C2D3E4F50}",
        "X-WR-CALNAME:联巡云",
        "X-PRIMARY-CALENDAR:FALSE",
        "X-OWNER;CN=张三一:mailto:zhang@example.com",
        "X-MS-OLK-WKHRSTART;TZID=\"China Standard Time\":080000",
        "X-MS-OLK-WKHRDAYS:MO,TU,WE,TH,FR",
        "X-MS-OLK-FORCEINSPECTOROPEN:TRUE",
    ]  # fmt: skip
    return joined(head, [windows_zone(zone, name), *blocks])


def outlook_customised(content: bytes, moved: Mapping[str, date], now: datetime) -> bytes:
    """Classic Outlook where Windows has its zones customised: a name that means nothing outside of the file."""
    return outlook(content, moved, now, name="Customized Time Zone")


def outlook_display_name(content: bytes, moved: Mapping[str, date], now: datetime) -> bytes:
    """Older Outlook: the zone by the words that Windows shows, with commas."""
    return outlook(content, moved, now, name="(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi")


def _exchange(
    content: bytes, days: Callable[[Entry], list[str]], found: list[Entry], now: datetime, zone: str
) -> bytes:
    blocks = [
        event(
            [
                f"DESCRIPTION:{entry.description}",
                f"UID:{entry.uid}",
                f"SUMMARY:{entry.summary}",
                *days(entry),
                "CLASS:PUBLIC",
                "PRIORITY:5",
                f"DTSTAMP:{utc(now)}",
                "TRANSP:TRANSPARENT",
                f"STATUS:{'TENTATIVE' if entry.status == 'TENTATIVE' else 'CONFIRMED'}",
                f"SEQUENCE:{entry.sequence}",
                "LOCATION:",
                "X-MICROSOFT-CDO-APPT-SEQUENCE:0",
                "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
                "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY",
                "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
                "X-MICROSOFT-CDO-IMPORTANCE:1",
                "X-MICROSOFT-CDO-INSTTYPE:0",
                "X-MICROSOFT-DONOTFORWARDMEETING:FALSE",
                f"LAST-MODIFIED:{utc(now)}",
            ]
        )
        for entry in found
    ]
    head = ["METHOD:PUBLISH", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0", "X-WR-CALNAME:日历"]
    return joined(head, [windows_zone(zone, RULES[zone].windows), *blocks])


def outlook_web(content: bytes, moved: Mapping[str, date], now: datetime) -> bytes:
    """Outlook on the web: what was moved has its zone's Windows name without quotes, the rest is kept as days."""
    zone, found = entries(content, moved)
    name = RULES[zone].windows

    def days(entry: Entry) -> list[str]:
        if entry.is_moved:
            return [f"DTSTART;TZID={name}:{midnight(entry.day)}", f"DTEND;TZID={name}:{midnight(entry.end)}"]
        return [f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}", f"DTEND;VALUE=DATE:{entry.end:%Y%m%d}"]

    return _exchange(content, days, found, now, zone)


def exchange_utc(content: bytes, moved: Mapping[str, date], now: datetime) -> bytes:
    """Exchange, days as midnights of UTC."""
    zone, found = entries(content, moved)
    return _exchange(
        content,
        lambda entry: [f"DTSTART:{midnight(entry.day)}Z", f"DTEND:{midnight(entry.end)}Z"],
        found,
        now,
        zone,
    )


def exchange_local(content: bytes, moved: Mapping[str, date], now: datetime) -> bytes:
    """Exchange, days as midnights of the mailbox's zone, written in UTC."""
    zone, found = entries(content, moved)
    return _exchange(
        content,
        lambda entry: [f"DTSTART:{as_instant(entry.day, zone)}", f"DTEND:{as_instant(entry.end, zone)}"],
        found,
        now,
        zone,
    )


def google(content: bytes, moved: Mapping[str, date], now: datetime) -> bytes:
    """Google Calendar: every event confirmed, links made of addresses, SEQUENCE raised where something moved."""
    zone, found = entries(content, moved)
    blocks = [
        event(
            [
                f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
                f"DTEND;VALUE=DATE:{entry.end:%Y%m%d}",
                f"DTSTAMP:{utc(now + timedelta(days=1))}",
                f"UID:{entry.uid}",
                f"URL:{entry.url}",
                f"CREATED:{utc(now - timedelta(minutes=30))}",
                f'DESCRIPTION:<p>{entry.description}</p><br><a href="https://example.com/x?a=1&amp\\;b=2">链接</a>',
                f"LAST-MODIFIED:{utc(now if entry.is_moved else now - timedelta(minutes=30))}",
                f"SEQUENCE:{entry.sequence + entry.is_moved}",
                "STATUS:CONFIRMED",
                f"SUMMARY:{entry.summary}",
                "TRANSP:TRANSPARENT",
            ]
        )
        for entry in reversed(found)
    ]
    head = [
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:联巡云",
        f"X-WR-TIMEZONE:{zone}",
    ]
    return joined(head, blocks)


def apple(content: bytes, moved: Mapping[str, date], now: datetime) -> bytes:
    """Apple's Calendar: bare line feeds, its own X- properties, a default alarm with a UID of its own."""
    zone, found = entries(content, moved)
    blocks = [
        event(
            [
                f"CREATED:{utc(now)}",
                f"DTEND;VALUE=DATE:{entry.end:%Y%m%d}",
                f"DTSTAMP:{utc(now)}",
                f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
                f"LAST-MODIFIED:{utc(now)}",
                f"SEQUENCE:{entry.sequence + 1}",
                f"SUMMARY:{entry.summary}",
                "TRANSP:TRANSPARENT",
                f"UID:{entry.uid}",
                f"URL;VALUE=URI:{entry.url}",
                "X-APPLE-CREATOR-IDENTITY:com.apple.calendar",
                "X-APPLE-CREATOR-TEAM-IDENTITY:0000000000",
                "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC",
                "BEGIN:VALARM",
                "ACKNOWLEDGED:20261121T000000Z",
                "ACTION:AUDIO",
                "ATTACH;VALUE=URI:Chord",
                "TRIGGER:-PT15H",
                f"UID:8F0E4B6C-0000-4000-8000-{number:012}",
                "X-APPLE-DEFAULT-ALARM:TRUE",
                f"X-WR-ALARMUID:8F0E4B6C-0000-4000-8000-{number:012}",
                "END:VALARM",
            ]
        )
        for number, entry in enumerate(found)
    ]
    head = [
        "CALSCALE:GREGORIAN",
        "PRODID:-//Apple Inc.//macOS 15.1//EN",
        "VERSION:2.0",
        "X-APPLE-CALENDAR-COLOR:#0E61B9",
        "X-WR-CALNAME:联巡云",
        f"X-WR-TIMEZONE:{zone}",
    ]
    return joined(head, blocks, end="\n")


def thunderbird(content: bytes, moved: Mapping[str, date], now: datetime) -> bytes:
    """Thunderbird: a zone of the tz database, what was moved as midnights there, X-MOZ- properties."""
    zone, found = entries(content, moved)

    def lines(entry: Entry) -> Iterator[str]:
        yield f"CREATED:{utc(now)}"
        yield f"LAST-MODIFIED:{utc(now)}"
        yield f"DTSTAMP:{utc(now)}"
        yield f"UID:{entry.uid}"
        yield f"SUMMARY:{entry.summary}"
        yield f"STATUS:{entry.status}"
        yield f"CATEGORIES:{entry.categories}"
        if entry.is_moved:
            yield f"DTSTART;TZID={zone}:{midnight(entry.day)}"
            yield f"DTEND;TZID={zone}:{midnight(entry.end)}"
        else:
            yield f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}"
            yield f"DTEND;VALUE=DATE:{entry.end:%Y%m%d}"
        yield "TRANSP:TRANSPARENT"
        yield f"SEQUENCE:{entry.sequence + entry.is_moved}"
        yield "X-MOZ-GENERATION:2"
        yield "X-MOZ-LASTACK:20261121T000000Z"
        yield f'DESCRIPTION;ALTREP="data:text/html,%3Cp%3E%E8%AF%B4%E6%98%8E%3C%2Fp%3E":{entry.description}'
        yield f"URL:{entry.url}"

    head = ["PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", "VERSION:2.0"]
    return joined(head, [olson_zone(zone), *(event(lines(entry)) for entry in found)])


CLIENTS: tuple[Client, ...] = (
    outlook,
    outlook_customised,
    outlook_display_name,
    outlook_web,
    exchange_utc,
    exchange_local,
    google,
    apple,
    thunderbird,
)
