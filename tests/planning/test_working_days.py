"""Working days: against another library for all of China's announced years, and by their algebra."""

import csv
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.errors import InvalidInput, StandardInvalid
from contentops.planning.working_days import Overrides, WorkingCalendar, read_overrides

CHINA = WorkingCalendar("CN")
days = st.dates(date(2004, 1, 1), date(2026, 12, 31))
near_days = st.dates(date(2010, 1, 1), date(2030, 12, 31))


def test_china_agrees_with_chinesecalendar_on_every_announced_day() -> None:
    day, different = date(2004, 1, 1), []
    while day <= date(2026, 12, 31):
        if CHINA.is_working_day(day) != chinese_calendar.is_workday(day):
            different.append(day)
        day += timedelta(days=1)
    assert different == [date(2005, 12, 31)]  # a known difference between the two libraries


@pytest.mark.corpora
def test_china_agrees_with_the_state_councils_table(corpora) -> None:
    with (corpora / "golden" / "cn_calendar_2025_2026.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        assert CHINA.is_working_day(date.fromisoformat(row["date"])) is (row["kind"] != "off"), row


def test_make_up_saturday_and_long_holiday() -> None:
    assert CHINA.is_working_day(date(2026, 2, 14))
    assert not CHINA.is_working_day(date(2026, 2, 16))
    assert CHINA.shift(date(2026, 2, 24), -1) == date(2026, 2, 14)
    assert CHINA.holiday_name(date(2026, 10, 1), "zh-CN") == "国庆节"
    assert CHINA.holiday_name(date(2026, 10, 1), "en") == "National Day"


@given(near_days, st.integers(-60, 60))
def test_shift_lands_on_a_working_day_and_counts_them(day, amount) -> None:
    there = CHINA.shift(day, amount)
    if amount == 0:
        assert there == day
        return
    assert CHINA.is_working_day(there)
    low, high = (day + timedelta(days=1), there) if amount > 0 else (there, day - timedelta(days=1))
    between = [low + timedelta(days=n) for n in range((high - low).days + 1)]
    assert sum(map(CHINA.is_working_day, between)) == abs(amount)


@given(near_days, st.integers(0, 40), st.integers(0, 40))
def test_shift_adds_up(day, first, second) -> None:
    assert CHINA.shift(CHINA.shift(day, first), second) == CHINA.shift(day, first + second)
    assert CHINA.shift(CHINA.shift(day, -first), -second) == CHINA.shift(day, -first - second)


@given(near_days.filter(CHINA.is_working_day), st.integers(-40, 40))
def test_shift_there_and_back_from_a_working_day(day, amount) -> None:
    assert CHINA.shift(CHINA.shift(day, amount), -amount) == day


def test_provisional_years_are_those_not_announced() -> None:
    assert [year for year in range(2004, 2031) if CHINA.is_provisional(year)] == [2027, 2028, 2029, 2030]
    assert not WorkingCalendar("DE").is_provisional(2040)
    assert WorkingCalendar("CN", overrides=Overrides(announced=frozenset({2027}))).is_provisional(2027) is False


def test_other_countries_and_regions() -> None:
    assert not WorkingCalendar("DE", "BY").is_working_day(date(2026, 1, 6))
    assert WorkingCalendar("DE", "BE").is_working_day(date(2026, 1, 6))


def test_own_days_win(tmp_path) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text("off = [2026-11-23]\nwork = [2026-11-22, 2027-02-06]\nannounced = [2027]\n")
    calendar = WorkingCalendar("CN", overrides=read_overrides(path))
    assert calendar.is_working_day(date(2026, 11, 22))
    assert not calendar.is_working_day(date(2026, 11, 23))
    assert calendar.shift(date(2026, 11, 22), 1) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("of = []", "did you mean 'off'"),
        ('off = ["2026-01-01"]', r"off must be a list like \[2027-02-04\]"),
        ("announced = [2027-01-01]", "announced must be a list"),
        ("off = [2026-01-01]\nwork = [2026-01-01]", "both off and work: 2026-01-01"),
        ("off = ", "cannot be read"),
    ],
)
def test_wrong_file_is_named(tmp_path, text, words) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text(text)
    with pytest.raises(StandardInvalid, match=words):
        read_overrides(path)


def test_years_beyond_what_is_known_are_refused() -> None:
    with pytest.raises(InvalidInput, match="2000 to 2100"):
        CHINA.is_working_day(date(1999, 1, 1))
