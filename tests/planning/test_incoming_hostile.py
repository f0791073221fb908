"""Files that are huge, broken or meant badly: a sentence or differences, soon, and never a change."""

import subprocess
import sys
import time
import tracemalloc
from datetime import date
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contentops.errors import CalendarInvalid, ContentOpsError
from contentops.planning.incoming.desk import Comparison
from contentops.planning.incoming.differences import Kind

from .returned.files import edited, event, joined, on, taken_apart, with_events
from .returned.planned import copied, make

SECONDS = 20  # generous: what ends at all ends within two on any machine of today
NUMBERS = count()
HARMLESS = {Kind.SAME, Kind.UNKNOWN, Kind.UNUSABLE}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / "工作区"
    make(folder, "Asia/Shanghai")
    return folder


@pytest.fixture(scope="module")
def planned(template):
    """One for all: comparing changes nothing, which is checked in the end."""
    planned = copied(template, template.parent / "compared")
    planned.export()
    before = planned.rows()
    yield planned
    assert planned.rows() == before
    planned.ws.close()


def answer(planned, content: bytes) -> Comparison | CalendarInvalid:
    """Compare; nothing but a comparison or a sentence may come of it, and not after minutes."""
    begun = time.monotonic()
    try:
        found = planned.compare(content)
    except CalendarInvalid as error:
        found = error
        assert str(error).strip()
    assert time.monotonic() - begun < SECONDS
    return found


def calendar(*lines: str) -> bytes:
    return joined(["VERSION:2.0"], [event(lines)] if lines else [])


class TestNoCalendars:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\r\n\r\n",
            "标题,日期\r\n工厂保养,2026-12-08\r\n".encode(),
            b"<!DOCTYPE html><html><body>Sign in</body></html>",
            b"PK\x03\x04" + bytes(range(256)) * 40,
            bytes(range(256)) * 1000,
            b"\xff\xfe" + bytes(range(256)) * 3,
            b"\xfe\xff\xd8",
            b"\x00" * 100_000,
            b"BEGIN:VEVENT\r\nUID:a@contentops\r\nEND:VEVENT\r\n",
            b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:\xe5\xbc\xa0\xe4\xb8\x89\r\nEND:VCARD\r\n",
            "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".encode("utf-16-le"),  # without a mark nobody can tell
        ],
        ids=["empty", "blank", "csv", "html", "zip", "bytes", "utf-16 junk", "half", "zeros", "event", "card", "le"],
    )
    def test_a_sentence_says_so(self, planned, content) -> None:
        with pytest.raises(CalendarInvalid, match="."):
            planned.compare(content)

    def test_too_large(self, planned) -> None:
        content = planned.export()
        with pytest.raises(CalendarInvalid, match="MB"):
            planned.compare(content + b" " * 10_000_001)

    def test_too_many_events(self, planned) -> None:
        one = b"BEGIN:VEVENT\r\nUID:%d@example.com\r\nDTSTART;VALUE=DATE:20261208\r\nEND:VEVENT\r\n"
        content = b"BEGIN:VCALENDAR\r\n" + b"".join(one % number for number in range(50_000)) + b"END:VCALENDAR\r\n"
        with pytest.raises(CalendarInvalid, match="50000"):
            planned.compare(content)


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
    def test_what_windows_writes_is_read(self, planned, encoding) -> None:
        content = planned.export().decode("utf-8").encode(encoding)
        assert planned.kinds(content) == dict.fromkeys(planned.days(), Kind.SAME)

    @pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\r\n", b"\r\n\r\n"])
    def test_line_ends_of_all_kinds_are_read(self, planned, end) -> None:
        head, events = taken_apart(planned.export())
        content = joined(head, map(event, events)).replace(b"\r\n ", b"").replace(b"\r\n", end)
        assert planned.kinds(content) == dict.fromkeys(planned.days(), Kind.SAME)

    @pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
    def test_folded_lines_are_read(self, planned, end) -> None:
        found = answer(planned, planned.export().replace(b"\r\n", end))
        assert {difference.kind for difference in found.differences} == {Kind.SAME}

    def test_characters_cut_by_folding_are_put_together(self, planned) -> None:
        """RFC 5545 3.1: implementations might generate improperly folded lines."""
        lines = planned.export().replace(b"\r\n ", b"").split(b"\r\n")
        cut = [b"\r\n ".join(line[at : at + 74] for at in range(0, max(len(line), 1), 74)) for line in lines]
        assert planned.kinds(b"\r\n".join(cut)) == dict.fromkeys(planned.days(), Kind.SAME)

    def test_one_wrong_byte_harms_one_event(self, planned) -> None:
        content = planned.export().replace("停机".encode(), b"\xe5\x81\xff\xe6\x9c\xba", 1)
        found = answer(planned, content)
        assert len(found.of(Kind.SAME)) == len(planned.days()) - 1
        assert found.of(Kind.RENAMED) == []  # what was damaged on the way is no new title

    def test_cut_off_anywhere(self, planned) -> None:
        """What was not downloaded whole says nothing wrong, wherever it ends."""
        content = planned.export()
        for end in range(0, len(content), 31):
            found = answer(planned, content[:end])
            if isinstance(found, Comparison):
                assert {difference.kind for difference in found.differences} <= HARMLESS, end


JUNK = {
    "endless": ["RRULE:FREQ=SECONDLY"],
    "endless and excluded": ["RRULE:FREQ=SECONDLY;INTERVAL=1", *["EXDATE;VALUE=DATE:20261207"] * 200],
    "no rule": ["RRULE:FREQ=OFTEN;BYDAY=9XX;COUNT=-1"],
    "invitation": [
        "ORGANIZER;CN=\"a;b:c\":mailto:boss@example.com",
        *[f"ATTENDEE;RSVP=TRUE;CN=人{number}:mailto:p{number}@example.com" for number in range(300)],
    ],
    "attachment": ["ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=../../etc/passwd:" + "QUJD" * 100_000],
    "addresses": ["ATTACH:file:///etc/passwd", "URL:http://169.254.169.254/", 'ATTACH;FMTTYPE="x:http://[::1":cid:1'],
    "alarms": ["BEGIN:VALARM", "ACTION:PROCEDURE", "ATTACH:file:///bin/sh", "TRIGGER:-P9999999999W", "END:VALARM"] * 50,
    "nested alarms": ["BEGIN:VALARM"] * 500 + ["END:VALARM"] * 500,
    "no colon": ["无冒号的一行", ";;;", ":", '"', "X-A;B", "X-A;B=", "X-A;=:", "=:"],
    "control": ["X-A:\x00\x07\x1b[31m", "COMMENT:\u2028\u2029\x85\x0b"],
    "numbers": ["SEQUENCE:" + "9" * 3000, "PRIORITY:-1", "GEO:x;y", "PERCENT-COMPLETE:1e999"],
    "twice": ["SEQUENCE:1", "SEQUENCE:2", "STATUS:CONFIRMED", "CLASS:PUBLIC", "CLASS:PRIVATE"],
    "stamps": ["CREATED:heute", "DTSTAMP:20269999T999999Z", "COMPLETED:00000000T000000Z"],
    "long line": ["X-LONG:" + "长" * 300_000],
    "long name": ["X-" + "N" * 300_000 + ":1"],
}  # fmt: skip


class TestJunk:
    @pytest.mark.parametrize("lines", JUNK.values(), ids=JUNK)
    def test_beside_a_move_does_not_hide_it(self, planned, lines) -> None:
        """The event with the junk moved: it moves or is said to be unusable. The others are what they were."""
        uid, day = planned.uid("draft"), date(2026, 12, 9)
        head, events = taken_apart(edited(planned.export(), uid, *on(day)))
        found = answer(planned, joined(head, [event([*e, *lines] if f"UID:{uid}" in e else e) for e in events]))
        kinds = {difference.uid: (difference.kind, difference.after) for difference in found.differences}
        assert kinds.pop(uid) in ((Kind.MOVED, day), (Kind.UNUSABLE, None))
        assert {kind for kind, _day in kinds.values()} == {Kind.SAME}
        assert kinds.keys() == planned.days().keys() - {uid}

    @pytest.mark.parametrize("lines", JUNK.values(), ids=JUNK)
    def test_in_a_foreign_event_harms_nothing(self, planned, lines) -> None:
        found = answer(planned, with_events(planned.export(), ["UID:x@example.com", "DTSTART:x", *lines]))
        assert [difference.uid for difference in found.of(*{*Kind} - {Kind.SAME})] == ["x@example.com"]

    def test_garbage_in_each_other(self, planned) -> None:
        nested = "".join(f"BEGIN:{name}\r\n" for name in ("VCALENDAR", "VEVENT", "VTODO", "VALARM", "X-A") * 4000)
        for content in (
            b"BEGIN:VCALENDAR\r\n" + nested.encode(),
            b"BEGIN:VCALENDAR\r\n" * 100_000,
            planned.export() * 2,
            planned.export().replace(b"END:VEVENT\r\n", b""),
            planned.export().replace(b"BEGIN:VEVENT\r\n", b""),
            b"BEGIN:VCALENDAR\r\n" + b"END:VEVENT\r\n" * 100_000,
        ):
            found = answer(planned, content)
            if isinstance(found, Comparison):
                assert {difference.kind for difference in found.differences} <= HARMLESS

    def test_huge_folded_lines(self, planned) -> None:
        uid = planned.uid("draft")
        for text in (b"\r\n x" * 2_000_000, b"x" * 9_000_000, "长\r\n ".encode() * 1_000_000):
            found = answer(planned, edited(planned.export(), uid, "COMMENT:HERE").replace(b"HERE", text))
            assert {difference.kind for difference in found.differences} <= HARMLESS

    def test_many_foreign_events(self, planned) -> None:
        foreign = (
            event([f"UID:{n}@example.com", "DTSTART:20261208T010000Z", "RRULE:FREQ=SECONDLY"]) for n in range(15_000)
        )
        head, events = taken_apart(planned.export())
        found = answer(planned, joined(head, [*map(event, events), *foreign]))
        assert (len(found.of(Kind.SAME)), len(found.of(Kind.UNKNOWN))) == (len(planned.days()), 15_000)

    def test_many_time_zones(self, planned) -> None:
        zones = [
            ["BEGIN:VTIMEZONE", f"TZID:Zone {n}", "BEGIN:STANDARD", "END:STANDARD", "END:VTIMEZONE"]
            for n in range(5000)
        ]
        head, events = taken_apart(planned.export())
        assert planned.kinds(joined(head, [*zones, *map(event, events)])) == dict.fromkeys(planned.days(), Kind.SAME)


def read_apart(content: bytes) -> None:
    """Read a file in a process of its own, since what does not end cannot be stopped otherwise."""
    code = (
        "import sys; from zoneinfo import ZoneInfo; from contentops.planning.incoming.ics_reading import read_calendar;"
        "print(len(read_calendar(sys.stdin.buffer.read(), ZoneInfo('Asia/Shanghai')).entries))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, timeout=8, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, b"1") or b"CalendarInvalid" in done.stderr, done.stderr[-500:]


class TestTimeAndMemory:
    @pytest.mark.parametrize(("often", "times"), [("HOURLY", 1), ("SECONDLY", 1), ("YEARLY", 15_000)])
    def test_a_time_zone_that_changes_all_the_time(self, often, times) -> None:
        """It has a name of its own, so that its rules must be looked at."""
        rules = [
            "BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:+0900", "TZOFFSETTO:+0800",
            f"RRULE:FREQ={often}", "END:STANDARD",
            "BEGIN:DAYLIGHT", "DTSTART:16010401T000000", "TZOFFSETFROM:+0800", "TZOFFSETTO:+0900",
            f"RRULE:FREQ={often}", "END:DAYLIGHT",
        ]  # fmt: skip
        zone = ["BEGIN:VTIMEZONE", "TZID:Customized Time Zone", *rules * times, "END:VTIMEZONE"]
        lines = event(["UID:a@contentops", 'DTSTART;TZID="Customized Time Zone":20261208T000000'])
        read_apart(joined(["VERSION:2.0"], [zone, lines]))

    def test_an_event_of_millions_of_lines(self) -> None:
        content = calendar("UID:a@contentops", "DTSTART;VALUE=DATE:20261208", "HERE")
        read_apart(content.replace(b"HERE\r\n", b"X:1\r\n" * 1_900_000))

    @pytest.mark.parametrize("name", ["UID", "RECURRENCE-ID", "SUMMARY"])
    def test_memory_is_in_proportion_to_the_file(self, planned, name) -> None:
        content = calendar("UID:a@example.com").replace(b"UID:", f"{name};X=".encode() + b"x" * 1_000_000 + b":")
        tracemalloc.start()
        answer(planned, content)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 30 * len(content)


TOKENS = [
    b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"BEGIN:VCALENDAR\r\n", b"END:VCALENDAR", b"\r\n ", b"\r", b"\n", b";", b":", b'"',
    b"\\", b"\x00", b"\xff\xfe", b"\xe4", b",", b"=", b"DTSTART:99991231T235959Z\r\n", b"DTSTART;VALUE=DATE:00010101\r\n",
    b"DTSTART;TZID=Asia:20261208T000000\r\n", b"RRULE:FREQ=SECONDLY\r\n", b"STATUS:CANCELLED\r\n", b"METHOD:CANCEL\r\n",
    b"RECURRENCE-ID:20261208\r\n", b"DURATION:-P999999999D\r\n", b"LAST-MODIFIED:00010101T000000Z\r\n", b"2026", b"9" * 30,
    b"SEQUENCE:-1\r\n", b"SUMMARY:\xc2\xb7 \r\n", "SUMMARY:发布 · 新题\r\n".encode(), b"UID:x@contentops\r\n",
]  # fmt: skip
MUTATIONS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.sampled_from(TOKENS) | st.binary(max_size=12),
        st.sampled_from((1, 1, 1, 60)),
    ),
    min_size=1,
    max_size=12,
)


def mutated(content: bytes, mutations: list[tuple[float, int, bytes, int]]) -> bytes:
    """At a place, take some bytes away and put others in, once or many times; whole lines in place of whole lines."""
    for place, length, token, times in mutations:
        at = int(place * len(content))
        end = at + length
        if token.endswith(b"\r\n"):
            at = content.find(b"\r\n", at) + 2
            end = content.find(b"\r\n", at) + 2 if length % 2 else at
        content = content[:at] + token * times + content[end:]
    return content


class TestMutations:
    @given(mutations=MUTATIONS)
    @settings(max_examples=60, deadline=None)
    def test_of_our_file_give_a_sentence_or_differences(self, planned, mutations) -> None:
        answer(planned, mutated(planned.export(), mutations))

    @given(content=st.binary(max_size=300))
    @settings(max_examples=60, deadline=None)
    def test_of_nothing_give_a_sentence_or_differences(self, planned, content) -> None:
        answer(planned, b"BEGIN:VCALENDAR\r\n" + content)

    @given(mutations=MUTATIONS)
    @settings(max_examples=15, deadline=None)
    def test_may_be_applied_and_the_calendar_still_leaves(self, template, tmp_path_factory, mutations) -> None:
        planned = copied(template, tmp_path_factory.getbasetemp() / f"mutated {next(NUMBERS)}")
        found = answer(planned, mutated(planned.export(), mutations))
        if isinstance(found, Comparison):
            before = planned.rows()
            try:
                planned.incoming.apply(found, with_steps=True)
            except ContentOpsError:
                assert planned.rows() == before
        again = planned.kinds(planned.export())
        assert set(again.values()) == {Kind.SAME}
        planned.ws.close()
