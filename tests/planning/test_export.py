"""The calendar that goes to Outlook, and the ledger behind it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import vobject
from ical.calendar_stream import IcsCalendarStream

from contentops.errors import NotFound
from contentops.planning.outgoing.ics import CalendarEntry, calendar_file, one_line, plain, render
from contentops.testing import write_content

from .shared import IDEA, STANDARD


def events(content: bytes) -> dict[str, dict[str, str]]:
    """Read a calendar with vobject, the first of two parsers that are not ours."""
    found = {}
    for event in vobject.readOne(content.decode("utf-8")).vevent_list:
        found[event.uid.value] = {name: event.getChildValue(name) for name in event.contents}
    return found


class TestExport:
    def test_same_plan_gives_the_same_bytes(self, planned_anywhere, clock) -> None:
        first = planned_anywhere.calendar.export()
        clock.forward(days=3)
        assert planned_anywhere.calendar.export() == first

    def test_two_parsers_read_equal_events(self, planned_anywhere) -> None:
        content = planned_anywhere.calendar.export()
        by_vobject = {
            uid: (event["summary"], event["dtstart"], event["dtend"], event["status"], int(event["sequence"]))
            for uid, event in events(content).items()
        }
        by_ical = {
            event.uid: (event.summary, event.dtstart, event.dtend, event.status, event.sequence)
            for event in IcsCalendarStream.calendar_from_ics(content.decode("utf-8")).events
        }
        assert by_vobject == by_ical
        assert by_vobject["asset-1-draft@contentops"] == (
            "撰写初稿 · 工厂保养成本怎样算清楚", date(2026, 12, 7), date(2026, 12, 8), "TENTATIVE", 0,
        )  # fmt: skip

    def test_two_parsers_agree_on_every_lane(self, planned_anywhere) -> None:
        (planned_anywhere.folder / "calendar" / "cadence.toml").write_text(
            '[[series]]\nkey = "weekly"\nname = "每周问答；A, B"\nkind = "qa"\nrule = "FREQ=WEEKLY;BYDAY=TH"\n'
            "starts_on = 2026-12-01\n",
            encoding="utf-8",
        )
        planned_anywhere.calendar.series.extend(date(2027, 1, 31))
        planned_anywhere.calendar.move("cost", "expiry", date(2027, 12, 31))
        planned_anywhere.calendar.move("cost", "review", date(2027, 6, 1))
        planned_anywhere.calendar.steps.place("cost", "zhihu", date(2026, 12, 11), by="x", role="ops")
        planned_anywhere.calendar.export()
        planned_anywhere.calendar.steps.skip("cost", "draft", by="x", reason="已有稿件")
        content = planned_anywhere.calendar.export(refresh=timedelta(hours=1)).decode("utf-8")
        names = ("summary", "description", "dtstart", "dtend", "status", "sequence", "url", "dtstamp")
        by_vobject = {
            event.uid.value: (*(str(event.getChildValue(name)) for name in names), event.categories.value)
            for event in vobject.readOne(content).vevent_list
        }
        by_ical = {
            event.uid: (*(str(getattr(event, name)).removeprefix("EventStatus.") for name in names), event.categories)
            for event in IcsCalendarStream.calendar_from_ics(content).events
        }
        assert by_vobject.keys() == by_ical.keys()
        for uid, (*read, categories) in by_vobject.items():
            *other, other_categories = by_ical[uid]
            assert read == other, uid
            assert list(categories) == list(other_categories)
        assert {categories[1] for *_values, categories in by_vobject.values()} == {
            "制作", "发布", "到期下线", "复审", "分发", "空档",
        }  # fmt: skip

    def test_moved_milestone_keeps_its_uid_and_raises_its_sequence(self, planned_anywhere, clock) -> None:
        before = events(planned_anywhere.calendar.export())
        clock.forward(days=1)
        planned_anywhere.calendar.plan("cost", date(2026, 12, 11))
        after = events(planned_anywhere.calendar.export())
        assert before.keys() == after.keys()
        for uid in before:
            assert int(after[uid]["sequence"]) == int(before[uid]["sequence"]) + 1
            assert after[uid]["last-modified"] > before[uid]["last-modified"]
            assert after[uid]["dtstamp"] == after[uid]["last-modified"]

    def test_dropped_milestone_is_cancelled_for_ninety_days(self, planned_anywhere, clock) -> None:
        standard = planned_anywhere.folder / "calendar" / "qa.toml"
        standard.write_text(
            STANDARD.replace('"draft"', '"write"').replace("version = 2", "version = 3"), encoding="utf-8"
        )
        planned_anywhere.calendar.export()
        del planned_anywhere.assets.standards
        clock.forward(hours=1)
        planned_anywhere.calendar.plan("cost", date(2026, 12, 10))
        gone = events(planned_anywhere.calendar.export())["asset-1-draft@contentops"]
        assert (gone["status"], gone["sequence"]) == ("CANCELLED", "1")
        assert gone["summary"].startswith("已取消：")
        assert len(planned_anywhere.calendar.agenda()) == 2
        clock.forward(days=91)
        assert "asset-1-draft@contentops" not in events(planned_anywhere.calendar.export())

    @pytest.mark.parametrize("change", ["title", "person", "state"])
    def test_whatever_an_event_says_raises_its_sequence(self, planned_anywhere, clock, change) -> None:
        before = events(planned_anywhere.calendar.export())
        clock.forward(hours=1)
        if change == "title":
            write_content(planned_anywhere, "qa/cost.md", IDEA.replace("怎样算清楚", "算法"))
            planned_anywhere.assets.sync()
        elif change == "person":
            planned_anywhere.team.assign("support", "孙八音")
        else:
            for state in ("in_progress", "in_review", "approved"):
                planned_anywhere.assets.move("cost", state, by="x")
        after = events(planned_anywhere.calendar.export())
        uid = "asset-1-draft@contentops"
        assert int(after[uid]["sequence"]) == int(before[uid]["sequence"]) + 1
        if change == "state":
            assert after[uid]["status"] == "CONFIRMED"

    @pytest.mark.row("B13")
    def test_bytes_follow_the_rules_that_parsers_forgive(self, planned_anywhere) -> None:
        content = planned_anywhere.calendar.export()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"END:VCALENDAR\r\n")
        lines = content.split(b"\r\n")
        assert not any(b"\n" in line or b"\r" in line for line in lines)
        assert max(map(len, lines)) <= 75
        for line in lines:
            line.decode("utf-8")  # never folded inside a character
        text = content.decode("utf-8")
        assert text.count("METHOD:PUBLISH") == 1
        for forbidden in ("ORGANIZER", "ATTENDEE", "VALARM", "VTODO", "VTIMEZONE", "None"):
            assert forbidden not in text
        for event in text.split("BEGIN:VEVENT")[1:]:
            for needed in (
                "UID:", "DTSTAMP:", "LAST-MODIFIED:", "SEQUENCE:", "DTSTART;VALUE=DATE:", "DTEND;VALUE=DATE:", "SUMMARY:",
                "CATEGORIES:", "URL:", "STATUS:", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
            ):  # fmt: skip
                assert event.count(f"\r\n{needed}") == 1, needed

    def test_provisional_years_stand_in_the_description(self, planned_anywhere) -> None:
        planned_anywhere.calendar.plan("cost", date(2027, 3, 4))
        assert (
            "2027"
            in vobject.readOne(planned_anywhere.calendar.export().decode("utf-8")).contents["x-wr-caldesc"][0].value
        )

    def test_empty_calendar_is_still_one(self, workspace) -> None:
        assert b"BEGIN:VEVENT" not in workspace.calendar.export()
        assert b"X-WR-CALNAME" in workspace.calendar.export()


def entry(**values) -> CalendarEntry:
    given = {
        "uid": "a-step@contentops", "day": date(2026, 12, 7), "summary": "撰写初稿 · 标题", "description": "一\n二",
        "categories": ("问答", "制作"), "url": "https://example.com/zh/a/", "status": "TENTATIVE",
    }  # fmt: skip
    return CalendarEntry(**{**given, **values})


def rendered(revision: int = 0, **values) -> bytes:
    return render(entry(**values), revision, datetime(2026, 11, 21, 9, tzinfo=UTC))


HOSTILE = "标题\r\nATTACH:http://evil.example\r\nEND:VEVENT; a, b\\c \x00\x0b\u2028\u0085\ud800 \u200d龘𠮷👩‍🔧"


class TestFile:
    def test_golden_bytes(self, golden) -> None:
        events = [
            rendered(3, uid="b-publish@contentops", day=date(2026, 12, 1), summary="发布 · " + "很长的标题，" * 12),
            rendered(),
            rendered(1, uid="c-draft@contentops", summary="已取消：x", status="CANCELLED", url=""),
        ]
        golden("all_day_milestones.ics", calendar_file(events, name="联巡云；A, B", description="2027 年假期尚未公布"))
        golden("feed.ics", calendar_file(events[:1], name="联巡云", refresh=timedelta(hours=1)))

    @pytest.mark.row("B13")
    def test_hostile_title_stays_one_event(self) -> None:
        content = calendar_file([rendered(summary=HOSTILE, description=HOSTILE, categories=(HOSTILE,))], name=HOSTILE)
        (event,) = vobject.readOne(content.decode("utf-8")).vevent_list
        assert "attach" not in event.contents
        assert event.summary.value == one_line(HOSTILE)
        (other,) = IcsCalendarStream.calendar_from_ics(content.decode("utf-8")).events
        assert other.summary == one_line(HOSTILE)
        assert not any(byte < 32 for byte in content.replace(b"\r\n", b""))
        lines = content.split(b"\r\n")
        assert max(map(len, lines)) <= 75
        assert all(re.match(rb"[A-Z-]+[;:]| ", line) for line in lines[:-1])
        names = [re.match(rb"[A-Z-]*", line)[0] for line in lines if not line.startswith(b" ")]
        assert (names.count(b"BEGIN"), names.count(b"END"), names.count(b"ATTACH")) == (2, 2, 0)
        assert event.uid.value == "a-step@contentops"

    def test_fingerprint_covers_everything_shown(self) -> None:
        changes = [
            {"day": date(2026, 12, 8)}, {"summary": "x"}, {"description": "x"}, {"categories": ("x",)}, {"url": "x"},
            {"status": "CONFIRMED"},
        ]  # fmt: skip
        prints = {entry(**change).fingerprint() for change in [{}, *changes]}
        assert len(prints) == len(changes) + 1

    def test_end_is_the_day_after(self) -> None:
        (event,) = vobject.readOne(calendar_file([rendered()], name="x").decode()).vevent_list
        assert event.dtend.value - event.dtstart.value == timedelta(days=1)

    def test_plain_keeps_text_and_drops_controls(self) -> None:
        assert plain("a\tb\nc\r\u2028d\x00") == "a\tb\nc  d"
        assert one_line(" a\n b ") == "a b"


class TestGivenUp:
    def test_retired_asset_leaves_the_calendar_as_cancelled(self, planned_anywhere, clock) -> None:
        planned_anywhere.calendar.export()
        clock.forward(hours=1)
        planned_anywhere.assets.move("cost", "retired", by="x")
        assert planned_anywhere.calendar.agenda() == []
        assert {event["status"] for event in events(planned_anywhere.calendar.export()).values()} == {"CANCELLED"}

    def test_cancelled_event_does_not_come_back(self, planned_anywhere, clock) -> None:
        planned_anywhere.calendar.export()
        planned_anywhere.assets.move("cost", "retired", by="x")
        planned_anywhere.calendar.export()
        clock.forward(days=200)
        write_content(planned_anywhere, "qa/cost.md", IDEA.replace("怎样算清楚", "算法"))
        planned_anywhere.assets.sync()
        assert events_or_none(planned_anywhere.calendar.export()) == {}

    def test_many_exports_at_once_raise_the_sequence_once(self, planned_anywhere, clock, at_once) -> None:
        planned_anywhere.calendar.export()
        clock.forward(hours=1)
        planned_anywhere.team.assign("support", "孙八音")
        at_once(6, planned_anywhere.calendar.export)
        assert events(planned_anywhere.calendar.export())["asset-1-draft@contentops"]["sequence"] == "1"

    def test_unknown_role_and_kind_are_said(self, planned_anywhere) -> None:
        with pytest.raises(NotFound, match="did you mean 'support'"):
            planned_anywhere.calendar.agenda(role="suport")
        with pytest.raises(NotFound, match="no kind"):
            planned_anywhere.calendar.filters(kind="nonsense")

    def test_file_of_one_event_has_no_calendar_name(self) -> None:
        assert b"X-WR-CALNAME" not in calendar_file([rendered()], name="x")


def events_or_none(content: bytes) -> dict[str, dict[str, str]]:
    return events(content) if b"BEGIN:VEVENT" in content else {}
