"""Lists and files of leads: what stands in them, what no spreadsheet may run, how much memory they take."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import insert
from sqlmodel import select

from contentops.cells import CELL_LIMIT, cell_text, formula_safe, formula_unsafe
from contentops.errors import InvalidArgument, NotFound
from contentops.leads.sheets.columns import COLUMNS, KEYS
from contentops.leads.sheets.workbooks import xlsx_pieces
from contentops.models import Consent, ConsentAction, Contact, Download, Lead, Merge, Submission, Touch, new_id
from contentops.testing import write_content

GOOD = {"name": "张三", "company": "示例公司", "email": "zhang@example.cn", "consent_delivery": "yes"}
STRANGE = ["张三", "龘䶮𠮷", "O'Brien", "Nguyễn", "أحمد", "👩‍🔧", "Null", "-Dash", "50% + tax"]
PAYLOADS = [
    "=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", " =1", "\u3000=1", "\xa0=1",
    "\ufeff=1", "\u200b=1", "\u2060=1", '=HYPERLINK("http://evil.example","请点")', "=cmd|' /C calc'!A0",
    "=DDE(\"cmd\";\"/C calc\")", "-1abc", "+86abc", "\n=1", '"=1',
]  # fmt: skip


def take(workspace, slug: str = "w", **values):
    asset = workspace.assets.get(slug)
    return workspace.leads.capture(asset, {**GOOD, **values}.items(), page=f"/zh/{slug}/")


def written(workspace, form: str, **options) -> bytes:
    return b"".join(workspace.leads.export(form, **options))


def read_csv(content: bytes, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))


def read_xlsx(content: bytes) -> list[list[list]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


class TestRows:
    def test_a_row_says_everything(self, anywhere, clock) -> None:
        first = take(anywhere, utm_source="wechat", utm_medium="article", utm_campaign="q4", utm_term="点检", gclid="G1",
                     landing="/zh/a/", via="c7", job_title="设备经理", plant="500 人", phone="138 0013 8000",
                     consent_marketing="yes", referrer_host="example.com")  # fmt: skip
        clock.forward(days=3)
        take(anywhere, utm_source="zhihu", utm_campaign="q1", offline_code="展会-12", bd_vid="B2")
        (row,) = anywhere.leads.rows()
        assert set(row) == {*KEYS, "answers", "person_id"}
        assert (row["lead_id"], row["asset"], row["title"], row["origin"]) == (first.lead_id, "w", "白皮书", "form")
        assert (row["name"], row["job_title"], row["phone"]) == ("张三", "设备经理", "+8613800138000")
        assert (row["created_at"], row["last_at"]) == (clock() - timedelta(days=3), clock())
        assert [row[f"first_{name}"] for name in ("source", "medium", "campaign", "term", "referrer", "landing")] == [
            "wechat", "article", "q4", "点检", "example.com", "/zh/a/"]  # fmt: skip
        assert [row[f"last_{name}"] for name in ("source", "medium", "campaign")] == ["zhihu", "", "q1"]
        assert row["sources"] == ["wechat / article / q4", "zhihu / q1"]
        assert row["click_ids"] == {"gclid": "G1", "bd_vid": "B2"}
        assert (row["code"], row["offline_code"], row["touches"], row["downloads"]) == ("c7", "展会-12", 2, 0)
        assert (row["marketing_consent"], row["consent_email"], row["consent_wecom"]) == ("yes", "given", "")
        assert row["answers"] == {"plant": "500 人"}

    def test_machines_are_not_counted_among_downloads(self, anywhere) -> None:
        lead_id = take(anywhere).lead_id
        with anywhere.store.write() as session:
            for by_machine in (True, True, False):
                values = {"lead_id": lead_id, "attachment_id": "", "by_machine": by_machine, "at": anywhere.now()}
                session.add(Download.model_validate(values))
        assert next(anywhere.leads.rows())["downloads"] == 1

    def test_what_somebody_took_back_is_not_counted_as_consent(self, anywhere, clock) -> None:
        take(anywhere, consent_marketing="yes")
        clock.forward(hours=1)
        with anywhere.store.write() as session:
            (contact_id,) = session.exec(select(Contact.id))
            session.add(withdrawal(contact_id, clock()))
        (row,) = anywhere.leads.rows()
        assert (row["marketing_consent"], row["consent_email"]) == ("no", "withdrawn")
        assert list(anywhere.leads.rows(consent=True)) == []
        assert anywhere.leads.sheets.count(consent=True) == 0

    def test_merged_people_are_one_row_the_earliest(self, anywhere, clock) -> None:
        first = take(anywhere, name="李四", email="li@example.cn", company="", utm_source="a", consent_marketing="yes")
        clock.forward(days=1)
        take(anywhere, name="李四", email="li@example.com", phone="13800138001", utm_source="b", plant="大")
        take(anywhere, "v", name="李四", email="li@example.com")
        with anywhere.store.write() as session:
            one, two = sorted(session.exec(select(Contact)), key=lambda each: each.created_at)
            two.person_id = one.id
            session.add(two)
            session.add(withdrawal(two.id, clock()))
            values = {"kept_id": one.id, "absorbed_id": two.id, "contact_ids": [two.id], "at": clock(), "by": "test"}
            session.add(Merge.model_validate(values))
        rows = {row["asset"]: row for row in anywhere.leads.rows()}
        assert len(rows) == anywhere.leads.sheets.count() == 2
        row = rows["w"]
        assert (row["lead_id"], row["email"], row["phone"]) == (first.lead_id, "li@example.cn", "+8613800138001")
        assert (row["company"], row["touches"], row["sources"]) == ("示例公司", 2, ["a", "b"])
        assert (row["answers"], row["marketing_consent"]) == ({"plant": "大"}, "no")  # the stricter word
        assert row["last_at"] == clock()

    def test_choosing_and_ordering(self, anywhere, clock) -> None:
        take(anywhere, name="乙", utm_campaign="q4", consent_marketing="yes")
        clock.forward(days=2)
        take(anywhere, "v", name="甲", email="jia@example.cn", utm_campaign="q1")
        clock.forward(days=1)
        take(anywhere, name="乙", utm_campaign="q1")
        names = lambda **limits: [row["name"] for row in anywhere.leads.rows(**limits)]  # noqa: E731
        assert names() == ["甲", "乙"]
        assert names(sort="oldest") == names(sort="last") == ["乙", "甲"]
        assert names(asset="v") == ["甲"]
        assert names(campaign="q4") == ["乙"]
        assert names(campaign="q1", sort="oldest") == ["乙", "甲"]
        assert names(consent=True) == ["乙"]
        assert names(since=date(2026, 11, 23)) == ["甲"]
        assert names(since=datetime(2026, 11, 21, 9, tzinfo=UTC)) == ["甲", "乙"]
        assert [anywhere.leads.sheets.count(**limits) for limits in ({}, {"campaign": "q4"}, {"consent": True})] == [
            2,
            1,
            1,
        ]
        with anywhere.store.write() as session:
            lead = session.exec(select(Lead).where(Lead.created_at == datetime(2026, 11, 21, 9, tzinfo=UTC))).one()
            lead.awaits_confirmation = True
            session.add(lead)
        assert names(state="awaiting") == ["乙"]
        assert names(state="ready") == ["甲"]
        assert {row["name"]: row["confirmed"] for row in anywhere.leads.rows()} == {"乙": "waiting", "甲": ""}

    @pytest.mark.row("F19")
    @pytest.mark.parametrize("text", ["created_at; DROP TABLE lead", "name desc", "1", "", "lead.id'--"])
    def test_F19_an_order_is_one_of_those_there_are(self, gated, text) -> None:
        take(gated)
        with pytest.raises(InvalidArgument, match="none of"):
            list(gated.leads.rows(sort=text))
        with pytest.raises(NotFound):
            list(gated.leads.rows(asset=f"x{text}"))
        assert list(gated.leads.rows(campaign=f"{text}' OR 1=1 --")) == []
        assert len(list(gated.leads.rows())) == 1

    def test_a_list_is_of_one_moment(self, anywhere) -> None:
        for number in range(3):
            take(anywhere, email=f"p{number}@example.cn", name=f"甲{number}")
        rows = anywhere.leads.rows()
        first = next(rows)
        take(anywhere, "v", email="p0@example.cn")
        take(anywhere, email="late@example.cn")
        assert len([first, *rows]) == 3
        assert len(list(anywhere.leads.rows())) == 5


def withdrawal(contact_id: str, at: datetime) -> Consent:
    return Consent.model_validate({
        "contact_id": contact_id, "purpose": "marketing", "channel": "any", "action": ConsentAction.WITHDRAWN,
        "how": "link", "wording": "", "wording_sha256": "", "locale": "zh-CN", "page": "", "at": at,
    })  # fmt: skip


class TestCells:
    @pytest.mark.parametrize("text", PAYLOADS[:-2])
    @pytest.mark.row("B14")
    def test_B14_no_cell_is_a_formula(self, text) -> None:
        assert formula_safe(text) == "'" + text

    @pytest.mark.parametrize("text", ["+8613800138000", "-5", "3.14", "张三", "", "a=b", "O'Brien", "'引用'"])
    def test_B14_harmless_text_stays(self, text) -> None:
        assert formula_safe(text) == text

    @given(st.one_of(st.text(), st.text(alphabet="'=+-@ ＝\t5", max_size=6)))
    def test_B14_our_own_apostrophe_is_taken_away_again_and_no_other(self, text) -> None:
        assert formula_unsafe(formula_safe(text)) == text

    @given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1), st.integers(0, CELL_LIMIT))
    @pytest.mark.row("B16")
    def test_B16_a_cell_is_never_longer_than_excel_takes(self, text, times) -> None:
        text = (text * (times // len(text) + 1))[: times + 10]
        cut = cell_text(text)
        assert len(cut.encode("utf-16-le")) <= 2 * CELL_LIMIT
        assert text.translate(dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])).startswith(cut)


class TestFiles:
    @pytest.mark.row("B14")
    def test_B14_csv_runs_no_formula_and_comes_back(self, gated) -> None:
        for number, text in enumerate(PAYLOADS):
            take(gated, company=re.sub(r"[\t\r\n]", "", text), email=f"p{number}@example.cn")
        stored = sorted(row["company"] for row in gated.leads.rows())
        cells = [row["公司"] for row in read_csv(written(gated, "csv"))]
        dangerous = re.compile(r"[\s\ufeff\u200b\u2060]*[=+\-@＝＋－＠]")
        assert not [cell for cell in cells if dangerous.match(cell)]
        assert sorted(map(formula_unsafe, cells)) == stored
        assert sorted(row["company"] for row in read_csv(written(gated, "csv", raw=True), "utf-8")) == stored

    @pytest.mark.row("B14")
    def test_B14_questions_of_writers_are_no_formula_in_the_header_either(self, gated) -> None:
        text = "---\ntitle: 白皮书\ncontentops: {gate: gated, attachment: w.pdf, fields: [name, email, {name: wish, label: '=1+1'}]}\n---\n"
        write_content(gated, "whitepaper/v/index.md", text)
        assert not gated.assets.sync().problems
        take(gated, "v", wish="大")
        (row,) = read_csv(written(gated, "csv"))
        assert row["'=1+1"] == "大"

    @pytest.mark.row("B14", "B16")
    def test_B14_B16_xlsx_holds_typed_text_and_opens_again(self) -> None:
        texts = [*STRANGE, *PAYLOADS, "a\ufffe\x00b", "\ud800x", "字" * 40_000, "𠮷" * 20_000, "_x0041_"]
        moment = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
        rows = [[text, 7, moment] for text in texts]
        from zoneinfo import ZoneInfo

        content = b"".join(xlsx_pieces(rows, ["=名称", "数", "时间"], [10, 10, 20], "线索", ZoneInfo("Asia/Shanghai")))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
            assert not any(b"<f" in archive.read(name).replace(b"<family", b"") for name in names)
            assert any("comments" in name for name in archive.namelist())  # says that something was cut
        (sheet,) = read_xlsx(content)
        assert sheet[0] == ["=名称", "数", "时间"]
        assert [row[1:] for row in sheet[1:]] == [[7.0, datetime(2026, 11, 21, 17, 30)]] * len(texts)  # noqa: DTZ001
        read = [row[0] for row in sheet[1:]]
        assert read[: len(STRANGE)] == STRANGE
        plain = [text for text in PAYLOADS if not re.search(r"[\t\r\n]", text)]
        assert [text for text in read if text in plain] == plain
        assert "ab" in read
        assert max(len(text.encode("utf-16-le")) // 2 for text in read) == CELL_LIMIT

    @pytest.mark.row("A16", "B15")
    def test_B15_csv_opens_in_excel_in_chinese(self, gated) -> None:
        for number, name in enumerate(STRANGE):
            take(gated, name=name, email=f"p{number}@example.cn")
        content = written(gated, "csv")
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\xef\xbb\xbf") == 1
        assert {formula_unsafe(row["姓名"]) for row in read_csv(content)} == set(STRANGE)
        other = read_csv(written(gated, "csv", encoding="gb18030"), "gb18030")
        assert {formula_unsafe(row["姓名"]) for row in other} == set(STRANGE)
        take(gated, "v", name="𠮷田", email="z@example.cn")
        with pytest.raises(InvalidArgument, match=r"row 2, column '姓名' .* gbk: it has no '𠮷' \(U\+20BB7\)"):
            written(gated, "csv", encoding="gbk", asset="v")

    def test_wrong_wishes_are_named(self, gated) -> None:
        for form, options, words in (
            ("pdf", {}, "none of xlsx, csv, jsonl"),
            ("csv", {"encoding": "klingon"}, "no encoding"),
            ("csv", {"encoding": "hex"}, "no encoding"),
            ("csv", {"headers": "de"}, "none of en, zh, keys"),
            ("xlsx", {"raw": True}, "only CSV"),
        ):
            with pytest.raises(InvalidArgument, match=words):
                written(gated, form, **options)

    def test_headers_times_and_words_for_people_and_for_programs(self, gated) -> None:
        take(gated, consent_marketing="yes", plant="500 人")
        (zh,) = read_csv(written(gated, "csv"))
        assert (zh["首次时间"], zh["工厂规模"], zh["触点数"]) == ("2026-11-21 17:00:00", "500 人", "1")
        assert len(zh) == len(COLUMNS) + 1
        (en,) = read_csv(written(gated, "csv", headers="en"))
        assert (en["Since"], en["May be contacted"], en["Consent: e-mail"]) == ("2026-11-21 17:00:00", "yes", "given")
        (raw,) = read_csv(written(gated, "csv", raw=True), "utf-8")
        assert (raw["created_at"], raw["answer.plant"], raw["marketing_consent"]) == (
            "2026-11-21T09:00:00+00:00", "500 人", "yes")  # fmt: skip
        ((header, cells),) = read_xlsx(written(gated, "xlsx", headers="keys"))
        row = dict(zip(header, cells, strict=True))
        assert (row["created_at"], row["touches"], row["consent_phone"]) == (datetime(2026, 11, 21, 17, 0), 1.0, "")  # noqa: DTZ001

    def test_jsonl_is_for_programs(self, gated) -> None:
        take(gated, name="أحمد 👩‍🔧", plant="大", utm_source="a", gclid="G")
        (line,) = written(gated, "jsonl").decode().splitlines()
        row = json.loads(line)
        assert (row["name"], row["answers"], row["sources"], row["click_ids"]) == (
            "أحمد 👩‍🔧", {"plant": "大"}, ["a"], {"gclid": "G"})  # fmt: skip
        assert (row["created_at"], row["touches"]) == ("2026-11-21T09:00:00+00:00", 1)

    def test_an_empty_list_is_a_file_with_headers(self, gated) -> None:
        assert read_xlsx(written(gated, "xlsx"))[0][0][0] == "线索编号"
        assert written(gated, "csv").count(b"\r\n") == 1
        assert written(gated, "jsonl") == b""

    @pytest.mark.parametrize(("count", "sheets"), [(0, [0]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
    def test_more_rows_than_a_sheet_takes_go_on_in_the_next(self, count, sheets) -> None:
        rows = [[f"甲{number}"] for number in range(count)]
        found = read_xlsx(b"".join(xlsx_pieces(rows, ["姓名"], [9], "线索", UTC, most_rows=3)))
        assert [len(sheet) - 1 for sheet in found] == sheets
        assert [cell for sheet in found for (cell,) in sheet[1:]] == [cell for (cell,) in rows]
        assert all(sheet[0] == ["姓名"] for sheet in found)


def fill(workspace, count: int) -> None:
    """Put many leads into a database, as capture would write them."""
    asset_id, at = workspace.assets.get("w").id, workspace.now()
    ids = [new_id() for _number in range(count)]
    people = [
        {
            "id": i,
            "person_id": i,
            "name": f"张{n}",
            "company": "示例公司",
            "email": f"p{n}@example.cn",
            "created_at": at,
            "changed_at": at,
        }
        for n, i in enumerate(ids)
    ]
    rows = {
        Contact: people,
        Lead: [{"id": i, "asset_id": asset_id, "contact_id": i, "created_at": at, "last_at": at} for i in ids],
        Touch: [{"lead_id": i, "at": at, "source": "wechat", "campaign": "2026-q4"} for i in ids],
        Submission: [{"asset_id": asset_id, "lead_id": i, "at": at, "fields": {"plant": "大" * 50}} for i in ids],
    }
    with workspace.store.write() as session:
        for table, values in rows.items():
            session.connection().execute(insert(table.__table__), values)


PEAK = """
import re, sys
from pathlib import Path
from contentops.workspace import Workspace
with Workspace.open(sys.argv[1]) as workspace:
    for slug in sys.argv[3:]:
        size = sum(len(piece) for piece in workspace.leads.export(sys.argv[2], asset=slug))
        # The kernel's own figure: ru_maxrss of a child begins with what its parent had.
        print(size, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.row("F22")
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_F22_thousands_of_leads_take_no_more_memory_than_a_few(gated) -> None:
    take(gated, "v")
    fill(gated, 5_000)
    for form in ("xlsx", "csv"):
        command = [sys.executable, "-c", PEAK, str(gated.folder), form, "v", "w"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        _small, few, size, many = map(int, done.stdout.split())
        assert size > 100_000  # 5,000 rows, compressed at worst
        assert many - few < 12_500  # kilobytes; the rows as Python values would be 25 MB and more
        assert many < 200_000
