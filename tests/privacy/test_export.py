"""Somebody gets everything that is kept of them: complete, readable, and harmless to open (P7, P13, B2)."""

import json
import re
from html.parser import HTMLParser

import pytest

from contentops.errors import NotFound
from contentops.models import Contact, Download, NoticeText, PrivacyAction, Record, Submission
from contentops.pages.gate import FormState, gate_of
from contentops.privacy.inventory import OUTSIDE
from contentops.texts import use_language

from .shared import dump

PAYLOADS = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'><svg/onload=alert(1)>", "</dd></dl><h1>x</h1>",
    "javascript:alert(1)", "{{ 7*7 }}", "${7*7}", "{% raw %}", "&lt;script&gt;", "%(x)s {x}",
    "\u202e\u2066<b>", "<!--", "]]>", "</title><script>", "' onmouseover='alert(1)", "＜script＞",
]  # fmt: skip


class Shape(HTMLParser):
    """The elements and attributes of a page, without its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, tuple(name for name, _value in attrs)))

    def handle_comment(self, data) -> None:
        self.found.append(("comment", ()))


class TestCompleteness:
    @pytest.mark.row("P7")
    def test_p7_every_text_of_theirs_is_in_the_copy(self, gated, put_canaries) -> None:
        who = put_canaries(gated)
        dossier = gated.privacy.export(who.phone)
        data = json.loads(gated.privacy.readable(dossier, "json"))
        for (table, column), word in who.words.items():
            copied = next(holding.copied for holding in OUTSIDE if holding.name == table)
            texts = [json.dumps(row[column]) for row in data["data"][table] if column in row]
            assert (column in copied) == any(word in text for text in texts), f"{table}.{column}"
        assert set(data["data"]) == {holding.name for holding in OUTSIDE if holding.reach is not None}
        assert {row["contact_id"] for row in data["data"]["consent"]} <= set(data["contact_ids"])
        assert len(data["contact_ids"]) == 2
        assert len(data["data"]["submission"]) == 2  # the one in quarantine as well

    def test_p7_readable_copies_have_every_answer(self, local, put_canaries) -> None:
        who = put_canaries(local)
        dossier = local.privacy.export(who.email)
        for form in ("txt", "html"):
            text = local.privacy.readable(dossier, form, language="zh-CN")
            for name in ("name", "company", "job_title"):
                assert who.words["contact", name] in text
            assert who.words["submission", "fields"] in text
            assert who.words["consent", "wording"] in text

    def test_copies_name_no_colleague_and_no_secret_of_a_worker(self, local, put_canaries) -> None:
        who = put_canaries(local)
        text = local.privacy.export(who.email).as_json()
        assert who.words["merge", "by"] not in text
        assert "claim_token" not in text

    def test_real_person(self, gated, take, add, clock) -> None:
        lead_id = take(
            gated, email="li@example.cn", phone="138 0013 8000", consent_marketing="yes", utm_campaign="秋季"
        )
        clock.forward(days=1)
        take(gated, "v")
        add(gated, Download, lead_id=lead_id, attachment_id="", at=clock())
        dossier = gated.privacy.export("13800138000")
        data = json.loads(dossier.as_json())
        assert data["format"] == "contentops-person/1"
        assert data["data"]["contact"][0]["email"] == "li@example.cn"
        assert {row["value"] for row in data["data"]["contact_key"]} == {"mail:li@example.cn", "tel:+8613800138000"}
        assert {row["title"] for row in data["materials"]} == {"设备点检手册 w", "设备点检手册 v"}
        assert [len(data["data"][name]) for name in ("lead", "submission", "touch", "download")] == [2, 2, 2, 1]
        wordings = {row["purpose"]: row["wording"] for row in data["data"]["consent"]}
        assert all("联巡云（示例）科技有限公司" in wording for wording in wordings.values())
        assert data["data"]["touch"][0]["at"] == "2026-11-21T09:00:00+00:00"
        assert data["handed_to"] == []
        text = gated.privacy.readable(dossier, "txt", language="zh-CN")
        assert "设备点检手册 w" in text
        assert "2026-11-21 17:00" in text  # Shanghai
        assert "秋季" in text

    def test_targets_that_got_it_are_named(self, local, put_canaries) -> None:
        who = put_canaries(local)
        dossier = local.privacy.export(who.email)
        assert [(row["target"], row["lead_id"]) for row in dossier.handed_to] == [("crm", who.lead_id)]
        assert "<li>crm</li>" in local.privacy.readable(dossier, "html")

    def test_the_notice_they_saw_is_there(self, local, put_canaries, add) -> None:
        from sqlalchemy import update

        from contentops.models import Consent

        who = put_canaries(local)
        add(local, NoticeText, version="v1", locale="zh-CN", text="谁收到您的资料：示例科技")
        add(local, NoticeText, version="v2", locale="en", text="another one")
        with local.store.write() as session:
            session.execute(update(Consent).values(notice="v1"))
        dossier = local.privacy.export(who.email)
        assert [row["version"] for row in dossier.notices] == ["v1"]
        assert "谁收到您的资料：示例科技" in local.privacy.readable(dossier, "html", language="zh-CN")

    def test_others_stay_out_of_it(self, gated, take) -> None:
        take(gated)
        take(gated, email="wang@example.cn", name="王示例")
        text = gated.privacy.export("li@example.cn").as_json()
        assert "王示例" not in text
        assert "wang@" not in text


class TestWords:
    """A copy is for people: nothing in it is a word of the database."""

    @pytest.fixture
    def copies(self, local, take, add):
        """Return the copy of somebody who did all there is, as text in Chinese and as JSON."""
        from contentops.models import Consent, ContactKey

        lead_id = take(local, email="li@example.cn", phone="13800138000", consent_marketing="yes", job_title="班长")
        add(local, Submission, id="f" * 32, lead_id=lead_id, asset_id=local.assets.get("w").id, quarantined=True,
            reason="too_fast", fields={"name": "李梅", "content": "自己的问题"}, at=local.now())  # fmt: skip
        contact_id = local.privacy.export("li@example.cn").contact_ids[0]
        add(local, ContactKey, value="wecom:wmLi", contact_id=contact_id)
        local.leads.consents.withdraw("li@example.cn", evidence="root")
        says = {
            "contact_id": contact_id,
            "purpose": "marketing",
            "channel": "email",
            "action": "given",
            "submission_id": None,
        }
        add(
            local,
            Consent,
            **says,
            how="import",
            page="名单.xlsx 第 3 行",
            evidence="名单.xlsx 第 3 行; root",
            at=local.now(),
        )
        add(local, Consent, **says, how="link", evidence="0a" * 32, at=local.now())
        dossier = local.privacy.export("li@example.cn")
        return local.privacy.readable(dossier, "txt", language="zh-CN"), dossier.as_json()

    def test_values_and_fields_are_in_the_persons_language(self, copies) -> None:
        text, _json = copies
        values = [line.partition("：")[2] for line in text.split("\n") if "：" in line]
        kept = {"form", "import", "command", "link", "asset", "mail", "phone", "email", "any", "too_fast", "marketing"}
        assert not kept & set(values)
        assert not re.search(r"\b(name|company|email|phone)\b(:|：)", text)
        assert "姓名：李梅" in text
        assert "content：自己的问题" in text, "a question of the writer's own is called as they call it"
        assert not re.search(r"(mail|tel|wecom):", text)
        assert "电话：+8613800138000" in text
        assert "企业微信：wmLi" in text

    def test_punctuation_is_chinese(self, copies) -> None:
        text = copies[0].partition("== 您看到过的")[0]
        assert not re.search(r"[\u4e00-\u9fff]: ", text)

    def test_accounts_of_the_server_are_in_no_copy_and_hashes_in_none_to_read(self, copies) -> None:
        text, data = copies
        assert "root" not in text + data
        assert "0a0a" not in text
        assert "0a0a" in data
        assert "名单.xlsx 第 3 行" in text

    def test_messages_are_not_said_to_be_since_a_day(self, copies) -> None:
        from contentops.privacy.wording import labels

        assert labels("message")["created_at"] == labels("consent")["at"]

    def test_wordings_of_boxes_do_not_look_like_empty_boxes(self, copies) -> None:
        text, data = copies
        assert "[ ] " in data
        assert "[ ] " not in text
        assert text.endswith("\n")
        assert not text.endswith("\n\n")

    def test_words_stand_for_closed_lists_only(self, local, take) -> None:
        take(local, name="any", company="form")
        text = local.privacy.readable(local.privacy.export("li@example.cn"), "txt", language="en")
        assert "Name: any" in text
        assert "Company: form" in text


class TestHarmless:
    @pytest.fixture
    def page(self, local, add):
        """Return the page of somebody whose every text is one."""

        def make(word: str, form: str = "html") -> str:
            from sqlalchemy import delete

            from contentops.models import ContactKey, Lead, Touch

            with local.store.write() as session:
                for table in (Submission, Touch, Lead, ContactKey, Contact):
                    session.execute(delete(table))
            asset = local.assets.get("w")
            contact = add(local, Contact, id="a" * 32, person_id="a" * 32, name=word, company=word, job_title=word,
                          email="li@example.cn", phone=None, language="zh-CN")  # fmt: skip
            add(local, ContactKey, value="mail:li@example.cn", contact_id=contact.id)
            lead = add(local, Lead, contact_id=contact.id, asset_id=asset.id, origin=word[:20])
            add(local, Submission, lead_id=lead.id, asset_id=asset.id, fields={word: word}, page=word)
            add(local, Touch, lead_id=lead.id, source=word, campaign=word, referrer_host=word, landing_path=word,
                click_ids={word: word})  # fmt: skip
            return local.privacy.readable(local.privacy.export("li@example.cn"), form)

        return make

    def test_b2_no_value_becomes_an_element_or_attribute(self, page) -> None:
        plain = Shape(page("李梅")).found
        for payload in PAYLOADS:
            html = page(payload)
            assert Shape(html).found == plain, payload
            assert "49" not in re.sub(r"[0-9a-f]{32}|\d{4}-\d\d-\d\d \d\d:\d\d", "", html.split("<main>")[1])

    def test_page_stands_alone(self, page) -> None:
        html = page("李梅")
        assert not re.search(r"https?://|src=|<script|<link", html)
        assert '<meta name="robots" content="noindex">' in html
        assert '<html lang="zh-CN">' in html

    def test_what_somebody_typed_makes_no_line_of_its_own_in_a_terminal(self, page) -> None:
        text = page("李梅\nCRITICAL forged\x1b[31m\u2028x\x85y", "txt")
        assert not any(line.startswith(("CRITICAL", "x", "y")) for line in text.split("\n"))
        assert "\x1b" not in text


class TestCleaning:
    @pytest.mark.row("P13")
    def test_p13_an_address_in_a_campaign_is_not_kept(self, gated, take) -> None:
        take(gated, utm_content="jane@example.com", utm_source="mail?to=jane@example.com")
        assert "jane@example.com" not in dump(gated)

    @pytest.mark.row("P15")
    def test_p15_nobody_is_asked_for_a_free_text(self, gated, take) -> None:
        """What is not asked for is not kept, whoever sends it; the writer's own questions are the writer's decision."""
        form = gate_of(gated.assets.get("w"))
        assert form.fields == ("name", "company", "email", "phone")
        assert "<textarea" not in gated.pages.visitor.landing(gated.assets.get("w"), FormState())
        take(gated, message="我今年十四岁，有过敏史", comment="我今年十四岁", age="14", job_title="我今年十四岁")
        kept = dump(gated)
        assert "li@example.cn" in kept
        assert "十四岁" not in kept

    @pytest.mark.row("P12")
    def test_p12_nothing_of_the_browser_is_kept(self, gated, serve) -> None:
        import urllib.request

        server = serve(gated)
        form = b"name=x&email=li%40example.cn&consent_delivery=yes&company=x"
        headers = {"Origin": server.address, "User-Agent": "KanarienBrowser/9", "X-Forwarded-For": "203.0.113.77"}
        request = urllib.request.Request(f"{server.address}/zh/w/form", form, headers)
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        kept = dump(server.workspace)
        assert "li@example.cn" in kept
        assert not [
            word for word in ("KanarienBrowser", "203.0.113", "127.0.0.1") if word in kept.replace("sqlite", "")
        ]


class TestLog:
    @pytest.mark.row("P16")
    def test_export_is_logged(self, local, take, rows) -> None:
        take(local)
        local.privacy.export("li@example.cn", by="陈七言", form="html")
        (row,) = rows(local, PrivacyAction)
        assert (row.action, row.by, row.detail) == ("export", "陈七言", "html")
        assert [each.id for each in local.privacy.log()] == [row.id]

    def test_nobody_leaves_no_entry(self, local, rows) -> None:
        with pytest.raises(NotFound):
            local.privacy.export("li@example.cn")
        assert rows(local, PrivacyAction) == []


class TestMap:
    def test_map_has_every_personal_column_and_nothing_of_nobody(self, local) -> None:
        entries = local.privacy.map()
        found = {(entry.table, entry.column) for entry in entries}
        assert ("contact", "email") in found
        assert ("person", "email") in found
        assert ("attachment", "path") not in found
        assert {entry.table for entry in entries if not entry.column} >= {"out/mail/*.eml", ".contentops/erased"}
        assert all(entry.what and entry.purpose and entry.retention and entry.erased for entry in entries)

    def test_map_is_what_an_erasure_does(self, local, put_canaries) -> None:
        done = local.privacy.erase(put_canaries(local).email)
        kept = {
            entry.table for entry in local.privacy.map() if entry.whose == "lead" and entry.erased.startswith("stays")
        }
        assert not kept & set(done.rows)
        assert {table.name for table in Record.metadata.sorted_tables} > set(done.rows)

    def test_markdown_in_both_languages(self, local) -> None:
        english = local.privacy.map_markdown()
        with use_language("zh-CN"):
            chinese = local.privacy.map_markdown()
        for text in (english, chinese):
            assert "| `email` |" in text
            assert (
                len({line.count("|") for line in text.split("\n") if line.startswith("| `") and "value" in line}) == 1
            )
        assert "24 months after the last contact" in english
