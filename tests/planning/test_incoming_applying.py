"""What of a calendar that came back is taken over when both sides changed, and how it is applied."""

from datetime import date, timedelta

import pytest

from contentops.errors import Conflict, InvalidArgument
from contentops.models import Lane
from contentops.planning.incoming.differences import Kind

from .returned.files import edited, on
from .returned.planned import IDEA, PAPER, PAPER_FILE, WEDNESDAY, copied, make, refused, stamp, the_one


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("applying") / "工作区"
    make(folder, "Asia/Shanghai")
    return folder


@pytest.fixture
def planned(template, tmp_path):
    planned = copied(template, tmp_path / "工作区")
    yield planned
    planned.ws.close()


class TestMovedOnBothSides:
    def test_moved_there_and_here_since_is_a_conflict(self, planned) -> None:
        uid = planned.uid("draft")
        content = edited(planned.export(), uid, *on(WEDNESDAY), stamp(planned))
        planned.clock.forward(hours=1)
        planned.calendar.move(IDEA, "draft", date(2026, 12, 4))
        difference = the_one(planned, content)
        assert (difference.kind, difference.uid) == (Kind.CONFLICT, uid)
        assert (difference.before, difference.after) == (date(2026, 12, 4), WEDNESDAY)
        refused(planned, content)

    def test_moved_here_first_and_there_later(self, planned) -> None:
        first, uid = planned.export(), planned.uid("draft")
        planned.calendar.move(IDEA, "draft", date(2026, 12, 4))
        planned.clock.forward(hours=1)
        assert the_one(planned, edited(first, uid, *on(WEDNESDAY), stamp(planned))).kind is Kind.MOVED

    def test_without_stamps_the_revision_decides(self, planned) -> None:
        first, uid = planned.export(), planned.uid("draft")
        planned.clock.forward(hours=1)
        planned.calendar.move(IDEA, "draft", date(2026, 12, 4))
        stale = edited(first, uid, *on(WEDNESDAY), "LAST-MODIFIED")
        assert the_one(planned, stale).kind is Kind.CONFLICT
        assert the_one(planned, edited(stale, uid, "SEQUENCE:7")).kind is Kind.MOVED

    def test_moved_alike_on_both_sides_is_the_same(self, planned) -> None:
        content = edited(planned.export(), planned.uid("draft"), *on(WEDNESDAY))
        planned.clock.forward(hours=1)
        planned.calendar.move(IDEA, "draft", WEDNESDAY)
        assert set(planned.kinds(content).values()) == {Kind.SAME}

    @pytest.mark.parametrize("lane", [lane for lane in Lane if lane is not Lane.SLOT])
    def test_an_old_file_that_nobody_edited_is_outdated(self, planned, lane) -> None:
        uid, first = planned.uid_of(lane), planned.export()
        item = next(item for item in planned.calendar.agenda() if item.uid == uid)
        for days in (3, 6):
            planned.clock.forward(hours=1)
            planned.calendar.move(IDEA, item.key, item.day + timedelta(days=days))
            planned.export()
        difference = the_one(planned, first)
        assert (difference.kind, difference.uid, difference.message != "") == (Kind.OUTDATED, uid, True)
        refused(planned, first)

    def test_an_old_file_after_a_change_that_moved_nothing(self, planned) -> None:
        first = planned.export()
        planned.clock.forward(hours=1)
        planned.ws.team.assign("support", "孙八音")
        assert set(planned.kinds(first).values()) == {Kind.SAME}

    def test_done_here_and_moved_there(self, planned) -> None:
        planned.calendar.steps.complete(IDEA, "draft", by="张三一")
        content = edited(planned.export(), planned.uid("draft"), *on(WEDNESDAY))
        assert the_one(planned, content).kind is Kind.CONFLICT
        refused(planned, content)


class TestApplying:
    def moved_publication(self, planned) -> bytes:
        return edited(planned.export(), planned.uid("publish"), *on(date(2026, 12, 17)))

    def test_whether_steps_move_along_must_be_said(self, planned) -> None:
        comparison, before = planned.compare(self.moved_publication(planned)), planned.rows()
        assert comparison.moves_publications
        with pytest.raises(InvalidArgument):
            planned.incoming.apply(comparison)
        assert planned.rows() == before
        assert planned.incoming.apply(comparison, accept=[Kind.RENAMED]) == 0  # nothing moves: nothing to say

    def test_a_publication_moves_alone(self, planned) -> None:
        before = planned.days()
        planned.incoming.apply(planned.compare(self.moved_publication(planned)), with_steps=False)
        assert planned.days() == {**before, planned.uid("publish"): date(2026, 12, 17)}
        assert planned.ws.assets.get(IDEA).planned_on == date(2026, 12, 17)

    def test_a_publication_moves_with_its_steps(self, planned) -> None:
        before = planned.days()
        planned.incoming.apply(planned.compare(self.moved_publication(planned)), with_steps=True)
        week = timedelta(days=7)
        mine = {planned.uid(key) for key in ("draft", "publish", "place_wechat", "promote_wechat_7")}
        assert planned.days() == {uid: day + week if uid in mine else day for uid, day in before.items()}

    def test_a_step_with_a_day_of_its_own_in_the_file_keeps_it(self, planned) -> None:
        uid = planned.uid("draft")
        content = edited(self.moved_publication(planned), uid, *on(WEDNESDAY))
        planned.incoming.apply(planned.compare(content), with_steps=True)
        assert (planned.days()[uid], planned.days()[planned.uid("publish")]) == (WEDNESDAY, date(2026, 12, 17))

    def test_done_steps_stay(self, planned) -> None:
        planned.calendar.steps.complete(IDEA, "draft", by="张三一")
        before = planned.days()
        planned.incoming.apply(planned.compare(self.moved_publication(planned)), with_steps=True)
        assert planned.days()[planned.uid("draft")] == before[planned.uid("draft")]
        assert planned.days()[planned.uid("publish")] == date(2026, 12, 17)

    @pytest.mark.parametrize("change", ["move", "title", "series"])
    def test_what_changed_since_the_comparison_stops_it(self, planned, change) -> None:
        comparison = planned.compare(edited(planned.export(), planned.uid("draft"), *on(WEDNESDAY)))
        planned.clock.forward(hours=1)
        if change == "move":
            planned.calendar.move(PAPER, "review", date(2027, 9, 1))
        elif change == "title":
            path = planned.ws.folder / "content" / PAPER_FILE
            path.write_text(path.read_text(encoding="utf-8").replace("选型", "选择"), encoding="utf-8")
            planned.ws.assets.sync()
        else:
            planned.calendar.series.skip("weekly", date(2026, 12, 3))
        for refresh in (False, True):
            if refresh:
                planned.export()
            before = planned.rows()
            with pytest.raises(Conflict):
                planned.incoming.apply(comparison)
            assert planned.rows() == before

    def test_a_comparison_is_applied_once(self, planned) -> None:
        comparison = planned.compare(edited(planned.export(), planned.uid("draft"), *on(WEDNESDAY)))
        planned.incoming.apply(comparison)
        with pytest.raises(Conflict):
            planned.incoming.apply(comparison)

    @pytest.mark.parametrize("kind", [Kind.CONFLICT, Kind.OUTDATED, Kind.UNKNOWN, Kind.SAME])
    def test_what_is_no_change_cannot_be_accepted(self, planned, kind) -> None:
        with pytest.raises(InvalidArgument):
            planned.incoming.apply(planned.compare(planned.export()), accept=[kind])

    def test_a_slot_that_was_filled_meanwhile_is_not_moved(self, planned) -> None:
        uid = planned.uid("weekly 2026-12-03")
        content = edited(planned.export(), uid, *on(date(2026, 12, 4)))
        planned.ws.assets.idea("新的一问", kind="qa", slug="new", by="张三一")
        planned.clock.forward(hours=1)
        planned.calendar.series.fill("weekly", "new", on=date(2026, 12, 3), by="张三一")
        assert the_one(planned, content).kind in (Kind.CONFLICT, Kind.OUTDATED)
        refused(planned, content)
