"""Plans that others wrote: headers in two languages, weeks, text dates, several tables, and the real ones."""

import csv
import io
from datetime import date

import pytest

from contentops.errors import CalendarInvalid, InvalidArgument
from contentops.models import WorkflowState
from contentops.planning.capacity import week_of
from contentops.planning.incoming.differences import Kind
from contentops.planning.incoming.plans import read_day
from contentops.testing import write_content

PLAN = "计划发布日期,选题,内容类型,状态\n2026-12-10,保养台账怎么建,qa,\n2026年12月15日,点检路线怎么排,问答,计划\n,无日期的想法,qa,\n"


def table(rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def compare(workspace, content: str | bytes, **options):
    data = content.encode() if isinstance(content, str) else content
    return workspace.calendar.incoming.sheets([("plan.csv", data)], **options)


class TestDays:
    @pytest.mark.parametrize(("cell", "day"), [
        ("2026-12-10", date(2026, 12, 10)), ("2026/12/1", date(2026, 12, 1)), ("2026.12.01", date(2026, 12, 1)),
        ("2026年12月1日", date(2026, 12, 1)), ("20261201", date(2026, 12, 1)), ("2026-12-01 10:30", date(2026, 12, 1)),
        ("1 Dec 2026", date(2026, 12, 1)), ("Dec 1, 2026", date(2026, 12, 1)), ("2026-W50", date(2026, 12, 7)),
        (46357.0, date(2026, 12, 1)), (date(2026, 12, 1), date(2026, 12, 1)),
    ])  # fmt: skip
    def test_what_a_cell_means(self, cell, day) -> None:
        assert read_day(cell)[0] == day

    @pytest.mark.parametrize(
        "cell", ["03/04/2026", "3.4.26", "soon", "2026-13-01", "2026-02-30", 12.0, "9999-01-01", ""]
    )
    def test_what_cannot_be_told_is_not_guessed(self, cell) -> None:
        day, why = read_day(cell)
        assert day is None
        assert why


class TestImport:
    def test_ideas_dates_and_the_backlog(self, any_workspace) -> None:
        comparison = compare(any_workspace, PLAN, values={"问答": "qa"})
        assert [d.kind for d in comparison.differences] == [Kind.NEW] * 3
        (mapped,) = comparison.mapped.values()
        assert mapped.fields == {"date": "计划发布日期", "title": "选题", "kind": "内容类型", "status": "状态"}
        assert any_workspace.assets.find() == []
        any_workspace.calendar.incoming.apply(comparison, by="张三一")
        first = any_workspace.assets.get("bao-yang-tai-zhang-zen-yao-jian")
        assert (first.title, first.kind, first.planned_on, first.state) == (
            "保养台账怎么建",
            "qa",
            date(2026, 12, 10),
            WorkflowState.PLANNED,
        )
        assert [asset.title for asset in any_workspace.calendar.backlog()] == ["无日期的想法"]
        assert len(any_workspace.calendar.agenda()) == 10

    def test_again_changes_nothing_and_an_edit_moves(self, workspace) -> None:
        workspace.calendar.incoming.apply(compare(workspace, PLAN, values={"问答": "qa"}))
        assert {d.kind for d in compare(workspace, PLAN, values={"问答": "qa"}).differences} == {Kind.SAME}
        moved = compare(workspace, PLAN.replace("2026-12-10", "2026-12-11"), values={"问答": "qa"})
        assert [d.after for d in moved.of(Kind.MOVED)] == [date(2026, 12, 11)]
        workspace.calendar.incoming.apply(moved)
        assert workspace.assets.get("bao-yang-tai-zhang-zen-yao-jian").planned_on == date(2026, 12, 11)

    def test_columns_and_words_are_kept_in_the_workspace(self, workspace) -> None:
        rows = [["上线", "写什么", "栏目"], ["2026-12-10", "保养台账怎么建", "答疑"]]
        with pytest.raises(CalendarInvalid, match="--column title=HEADER"):
            compare(workspace, table(rows))
        columns = {"title": "写什么", "date": "上线", "kind": "栏目"}
        comparison = compare(workspace, table(rows), columns=columns, values={"答疑": "qa"})
        workspace.calendar.incoming.apply(comparison)
        kept = (workspace.folder / "calendar" / "columns.toml").read_text(encoding="utf-8")
        assert '"title" = "写什么"' in kept
        assert '"答疑" = "qa"' in kept
        rows[1][1] = "另一个题目"
        rows[0].append("标题备用")
        again = compare(workspace, table([[*rows[0][:3], "主题"], [*rows[1], ""]]))
        assert [(d.kind, d.title) for d in again.differences] == [(Kind.NEW, "另一个题目")]
        assert not workspace.assets.problems() or workspace.assets.standards.kinds  # columns.toml is no standard

    def test_a_new_file_with_the_ideas_address_becomes_its_text(self, workspace) -> None:
        workspace.calendar.incoming.apply(compare(workspace, PLAN, values={"问答": "qa"}))
        idea = workspace.assets.get("bao-yang-tai-zhang-zen-yao-jian")
        write_content(workspace, f"qa/{idea.slug}.md", "---\ntitle: 保养台账怎么建才用得住\n---\n正文\n")
        assert workspace.assets.sync().added == ()
        asset = workspace.assets.get(idea.slug)
        assert (asset.id, asset.title, asset.planned_on) == (idea.id, "保养台账怎么建才用得住", date(2026, 12, 10))
        assert asset.state is WorkflowState.PLANNED
        path = workspace.assets.new("点检路线怎么排", kind="qa")
        assert workspace.assets.get("dian-jian-lu-xian-zen-yao-pai").id in path.read_text(encoding="utf-8")

    def test_encodings_separators_titles_above_and_cells_of_several_lines(self, workspace) -> None:
        rows = [["2026 年内容计划", "", ""], ["", "", ""], ["日期", "标题", "类型"], ["2026-12-10", "第一行\n第二行", "qa"],
                ["", "", ""], ["2026-12-11", "另一篇", "qa"]]  # fmt: skip
        for encoding, delimiter in (("utf-8-sig", ","), ("gb18030", ";"), ("utf-16", "\t")):
            comparison = compare(workspace, table(rows, encoding, delimiter))
            assert [(d.title, d.place) for d in comparison.differences] == [
                ("第一行 第二行", "plan.csv row 4"), ("另一篇", "plan.csv row 7"),
            ]  # fmt: skip

    def test_what_cannot_be_used_is_named_by_row(self, workspace) -> None:
        rows = [["Date", "Title", "Type", "Status"], ["03/04/2026", "a", "qa", ""], ["", "", "qa", ""], ["", "b", "nonsense", ""],
                ["", "c", "qa", "done"], ["", "d", "", ""], ["", "a", "qa", ""]]  # fmt: skip
        found = compare(workspace, table(rows)).differences
        assert [d.kind for d in found] == [Kind.NEW, *[Kind.UNUSABLE] * 5]
        assert "two ways" in found[0].message
        for difference, words in zip(
            found[1:], ("no title", "--value nonsense=KIND", "sync its text", "--kind", "twice"), strict=True
        ):
            assert words in difference.message
        assert {d.kind for d in compare(workspace, table(rows[:1] + rows[3:4]), kind="qa").differences} == {Kind.NEW}
        with pytest.raises(InvalidArgument, match="did you mean 'qa'"):
            compare(workspace, table(rows), kind="qaa")
        with pytest.raises(CalendarInvalid, match="no column is called"):
            compare(workspace, table(rows), columns={"title": "Titel"})

    def test_a_week_whose_monday_is_a_holiday_begins_later(self, workspace) -> None:
        rows = [["week_start", "title"], ["2026-10-05", "a"], ["2026-10-12", "b"]]
        found = compare(workspace, table(rows), kind="qa").differences
        assert [d.after for d in found] == [date(2026, 10, 8), date(2026, 10, 12)]
        assert "2026-10-05 is not worked" in found[0].message


@pytest.mark.corpora
class TestRealPlans:
    @pytest.fixture
    def plans(self, corpora) -> list[tuple[str, bytes]]:
        folder = corpora / "shenyuan-law-firm" / "docs"
        return [(name, (folder / name).read_bytes()) for name in ("content-calendar.csv", "article-manifest.csv")]

    def test_calendar_joined_with_its_manifest(self, workspace, plans, corpora) -> None:
        comparison = workspace.calendar.incoming.sheets(plans, kind="help_doc")
        found = comparison.differences
        assert len(found) == 153
        assert len([d for d in found if len(d.place.split(", ")) == 2]) == 150
        new, done = comparison.of(Kind.NEW), comparison.of(Kind.UNUSABLE)
        assert (len(new), len(done)) == (115, 38)
        assert all("done there" in d.message for d in done)
        days = {d.after for d in found if d.after}
        assert (min(days), max(days)) == (date(2026, 8, 3), date(2027, 5, 5))  # 3 May is a day off
        shifted = [d for d in found if "2026-10-05" in d.message]
        assert {d.after for d in shifted} == {date(2026, 10, 8)}
        assert len({week_of(d.after) for d in found if d.after}) == 40

    def test_what_is_done_is_what_has_a_folder(self, make_workspace, plans, corpora) -> None:
        source = corpora / "shenyuan-law-firm" / "content" / "articles"
        workspace = make_workspace(extra="")
        path = workspace.folder / "contentops.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(
            'path = "content" ', f'path = "{source}"\nkind = "help_doc"\nkeys = {{ title = ["title", "title_zh"] }} '), encoding="utf-8")  # fmt: skip
        with type(workspace).open(workspace.folder, now=workspace._now) as again:
            report = again.assets.sync()
            comparison = again.calendar.incoming.sheets(plans, kind="help_doc")
        assert len(report.problems) == 31
        same = comparison.of(Kind.SAME)
        assert len(same) + len(comparison.of(Kind.UNUSABLE)) == 38
        folders = {folder.name for folder in source.iterdir() if folder.is_dir()}
        assert len(folders) == 38
        assert {d.address.partition("/")[2] for d in same} <= folders
        assert len(same) == 7

    def test_the_plan_is_taken_whole(self, workspace, plans) -> None:
        comparison = workspace.calendar.incoming.sheets(plans, kind="qa")
        assert workspace.calendar.incoming.apply(comparison, by="x") == 115
        assert len(workspace.assets.find()) == 115
        again = workspace.calendar.incoming.sheets(plans, kind="qa")
        assert len(again.of(Kind.SAME)) == 115
        assert len(workspace.calendar.agenda(lane="publication")) == 115 - len(workspace.calendar.backlog())

    def test_the_others_are_taken_or_named_row_by_row(self, workspace, corpora) -> None:
        path = corpora / "plans" / "marketing-agent" / "templates" / "content-calendar.csv"
        found = workspace.calendar.incoming.sheets([(path.name, path.read_bytes())], kind="icebreaker").differences
        assert [(d.kind, d.after) for d in found] == [(Kind.NEW, date(2026, 1, day)) for day in range(6, 11)]
        for path in sorted((corpora / "plans").rglob("*.xlsx")):
            try:
                comparison = workspace.calendar.incoming.sheets([(path.name, path.read_bytes())], kind="qa")
            except CalendarInvalid as refused:
                assert path.name in str(refused)
                continue
            for difference in comparison.differences:
                assert difference.place.startswith(path.name)
                assert difference.message or difference.kind is Kind.NEW


class TestHarm:
    def test_accepted_columns_are_found_again_below_a_title(self, workspace) -> None:
        rows = [["2027 年选题表", "", ""], ["上线日", "写什么", "栏目"], ["2027-03-10", "保养台账", "问答"]]
        columns = {"title": "写什么", "date": "上线日", "kind": "栏目"}
        comparison = compare(workspace, table(rows), columns=columns)
        assert [(d.kind, d.values["kind"]) for d in comparison.differences] == [(Kind.NEW, "qa")]  # its name is known
        workspace.calendar.incoming.apply(comparison)
        rows += [["2027-03-11", "点检路线", "问答"]]
        again = compare(workspace, table(rows))
        assert [d.kind for d in again.differences] == [Kind.SAME, Kind.NEW]

    def test_numbers_stay_what_they_are(self, workspace) -> None:
        assert read_day(20270304.0)[0] == date(2027, 3, 4)
        from .test_sheets import saved

        data = saved([["title", "date", "type"], [2027001, 20270304, "qa"]])
        found = workspace.calendar.incoming.sheets([("x.xlsx", data)]).differences
        assert [(d.title, d.after) for d in found] == [("2027001", date(2027, 3, 4))]

    def test_twice_and_taken_are_said_before_anything_happens(self, workspace) -> None:
        workspace.assets.idea("另一个题目", kind="qa", slug="bao-yang", by="x")
        rows = [["title", "type"], ["保养", "qa"], ["另一个题目", "qa"], ["另一个题目", "qa"]]
        found = compare(workspace, table(rows))
        assert [d.kind for d in found.differences] == [Kind.UNUSABLE, Kind.SAME, Kind.UNUSABLE]

    def test_columns_that_cannot_be_kept_leave_nothing_done(self, workspace) -> None:
        (workspace.folder / "calendar" / "columns.toml").mkdir()
        from contentops.errors import WorkspaceError

        comparison = compare(workspace, table([["title", "type"], ["a", "qa"]]))
        (workspace.folder / "calendar" / ".columns.toml.new").mkdir()
        with pytest.raises((WorkspaceError, OSError)):
            workspace.calendar.incoming.apply(comparison)
        assert workspace.assets.find() == []
