"""Lists of people that others wrote: what is read, what is refused, what is stored, and that it is stored once."""

import csv
import io
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from contentops.errors import InvalidArgument, NotFound, SheetInvalid
from contentops.leads.identity.keys import read_wecom
from contentops.leads.sheets.incoming.columns import read_mapping
from contentops.leads.sheets.incoming.desk import Incoming
from contentops.leads.sheets.incoming.looking import Verdict
from contentops.leads.sheets.incoming.moments import read_moment
from contentops.leads.sheets.incoming.options import Options
from contentops.leads.suppression import ERASED, hashing_key, key_hash, suppress
from contentops.leads.wishes import WithdrawalList
from contentops.models import Consent, Contact, ContactKey, Lead, Message, Submission, Touch
from contentops.tables.reading import Bounds, read_tables
from contentops.testing import write_content

STRANGE = ["张三", "龘䶮𠮷", "O'Brien", "Nguyễn", "أحمد", "👩‍🔧", "Null", "-Dash", "50% + tax"]
FAIR = Options(asset="w", source="fair", medium="event", campaign="2026-q4", offline_code="CIIF-2026")
EVENT = "姓名,公司/企业,手机号,邮箱,职位,备注,签到时间\n张三,示例公司,138 0013 8000,zhang@example.cn,设备经理,到过展台,2026-11-20 10:30\n李四,示例集团,,li@example.cn,,,\n"


def look(workspace, content: str | bytes, options: Options = FAIR, name: str = "名单.csv"):
    data = content.encode() if isinstance(content, str) else content
    return workspace.leads.incoming.look(data, name=name, options=options)


def bring(workspace, content: str | bytes, options: Options = FAIR, **how):
    return workspace.leads.incoming.apply(look(workspace, content, options), **how)


def verdicts(found) -> list[str]:
    return [str(seen.verdict) for seen in found.rows]


def rows_of(workspace, table) -> list:
    with workspace.store.read() as session:
        return list(session.exec(select(table)))


def everything(workspace) -> list:
    return [sorted(repr(row) for row in rows_of(workspace, t)) for t in (Contact, ContactKey, Lead, Submission, Touch, Consent)]  # fmt: skip


def sheet(*rows) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def workbook(*rows, **options) -> bytes:
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(memory, {"in_memory": True, "strings_to_numbers": False, **options})
    day, page = book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), book.add_worksheet()
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            page.write(number, place, cell, *([day] if isinstance(cell, datetime) else []))
    book.close()
    return memory.getvalue()


class TestStoring:
    def test_an_event_list_becomes_leads_without_mail_and_without_consent(self, anywhere, clock) -> None:
        found = look(anywhere, EVENT)
        assert verdicts(found) == ["new", "new"]
        (columns,) = found.columns.values()
        assert columns == {"name": "姓名", "company": "公司/企业", "phone": "手机号", "email": "邮箱",
                           "job_title": "职位", "at": "签到时间"}  # fmt: skip
        assert list(found.unused.values()) == [("备注",)]
        assert rows_of(anywhere, Contact) == []  # a look changes nothing
        assert anywhere.leads.incoming.apply(found, by="wang").stored == 2
        rows = {row["name"]: row for row in anywhere.leads.rows()}
        zhang = rows["张三"]
        assert (zhang["phone"], zhang["job_title"], zhang["origin"]) == ("+8613800138000", "设备经理", "import")
        assert zhang["created_at"] == datetime(2026, 11, 20, 2, 30, tzinfo=UTC)  # 10:30 in Shanghai
        assert rows["李四"]["created_at"] == clock()
        assert (zhang["first_source"], zhang["first_medium"], zhang["offline_code"]) == ("fair", "event", "CIIF-2026")
        assert rows_of(anywhere, Message) == []
        assert rows_of(anywhere, Consent) == []
        assert {row["marketing_consent"] for row in rows.values()} == {"no"}

    def test_G7_the_same_file_again_changes_nothing(self, anywhere, clock) -> None:
        assert bring(anywhere, EVENT).stored == 2
        before = everything(anywhere)
        clock.forward(days=3)
        again = look(anywhere, EVENT)
        assert verdicts(again) == ["same", "same"]
        done = anywhere.leads.incoming.apply(again)
        assert (done.stored, done.same) == (0, 2)
        assert everything(anywhere) == before

    def test_nothing_that_is_known_is_overwritten_only_completed(self, anywhere, clock) -> None:
        form = {"name": "张三", "email": "zhang@example.cn", "consent_delivery": "yes", "utm_source": "wechat"}
        anywhere.leads.capture(anywhere.assets.get("w"), form.items(), page="/zh/w/")
        content = sheet(
            ["姓名", "公司", "邮箱", "电话", "日期"],
            ["冒名", "示例公司", "ZHANG@example.cn", "13800138000", "2020-05-01"],
        )
        found = look(anywhere, content)
        assert verdicts(found) == ["joined"]
        anywhere.leads.incoming.apply(found)
        (contact,) = rows_of(anywhere, Contact)
        assert (contact.name, contact.company, contact.phone) == ("张三", "示例公司", "+8613800138000")
        assert contact.changed_at == clock()  # what happened long ago is not the last time
        (row,) = anywhere.leads.rows()
        assert (row["origin"], row["touches"], row["last_at"]) == ("form", 2, clock())
        assert (row["created_at"], row["last_source"]) == (clock(), "wechat")

    def test_who_is_who_is_told_before(self, gated) -> None:
        bring(gated, sheet(["邮箱", "手机"], ["a@example.cn", "13800138000"]))
        found = look(gated, sheet(["邮箱", "手机", "external_userid"],
            ["a@example.cn", "", ""], ["a@example.cn", "", "wmAAAAexample"], ["b@example.cn", "13800138000", ""],
            ["c@example.cn", "13800138001", ""], ["C@example.cn", "", ""], ["d@example.cn", "13800138001", ""],
            ["", "", "wmAAAAexample"], ["c@example.cn", "13800138001", ""]))  # fmt: skip
        assert verdicts(found) == ["known", "joined", "new", "new", "joined", "new", "joined", "same"]
        assert [seen.remark for seen in found.rows if "row" in seen.remark] == [
            "the same person as in row 5", "the same person as in row 2", "row 5 says the same"]  # fmt: skip
        gated.leads.incoming.apply(found)
        assert len(rows_of(gated, Contact)) == 4  # a, b, c, d: as was told

    @pytest.mark.row("F11")
    def test_F11_five_hundred_rows_are_a_transaction(self, gated, monkeypatch) -> None:
        rows = [["邮箱"], *([f"p{number}@example.cn"] for number in range(1_201))]
        found, between = look(gated, sheet(*rows)), []
        write = type(gated.store).write

        def counted(store):
            between.append(len(rows_of(gated, Lead)))
            return write(store)

        monkeypatch.setattr(type(gated.store), "write", counted)
        assert gated.leads.incoming.apply(found).stored == 1_201
        assert between == [0, 500, 1_000]

    def test_G7_an_import_that_is_killed_is_finished_by_the_next(self, gated, tmp_path) -> None:
        path = tmp_path / "名单.csv"
        path.write_text(
            sheet(["邮箱", "姓名"], *([f"p{n}@example.cn", f"甲{n}"] for n in range(1_100))), encoding="utf-8"
        )
        script = (
            "import os, sys\n"
            "from contentops.leads.sheets.incoming import desk, storing\n"
            "from contentops.cli import main\n"
            "store, calls = desk.store_leads, []\n"
            "def dying(*given, **named):\n"
            "    calls.append(store(*given, **named))\n"
            "    if len(calls) == 2: os._exit(137)\n"  # after its statements, before its commit
            "    return calls[-1]\n"
            "desk.store_leads = dying\n"
            "main(['-w', sys.argv[1], 'lead', 'import', sys.argv[2], '--asset', 'w', '--apply'])\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(gated.folder), str(path)], capture_output=True, check=False
        )
        assert done.returncode == 137, done.stderr[-500:]
        assert len(rows_of(gated, Lead)) == 500
        done = bring(gated, path.read_bytes(), Options(asset="w"))
        assert (done.stored, done.same) == (600, 500)
        assert [len(rows_of(gated, table)) for table in (Lead, Contact, Touch, Submission)] == [1_100] * 4

    def test_rows_older_than_people_are_kept_are_told_before(self, gated, clock) -> None:
        header, options = ["姓名", "邮箱", "时间"], Options(asset="w")
        (note, *_others) = look(
            gated,
            sheet(header, ["张三", "zhang@example.cn", "2024-11-20"], ["李四", "li@example.cn", "2024-11-22"],
                  ["王五", "wang@example.cn", ""]), options,
        ).notes  # fmt: skip
        assert note.startswith("1 row is older than people are kept (24 months")
        bring(gated, sheet(header, ["张三", "zhang@example.cn", "2024-11-20"]), options)
        assert gated.privacy.purge()["people"] == 1
        notes = look(gated, sheet(header, ["李四", "li@example.cn", "2024-11-22"]), options).notes
        assert not any("older than" in each for each in notes)


class TestConsent:
    PAPER = "展会纸质表格 2026-11-20，扫描件 A12"

    def agreed(self, workspace) -> dict[str, tuple]:
        return {
            row["name"]: (row["consent_email"], row["consent_phone"], row["marketing_consent"])
            for row in workspace.leads.rows()
        }

    @pytest.mark.row("P4")
    def test_P4_with_its_source_as_evidence(self, anywhere, clock) -> None:
        options = Options(asset="w", consent={"marketing": ("email", "phone")}, consent_source=self.PAPER)
        bring(anywhere, EVENT, options, by="wang")
        assert self.agreed(anywhere) == {"张三": ("given", "given", "yes"), "李四": ("given", "", "yes")}
        entry = min(rows_of(anywhere, Consent), key=lambda each: each.at)
        assert (entry.purpose, entry.how, entry.wording, entry.locale) == ("marketing", "import", self.PAPER, "zh-CN")
        assert (entry.page, entry.evidence) == ("名单.csv row 2", "名单.csv row 2; wang")
        assert entry.at == datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
        assert len(entry.wording_sha256) == 64
        assert {each.purpose for each in rows_of(anywhere, Consent)} == {"marketing"}

    def test_P4_a_column_says_who_agreed(self, gated) -> None:
        words = ["是", "否", "同意", "不同意", "yes", "no", "", "√", "TRUE", "0"]
        content = sheet(
            ["姓名", "邮箱", "是否同意联系"], *([f"甲{n}", f"p{n}@example.cn", word] for n, word in enumerate(words))
        )
        without = look(gated, content)
        assert "not used" in " ".join(without.notes)
        assert not any(seen.arrival.consents for seen in without.rows)
        bring(gated, content, Options(asset="w", consent_source=self.PAPER))
        assert sorted(row["name"] for row in gated.leads.rows(consent=True)) == ["甲0", "甲2", "甲4", "甲7", "甲8"]
        found = look(gated, sheet(["邮箱", "同意"], ["a@example.cn", "也许"]))
        assert found.problems[0].message == "同意: '也许' is neither yes nor no"

    def test_a_list_without_times_does_not_undo_a_withdrawal(self, gated, clock) -> None:
        options = Options(asset="w", consent={"marketing": ("any",)}, consent_source=self.PAPER)
        bring(gated, sheet(["姓名", "邮箱"], ["张三", "zhang@example.cn"]), options)
        clock.forward(days=1)
        with gated.store.write() as session:
            (contact_id,) = session.exec(select(Contact.id))
            values = {"contact_id": contact_id, "purpose": "marketing", "action": "withdrawn", "how": "link", "wording": "",
                      "wording_sha256": "", "locale": "zh-CN", "page": "", "at": clock()}  # fmt: skip
            session.add(Consent.model_validate(values))
        clock.forward(days=1)
        bring(gated, sheet(["姓名", "邮箱", "公司"], ["张三", "zhang@example.cn", "一"]), options)
        bring(gated, sheet(["姓名", "邮箱", "时间"], ["张三", "zhang@example.cn", "2026-11-20"]), options)
        assert self.agreed(gated)["张三"] == ("withdrawn", "withdrawn", "no")
        bring(gated, sheet(["姓名", "邮箱", "时间"], ["张三", "zhang@example.cn", "2026-11-23"]), options)
        assert self.agreed(gated)["张三"] == ("given", "withdrawn", "yes")  # said again, later

    def test_any_channel_is_those_by_which_the_row_reaches_somebody(self, gated) -> None:
        options = Options(asset="w", consent={"marketing": ("any", "email")}, consent_source=self.PAPER)
        bring(gated, EVENT, options)
        assert self.agreed(gated) == {"张三": ("given", "given", "yes"), "李四": ("given", "", "yes")}
        assert sorted(entry.channel for entry in rows_of(gated, Consent)) == ["email", "email", "phone"]

    @pytest.mark.parametrize(("word", "header"), [("不同意", "是否同意联系"), ("已撤回", "同意"), ("No", "Opt-in"),
                                                  ("withdrawn", "可联系")])  # fmt: skip
    def test_a_no_in_a_list_holds(self, gated, clock, word, header) -> None:
        options = Options(asset="w", consent={"marketing": ("email",)}, consent_source=self.PAPER)
        bring(gated, sheet(["姓名", "邮箱"], ["张三", "zhang@example.cn"]), options)
        assert self.agreed(gated)["张三"][2] == "yes"
        clock.forward(days=1)
        content = sheet(["姓名", "邮箱", header], ["张三", "zhang@example.cn", word], ["李四", "li@example.cn", word])
        bring(gated, content, Options(asset="w"), by="wang")  # what is taken back needs no proof
        assert self.agreed(gated) == {
            "张三": ("withdrawn", "withdrawn", "no"),
            "李四": ("withdrawn", "withdrawn", "no"),
        }
        entry = max(rows_of(gated, Consent), key=lambda each: each.at)
        assert (entry.action, entry.channel, entry.how, entry.wording, entry.at) == (
            "withdrawn",
            "any",
            "import",
            "",
            clock(),
        )
        count = len(rows_of(gated, Consent))
        clock.forward(days=1)
        bring(gated, content.replace("张三", "张示例"), Options(asset="w"))
        assert len(rows_of(gated, Consent)) == count  # they said so before
        secret = hashing_key(gated.folder)
        hashes = {key_hash(secret, f"mail:{name}@example.cn") for name in ("zhang", "li")}
        assert set(WithdrawalList(gated.folder, lambda: secret).read()) == hashes  # no older backup undoes it

    def test_a_no_of_long_ago_does_not_undo_a_later_yes(self, gated) -> None:
        options = Options(asset="w", consent_source=self.PAPER)
        header = ["姓名", "邮箱", "同意", "时间"]
        bring(gated, sheet(header, ["张三", "zhang@example.cn", "是", "2026-11-20"]), options)
        bring(gated, sheet(header, ["张三", "zhang@example.cn", "否", "2026-11-01"]), options)
        assert self.agreed(gated)["张三"] == ("given", "withdrawn", "yes")

    @pytest.mark.parametrize("word", ["", "-", "未同意", "待确认"])
    def test_nothing_said_is_no_no(self, gated, word) -> None:
        bring(gated, sheet(["姓名", "邮箱", "同意"], ["张三", "zhang@example.cn", word]), Options(asset="w"))
        bring(gated, b"".join(gated.leads.export("csv", headers="zh")), Options(asset="v"))  # 可联系：否
        assert rows_of(gated, Consent) == []

    @pytest.mark.parametrize(("reason", "untimed", "later"), [
        ("withdrawn", ("", ""), ("given", "given")), ("complaint", ("", ""), ("given", "given")),
        ("by_hand", ("", ""), ("given", "given")), ("bounced", ("", "given"), ("given", "given"))])  # fmt: skip
    def test_a_list_does_not_undo_a_stop(self, anywhere, clock, reason, untimed, later) -> None:
        """They withdrew, were deleted when their time was over, and stand in an old list."""
        with anywhere.store.write() as session:
            suppress(session, key_hash(hashing_key(anywhere.folder), "mail:zhang@example.cn"), reason, clock())
        options = Options(asset="w", consent={"marketing": ("any",)}, consent_source=self.PAPER)
        person = ["张三", "zhang@example.cn", "13800138000"]
        bring(anywhere, sheet(["姓名", "邮箱", "手机"], person), options)
        bring(anywhere, sheet(["姓名", "邮箱", "手机", "时间"], [*person, "2026-11-20"]), options)
        assert self.agreed(anywhere)["张三"][:2] == untimed
        clock.forward(days=3)
        bring(anywhere, sheet(["姓名", "邮箱", "手机", "时间"], [*person, "2026-11-22"]), options)
        assert self.agreed(anywhere)["张三"][:2] == later

    def test_wrong_words_are_named_all_at_once(self, gated) -> None:
        options = Options(asset="w", consent={"spam": ("pigeon",)}, columns={"邮箱": "mail"}, offline_code="a b")
        with pytest.raises(InvalidArgument, match="mail"):
            look(gated, EVENT, options)
        with pytest.raises(InvalidArgument) as caught:
            look(gated, EVENT, Options(asset="w", consent={"spam": ("pigeon",)}, offline_code="a b"))
        assert [problem.where for problem in caught.value.problems] == [
            "--offline-code", "--consent", "--consent", "--consent-source"]  # fmt: skip
        with pytest.raises(NotFound):
            look(gated, EVENT, Options(asset="nowhere"))

    @pytest.mark.row("P9")
    def test_P9_who_was_erased_does_not_come_back(self, anywhere) -> None:
        secret = hashing_key(anywhere.folder)
        with anywhere.store.write() as session:
            suppress(session, key_hash(secret, "tel:+8613800138000"), ERASED, anywhere.now())
            suppress(session, key_hash(secret, "mail:li@example.cn"), "bounced", anywhere.now())
        found = look(anywhere, EVENT)
        assert verdicts(found) == ["refused", "new"]
        assert "asked to be deleted" in found.rows[0].remark
        assert found.problems == []
        done = anywhere.leads.incoming.apply(found)
        assert (done.stored, done.refused) == (1, 1)
        assert [row["name"] for row in anywhere.leads.rows()] == ["李四"]


class TestRows:
    def test_every_problem_of_every_row_at_once_and_nothing_stored(self, gated) -> None:
        content = sheet(
            ["姓名", "邮箱", "手机", "时间", "external_userid", "资料"],
            ["张三", "zhang@", "123", "1999-12-31", "a b", ""], ["李四", "", "", "", "", ""],
            ["王五", "w@example.cn", "", "2026-12-24", "", "nowhere"], ["好", "ok@example.cn", "1.38001E+10", "", "", ""],
            ["a\x01b", "ok@example.cn", "", "9999-01-01", "", ""], ["字" * 101, "ok@example.cn", "", "03/04/2026", "", ""],
            ["赵六", "ok@example.cn", "", "", "", "", "多出"], ["对", "right@example.cn", "", "", "", "v"],
        )  # fmt: skip
        found = look(gated, content)
        assert [(problem.where.rpartition(" ")[2], problem.message.partition(":")[0]) for problem in found.problems] == [
            ("2", "external_userid"), ("2", "邮箱"), ("2", "手机"), ("2", "时间"),
            ("3", "it has no e-mail address, no phone number and no WeCom id"),
            ("4", "时间"), ("4", "no asset 'nowhere'"), ("5", "手机"), ("6", "姓名"), ("6", "时间"), ("7", "姓名"), ("7", "时间"),
            ("8", "it has more cells than the header"),
        ]  # fmt: skip
        assert "format the column as text" in str(found.problems[7])
        with pytest.raises(SheetInvalid):
            gated.leads.incoming.apply(found)
        assert rows_of(gated, Contact) == []
        done = gated.leads.incoming.apply(found, partial=True)
        assert (done.stored, done.left_out) == (1, 7)
        assert [row["asset"] for row in gated.leads.rows()] == ["v"]

    @pytest.mark.parametrize("text", ["wmAAAA", "w" * 65, "外部联系人0001"])
    def test_an_id_of_WeCom_is_what_it_is_elsewhere(self, gated, text) -> None:
        (problem,) = look(gated, sheet(["姓名", "external_userid"], ["张三", text])).problems
        assert "is no id of WeCom" in problem.message
        (seen,) = look(gated, sheet(["姓名", "external_userid"], ["张三", "ｗｍAAAAexample "])).rows
        assert seen.row.form.wecom == read_wecom("wmAAAAexample")

    @pytest.mark.parametrize("text", ["a\x01b", "a\x1fb", "a\x85b", "\u202eabc", "a\ufffeb", "x\u2028x"])
    def test_A13_characters_that_cannot_be_stored(self, gated, text) -> None:
        found = look(gated, sheet(["姓名", "邮箱"], [text, "a@example.cn"]))
        assert [problem.message for problem in found.problems] == ["姓名: contains characters that cannot be stored"]

    @pytest.mark.parametrize("text", [" ", "\u3000", "\u200b\u200d"])
    def test_A14_blank_is_empty(self, gated, text) -> None:
        found = look(gated, sheet(["姓名", "邮箱", "手机"], [text, "a@example.cn", text]))
        assert (found.rows[0].row.form.name, found.rows[0].row.form.phone) == ("", None)

    def test_A15_limits(self, gated) -> None:
        right = look(gated, sheet(["姓名", "公司", "邮箱"], ["字" * 100, "司" * 200, "a@example.cn"]))
        assert right.problems == []
        wrong = look(gated, sheet(["姓名", "公司", "邮箱"], ["字" * 101, "司" * 201, "a@example.cn"]))
        assert [problem.message for problem in wrong.problems] == [
            "姓名: is too long; at most 100 characters", "公司: is too long; at most 200 characters"]  # fmt: skip

    def test_A16_strange_names_there_and_back(self, gated) -> None:
        bring(gated, sheet(["姓名", "邮箱"], *([name, f"p{n}@example.cn"] for n, name in enumerate(STRANGE))))
        assert {row["name"] for row in gated.leads.rows()} == set(STRANGE)
        for form, name in (("csv", "导出.csv"), ("xlsx", "导出.xlsx")):
            content = b"".join(gated.leads.export(form))
            found = look(gated, content, Options(asset="v"), name)
            assert found.problems == []
            assert {seen.row.form.name for seen in found.rows} == set(STRANGE)
            assert set(verdicts(found)) == {"known"}

    @given(st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=20)
                    .filter(lambda text: text.strip()), min_size=1, max_size=5))  # fmt: skip
    @pytest.mark.row("B14")
    def test_B14_whatever_a_name_is_it_comes_back_from_our_csv(self, names) -> None:
        from contentops.leads.sheets.columns import COLUMNS, Headers
        from contentops.leads.sheets.exports import Shape, export
        from contentops.leads.sheets.incoming.columns import mapped
        from contentops.leads.sheets.incoming.rows import Defaults, read_rows

        now = datetime(2026, 11, 21, tzinfo=UTC)
        rows = [
            {column.key: "" for column in COLUMNS}
            | {"name": n, "email": "a@example.cn", "created_at": now, "last_at": now, "answers": {}}
            for n in names
        ]
        content = b"".join(export(rows, COLUMNS, Shape("csv", Headers.ZH, UTC)))
        (found,) = mapped(read_tables(content, "a.csv", Bounds(strict=True)), {}, "a.csv")
        import unicodedata

        read = [
            row.form.name if row.form else row.problems
            for row in read_rows(found, Defaults("w", {}, UTC, now, "CN", True))
        ]
        for name, back in zip(names, read, strict=True):
            expected = unicodedata.normalize("NFC", name).strip()
            is_blank = not any(unicodedata.category(char) not in ("Zs", "Cf", "Mn") for char in expected)
            assert back == ("" if is_blank else expected)

    @pytest.mark.parametrize(("cell", "moment"), [
        ("2026-11-20 10:30", (2026, 11, 20, 2, 30)), ("2026/11/20 10:30:15", (2026, 11, 20, 2, 30, 15)),
        ("2026年11月20日 08:00", (2026, 11, 20, 0, 0)), ("2026-11-20", (2026, 11, 19, 16, 0)), ("20261120", (2026, 11, 19, 16, 0)),
        ("2026-11-20T10:30:00+00:00", (2026, 11, 20, 10, 30)), ("2026-11-20T10:30:00Z", (2026, 11, 20, 10, 30)),
        (46346.4375, (2026, 11, 20, 2, 30)), (datetime(2026, 11, 20, 10, 30), (2026, 11, 20, 2, 30)),  # noqa: DTZ001
    ])  # fmt: skip
    def test_moments(self, cell, moment) -> None:
        from zoneinfo import ZoneInfo

        assert read_moment(cell, ZoneInfo("Asia/Shanghai")) == (datetime(*moment, tzinfo=UTC), "")

    @pytest.mark.parametrize("cell", ["1999-12-31", "2101-01-01", "9999-01-01T00:00:00Z", "0001-01-01", "3.4.26", "昨天", "2026-11-20 25:00", 12.0])  # fmt: skip
    def test_H4_moments_that_are_none(self, cell) -> None:
        moment, why = read_moment(cell, UTC)
        assert moment is None
        assert why


class TestFiles:
    def test_G4_encodings_separators_and_lines(self, gated) -> None:
        text = '姓名;公司;手机\r\n龘䶮𠮷;"示例\r\n公司";13800138000\r\n短;;13800138001\r\n'
        for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
            for separator in (";", "\t", ","):
                found = look(gated, text.replace(";", separator).encode(encoding))
                assert [(s.row.number, s.row.form.name, s.row.form.company) for s in found.rows] == [
                    (2, "龘䶮𠮷", "示例 公司"), (4, "短", "")], (encoding, separator)  # fmt: skip

    def test_G4_gbk_as_excel_writes_it(self, gated) -> None:
        found = look(gated, EVENT.encode("gbk"))
        assert [seen.row.form.company for seen in found.rows] == ["示例公司", "示例集团"]

    @pytest.mark.parametrize(("content", "words"), [
        (b"\xe5\xa7\x93\xe5\x90\x8d,email\nabc,a@example.cn\n\xff\xff,b@example.cn\n", r"byte 31, line 3"),
        (b"email\n\x00\n", r"byte 7, line 2"),
        ("邮箱,姓名\na@example.cn,\"没有结束\nb@example.cn,x\n".encode(), r"line 2 cannot be read.*never closed"),
        (b"", "is empty"), ("姓名,公司\n张三,示例\n".encode(), "no column holds"), (b"PK\x03\x04broken", "no column holds|cannot be read|neither"),
    ])  # fmt: skip
    def test_G4_what_cannot_be_read_says_where(self, gated, content, words) -> None:
        with pytest.raises(SheetInvalid, match=words):
            look(gated, content)

    def test_G4_a_huge_cell_and_ragged_rows_are_rows_with_problems(self, gated) -> None:
        found = look(
            gated,
            sheet(
                ["邮箱", "姓名", "公司"],
                ["a@example.cn", "字" * 200_000],
                ["b@example.cn"],
                ["c@example.cn", "x", "y", "z"],
            ),
        )
        assert verdicts(found) == ["wrong", "new", "wrong"]

    def test_G4_a_workbook_with_numbers_formulas_and_dates(self, gated) -> None:
        rows = (["客户来源表"], [], ["姓名", "手机号", "添加时间", "标签"],
                ["张三", 13800138000, datetime(2026, 11, 20, 10, 30), "意向;制造业"], ["李四", "=1+1", 46346, ""])  # noqa: DTZ001  # fmt: skip
        for options in ({}, {"date_1904": True}):
            found = look(gated, workbook(*rows, **({"default_date_format": "yyyy-mm-dd"} | options)), name="客户.xlsx")
            first, second = found.rows
            assert first.row.form.phone.shown == "+8613800138000"
            assert first.row.at == datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
            assert first.row.form.answers == {"tags": "意向;制造业"}
            assert (first.row.number, second.verdict) == (4, Verdict.WRONG)  # a formula is its value: 0

    def test_G5_a_bomb_an_old_workbook_and_an_entity(self, gated) -> None:
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b" " * 150_000_000)
        with pytest.raises(SheetInvalid, match="unpacks to more"):
            look(gated, memory.getvalue(), name="a.xlsx")
        with pytest.raises(SheetInvalid, match="save it as .xlsx"):
            look(gated, b"\xd0\xcf\x11\xe0", name="a.xls")
        whole = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(workbook(["邮箱"], ["a@example.cn"]))) as old,
            zipfile.ZipFile(whole, "w") as new,
        ):
            for name in old.namelist():
                data = old.read(name)
                if name == "xl/sharedStrings.xml":
                    evil = b'?>\n<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
                    data = data.replace(b"?>", evil, 1).replace(b"a@example.cn", b"&e;")
                new.writestr(name, data)
        try:
            found = look(gated, whole.getvalue(), name="a.xlsx")
        except SheetInvalid:
            return
        assert not any("root" in str(seen.row) for seen in found.rows)

    def test_too_many_rows_are_refused(self, gated, monkeypatch) -> None:
        monkeypatch.setattr("contentops.leads.sheets.incoming.desk.BOUNDS", Bounds(most_rows=3))
        with pytest.raises(SheetInvalid, match="more than 3 rows"):
            look(gated, sheet(["邮箱"], *([f"p{n}@example.cn"] for n in range(5))))


class TestColumns:
    def test_a_wecom_export(self, anywhere) -> None:
        header = ["客户名称", "external_userid", "添加人", "添加时间", "来源", "标签", "企业名称", "手机号"]
        rows = (["张三", "wmAAAAexample01", "顾问甲", "2026-11-19 09:00:00", "扫描渠道活码", "意向高", "示例公司", ""],
                ["李四", "wmAAAAexample02", "顾问甲", "2026-11-19 09:05:00", "名片分享", "", "", "13800138000"])  # fmt: skip
        assert bring(anywhere, sheet(header, *rows), Options(asset="w", medium="wecom")).stored == 2
        found = {row["name"]: row for row in anywhere.leads.rows()}
        zhang = found["张三"]
        assert (zhang["wecom"], zhang["email"], zhang["phone"], zhang["company"]) == (
            "wmAAAAexample01",
            "",
            "",
            "示例公司",
        )
        assert (zhang["first_source"], zhang["first_medium"], zhang["answers"]) == (
            "扫描渠道活码",
            "wecom",
            {"tags": "意向高"},
        )
        assert bring(anywhere, sheet(header, rows[0]), Options(asset="v")).stored == 1
        assert len(rows_of(anywhere, Contact)) == 2  # the id alone says who it is

    def test_columns_by_word_and_by_file(self, gated) -> None:
        content = sheet(["大名", "呼叫=号码", "来源", "产线"], ["张三", "13800138000", "老来源", "3 条"])
        said = {"大名": "name", "呼叫=号码": "phone", "来源": "skip", "产线": "answer.lines"}
        file = '[columns]\n"大名" = "name"\n"呼叫=号码" = "phone"\n"来源" = "skip"\n"产线" = "answer.lines"\n'
        assert read_mapping(file.encode(), "列.toml") == said
        bring(gated, content, Options(asset="w", columns=said, source="fair"))
        (row,) = gated.leads.rows()
        assert (row["name"], row["first_source"], row["answers"]) == ("张三", "fair", {"lines": "3 条"})
        with pytest.raises(SheetInvalid, match="no column is called '大明'"):
            look(gated, content, Options(asset="w", columns={**said, "大明": "company"}))
        with pytest.raises(InvalidArgument, match="cannot both be 'name'"):
            look(gated, content, Options(asset="w", columns={"大名": "name", "产线": "name"}))
        for wrong in (b"x", b"[columns]\na = 1", b"[other]\na = 'name'", b"[columns]\na = 'nam'", b"\xff"):
            with pytest.raises(InvalidArgument):
                read_mapping(wrong, "列.toml")

    def test_our_own_headers_are_understood_in_both_languages(self, gated) -> None:
        bring(gated, EVENT)
        for headers in ("zh", "en", "keys"):
            found = look(gated, b"".join(gated.leads.export("csv", headers=headers)), Options(asset="v"))
            (fields,) = found.columns.values()
            assert {"name", "company", "job_title", "email", "phone", "wecom", "asset", "at", "consent"} <= set(fields)

    def test_the_desk_is_the_workspaces(self, gated) -> None:
        assert isinstance(gated.leads.incoming, Incoming)


class TestCommand:
    def test_look_apply_list_export(self, gated, run_cli, tmp_path) -> None:
        path, out = tmp_path / "名单.csv", tmp_path / "线索.xlsx"
        path.write_text(EVENT, encoding="utf-8")
        words = (
            "-w",
            gated.folder,
            "lead",
            "import",
            path,
            "--asset",
            "w",
            "--consent",
            "marketing=email,phone",
            "--consent-source",
            "表格 A12",
        )
        code, shown, said = run_cli(*words)
        assert (code, "张三" in shown, "Nothing was stored yet" in said, "2 new" in said) == (0, True, True, True)
        assert rows_of(gated, Lead) == []
        code, _shown, said = run_cli(*words, "--apply")
        assert (code, "2 rows stored" in said) == (0, True)
        code, shown, said = run_cli("-w", gated.folder, "lead", "list", "--limit", "1", "--consent")
        assert (code, len(shown.splitlines()), "1 more" in said) == (0, 2, True)
        code, shown, _said = run_cli("-w", gated.folder, "lead", "list", "--json", "--sort", "name")
        assert (code, '"created_at": "2026-11-20T02:30:00+00:00"' in shown) == (0, True)
        assert run_cli("-w", gated.folder, "lead", "export", "-o", out, "--headers", "en")[0] == 0
        assert out.read_bytes()[:2] == b"PK"
        assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]
        assert run_cli("-w", gated.folder, "lead", "list", "--sort", "x")[0] == 2
        assert run_cli("-w", gated.folder, "lead", "list", "--asset", "x")[0] == 3

    def test_wrong_rows_are_content_that_is_not_valid(self, gated, run_cli, tmp_path) -> None:
        path = tmp_path / "名单.csv"
        path.write_text("邮箱\nzhang@example.cn\nnonsense\n", encoding="utf-8")
        words = ("-w", gated.folder, "lead", "import", path, "--asset", "w")
        code, shown, said = run_cli(*words, "--apply")
        assert (code, "nonsense" in shown, "Nothing was stored" in said) == (4, True, True)
        assert rows_of(gated, Lead) == []
        assert run_cli(*words, "--apply", "--partial")[0] == 4
        assert len(rows_of(gated, Lead)) == 1
        assert run_cli(*words, "--map", "x")[0] == 2
        assert run_cli("-w", gated.folder, "lead", "import", tmp_path / "none.csv")[0] == 3


def test_our_own_export_comes_back_also_where_an_asset_has_two_languages(workspace) -> None:
    for language in ("zh", "en"):
        text = f"---\ntitle: Paper {language}\ncontentops: {{gate: gated, attachment: w.pdf}}\n---\n"
        write_content(workspace, f"whitepaper/w/index.{language}.md", text)
    write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
    assert not workspace.assets.sync().problems
    form = {"name": "张三", "email": "zhang@example.cn", "consent_delivery": "yes"}
    workspace.leads.capture(workspace.assets.get("en/w"), form.items(), page="/en/w/")
    content = b"".join(workspace.leads.export("xlsx"))
    (seen,) = look(workspace, content, Options(), "leads.xlsx").rows
    assert (str(seen.verdict), seen.row.asset) == ("known", "en/w")
