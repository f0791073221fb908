"""Hours per role and week, and moves out of overloaded weeks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.errors import Conflict
from contentops.models import Lane
from contentops.planning.capacity import Capacity, Work, balance, loads, week_of
from contentops.planning.working_days import WorkingCalendar
from contentops.testing import write_content

CHINA = WorkingCalendar("CN")
MONDAY = date(2026, 11, 23)


def work(key: str, day: date, hours: float, slack: int = 0, role: str = "ops") -> Work:
    return Work(key, role, day, hours, day - timedelta(days=slack), day + timedelta(days=slack))


class TestLoads:
    def test_effort_counts_in_the_week_it_is_due(self) -> None:
        capacity = Capacity(10, {"presales": 4}, CHINA)
        works = [
            work("a", MONDAY, 8),
            work("b", MONDAY + timedelta(days=4), 5.5),
            work("c", MONDAY, 3, role="presales"),
        ]
        rows = loads(works, capacity)
        assert [(row.role, row.week, row.due_hours, row.capacity_hours, row.over_hours) for row in rows] == [
            ("ops", MONDAY, 13.5, 10, 3.5), ("presales", MONDAY, 3, 4, 0),
        ]  # fmt: skip
        assert rows[0].keys == ("a", "b")

    def test_a_week_of_holidays_has_fewer_hours(self) -> None:
        capacity = Capacity(10, {}, CHINA)
        assert capacity.hours("ops", date(2026, 9, 28)) == 6  # 1 and 2 October are off
        assert capacity.hours("ops", date(2026, 10, 5)) == 6  # 8, 9 and the make-up Saturday of the 10th
        assert capacity.hours("ops", date(2026, 2, 16)) == 0

    @given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
    def test_a_week_begins_on_its_monday(self, day) -> None:
        assert week_of(day).weekday() == 0
        assert 0 <= (day - week_of(day)).days < 7


works_strategy = st.lists(
    st.builds(
        lambda n, offset, hours, slack, role: work(str(n), CHINA.on_or_after(MONDAY + timedelta(days=offset)), hours, slack, role),
        st.integers(0, 10**9), st.integers(0, 40), st.sampled_from([1, 2, 4, 8, 12]), st.integers(0, 20),
        st.sampled_from(["ops", "presales"]),
    ),
    max_size=30, unique_by=lambda w: w.key,
)  # fmt: skip


class TestBalance:
    def test_the_smallest_piece_that_is_enough_goes_to_the_nearest_week_with_room(self) -> None:
        works = [work("large", MONDAY, 9, 14), work("small", MONDAY, 3, 14), work("fixed", MONDAY, 1)]
        (move,) = balance(works, Capacity(10, {}, CHINA), CHINA)
        assert (move.key, move.before, move.after) == ("small", MONDAY, date(2026, 11, 20))

    def test_nothing_moves_without_slack_or_room(self) -> None:
        assert balance([work("a", MONDAY, 30)], Capacity(10, {}, CHINA), CHINA) == []
        full = [work(str(week), MONDAY + timedelta(weeks=week), 12, 7) for week in range(-3, 4)]
        assert balance(full, Capacity(10, {}, CHINA), CHINA) == []

    @given(works_strategy)
    def test_moves_stay_within_slack_and_overload_no_other_week(self, works) -> None:
        capacity = Capacity(10, {}, CHINA)
        moves = balance(works, capacity, CHINA)
        assert moves == balance(works, capacity, CHINA)
        by_key = {w.key: w for w in works}
        after = dict(by_key)
        for move in moves:
            before = by_key[move.key]
            assert before.earliest <= move.after <= before.latest
            assert CHINA.is_working_day(move.after)
            after[move.key] = before._replace(day=move.after)
        assert len({move.key for move in moves}) == len(moves)
        old = {(row.role, row.week): row.over_hours for row in loads(works, capacity)}
        for row in loads(after.values(), capacity):
            assert row.over_hours <= old.get((row.role, row.week), 0)
        assert sum(row.over_hours for row in loads(after.values(), capacity)) <= sum(old.values())


@pytest.fixture
def busy(workspace):
    """Three white papers for one day: ops has more to do than hours."""
    for number in range(3):
        write_content(
            workspace, f"whitepaper/p{number}.md", f"---\ntitle: 白皮书{number}\ncontentops: {{state: idea}}\n---\n"
        )
    workspace.assets.sync()
    workspace.team.assign("ops", "陈七言")
    for number in range(3):
        workspace.calendar.plan(f"p{number}", date(2027, 1, 28))
    return workspace


class TestDesk:
    def test_overloads_by_whom_and_how_much(self, busy) -> None:
        over = [row for row in busy.calendar.workload.report(role="ops") if row.over_hours]
        assert over
        for row in over:
            items = {item.uid: item for item in busy.calendar.agenda(role="ops")}
            assert row.due_hours == sum(items[key].hours for key in row.keys)
            assert row.over_hours == row.due_hours - row.capacity_hours

    def test_done_work_does_not_count(self, busy) -> None:
        before = busy.calendar.workload.report(role="ops")[0].due_hours
        busy.calendar.steps.tick("p0", "brief", by="x")
        busy.calendar.steps.complete("p0", "brief", by="x")
        assert busy.calendar.workload.report(role="ops")[0].due_hours < before

    def test_proposals_keep_the_order_of_steps_and_are_applied_whole(self, busy) -> None:
        proposals = busy.calendar.workload.balance()
        assert proposals
        before = sum(row.over_hours for row in busy.calendar.workload.report())
        assert busy.calendar.workload.apply(proposals, by="陈七言") == len(proposals)
        assert sum(row.over_hours for row in busy.calendar.workload.report()) < before
        assert not [
            finding
            for finding in busy.calendar.findings()
            if finding.code in ("out_of_order", "after_publication", "past")
        ]
        publications = {item.day for item in busy.calendar.agenda(lane=Lane.PUBLICATION)}
        assert publications == {date(2027, 1, 28)}
        with pytest.raises(Conflict):
            busy.calendar.workload.apply(proposals, by="x")
