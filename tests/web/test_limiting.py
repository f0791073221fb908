"""Limits in memory: exact, forgotten in time, without a thread of their own."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from contentops.leads.intake.limits import HOUR, MINUTE, Window
from contentops.settings import CaptureSettings
from contentops.web import limiting
from contentops.web.limiting import SHARE, FloodGuard, ProcessLimit

START = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)


class Clock(datetime):
    """The system's clock, which stands still until it is moved."""

    at = START

    @classmethod
    def now(cls, tz=None) -> datetime:
        return cls.at.astimezone(tz)


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(Clock, "at", START)
    monkeypatch.setattr(limiting, "datetime", Clock)
    return Clock


@pytest.mark.row("C7", "C8")
def test_one_sender_is_stopped_and_the_others_are_not(moment) -> None:
    limit = ProcessLimit(Window(MINUTE, 3), Window(HOUR, 5))
    assert [limit.seconds_to_wait("甲") for _ in range(4)] == [0, 0, 0, 60 + 20 + 1]
    assert limit.is_full("甲")
    assert limit.seconds_to_wait("乙") == 0
    moment.at += timedelta(minutes=2)
    assert [limit.seconds_to_wait("甲") == 0 for _ in range(3)] == [True, True, False]  # the hour is full


def test_what_is_only_counted_is_never_refused_by_itself(moment) -> None:
    limit = ProcessLimit(Window(MINUTE, 2))
    assert not limit.is_full("甲")
    for _ in range(2):
        limit.count("甲")
    assert limit.is_full("甲")
    moment.at += timedelta(minutes=2)
    assert not limit.is_full("甲")


def test_what_is_over_is_forgotten(moment, monkeypatch) -> None:
    limit = ProcessLimit(Window(MINUTE, 3), Window(HOUR, 5))
    for number in range(1000):
        limit.seconds_to_wait(f"2001:db8:{number:x}::/64")
    assert len(limit._counts) == 2000
    moment.at += timedelta(minutes=2)
    limit.seconds_to_wait("甲")
    assert len(limit._counts) == 1000 + 2
    monkeypatch.setattr(limiting, "MOST_COUNTS", 500)  # a flood from everywhere must not fill the memory
    moment.at += timedelta(minutes=2)
    limit.seconds_to_wait("甲")
    assert len(limit._counts) == 2


def test_the_guard_lets_through_several_times_what_the_database_does(moment) -> None:
    guard = FloodGuard(CaptureSettings(per_minute=2, per_hour=100))
    assert [guard.seconds_to_wait("甲") == 0 for _ in range(2 * SHARE + 1)] == [*[True] * 2 * SHARE, False]


def test_no_thread_runs_for_it() -> None:
    before = threading.active_count()
    guard = FloodGuard(CaptureSettings())
    for number in range(200):
        guard.seconds_to_wait(str(number))
    assert threading.active_count() == before
