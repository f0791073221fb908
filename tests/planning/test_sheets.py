"""The plan as a workbook and as CSV, there and back."""

import csv
import io
from datetime import date, datetime

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from contentops.errors import CalendarInvalid, InvalidArgument, StepBlocked
from contentops.models import MilestoneState
from contentops.planning.columns import COLUMNS
from contentops.planning.incoming.differences import Kind


def sheet(content: bytes, name: str | int = 0) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return (
        book.get_sheet_by_index(name).to_python() if isinstance(name, int) else book.get_sheet_by_name(name).to_python()
    )


def saved(rows: list[list[object]]) -> bytes:
    """Write rows as Excel would save them."""
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(
        memory, {"in_memory": True, "strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}
    )
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, date):
                page.write_datetime(
                    number,
                    place,
                    value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time()),
                )
            else:
                page.write(number, place, value)
    book.close()
    return memory.getvalue()


def edited(content: bytes, **cells: dict[str, object]) -> bytes:
    """Change cells of the plan: ``draft={"day": …}`` for the row whose UID holds ``-draft@``."""
    rows = sheet(content)
    for row in rows[1:]:
        for key, changes in cells.items():
            if f"-{key}@" in str(row[0]):
                for name, value in changes.items():
                    row[[column.key for column in COLUMNS].index(name)] = value
    return saved(rows)


def kinds(comparison) -> dict[str, int]:
    found: dict[str, int] = {}
    for difference in comparison.differences:
        found[str(difference.kind)] = found.get(str(difference.kind), 0) + 1
    return found


class TestOut:
    def test_a_table_with_dates_choices_and_instructions(self, planned) -> None:
        planned.team.assign("support", "=HYPERLINK(1)")
        content = planned.calendar.sheets.xlsx()
        rows = sheet(content)
        assert rows[0] == [column.zh for column in COLUMNS]
        assert rows[1][:2] == ["asset-1-draft@contentops", date(2026, 12, 7)]
        assert rows[1][2:6] == ["周一", "制作", "撰写初稿", "工厂保养成本怎样算清楚"]
        assert rows[1][8] == "=HYPERLINK(1)"  # as text
        assert isinstance(rows[1][15], datetime)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        assert book.sheet_names == ["计划", "填写说明", "工作量"]
        import zipfile

        archive = zipfile.ZipFile(io.BytesIO(content))
        plan = archive.read("xl/worksheets/sheet1.xml").decode()
        assert 'type="list"' in plan
        assert 'type="date"' in plan
        assert "xl/tables/table1.xml" in archive.namelist()
        assert "xl/charts/chart1.xml" in archive.namelist()
        assert not [name for name in archive.namelist() if "calcChain" in name]
        assert "<f>" not in plan

    def test_the_same_plan_gives_the_same_bytes(self, planned, clock) -> None:
        first = planned.calendar.sheets.xlsx()
        clock.forward(days=1)
        assert planned.calendar.sheets.xlsx() == first

    def test_workload_has_a_row_a_week_and_marks_nothing_else(self, planned) -> None:
        rows = sheet(planned.calendar.sheets.xlsx(), 2)
        assert rows[0][0] == "周"
        assert rows[1][0] == date(2026, 12, 7)

    def test_csv_opens_in_excel_and_runs_no_formula(self, planned) -> None:
        planned.team.assign("support", "=1+1")
        content = planned.calendar.sheets.csv()
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert rows[1][8] == "'=1+1"

    def test_an_empty_plan_is_still_a_table(self, workspace) -> None:
        assert len(sheet(workspace.calendar.sheets.xlsx())) == 1
        assert sheet(workspace.calendar.sheets.xlsx())[0] == [column.zh for column in COLUMNS]


class TestBack:
    @pytest.fixture
    def content(self, planned) -> bytes:
        return planned.calendar.sheets.xlsx()

    def test_unedited_is_the_same(self, planned, content) -> None:
        for name, data in (
            ("x.xlsx", content),
            ("x.xlsx", saved(sheet(content))),
            ("x.csv", planned.calendar.sheets.csv()),
        ):
            assert kinds(planned.calendar.incoming.sheets([(name, data)])) == {"same": 2}

    def test_gb18030_semicolons_and_english_headers_come_back_too(self, planned) -> None:
        rows = csv.reader(io.StringIO(planned.calendar.sheets.csv().decode("utf-8-sig"), newline=""))
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=";").writerows([[c.en for c in COLUMNS], *list(rows)[1:]])
        for encoding in ("gb18030", "utf-8", "utf-16"):
            data = text.getvalue().encode(encoding)
            assert kinds(planned.calendar.incoming.sheets([("计划.csv", data)])) == {"same": 2}

    def test_a_moved_date_moves_and_a_done_state_is_done(self, planned, content) -> None:
        comparison = planned.calendar.incoming.sheets(
            [("x.xlsx", edited(content, draft={"day": date(2026, 12, 4), "state": "已完成"}))]
        )
        assert kinds(comparison) == {"moved": 1, "done": 1, "same": 1}
        assert planned.calendar.incoming.apply(comparison, by="张三一") == 2
        draft = planned.calendar.agenda()[0]
        assert (draft.day, draft.state) == (date(2026, 12, 4), MilestoneState.DONE)

    def test_changed_here_since_is_a_conflict(self, planned, content, clock) -> None:
        clock.forward(hours=1)
        planned.calendar.move("cost", "draft", date(2026, 12, 3))
        comparison = planned.calendar.incoming.sheets([("x.xlsx", edited(content, draft={"day": date(2026, 12, 4)}))])
        assert kinds(comparison) == {"conflict": 1, "same": 1}
        assert planned.calendar.incoming.apply(comparison) == 0
        assert kinds(planned.calendar.incoming.sheets([("x.xlsx", content)])) == {"outdated": 1, "same": 1}

    def test_a_moved_publication_asks_about_its_steps(self, planned, content) -> None:
        data = edited(content, publish={"day": date(2026, 12, 17)})
        comparison = planned.calendar.incoming.sheets([("x.xlsx", data)])
        with pytest.raises(InvalidArgument, match="--with-steps"):
            planned.calendar.incoming.apply(comparison)
        planned.calendar.incoming.apply(comparison, with_steps=True)
        assert [item.day for item in planned.calendar.agenda()] == [date(2026, 12, 14), date(2026, 12, 17)]

    def test_what_is_blocked_stops_the_whole_import(self, planned, content) -> None:
        data = edited(content, draft={"day": date(2026, 12, 4)}, publish={"state": "已完成"})
        comparison = planned.calendar.incoming.sheets([("x.xlsx", data)])
        with pytest.raises(StepBlocked):
            planned.calendar.incoming.apply(comparison)
        assert planned.calendar.agenda()[0].day == date(2026, 12, 7)

    def test_wrong_cells_are_named_by_row(self, planned, content) -> None:
        data = edited(content, draft={"day": "下周"}, publish={"state": "差不多"})
        comparison = planned.calendar.incoming.sheets([("x.xlsx", data)])
        assert [(d.kind, d.place) for d in comparison.differences] == [
            (Kind.UNUSABLE, "x.xlsx [Sheet1] row 2"), (Kind.UNUSABLE, "x.xlsx [Sheet1] row 3"),
        ]  # fmt: skip
        assert "'下周' is no date" in comparison.differences[0].message

    def test_rows_may_be_sorted_deleted_and_doubled(self, planned, content) -> None:
        rows = sheet(content)
        shuffled = saved([rows[0], rows[2], rows[1], rows[1]])
        assert kinds(planned.calendar.incoming.sheets([("x.xlsx", shuffled)])) == {"same": 2, "unusable": 1}
        assert kinds(planned.calendar.incoming.sheets([("x.xlsx", saved(rows[:2]))])) == {"same": 1}


class TestHostile:
    @pytest.mark.parametrize(("name", "data"), [
        ("x.xlsx", b"PK\x03\x04nonsense"), ("x.xlsx", b""), ("x.xls", b"\xd0\xcf\x11\xe0junk"), ("x.csv", b"\xff\xff\x00\x81\x00"),
        ("x.csv", b"a" * 10_000_001), ("x.csv", b"a,b\n" * 20_002), ("x.csv", b""),
    ])  # fmt: skip
    def test_gives_a_sentence(self, planned, name, data) -> None:
        with pytest.raises(CalendarInvalid):
            planned.calendar.incoming.sheets([(name, data)])

    def test_a_small_file_that_unpacks_to_a_large_one_is_refused(self, planned) -> None:
        import zipfile

        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b" " * 120_000_000)
        with pytest.raises(CalendarInvalid, match="unpacks to more"):
            planned.calendar.incoming.sheets([("x.xlsx", memory.getvalue())])


class TestHarm:
    def test_a_program_that_writes_times_in_its_own_way_makes_nothing_newer(self, planned, clock) -> None:
        """Excel in Chinese Windows saves 2026/11/21 17:00, without seconds."""
        content = planned.calendar.sheets.csv().decode("utf-8-sig")
        resaved = content.replace("2026-11-21 17:00:00", "2026/11/21 17:00")
        assert resaved != content
        assert kinds(planned.calendar.incoming.sheets([("x.csv", resaved.encode("gb18030"))])) == {"same": 2}
        clock.forward(hours=1)
        planned.calendar.reschedule("cost", date(2026, 12, 17))
        assert kinds(planned.calendar.incoming.sheets([("x.csv", resaved.encode())])) == {"outdated": 2}
        moved = resaved.replace("2026-12-07", "2026-12-01")
        assert kinds(planned.calendar.incoming.sheets([("x.csv", moved.encode())])) == {"conflict": 1, "outdated": 1}

    def test_two_cells_far_apart_are_refused_before_they_take_all_memory(self, planned) -> None:
        import zipfile

        memory, good = io.BytesIO(), zipfile.ZipFile(io.BytesIO(saved([["编号", "日期"]])))
        with zipfile.ZipFile(memory, "w") as archive:
            for name in good.namelist():
                data = good.read(name)
                if name == "xl/worksheets/sheet1.xml":
                    data = data.replace(b'r="B1"', b'r="XFD1048576"')
                archive.writestr(name, data)
        with pytest.raises(CalendarInvalid, match="reaches too far"):
            planned.calendar.incoming.sheets([("x.xlsx", memory.getvalue())])

    def test_done_in_the_order_of_the_steps_whatever_the_order_of_the_rows(self, planned) -> None:
        for state in ("in_progress", "in_review", "approved"):
            planned.assets.move("cost", state, by="x")
        rows = sheet(edited(planned.calendar.sheets.xlsx(), draft={"state": "已完成"}, publish={"state": "已完成"}))
        comparison = planned.calendar.incoming.sheets([("x.xlsx", saved([rows[0], rows[2], rows[1]]))])
        assert planned.calendar.incoming.apply(comparison) == 2
        back = edited(planned.calendar.sheets.xlsx(), draft={"state": "待办"})
        assert kinds(planned.calendar.incoming.sheets([("x.xlsx", back)])) == {"conflict": 1, "same": 2}
