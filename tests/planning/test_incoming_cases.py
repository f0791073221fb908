"""What a calendar that came back may say, case by case: what is taken over, what is not, and what is said of it."""

from datetime import date

import pytest

from contentops.models import Lane, WorkflowState
from contentops.planning.incoming.differences import Kind

from .returned.files import edited, event, joined, on, only, taken_apart, with_events
from .returned.planned import IDEA, IDEA_TITLE, PAPER, PAPER_FILE, WEDNESDAY, copied, make, refused, stamp, the_one

FOREIGN = ["UID:team-lunch-1@example.com", "DTSTART;VALUE=DATE:20261224", "SUMMARY:团建聚餐"]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases") / "工作区"
    make(folder, "Asia/Shanghai")
    return folder


@pytest.fixture
def planned(template, tmp_path):
    planned = copied(template, tmp_path / "工作区")
    yield planned
    planned.ws.close()


class TestCancelled:
    @pytest.mark.parametrize("lane", [lane for lane in Lane if lane is not Lane.PUBLICATION])
    def test_an_entry_goes_and_the_others_stay(self, planned, lane) -> None:
        uid, before = planned.uid_of(lane), planned.days()
        comparison = planned.compare(edited(planned.export(), uid, "STATUS:CANCELLED"))
        assert [(d.uid, d.lane) for d in comparison.of(Kind.CANCELLED)] == [(uid, lane)]
        planned.clock.forward(hours=1)
        assert planned.incoming.apply(comparison) == 1
        assert planned.days() == {other: day for other, day in before.items() if other != uid}
        assert planned.export().count(b"STATUS:CANCELLED") == 1
        assert set(planned.kinds(planned.export()).values()) == {Kind.SAME}

    def test_however_it_is_spelled(self, planned) -> None:
        for word in ("CANCELLED", "CANCELED", "cancelled"):
            assert (
                the_one(planned, edited(planned.export(), planned.uid("draft"), f"STATUS:{word}")).kind
                is Kind.CANCELLED
            )

    def test_a_publication_takes_its_asset_off_the_calendar(self, planned) -> None:
        content = edited(planned.export(), planned.uid("publish"), "STATUS:CANCELLED")
        planned.incoming.apply(planned.compare(content))
        left = {item.lane for item in planned.calendar.agenda() if item.address == IDEA}
        assert left <= {Lane.EXPIRY, Lane.REVIEW}
        asset = planned.ws.assets.get(IDEA)
        assert (asset.state, asset.planned_on) == (WorkflowState.IDEA, None)

    def test_what_was_cancelled_there_may_be_planned_here_anew(self, planned) -> None:
        before = {item.key for item in planned.calendar.agenda() if item.address == IDEA}
        content = edited(planned.export(), planned.uid("publish"), "STATUS:CANCELLED")
        planned.incoming.apply(planned.compare(content))
        planned.calendar.plan(IDEA, date(2026, 12, 17))
        assert {item.key for item in planned.calendar.agenda() if item.address == IDEA} == before

    def test_a_file_of_cancellations(self, planned) -> None:
        content = planned.export().replace(b"METHOD:PUBLISH", b"METHOD:CANCEL")
        assert set(planned.kinds(content).values()) == {Kind.CANCELLED}
        assert planned.incoming.apply(planned.compare(content)) == len(planned.kinds(content))
        assert planned.calendar.agenda() == []

    def test_one_entry_by_a_message_of_cancellation(self, planned) -> None:
        uid, before = planned.uid("place_wechat"), planned.days()
        content = only(planned.export(), uid).replace(b"METHOD:PUBLISH", b"METHOD:CANCEL")
        planned.incoming.apply(planned.compare(content))
        assert planned.days().keys() == before.keys() - {uid}

    def test_cancelled_there_but_changed_here_since(self, planned) -> None:
        uid = planned.uid("draft")
        content = edited(planned.export(), uid, "STATUS:CANCELLED")
        planned.clock.forward(hours=1)
        planned.calendar.move(IDEA, "draft", WEDNESDAY)
        assert the_one(planned, content).kind is Kind.CONFLICT
        refused(planned, content)

    def test_cancelled_there_but_done_here(self, planned) -> None:
        """What is done stays; what else the file says is taken over."""
        planned.calendar.steps.complete(IDEA, "draft", by="张三一")
        draft, wechat = planned.uid("draft"), planned.uid("place_wechat")
        content = edited(edited(planned.export(), draft, "STATUS:CANCELLED"), wechat, "STATUS:CANCELLED")
        comparison = planned.compare(content)
        assert {d.uid: d.kind for d in comparison.differences if d.kind is not Kind.SAME} == {
            draft: Kind.CONFLICT,
            wechat: Kind.CANCELLED,
        }
        assert planned.incoming.apply(comparison) == 1
        assert draft in planned.days()
        assert wechat not in planned.days()

    def test_cancelled_here_and_unedited_there(self, planned) -> None:
        first = planned.export()
        planned.clock.forward(hours=1)
        planned.calendar.unplan(IDEA)
        found = {d.key: d.kind for d in planned.compare(first).differences if d.address == IDEA}
        assert found["draft"] is Kind.OUTDATED
        refused(planned, first)


class TestForeign:
    def test_a_foreign_event_is_said_and_changes_nothing(self, planned) -> None:
        content = with_events(planned.export(), FOREIGN)
        difference = the_one(planned, content)
        assert (difference.kind, difference.text, difference.lane) == (Kind.UNKNOWN, "团建聚餐", None)
        refused(planned, content)

    def test_each_foreign_event_is_said(self, planned) -> None:
        """Two without a UID are two, as are two occurrences of none of ours."""
        nameless = [["DTSTART;VALUE=DATE:20261224", f"SUMMARY:{title}"] for title in ("团建", "体检")]
        found = planned.compare(with_events(planned.export(), *nameless)).of(Kind.UNKNOWN)
        assert [difference.text for difference in found] == ["团建", "体检"]

    def test_what_looks_like_ours_and_is_not(self, planned) -> None:
        made_up = ["UID:0123-draft@contentops", *on(WEDNESDAY), "SUMMARY:撰写初稿 · 别处的计划", "STATUS:CANCELLED"]
        assert the_one(planned, with_events(planned.export(), made_up)).kind is Kind.UNKNOWN
        refused(planned, with_events(planned.export(), made_up))

    def test_what_the_file_does_not_have_stays(self, planned) -> None:
        before = planned.days()
        content = only(planned.export(), planned.uid("draft"), planned.uid("review"))
        assert set(planned.kinds(content)) == {planned.uid("draft"), planned.uid("review")}
        refused(planned, content)
        refused(planned, joined(taken_apart(content)[0], []))
        assert planned.days() == before


class TestTitles:
    def test_of_an_idea_it_is_taken_over(self, planned) -> None:
        content = edited(
            planned.export(), planned.uid("draft"), "SUMMARY:撰写初稿 · 停机一小时要花多少钱\\; 新题\\, 新算法"
        )
        difference = the_one(planned, content)
        assert (difference.kind, difference.address) == (Kind.RENAMED, IDEA)
        planned.clock.forward(hours=1)
        assert planned.incoming.apply(planned.compare(content)) == 1
        assert planned.ws.assets.get(IDEA).title == "停机一小时要花多少钱; 新题, 新算法"
        assert {item.title for item in planned.calendar.agenda(lane=Lane.STEP) if item.address == IDEA} == {
            "停机一小时要花多少钱; 新题, 新算法"
        }
        assert set(planned.kinds(planned.export()).values()) == {Kind.SAME}
        assert Kind.RENAMED not in planned.kinds(content).values()

    def test_of_an_asset_with_a_file_it_is_changed_in_the_file(self, planned) -> None:
        content = edited(planned.export(), planned.uid("draft", PAPER), "SUMMARY:撰写初稿 · 润滑脂选型")
        difference = the_one(planned, content)
        assert difference.kind is Kind.CONFLICT
        assert PAPER_FILE in difference.message
        refused(planned, content)

    @pytest.mark.parametrize(
        "summary", ["写初稿 · " + IDEA_TITLE, "随手改的一句话", "撰写初稿 · ", " · ", "", "撰写初稿 · \x07\u2028"]
    )
    def test_what_is_no_title_is_a_conflict(self, planned, summary) -> None:
        content = edited(planned.export(), planned.uid("draft"), f"SUMMARY:{summary.replace(chr(92), chr(92) * 2)}")
        assert the_one(planned, content).kind is Kind.CONFLICT
        refused(planned, content)

    def test_of_a_free_slot_it_stands_in_the_series(self, planned) -> None:
        content = planned.export().replace("每周问答".encode(), "双周问答".encode())
        assert Kind.RENAMED not in planned.kinds(content).values()
        refused(planned, content)

    def test_moved_and_renamed_at_once(self, planned) -> None:
        uid = planned.uid("draft")
        comparison = planned.compare(edited(planned.export(), uid, *on(WEDNESDAY), "SUMMARY:撰写初稿 · 新题"))
        assert {d.kind for d in comparison.differences if d.uid == uid} == {Kind.MOVED, Kind.RENAMED}
        assert planned.incoming.apply(comparison, accept=[Kind.MOVED]) == 1
        assert (planned.days()[uid], planned.ws.assets.get(IDEA).title) == (WEDNESDAY, IDEA_TITLE)

    def test_a_missing_title_says_nothing(self, planned) -> None:
        assert set(planned.kinds(edited(planned.export(), planned.uid("draft"), "SUMMARY")).values()) == {Kind.SAME}

    def test_the_word_before_cancelled_ones_is_no_part_of_the_title(self, planned) -> None:
        """Somebody brings a cancelled step back there."""
        planned.calendar.steps.skip(IDEA, "draft", by="张三一", reason="不需要")
        content = planned.export()
        assert Kind.RENAMED not in planned.kinds(content).values()


class TestOddEvents:
    @pytest.mark.parametrize("rule", ["RRULE:FREQ=WEEKLY;BYDAY=WE", "RDATE;VALUE=DATE:20261216"])
    def test_of_a_repetition_the_first_day_counts(self, planned, rule) -> None:
        uid = planned.uid("draft")
        difference = the_one(planned, edited(planned.export(), uid, *on(WEDNESDAY), rule))
        assert (difference.kind, difference.after) == (Kind.MOVED, WEDNESDAY)
        assert "repeat" in difference.message

    def test_an_occurrence_that_was_moved_is_no_event_of_ours(self, planned) -> None:
        uid = planned.uid("draft")
        occurrence = [f"UID:{uid}", "RECURRENCE-ID;VALUE=DATE:20261214", *on(date(2026, 12, 15)), "SUMMARY:改期"]
        content = with_events(planned.export(), occurrence)
        assert planned.kinds(content) == dict.fromkeys(planned.days(), Kind.SAME)

    def test_of_two_events_with_one_uid_the_first_counts(self, planned) -> None:
        uid = planned.uid("draft")
        content = with_events(planned.export(), [f"UID:{uid}", *on(WEDNESDAY)])
        kinds = [d.kind for d in planned.compare(content).differences if d.uid == uid]
        assert kinds == [Kind.SAME, Kind.UNUSABLE]
        refused(planned, content)

    @pytest.mark.parametrize(
        "lines",
        [
            ("DTSTART", "DTEND"),
            ("DTSTART;VALUE=DATE:20270230", "DTEND"),
            ("DTSTART;VALUE=DATE:20261332", "DTEND"),
            ("DTSTART:", "DTEND"),
            ("DTSTART:明天", "DTEND"),
            ("DTSTART:093000", "DTEND"),  # a time
            ("DTSTART;VALUE=TIME:093000", "DTEND"),
            ("DTSTART;VALUE=DATE:202612", "DTEND"),
            ("DTSTART;VALUE=PERIOD:20261208T000000Z/P1D", "DTEND"),
            ("DTSTART:P1D", "DTEND"),
            ("DTSTART;VALUE=DATE:00010101", "DTEND"),
            ("DTSTART;VALUE=DATE:99991231", "DTEND"),
            ("DTSTART;VALUE=DATE:19991231", "DTEND"),
            ("DTSTART;VALUE=DATE:21010101", "DTEND"),
            ("DTSTART:99991231T235959Z", "DTEND"),
        ],
    )
    def test_a_day_that_cannot_be(self, planned, lines) -> None:
        content = edited(planned.export(), planned.uid("draft"), *lines)
        difference = the_one(planned, content)
        assert (difference.kind, bool(difference.message)) == (Kind.UNUSABLE, True)
        refused(planned, content)

    def test_a_step_may_move_to_the_first_and_the_last_day_there_is(self, planned) -> None:
        for day in (date(2000, 1, 1), date(2100, 12, 31)):
            uid = planned.uid("draft")
            planned.clock.forward(hours=1)
            planned.incoming.apply(planned.compare(edited(planned.export(), uid, *on(day), stamp(planned))))
            assert set(planned.kinds(planned.export()).values()) == {Kind.SAME}

    def test_a_uid_in_capitals_is_ours(self, planned) -> None:
        head, events = taken_apart(planned.export())
        upper = [[line.upper() if line.startswith("UID:") else line for line in lines] for lines in events]
        assert planned.kinds(joined(head, map(event, upper))) == dict.fromkeys(planned.days(), Kind.SAME)
