"""A plan that is given up, by the calendar's verb or by the workflow's: the same work is dropped, and can come back."""

from datetime import date

import pytest


def unplanned(workspace) -> None:
    workspace.calendar.unplan("cost", by="张三一")


def moved_back(workspace) -> None:
    workspace.assets.move("cost", "idea", by="张三一", reason="缺少素材")


@pytest.mark.parametrize("give_up", [unplanned, moved_back])
def test_a_step_whose_day_was_set_by_hand_comes_back_with_the_next_plan(planned, give_up) -> None:
    planned.calendar.move("cost", "draft", date(2026, 12, 3))
    give_up(planned)
    assert planned.calendar.agenda() == []
    asset = planned.assets.get("cost")
    assert (asset.state, asset.planned_on) == ("idea", None)
    planned.calendar.plan("cost", date(2026, 12, 17), by="张三一")
    assert [(item.key, item.day) for item in planned.calendar.agenda()] == [
        ("draft", date(2026, 12, 14)),
        ("publish", date(2026, 12, 17)),
    ]


def test_the_calendars_verb_keeps_whose_days_it_dropped(planned) -> None:
    unplanned(planned)
    dropped = [change for change in planned.calendar.history(planned.assets.get("cost")) if change.to_on is None]
    assert [(change.what, change.from_on, change.by) for change in dropped] == [
        ("draft", date(2026, 12, 7), "张三一"),
        ("publish", date(2026, 12, 10), "张三一"),
    ]
