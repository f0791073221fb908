"""Recurring series: their days, and the slots that assets fill."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.errors import Conflict, NotFound, StandardInvalid
from contentops.models import Lane, SlotState
from contentops.planning.cadence import Series, load_series, series_days
from contentops.planning.working_days import WorkingCalendar
from contentops.testing import write_content

CHINA = WorkingCalendar("CN")
FILE = """
[[series]]
key = "cases"
name = "隔周案例"
kind = "case_study"
rule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"
starts_on = 2026-12-03
[[series]]
key = "digest"
name = "月末问答"
kind = "qa"
working_day = -1
starts_on = 2026-11-01
on_holiday = "skip"
"""


def series(**values) -> Series:
    given_values = {"key": "x", "name": "x", "kind": "qa", "starts_on": date(2026, 9, 3)}
    return Series.model_validate({**given_values, **values})


def days(wanted: Series, until: date) -> list[date]:
    return [found.day for found in series_days(wanted, CHINA, until)]


class TestRules:
    def test_every_second_thursday_and_its_holiday(self) -> None:
        rule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"
        until = date(2026, 10, 20)
        assert days(series(rule=rule), until) == [
            date(2026, 9, 3),
            date(2026, 9, 17),
            date(2026, 10, 8),
            date(2026, 10, 15),
        ]
        assert days(series(rule=rule, on_holiday="before"), until)[2] == date(2026, 9, 30)
        assert days(series(rule=rule, on_holiday="skip"), until) == [
            date(2026, 9, 3),
            date(2026, 9, 17),
            date(2026, 10, 15),
        ]

    def test_last_working_day_of_the_month(self) -> None:
        found = days(series(working_day=-1), date(2026, 12, 31))
        assert found == [date(2026, 9, 30), date(2026, 10, 30), date(2026, 11, 30), date(2026, 12, 31)]
        assert days(series(working_day=1, every_months=3), date(2027, 3, 31)) == [date(2026, 12, 1), date(2027, 3, 1)]

    def test_it_ends_when_it_should(self) -> None:
        assert days(series(rule="FREQ=DAILY", ends_on=date(2026, 9, 4)), date(2027, 1, 1)) == [
            date(2026, 9, 3),
            date(2026, 9, 4),
        ]

    @given(st.sampled_from(["FREQ=WEEKLY;BYDAY=TU,TH", "FREQ=MONTHLY;BYDAY=2FR", "FREQ=DAILY", "FREQ=MONTHLY;BYMONTHDAY=1"]),
           st.sampled_from(["skip", "before", "after"]), st.dates(date(2024, 1, 1), date(2027, 1, 1)))  # fmt: skip
    def test_slots_are_working_days_in_order_without_doubles(self, rule, on_holiday, start) -> None:
        wanted = series(rule=rule, on_holiday=on_holiday, starts_on=start)
        found = list(series_days(wanted, CHINA, start + timedelta(days=200)))
        assert all(CHINA.is_working_day(slot.day) for slot in found)
        assert len({slot.day for slot in found}) == len(found)
        assert [slot.rule_on for slot in found] == sorted(slot.rule_on for slot in found)
        longer = list(series_days(wanted, CHINA, start + timedelta(days=300)))
        assert longer[: len(found)] == found

    @pytest.mark.parametrize("values", [
        {}, {"rule": "x"}, {"rule": "FREQ=SECONDLY"}, {"rule": "FREQ=WEEKLY;COUNT=3"}, {"rule": "FREQ=WEEKLY;BYDAY=XX"},
        {"working_day": 0}, {"working_day": 16}, {"rule": "FREQ=DAILY", "working_day": 1}, {"rule": "FREQ=DAILY\nDTSTART:x"},
    ])  # fmt: skip
    def test_wrong_rules_are_refused(self, values) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - pydantic's own
            series(**values)

    def test_every_problem_of_the_file_at_once(self, tmp_path) -> None:
        path = tmp_path / "cadence.toml"
        assert load_series(path) == {}
        path.write_text(
            'x = 1\n[[series]]\nkey = "A b"\n' + FILE + FILE.partition('[[series]]\nkey = "digest"')[0],
            encoding="utf-8",
        )
        with pytest.raises(StandardInvalid) as caught:
            load_series(path)
        text = str(caught.value)
        for words in ("unknown key 'x'", "series 1.key", "series 1.starts_on", "'cases' stands here twice"):
            assert words in text


@pytest.fixture
def recurring(any_workspace):
    (any_workspace.folder / "calendar" / "cadence.toml").write_text(FILE, encoding="utf-8")
    write_content(any_workspace, "case_study/a.md", "---\ntitle: 某厂案例\ncontentops: {state: idea}\n---\n")
    any_workspace.assets.sync()
    return any_workspace


class TestDesk:
    def test_slots_are_made_once(self, recurring) -> None:
        made = recurring.calendar.series.extend(date(2027, 1, 31))
        assert [(slot.series, slot.day) for slot in made if slot.series == "cases"] == [
            ("cases", date(2026, 12, day)) for day in (3, 17, 31)] + [("cases", date(2027, 1, day)) for day in (14, 28)]  # fmt: skip
        assert recurring.calendar.series.extend(date(2027, 1, 31)) == []
        assert {item.lane for item in recurring.calendar.agenda()} == {Lane.SLOT}
        assert recurring.calendar.export().count(b"BEGIN:VEVENT") == len(made)

    def test_an_asset_fills_a_slot_and_stands_there_instead(self, recurring) -> None:
        recurring.calendar.series.extend(date(2027, 1, 31))
        recurring.calendar.export()
        slot = recurring.calendar.series.fill("cases", "a", on=date(2027, 1, 28), by="x")
        assert slot.state is SlotState.FILLED
        assert recurring.assets.get("a").planned_on == date(2027, 1, 28)
        assert date(2027, 1, 28) not in {item.day for item in recurring.calendar.agenda(lane="slot")}
        assert recurring.calendar.export().count(b"STATUS:CANCELLED") == 1
        report = recurring.calendar.series.reports()[0]
        assert report.titles[slot.asset_id] == "某厂案例"

    def test_wrong_kind_and_no_room_are_said(self, recurring) -> None:
        recurring.calendar.series.extend(date(2026, 12, 31))
        with pytest.raises(Conflict, match="takes qa"):
            recurring.calendar.series.fill("digest", "a", by="x")
        with pytest.raises(NotFound, match="did you mean 'cases'"):
            recurring.calendar.series.fill("case", "a", by="x")
        with pytest.raises(NotFound, match="free slot"):
            recurring.calendar.series.fill("cases", "a", on=date(2026, 12, 4), by="x")

    def test_a_skipped_slot_stays_away(self, recurring) -> None:
        recurring.calendar.series.extend(date(2026, 12, 31))
        recurring.calendar.series.skip("cases", date(2026, 12, 3))
        assert date(2026, 12, 3) not in {item.day for item in recurring.calendar.agenda()}
        assert recurring.calendar.series.extend(date(2026, 12, 31)) == []
