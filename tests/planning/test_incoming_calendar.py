"""The calendar that comes back is the calendar that went out, but for what was moved there."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contentops.models import Lane
from contentops.planning.incoming.differences import Kind

from .returned.files import edited, on, with_ical, with_vobject
from .returned.planned import EVENTS, ZONES, Planned, copied, make

# By how many days each event moves. 0: it stays.
SHIFTS = st.lists(st.just(0) | st.integers(-330, 330), min_size=EVENTS, max_size=EVENTS)
NUMBERS = itertools.count()


@pytest.fixture(scope="module", params=ZONES)
def template(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("template") / "工作区"
    make(folder, request.param)
    return folder


@pytest.fixture
def planned(template, tmp_path):
    planned = copied(template, tmp_path / "工作区")
    yield planned
    planned.ws.close()


def moved(planned: Planned, shifts: list[int]) -> dict[str, date]:
    """Return the new day of each event that moves."""
    items = sorted(planned.calendar.agenda(), key=lambda item: (item.lane, item.key, item.address))
    return {i.uid: i.day + timedelta(days=shift) for i, shift in zip(items, shifts, strict=True) if shift}


def test_what_comes_back_as_it_left_is_the_same(planned) -> None:
    kinds = planned.kinds(planned.export())
    assert kinds == dict.fromkeys(planned.days(), Kind.SAME)


def test_libraries_that_change_nothing_change_nothing(planned) -> None:
    for library in (with_vobject, with_ical):
        assert set(planned.kinds(library(planned.export(), {})).values()) == {Kind.SAME}


@pytest.mark.parametrize("library", [with_vobject, with_ical])
@given(shifts=SHIFTS)
@example(shifts=[1] * EVENTS)
@example(shifts=[-30] * EVENTS)
@settings(max_examples=5, deadline=None)
def test_exactly_what_was_moved_moves(template, tmp_path_factory, library, shifts) -> None:
    planned = copied(template, tmp_path_factory.getbasetemp() / f"moves {next(NUMBERS)}")
    before, wanted = planned.days(), moved(planned, shifts)
    comparison = planned.compare(library(planned.export(), wanted))
    assert {d.uid: (d.before, d.after) for d in comparison.of(Kind.MOVED)} == {
        uid: (before[uid], day) for uid, day in wanted.items()
    }
    assert {d.uid for d in comparison.of(Kind.SAME)} == before.keys() - wanted.keys()
    assert len(comparison.differences) == EVENTS

    planned.clock.forward(hours=1)
    assert planned.incoming.apply(comparison, with_steps=False, by="李四二") == len(wanted)
    assert planned.days() == {**before, **wanted}
    assert planned.kinds(planned.export()) == dict.fromkeys(before, Kind.SAME)
    planned.ws.close()


@pytest.mark.parametrize("lane", list(Lane))
def test_each_lane_moves_there_and_back(planned, lane) -> None:
    uid, first = planned.uid_of(lane), planned.export()
    before = planned.days()
    away = before[uid] + timedelta(days=5)
    for day in (away, before[uid]):
        planned.clock.forward(hours=1)
        stamp = f"LAST-MODIFIED:{planned.clock.moment:%Y%m%dT%H%M%SZ}"
        comparison = planned.compare(edited(first, uid, *on(day), stamp))
        assert [(d.uid, d.lane, d.after) for d in comparison.of(Kind.MOVED)] == [(uid, lane, day)]
        planned.incoming.apply(comparison, with_steps=False)
        assert planned.days() == {**before, uid: day}
        assert set(planned.kinds(planned.export()).values()) == {Kind.SAME}


def test_a_move_is_kept_in_the_history_with_who_and_where_from(planned) -> None:
    from sqlmodel import select

    from contentops.models import DateChange

    uid = planned.uid("draft")
    comparison = planned.compare(edited(planned.export(), uid, *on(date(2026, 12, 4))))
    planned.incoming.apply(comparison, by="李四二")
    with planned.ws.store.read() as session:
        note = session.exec(select(DateChange)).all()[-1]
    assert (note.what, note.to_on, note.by) == ("draft", date(2026, 12, 4), "李四二")
    assert "回来的日历.ics" in note.reason
