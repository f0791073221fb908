"""The calendar comes back as Outlook, Exchange, Google, Apple and Thunderbird write it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from contentops.planning.incoming.differences import Kind

from .returned.clients import CLIENTS
from .returned.files import edited, event, joined, taken_apart, value_of, with_events
from .returned.planned import EVENTS, ZONES, copied, make
from .returned.time_zones import as_instant, windows_zone

CHANGES = {Kind.MOVED, Kind.RENAMED, Kind.CANCELLED, Kind.CONFLICT, Kind.OUTDATED, Kind.UNKNOWN, Kind.UNUSABLE}
SHIFTS = st.lists(st.just(0) | st.integers(-330, 330), min_size=EVENTS, max_size=EVENTS)


@pytest.fixture(scope="module", params=ZONES)
def planned(request, tmp_path_factory):
    """One workspace for each zone: comparing changes nothing."""
    folder = tmp_path_factory.mktemp("clients") / "工作区"
    make(folder, request.param)
    planned = copied(folder, folder.parent / "returned")
    yield planned
    planned.ws.close()


@pytest.mark.parametrize("client", CLIENTS)
class TestClients:
    def test_what_was_not_edited_is_the_same(self, planned, client) -> None:
        content = client(planned.export(), {}, planned.clock.moment + timedelta(hours=1))
        assert planned.kinds(content) == dict.fromkeys(planned.days(), Kind.SAME)

    @given(shifts=SHIFTS)
    @example(shifts=[107] * EVENTS)  # over a change of clocks
    @settings(max_examples=6, deadline=None)
    def test_exactly_what_was_moved_moves(self, planned, client, shifts) -> None:
        days = planned.days()
        wanted = {
            uid: days[uid] + timedelta(days=shift) for uid, shift in zip(sorted(days), shifts, strict=True) if shift
        }
        content = client(planned.export(), wanted, planned.clock.moment + timedelta(hours=1))
        comparison = planned.compare(content)
        assert {d.uid: d.after for d in comparison.of(Kind.MOVED)} == wanted
        assert {d.uid for d in comparison.of(Kind.SAME)} == days.keys() - wanted.keys()
        assert comparison.of(*CHANGES - {Kind.MOVED}) == []

    def test_a_day_is_not_called_a_time(self, planned, client) -> None:
        moved = {uid: day + timedelta(days=1) for uid, day in planned.days().items()}
        content = client(planned.export(), moved, planned.clock.moment + timedelta(hours=1))
        assert {d.message for d in planned.compare(content).differences} == {""}

    def test_what_is_typed_here_is_a_calendar(self, planned, client) -> None:
        """A parser that is not ours reads it: the clients are no straw men."""
        content = client(planned.export(), {}, planned.clock.moment)
        calendar = IcsCalendarStream.calendar_from_ics(content.decode("utf-8"))
        assert {event.uid for event in calendar.events} == planned.days().keys()


def day_of(planned, uid: str, *lines: str, head: tuple[str, ...] = (), zones: tuple[list[str], ...] = ()) -> date:
    """Return the day on which the plan would have an event whose start and end are written so."""
    ours, events = taken_apart(edited(planned.export(), uid, "DTSTART", "DTEND", *lines))
    names = {line.split(":", 1)[0] for line in head}
    kept = [line for line in ours if line.split(":", 1)[0] not in names | {"X-WR-TIMEZONE"}]
    found = planned.compare(joined([*kept, *head], [*zones, *map(event, events)])).differences
    (difference,) = (d for d in found if d.uid == uid)
    assert difference.kind in (Kind.MOVED, Kind.SAME), difference
    return difference.after


ELSEWHERE = (
    "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Asia/Kolkata",
    "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip


class TestDaysFromElsewhere:
    def test_midnight_in_new_york(self, planned) -> None:
        uid = planned.uid("draft")
        assert day_of(planned, uid, "DTSTART:20261208T050000Z", "DTEND:20261209T050000Z") == date(2026, 12, 8)

    @pytest.mark.parametrize("zone", ELSEWHERE)
    @pytest.mark.parametrize("day", [date(2026, 12, 8), date(2027, 7, 6)])
    def test_midnight_anywhere_written_in_utc(self, planned, zone, day) -> None:
        lines = (f"DTSTART:{as_instant(day, zone)}", f"DTEND:{as_instant(day + timedelta(days=1), zone)}")
        assert day_of(planned, planned.uid("draft"), *lines) == day

    @pytest.mark.parametrize("zone", ELSEWHERE)
    def test_on_days_when_clocks_change(self, planned, zone) -> None:
        """Such a day has 23 or 25 hours."""
        here, day = ZoneInfo(zone), datetime(2027, 1, 1, tzinfo=UTC)
        changes = []
        while day.year == 2027:
            local = datetime(day.year, day.month, day.day, tzinfo=here)
            if local.utcoffset() != (local + timedelta(days=1)).utcoffset():
                changes.append(day.date())
            day += timedelta(days=1)
        for changed in changes:
            lines = (f"DTSTART:{as_instant(changed, zone)}", f"DTEND:{as_instant(changed + timedelta(days=1), zone)}")
            assert day_of(planned, planned.uid("draft"), *lines, "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE") == changed

    def test_the_file_says_which_zone(self, planned) -> None:
        """Midnight in Auckland is 11:00 UTC the day before, as it is in Pago Pago on the day itself."""
        for zone in ("Pacific/Auckland", "Pacific/Pago_Pago"):
            day = date(2026, 12, 8)
            lines = (f"DTSTART:{as_instant(day, zone)}", f"DTEND:{as_instant(day + timedelta(days=1), zone)}")
            assert day_of(planned, planned.uid("draft"), *lines, head=(f"X-WR-TIMEZONE:{zone}",)) == day

    @pytest.mark.parametrize(
        "lines",
        [
            ("DTSTART:20261208T000000", "DTEND:20261209T000000"),  # floating, as MS-OXCICAL asks for
            ("DTSTART:20261208T000000Z", "DTEND:20261209T000000Z"),
            ("DTSTART;VALUE=DATE:20261208",),
            ("DTSTART;VALUE=DATE:20261208", "DURATION:P1D"),
            ("DTSTART:20261208T000000Z", "DURATION:P1D"),
            ("DTSTART:20261207T130000Z", "DURATION:PT24H"),  # Sydney
            ("DTSTART:20261208", "DTEND:20261209"),  # VALUE=DATE forgotten
            ("DTSTART;VALUE=DATE:20261208", "DTEND;VALUE=DATE:20261208"),  # the end that is not exclusive
            ("DTSTART;VALUE=DATE:20261208", "DTEND;VALUE=DATE:20261211"),  # dragged to three days
            ("DTSTART;TZID=GMT Standard Time:20261208T000000", "DTEND;TZID=GMT Standard Time:20261209T000000"),
            ('DTSTART;TZID="Tokyo Standard Time":20261208T000000', 'DTEND;TZID="Tokyo Standard Time":20261209T000000'),
            (
                'DTSTART;TZID="tzone://Microsoft/Utc":20261208T000000',
                'DTEND;TZID="tzone://Microsoft/Utc":20261209T000000',
            ),
            ("DTSTART;TZID=/freeassociation.sourceforge.net/Asia/Tokyo:20261208T000000",),  # Evolution
            ("dtstart;value=date:20261208", "dtend;value=date:20261209"),
        ],
    )
    def test_other_ways_to_write_a_day(self, planned, lines) -> None:
        assert day_of(planned, planned.uid("draft"), *lines) == date(2026, 12, 8)


class TestTimes:
    """An event that got a time of day counts as the day it has in the workspace's zone, and says so."""

    @pytest.mark.parametrize(
        ("start", "moment"),
        [
            ("DTSTART:20261208T013000Z", "2026-12-08T01:30:00+00:00"),
            ("DTSTART:20261207T203000Z", "2026-12-07T20:30:00+00:00"),
            ("DTSTART;TZID=Asia/Shanghai:20261208T093000", "2026-12-08T09:30:00+08:00"),
            ('DTSTART;TZID="Eastern Standard Time":20261208T203000', "2026-12-08T20:30:00-05:00"),
            ("DTSTART;TZID=W. Europe Standard Time:20261208T001500", "2026-12-08T00:15:00+01:00"),
        ],
    )
    def test_the_day_in_the_workspace_counts(self, planned, start, moment) -> None:
        expected = datetime.fromisoformat(moment).astimezone(ZoneInfo(planned.zone)).date()
        uid = planned.uid("publish")
        assert day_of(planned, uid, start, "DURATION:PT1H") == expected
        content = edited(planned.export(), uid, "DTEND", start, "DURATION:PT1H")
        (difference,) = (d for d in planned.compare(content).differences if d.uid == uid)
        assert difference.message

    def test_floating_time_is_a_time_of_its_day(self, planned) -> None:
        lines = ("DTSTART:20261208T233000", "DTEND:20261209T003000")
        assert day_of(planned, planned.uid("draft"), *lines) == date(2026, 12, 8)

    def test_a_zone_of_one_file_means_nothing_in_another(self, planned) -> None:
        """Outlook calls every zone that Windows has customised by the same name."""
        name, uid = "Customized Time Zone", planned.uid("draft")
        lines = (f'DTSTART;TZID="{name}":20261208T130000', f'DTEND;TZID="{name}":20261208T140000')
        for zone in ("Asia/Shanghai", "America/New_York", "Asia/Shanghai"):
            meant = datetime(2026, 12, 8, 13, tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo(planned.zone)).date()
            assert day_of(planned, uid, *lines, zones=(windows_zone(zone, name),)) == meant, zone


def test_google_cancels_in_the_file_what_was_deleted_there(planned) -> None:
    uid = planned.uid("draft")
    comparison = planned.compare(edited(planned.export(), uid, "STATUS:CANCELLED", "SEQUENCE:1"))
    assert [(d.uid, d.kind) for d in comparison.differences if d.kind is not Kind.SAME] == [(uid, Kind.CANCELLED)]


def test_alarm_before_the_properties_does_not_give_its_uid(planned) -> None:
    """RFC 5545 3.6.1 has alarms last; a writer that does not must not make our events foreign."""
    head, events = taken_apart(planned.export())
    alarm = ["BEGIN:VALARM", "UID:8F0E4B6C-1", "ACTION:DISPLAY", "TRIGGER:-PT15M", "SUMMARY:x", "END:VALARM"]
    content = joined(head, [event([*alarm, *lines]) for lines in events])
    assert planned.kinds(content) == dict.fromkeys(planned.days(), Kind.SAME)


def test_tasks_and_journals_beside_events_are_left_alone(planned) -> None:
    uid = value_of(taken_apart(planned.export())[1][0], "UID")
    task = ["BEGIN:VTODO", f"UID:{uid}", "DUE;VALUE=DATE:20270101", "SUMMARY:任务", "END:VTODO"]
    head, events = taken_apart(planned.export())
    content = joined(head, [task, *map(event, events), task])
    assert planned.kinds(content) == dict.fromkeys(planned.days(), Kind.SAME)
    assert planned.kinds(with_events(content)) == dict.fromkeys(planned.days(), Kind.SAME)
