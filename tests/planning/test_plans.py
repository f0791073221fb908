"""Plans: back from a day, forward from a start, moved, made anew; and what is said of them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.assets.standards import PlacementRule, Standard
from contentops.errors import Conflict, InvalidArgument, NotFound, StepBlocked, TransitionRefused
from contentops.models import Lane, MilestoneState, WorkflowState
from contentops.planning.days_off import Away, Overrides
from contentops.planning.schedule import back_plan, forward_plan, placements
from contentops.planning.working_days import WorkingCalendar
from contentops.testing import write_content

from .shared import STANDARD

CHINA = WorkingCalendar("CN")
DAY = timedelta(days=1)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
TICKED = STANDARD.replace(
    'key = "draft"', 'key = "draft"\nchecklist = [{ zh-CN = "两家客户核对" }, { zh-CN = "数字有来源" }]'
)


def standard(**values) -> Standard:
    steps = [
        {"key": "brief", "name": {"en": "Brief"}, "duty": "owner", "offset_days": -10},
        {"key": "input", "name": {"en": "Input", "zh-CN": "素材"}, "duty": "suppliers", "offset_days": -6},
        {"key": "draft", "name": {"en": "Draft"}, "duty": "compiler", "offset_days": -3},
        {"key": "publish", "name": {"en": "Publish"}, "role": "ops", "offset_days": 0},
        {"key": "measure", "name": {"en": "Measure"}, "role": "ops", "offset_days": 20},
    ]
    given_values = {
        "kind": "x", "version": 1, "block": "icebreaker", "name": {"en": "X"}, "steps": steps,
        "duties": {"owner": "ops", "suppliers": ["presales", "product"], "compiler": "support"},
    }  # fmt: skip
    return Standard.model_validate({**given_values, **values})


class TestRules:
    def test_each_duty_gets_its_own_steps(self) -> None:
        steps = {step.step: step.role for step in back_plan(standard(), date(2026, 12, 10), CHINA)}
        assert steps == {
            "brief": "ops", "presales_input": "presales", "product_input": "product", "draft": "support",
            "publish": "ops", "measure": "ops",
        }  # fmt: skip
        assert back_plan(standard(), date(2026, 12, 10), CHINA)[1].name["zh-CN"] == "素材 (presales)"

    def test_an_assets_own_owner_gets_the_owners_steps(self) -> None:
        assert back_plan(standard(), date(2026, 12, 10), CHINA, "product")[0].role == "product"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"duties": {"owner": "ops"}}, "steps name: input, draft"),
            ({"steps": [{"key": "publish", "name": {"en": "P"}, "offset_days": 0}]}, "either role or duty"),
            (
                {"steps": [{"key": "publish", "name": {"en": "P"}, "duty": "suppliers", "offset_days": 0}]},
                "one role publishes",
            ),
        ],
    )
    def test_a_step_that_nobody_does_is_refused(self, change, message) -> None:
        with pytest.raises(ValueError, match=message):
            standard(**change)

    @given(days)
    def test_forward_plan_is_the_earliest_that_starts_in_time(self, start) -> None:
        publish = forward_plan(standard(), start, CHINA)
        assert min(step.due_on for step in back_plan(standard(), publish, CHINA)) >= start
        before = CHINA.shift(publish, -1)
        assert min(step.due_on for step in back_plan(standard(), before, CHINA)) < CHINA.on_or_after(start)

    @given(days, st.integers(0, 60))
    def test_placements_come_on_working_days_after_publication(self, day, after) -> None:
        rule = PlacementRule(channel="wechat", after_days=after, promote_after_days=(1, 7, 30))
        found = placements(rule, "ops", day, CHINA)
        assert [step.step for step in found] == [
            "place_wechat",
            "promote_wechat_1",
            "promote_wechat_7",
            "promote_wechat_30",
        ]
        assert [step.lane for step in found] == [Lane.PLACEMENT, *[Lane.PROMOTION] * 3]
        for step, days_after in zip(found, (after, 1, 7, 30), strict=True):
            assert CHINA.is_working_day(step.due_on)
            earliest = day + days_after * DAY
            assert step.due_on == CHINA.on_or_after(earliest)

    @given(days, st.integers(-300, 300))
    def test_distance_undoes_shift(self, day, amount) -> None:
        there = CHINA.shift(day, amount)
        if CHINA.is_working_day(there):
            assert CHINA.shift(day, CHINA.distance(day, there)) == there

    @given(days, days, days)
    def test_distances_of_working_days_add_up(self, a, b, c) -> None:
        first, second, third = map(CHINA.on_or_after, (a, b, c))
        assert CHINA.distance(first, second) + CHINA.distance(second, third) == CHINA.distance(first, third)


class TestPlan:
    def test_steps_are_counted_in_working_days(self, planned_anywhere) -> None:
        items = planned_anywhere.calendar.agenda()
        assert [(item.key, item.day, item.role, item.lane) for item in items] == [
            ("draft", date(2026, 12, 7), "support", Lane.STEP),
            ("publish", date(2026, 12, 10), "ops", Lane.PUBLICATION),
        ]
        asset = planned_anywhere.assets.get("cost")
        assert (asset.state, asset.planned_on) == (WorkflowState.PLANNED, date(2026, 12, 10))
        assert asset.standard_version == 2
        assert planned_anywhere.assets.history(asset)[-1].by == "张三一"

    def test_same_day_again_changes_nothing(self, planned_anywhere, clock) -> None:
        before = planned_anywhere.calendar.export()
        clock.forward(days=1)
        assert planned_anywhere.calendar.plan("cost", date(2026, 12, 10)).moves == ()
        assert planned_anywhere.calendar.export() == before

    def test_forward_from_a_start(self, planned_anywhere) -> None:
        plan = planned_anywhere.calendar.plan("cost", start_on=date(2026, 12, 12))  # a Saturday
        assert [m.due_on for m in plan.milestones] == [date(2026, 12, 14), date(2026, 12, 17)]

    @pytest.mark.parametrize("words", [{}, {"publish_on": date(2026, 12, 1), "start_on": date(2026, 12, 1)}])
    def test_one_day_must_be_said(self, planned_anywhere, words) -> None:
        with pytest.raises(InvalidArgument):
            planned_anywhere.calendar.plan("cost", **words)

    def test_done_stays_where_it_was(self, planned_anywhere) -> None:
        planned_anywhere.calendar.steps.complete("cost", "draft", by="x")
        planned_anywhere.calendar.plan("cost", date(2026, 12, 17))
        assert [item.day for item in planned_anywhere.calendar.agenda()] == [date(2026, 12, 7), date(2026, 12, 17)]

    def test_retired_is_not_planned(self, planned_anywhere) -> None:
        planned_anywhere.assets.move("cost", "retired", by="x")
        with pytest.raises(Conflict, match="resume"):
            planned_anywhere.calendar.plan("cost", date(2026, 12, 10))

    def test_unknown_asset_suggests_one(self, planned_anywhere) -> None:
        with pytest.raises(NotFound, match="did you mean 'cost'"):
            planned_anywhere.calendar.plan("cots", date(2026, 12, 10))

    def test_backlog_holds_what_has_no_date(self, planned_anywhere) -> None:
        planned_anywhere.assets.idea("保养台账怎么建", kind="qa", by="张三一")
        assert [asset.title for asset in planned_anywhere.calendar.backlog()] == ["保养台账怎么建"]
        planned_anywhere.calendar.unplan("cost", by="x")
        assert len(planned_anywhere.calendar.backlog()) == 2
        assert planned_anywhere.assets.get("cost").state is WorkflowState.IDEA
        assert planned_anywhere.calendar.agenda() == []


class TestMoves:
    def test_reschedule_moves_what_is_not_done_and_says_what_is_too_late(self, planned_anywhere) -> None:
        plan = planned_anywhere.calendar.reschedule("cost", date(2026, 11, 23))
        assert [(move.before, move.after) for move in plan.moves] == [
            (date(2026, 12, 7), date(2026, 11, 18)),
            (date(2026, 12, 10), date(2026, 11, 23)),
        ]
        assert [finding.code for finding in plan.findings if finding.step == "draft"] == ["nobody", "past"]
        assert "3 days before today" in next(f for f in plan.findings if f.code == "past").message

    def test_a_day_set_by_hand_keeps_its_distance(self, planned_anywhere) -> None:
        planned_anywhere.calendar.move("cost", "draft", date(2026, 12, 3))  # five working days before, not three
        planned_anywhere.calendar.plan("cost", date(2026, 12, 10))
        assert planned_anywhere.calendar.agenda()[0].day == date(2026, 12, 3)
        planned_anywhere.calendar.reschedule("cost", date(2026, 12, 17))
        assert planned_anywhere.calendar.agenda()[0].day == date(2026, 12, 10)

    def test_publication_alone_or_with_its_steps(self, planned_anywhere) -> None:
        planned_anywhere.calendar.move("cost", "publication", date(2026, 12, 11))
        assert [item.day for item in planned_anywhere.calendar.agenda()] == [date(2026, 12, 7), date(2026, 12, 11)]
        planned_anywhere.calendar.move("cost", "publication", date(2026, 12, 17), with_steps=True)
        assert [item.day for item in planned_anywhere.calendar.agenda()] == [date(2026, 12, 11), date(2026, 12, 17)]

    def test_expiry_and_review_are_dates_of_their_own(self, planned_anywhere) -> None:
        planned_anywhere.calendar.move("cost", "expiry", date(2027, 12, 31))
        planned_anywhere.calendar.move("cost", "review", date(2027, 6, 1))
        dates = {item.lane: item.day for item in planned_anywhere.calendar.agenda()}
        assert dates[Lane.EXPIRY] == date(2027, 12, 31)
        assert dates[Lane.REVIEW] == date(2027, 6, 1)
        asset = planned_anywhere.assets.get("cost")
        assert asset.expires_at.isoformat() == "2027-12-30T16:00:00+00:00"  # midnight in Shanghai
        assert asset.planned_on == date(2026, 12, 10)

    def test_an_expiry_moved_here_stays_until_the_file_says_another(self, planned_anywhere) -> None:
        planned_anywhere.calendar.move("cost", "expiry", date(2027, 12, 31))
        text = "---\ntitle: {}\ncontentops: {{id: asset-1, state: idea}}\n{}---\n正文\n"
        write_content(planned_anywhere, "qa/cost.md", text.format("新标题", ""))
        planned_anywhere.assets.sync()
        assert planned_anywhere.assets.get("cost").expires_at is not None
        write_content(planned_anywhere, "qa/cost.md", text.format("新标题", "expiryDate: 2028-01-01\n"))
        planned_anywhere.assets.sync()
        planned_anywhere.calendar.move("cost", "expiry", date(2028, 2, 1))
        write_content(planned_anywhere, "qa/cost.md", text.format("又一个标题", "expiryDate: 2028-01-01\n"))
        planned_anywhere.assets.sync()
        assert planned_anywhere.calendar.agenda(lane="expiry")[0].day == date(2028, 2, 1)
        write_content(planned_anywhere, "qa/cost.md", text.format("又一个标题", ""))
        planned_anywhere.assets.sync()
        assert planned_anywhere.assets.get("cost").expires_at is None

    def test_done_does_not_move(self, planned_anywhere) -> None:
        planned_anywhere.calendar.steps.complete("cost", "draft", by="x")
        with pytest.raises(Conflict, match="is done"):
            planned_anywhere.calendar.move("cost", "draft", date(2026, 12, 3))

    def test_every_change_keeps_who_and_when(self, planned_anywhere) -> None:
        from sqlmodel import select

        from contentops.models import DateChange

        planned_anywhere.calendar.move("cost", "draft", date(2026, 12, 3), by="李四维")
        with planned_anywhere.store.read() as session:
            changes = list(session.exec(select(DateChange).where(DateChange.by == "李四维")))
        assert [(c.what, c.from_on, c.to_on) for c in changes] == [("draft", date(2026, 12, 7), date(2026, 12, 3))]


class TestFindings:
    def test_holiday_and_provisional_year_are_said(self, planned_anywhere) -> None:
        text = " ".join(map(str, planned_anywhere.calendar.plan("cost", date(2027, 2, 6)).findings))
        assert "not a working day (Chinese New Year" in text
        assert "holidays of 2027 are not announced" in text
        text = " ".join(map(str, planned_anywhere.calendar.plan("cost", date(2026, 11, 22)).findings))
        assert "2026-11-22 is not a working day (weekend)" in text

    def test_conflicts_are_values_with_codes(self, planned_anywhere) -> None:
        planned_anywhere.team.assign("support", "孙八音")
        planned_anywhere.team.assign("ops", "陈七言")
        planned_anywhere.calendar.move("cost", "draft", date(2026, 12, 12))
        found = {(finding.code, finding.step) for finding in planned_anywhere.calendar.findings()}
        assert found == {("after_publication", "draft"), ("out_of_order", "draft"), ("day_off", "draft")}

    def test_who_is_away_and_who_works_elsewhere(self, planned_anywhere) -> None:
        planned_anywhere.team.assign("support", "孙八音")
        (planned_anywhere.folder / "holidays.toml").write_text(
            '[[away]]\nwho = "孙八音"\nfrom = 2026-12-07\nto = 2026-12-08\n', encoding="utf-8"
        )
        with type(planned_anywhere).open(planned_anywhere.folder, now=planned_anywhere._now) as again:
            away = [finding for finding in again.calendar.findings() if finding.code == "away"]
        assert [(finding.step, finding.day) for finding in away] == [("draft", date(2026, 12, 7))]
        assert "孙八音" in away[0].message

    def test_a_role_in_another_country_has_its_own_holidays(self, make_workspace) -> None:
        workspace = make_workspace(extra="")
        path = workspace.folder / "contentops.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(
            'country = "CN"', 'country = "CN"\nroles = { presales = "DE-BY" }'), encoding="utf-8")  # fmt: skip
        with type(workspace).open(workspace.folder) as again:
            context_days = again.calendar._context.days
            assert context_days.absence("presales", None, date(2027, 1, 6)) is not None  # Epiphany, in Bavaria
            assert context_days.absence("ops", None, date(2027, 1, 6)) is None

    def test_overrides_are_read_whole_or_refused_whole(self, tmp_path) -> None:
        from contentops.errors import StandardInvalid
        from contentops.planning.days_off import read_overrides

        path = tmp_path / "holidays.toml"
        path.write_text(
            'off = [2027-02-04]\n[[away]]\nwho = "x"\nfrom = 2027-01-01\nto = 2027-01-02\n', encoding="utf-8"
        )
        assert read_overrides(path) == Overrides(
            off=frozenset({date(2027, 2, 4)}), away=(Away("x", date(2027, 1, 1), date(2027, 1, 2)),)
        )
        path.write_text(
            'of = []\noff = ["x"]\n[[away]]\nwho = "x"\nfrom = 2027-02-01\nto = 2027-01-02\n[[away]]\nwho = 1\n'
        )
        with pytest.raises(StandardInvalid) as caught:
            read_overrides(path)
        assert len(caught.value.problems) == 4


class TestReplanning:
    def change(self, workspace, old: str, new: str) -> None:
        path = workspace.folder / "calendar" / "qa.toml"
        text = path.read_text(encoding="utf-8").replace(old, new).replace("version = 2", "version = 3")
        path.write_text(text, encoding="utf-8")
        del workspace.assets.standards

    def test_a_changed_standard_shows_what_it_would_move_before_it_does(self, planned_anywhere) -> None:
        self.change(planned_anywhere, "offset_days = -3", "offset_days = -5")
        moves = planned_anywhere.calendar.replanning.compare()
        assert [(m.step, m.before, m.after) for m in moves] == [("draft", date(2026, 12, 7), date(2026, 12, 3))]
        assert planned_anywhere.calendar.agenda()[0].day == date(2026, 12, 7)
        assert planned_anywhere.calendar.replanning.apply(by="x") == moves
        assert planned_anywhere.calendar.agenda()[0].day == date(2026, 12, 3)
        assert planned_anywhere.calendar.replanning.compare() == []
        assert planned_anywhere.assets.get("cost").standard_version == 3

    def test_new_and_dropped_steps_are_shown(self, planned_anywhere) -> None:
        self.change(planned_anywhere, 'key = "draft"', 'key = "write"')
        moves = {(m.step, m.before, m.after) for m in planned_anywhere.calendar.replanning.compare(kind="qa")}
        assert moves == {("draft", date(2026, 12, 7), None), ("write", None, date(2026, 12, 7))}
        assert planned_anywhere.calendar.replanning.compare(kind="whitepaper") == []

    def test_announced_holidays_show_the_difference(self, planned_anywhere) -> None:
        planned_anywhere.calendar.plan("cost", date(2027, 2, 17))
        before = planned_anywhere.calendar.agenda()[0].day
        (planned_anywhere.folder / "holidays.toml").write_text(
            "work = [2027-02-14]\nannounced = [2027]\n", encoding="utf-8"
        )
        with type(planned_anywhere).open(planned_anywhere.folder, now=planned_anywhere._now) as again:
            (move,) = again.calendar.replanning.compare()
            assert (move.step, move.before) == ("draft", before)
            assert move.after > before
            assert again.calendar.provisional_notice() == ""


class TestSteps:
    @pytest.fixture
    def checked(self, planned_anywhere):
        (planned_anywhere.folder / "calendar" / "qa.toml").write_text(TICKED, encoding="utf-8")
        del planned_anywhere.assets.standards
        planned_anywhere.calendar.plan("cost", date(2026, 12, 10))
        return planned_anywhere

    def test_open_points_block_the_step_and_the_next(self, checked) -> None:
        steps = checked.calendar.steps
        with pytest.raises(StepBlocked) as caught:
            steps.complete("cost", "draft", by="x")
        assert [str(p) for p in caught.value.problems] == [
            "zh-CN/cost: 'Draft' (draft) has an open point 1: 两家客户核对",
            "zh-CN/cost: 'Draft' (draft) has an open point 2: 数字有来源",
        ]
        with pytest.raises(StepBlocked):
            steps.complete("cost", "publish", by="x")
        steps.tick("cost", "draft", [1], by="孙八音")
        with pytest.raises(StepBlocked):
            steps.complete("cost", "draft", by="x")
        steps.tick("cost", "draft", by="孙八音")
        assert steps.complete("cost", "draft", by="x").state is MilestoneState.DONE
        assert checked.assets.get("cost").state is WorkflowState.IN_PROGRESS

    def test_ticks_are_kept_through_a_new_plan(self, checked) -> None:
        checked.calendar.steps.tick("cost", "draft", [2], by="孙八音")
        checked.calendar.plan("cost", date(2026, 12, 17))
        item = checked.calendar.agenda()[0]
        assert item.open_points == ("两家客户核对",)
        assert checked.calendar.steps.tick("cost", "draft", [2], by="x", on=False).checklist[1]["at"] is None
        with pytest.raises(NotFound, match="point"):
            checked.calendar.steps.tick("cost", "draft", [3], by="x")

    def test_publication_waits_for_its_steps_and_for_approval(self, planned_anywhere) -> None:
        with pytest.raises(StepBlocked, match="'Draft' \\(draft\\) is not done"):
            planned_anywhere.calendar.steps.complete("cost", "publish", by="x")
        planned_anywhere.calendar.steps.complete("cost", "draft", by="x")
        with pytest.raises(TransitionRefused):
            planned_anywhere.calendar.steps.complete("cost", "publish", by="x")
        planned_anywhere.assets.move("cost", "in_review", by="x")
        planned_anywhere.assets.move("cost", "approved", by="x")
        planned_anywhere.calendar.steps.complete("cost", "publish", by="x")
        asset = planned_anywhere.assets.get("cost")
        assert asset.state is WorkflowState.PUBLISHED
        assert asset.review_on == date(2027, 5, 21)
        assert {item.state for item in planned_anywhere.calendar.agenda(lane="publication")} == {MilestoneState.DONE}

    def test_a_skipped_step_does_not_come_back(self, planned_anywhere) -> None:
        with pytest.raises(InvalidArgument):
            planned_anywhere.calendar.steps.skip("cost", "draft", by="x", reason=" ")
        planned_anywhere.calendar.steps.skip("cost", "draft", by="x", reason="已有现成稿件")
        planned_anywhere.calendar.plan("cost", date(2026, 12, 17))
        assert [item.key for item in planned_anywhere.calendar.agenda()] == ["publish"]
        with pytest.raises(InvalidArgument, match="unplan"):
            planned_anywhere.calendar.steps.skip("cost", "publish", by="x", reason="x")

    def test_a_placement_has_its_own_day_and_format(self, planned_anywhere) -> None:
        steps = planned_anywhere.calendar.steps
        steps.place("cost", "zhihu", date(2026, 12, 16), by="x", format="answer", role="ops")
        (item,) = planned_anywhere.calendar.agenda(lane="placement")
        assert (item.day, item.channel, item.format, item.name) == (
            date(2026, 12, 16),
            "zhihu",
            "answer",
            "Publish on zhihu (answer)",
        )
        planned_anywhere.calendar.reschedule("cost", date(2026, 12, 17))
        assert planned_anywhere.calendar.agenda(lane="placement")[0].day == date(2026, 12, 23)
        steps.placed("cost", "zhihu", "https://example.com/answer/1", by="x")
        assert planned_anywhere.calendar.agenda(lane="placement")[0].state is MilestoneState.DONE
        for channel, role in (("微信", "ops"), ("x" * 21, "ops"), ("zhihu", "nonsense")):
            with pytest.raises((InvalidArgument, NotFound)):
                steps.place("cost", channel, date(2026, 12, 16), by="x", role=role)

    def test_review_sets_the_next_one_on_a_working_day(self, planned_anywhere) -> None:
        with pytest.raises(Conflict):
            planned_anywhere.calendar.steps.review("cost", by="x")
        planned_anywhere.assets.move("cost", "in_progress", by="x")
        for state in ("in_review", "approved"):
            planned_anywhere.assets.move("cost", state, by="x")
        planned_anywhere.assets.move("cost", "published", by="x", override=True, reason="急")
        reviewed = planned_anywhere.calendar.steps.review("cost", by="x")
        assert reviewed.reviewed_on == date(2026, 11, 21)
        assert planned_anywhere.calendar.working_days.is_working_day(reviewed.review_on)


class TestAgenda:
    def test_by_role_person_kind_lane_and_days(self, planned_anywhere) -> None:
        calendar = planned_anywhere.calendar
        planned_anywhere.team.assign("support", "孙八音")
        assert [item.person for item in calendar.agenda(role="support")] == ["孙八音"]
        assert [item.role for item in calendar.agenda(person="孙八音")] == ["support"]
        assert len(calendar.agenda(kind="qa", start=date(2026, 12, 8))) == 1
        assert calendar.agenda(end=date(2026, 12, 6)) == []
        assert len(calendar.agenda(week=date(2026, 12, 9))) == 2
        assert calendar.agenda(week=date(2026, 12, 2)) == []
        assert [item.key for item in calendar.agenda(lane="publication")] == ["publish"]
        assert calendar.agenda(kind="whitepaper") == []
        for wrong in ({"person": "无此人"}, {"role": "x"}, {"kind": "x"}, {"lane": "x"}):
            with pytest.raises((NotFound, InvalidArgument)):
                calendar.agenda(**wrong)

    def test_days_of_an_expiry_are_those_of_the_workspace(self, planned_anywhere) -> None:
        planned_anywhere.calendar.move("cost", "expiry", date(2027, 3, 1))
        day = date(2027, 3, 1)
        assert [item.lane for item in planned_anywhere.calendar.agenda(start=day, end=day)] == [Lane.EXPIRY]
        assert planned_anywhere.calendar.agenda(start=day + DAY) == []
        assert planned_anywhere.calendar.agenda(start=day - 3 * DAY, end=day - DAY) == []


class TestHarm:
    """What a review found: each of these lost, doubled or stopped something."""

    @pytest.mark.parametrize("what", ["expiry", "review", "draft", "publication"])
    def test_a_day_that_nobody_knows_is_refused_at_once(self, planned, what) -> None:
        with pytest.raises(InvalidArgument, match="between 2000 and 2100"):
            planned.calendar.move("cost", what, date(2500, 1, 1))
        assert planned.calendar.export().count(b"BEGIN:VEVENT") == 2

    def test_a_publication_moved_alone_stays_alone(self, planned) -> None:
        planned.calendar.move("cost", "publication", date(2026, 12, 15))
        assert planned.calendar.replanning.compare() == []

    def test_a_published_asset_gets_no_new_work(self, planned) -> None:
        planned.calendar.steps.complete("cost", "draft", by="x")
        for state in ("in_review", "approved", "published"):
            planned.assets.move("cost", state, by="x")
        TestReplanning().change(planned, 'key = "draft"', 'key = "legal"')
        assert planned.calendar.replanning.compare() == []
        for verb in (planned.calendar.plan, planned.calendar.reschedule):
            with pytest.raises(Conflict):
                verb("cost", date(2026, 12, 24))
        with pytest.raises(Conflict):
            planned.calendar.unplan("cost")

    def test_an_asset_is_always_in_one_of_the_lists(self, planned) -> None:
        planned.assets.move("cost", "idea", by="x")
        assert [asset.slug for asset in planned.calendar.backlog()] == ["cost"]
        assert planned.calendar.agenda() == []
        planned.calendar.plan("cost", date(2026, 12, 10))
        assert len(planned.calendar.agenda()) == 2

    def test_what_was_left_out_comes_back_by_moving_it(self, planned) -> None:
        planned.calendar.steps.skip("cost", "draft", by="x", reason="已有稿件")
        planned.calendar.export()
        planned.calendar.reschedule("cost", date(2026, 12, 17))
        plan = planned.calendar.move("cost", "draft", date(2026, 12, 15))
        assert [(move.before, move.after) for move in plan.moves] == [(None, date(2026, 12, 15))]
        assert len(planned.calendar.agenda()) == 2

    def test_a_retired_asset_owes_nothing_and_takes_nothing(self, planned) -> None:
        planned.assets.move("cost", "retired", by="x")
        for verb in (
            lambda: planned.calendar.reschedule("cost", date(2026, 12, 17)),
            lambda: planned.calendar.move("cost", "draft", date(2026, 12, 17)),
            lambda: planned.calendar.steps.complete("cost", "draft", by="x"),
        ):
            with pytest.raises(Conflict, match="retired"):
                verb()

    def test_publication_by_hand_reaches_the_calendar(self, planned) -> None:
        text = "---\ntitle: 成本\ndescription: x\n{}contentops: {{id: asset-1}}\n---\n正文\n"
        write_content(planned, "qa/cost.md", text.format("draft: true\n"))
        planned.assets.sync()
        planned.assets.move("cost", "in_progress", by="x")
        write_content(planned, "qa/cost.md", text.format(""))
        planned.assets.sync()
        asset = planned.assets.get("cost")
        assert (asset.state, asset.review_on) == (WorkflowState.PUBLISHED, date(2027, 5, 21))
        assert [(item.key, item.state) for item in planned.calendar.agenda(lane="publication")] == [("publish", "done")]
        assert [item.key for item in planned.calendar.agenda(lane="step")] == []

    def test_what_was_said_of_a_placement_is_kept(self, planned) -> None:
        path = planned.folder / "calendar" / "qa.toml"
        path.write_text(path.read_text(encoding="utf-8") + '[[placements]]\nchannel = "wechat"\n', encoding="utf-8")
        del planned.assets.standards
        planned.calendar.plan("cost", date(2026, 12, 10))
        planned.calendar.steps.place(
            "cost", "wechat", date(2026, 12, 14), by="x", role="ops", format="short_video", hours=6
        )
        planned.calendar.reschedule("cost", date(2026, 12, 17))
        (item,) = planned.calendar.agenda(lane="placement")
        assert (item.format, item.hours, item.role, item.day) == ("short_video", 6, "ops", date(2026, 12, 21))
        planned.calendar.steps.placed("cost", "WeChat", "https://example.com/1", by="x")
        with pytest.raises(Conflict):
            planned.calendar.steps.place("cost", "wechat", date(2026, 12, 14), by="x")
        with pytest.raises(InvalidArgument):
            planned.calendar.steps.placed("cost", "wechat", "somewhere", by="x")

    def test_a_slot_is_given_back(self, planned) -> None:
        (planned.folder / "calendar" / "cadence.toml").write_text(
            '[[series]]\nkey = "s"\nname = "s"\nkind = "qa"\nrule = "FREQ=WEEKLY;BYDAY=TH"\nstarts_on = 2026-12-01\n'
        )
        series = planned.calendar.series
        series.extend(date(2026, 12, 31))
        series.fill("s", "cost", by="x")
        series.fill("s", "cost", by="x")
        assert [slot.state for slot in series.reports()[0].slots].count("filled") == 1
        planned.calendar.unplan("cost")
        assert {slot.state for slot in series.reports()[0].slots} == {"open"}
        (planned.folder / "calendar" / "cadence.toml").unlink()
        assert len(series.reports()[0].slots) == 5
        series.skip("s", date(2026, 12, 3))

    def test_a_running_server_reads_changed_standards_and_holidays(self, planned, clock) -> None:
        feed = planned.calendar.feeds.add("a").feed
        before = planned.calendar.feeds.version(feed)
        path = planned.folder / "calendar" / "qa.toml"
        path.write_text(
            path.read_text(encoding="utf-8").replace('"撰写初稿"', '"撰写"').replace('"问答"', '"答疑"'),
            encoding="utf-8",
        )
        assert planned.calendar.feeds.version(feed) != before
        (planned.folder / "holidays.toml").write_text("off = [2026-12-10]\n", encoding="utf-8")
        planned.calendar.feeds.version(feed)
        assert not planned.calendar.working_days.is_working_day(date(2026, 12, 10))
