"""Time zones as calendar programs define them in their files."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Rules:
    """A time zone as files define it: its Windows name, and (month, BYDAY, hour) of its changes; None: it has none."""

    windows: str
    offsets: tuple[str, str]
    winter: tuple[int, str, int] | None = None
    summer: tuple[int, str, int] | None = None


RULES = {
    "Asia/Shanghai": Rules("China Standard Time", ("+0800", "+0800")),
    "Europe/Berlin": Rules("W. Europe Standard Time", ("+0100", "+0200"), (10, "-1SU", 3), (3, "-1SU", 2)),
    "America/New_York": Rules("Eastern Standard Time", ("-0500", "-0400"), (11, "1SU", 2), (3, "2SU", 2)),
}


def utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def midnight(day: date) -> str:
    return f"{day:%Y%m%d}T000000"


def as_instant(day: date, zone: str) -> str:
    """Return midnight of a zone as a moment in UTC."""
    return utc(datetime.combine(day, time(), ZoneInfo(zone)))


def windows_zone(zone: str, name: str) -> list[str]:
    """Return a VTIMEZONE as Outlook writes it (MS-OXCICAL 2.1.3.1.1.19): rules from 1601 on, no RDATE, no TZNAME.

    The first days of the rules are not the days that the rules name, as in Exchange's files.
    """
    rules = RULES[zone]
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    if rules.winter is None or rules.summer is None:
        offset = rules.offsets[0]
        lines += ["BEGIN:STANDARD", "DTSTART:16010101T000000", f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}"]
        return [*lines, "END:STANDARD", "END:VTIMEZONE"]
    standard, daylight = rules.offsets
    for part, (month, weekday, hour), before, after in (
        ("STANDARD", rules.winter, daylight, standard),
        ("DAYLIGHT", rules.summer, standard, daylight),
    ):
        lines += [
            f"BEGIN:{part}",
            f"DTSTART:1601{month:02}01T{hour:02}0000",
            f"RRULE:FREQ=YEARLY;BYDAY={weekday};BYMONTH={month}",
            f"TZOFFSETFROM:{before}",
            f"TZOFFSETTO:{after}",
            f"END:{part}",
        ]
    return [*lines, "END:VTIMEZONE"]


def olson_zone(zone: str) -> list[str]:
    """Return a VTIMEZONE of the tz database as Thunderbird and Google write it."""
    rules = RULES[zone]
    lines = [line.replace("1601", "1970") for line in windows_zone(zone, zone)]
    names = {"STANDARD": "CST" if rules.winter is None else "GMT" + rules.offsets[0][:3]}
    for part in ("STANDARD", "DAYLIGHT"):
        if f"BEGIN:{part}" in lines:
            at = lines.index(f"BEGIN:{part}") + 1
            lines.insert(at, f"TZNAME:{names.get(part, 'GMT' + rules.offsets[1][:3])}")
    lines.insert(2, f"X-LIC-LOCATION:{zone}")
    return lines
