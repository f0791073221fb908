"""lead show, duplicates, merge, split, dismiss, companies, company, as somebody who looks after leads types them."""

import json

import pytest

from contentops.models import Asset, Consent, Contact, ContactKey, Lead, Submission, Touch

FIRST, SECOND, THIRD = (f"{number:032x}" for number in (1, 2, 3))
LEAD = f"{9:032x}"


@pytest.fixture
def cli(run_cli, workspace):
    now = workspace.now()
    contact = {"created_at": now, "changed_at": now}
    rows = [
        Asset.model_validate(
            {"id": FIRST, "slug": "dian-jian", "kind": "whitepaper", "language": "zh-CN", "translation_key": "x", "title": "点检白皮书",
             "personas": ["user"], **contact}
        ),
        Contact.model_validate(
            {"id": FIRST, "person_id": FIRST, "name": "张三", "company": "联巡云（示例）科技有限公司", "job_title": "设备总监",
             "email": "zhang@example.com.cn", **contact}
        ),
        Contact.model_validate({"id": SECOND, "person_id": SECOND, "name": "张 三", "company": "联巡云科技", "phone": "+8613800138000", **contact}),
        Contact.model_validate({"id": THIRD, "person_id": THIRD, "name": "李四", "email": "li@qq.com", **contact}),
        ContactKey.model_validate({"value": "mail:zhang@example.com.cn", "contact_id": FIRST}),
        ContactKey.model_validate({"value": "tel:+8613800138000", "contact_id": SECOND}),
        ContactKey.model_validate({"value": "mail:li@qq.com", "contact_id": THIRD}),
        Lead.model_validate({"id": LEAD, "asset_id": FIRST, "contact_id": SECOND, "created_at": now, "last_at": now}),
        Touch.model_validate({"lead_id": LEAD, "at": now, "source": "wechat", "medium": "social", "campaign": "2026-q4"}),
        Submission.model_validate({"asset_id": FIRST, "lead_id": LEAD, "at": now, "page": "/zh/dian-jian/"}),
        Consent.model_validate(
            {"contact_id": SECOND, "purpose": "marketing", "channel": "phone", "action": "given", "wording": "愿意接收资料",
             "wording_sha256": "0" * 64, "locale": "zh-CN", "page": "/zh/dian-jian/", "at": now}
        ),
    ]  # fmt: skip
    with workspace.store.write() as session:
        for row in rows:
            session.add(row)
            session.flush()

    def run(*words: object, lang: str = "en") -> tuple[int, str, str]:
        return run_cli("--workspace", workspace.folder, "--lang", lang, *words)

    return run


def fields(out: str) -> list[list[str]]:
    return [line.split("\t") for line in out.splitlines()]


def test_show_says_all_there_is_about_a_person(cli) -> None:
    code, out, _err = cli("lead", "show", "138 0013 8000")
    assert code == 0
    # Times are those of the workspace's zone, as everywhere.
    assert fields(out) == [
        ["What", "When", "Details"],
        ["Name", "2026-11-21 17:00", "张 三 · 联巡云科技"],
        ["Id", "", SECOND],
        ["Phone", "", "+8613800138000"],
        ["Recognised by", "", "tel:+8613800138000"],
        ["Lead", "2026-11-21 17:00", "zh-CN/dian-jian · 点检白皮书 · 0 downloads"],
        ["Touch", "2026-11-21 17:00", "wechat / social / 2026-q4"],
        ["Form", "2026-11-21 17:00", "/zh/dian-jian/"],
        ["Consent", "2026-11-21 17:00", "being contacted about more · Phone · agreed · /zh/dian-jian/"],
        ["May be contacted", "", "Phone"],
    ]
    code, out, _err = cli("lead", "show", "zhang@example.com.cn", "--json")
    shown = json.loads(out)
    assert (shown["name"], shown["leads"], shown["may_be_contacted"]) == ("张三", [], [])


def test_duplicates_merge_show_split(cli) -> None:
    code, out, err = cli("lead", "duplicates")
    assert (code, len(fields(out))) == (0, 2)
    assert fields(out)[1] == [
        "likely", "张三 · 联巡云（示例）科技有限公司 · zhang@example.com.cn", "张 三 · 联巡云科技 · +8613800138000", "same name and company",
    ]  # fmt: skip
    assert "lead merge" in err
    pair = json.loads(cli("lead", "duplicates", "--json")[1])[0]
    assert (pair["reasons"], pair["first"]["person_id"], pair["second"]["person_id"]) == (["company"], FIRST, SECOND)
    code, out, err = cli("lead", "merge", "zhang@example.com.cn", "13800138000")
    merge_id = fields(out)[0][1]
    assert (code, fields(out)[1]) == (0, ["Stands for both", FIRST])
    assert merge_id in err
    assert cli("lead", "duplicates") == (0, "", "nobody seems to be there twice\n")
    out = cli("lead", "show", SECOND)[1]
    assert f"Id\t\t{FIRST}" in out
    assert "tel:+8613800138000" in out
    assert merge_id in out
    assert [row[0] for row in fields(out)].count("Lead") == 1
    code, out, err = cli("lead", "split", "13800138000", "--distinct")
    assert (code, fields(out)) == (0, [["Merge", merge_id], ["Stands alone again", SECOND]])
    assert cli("lead", "duplicates")[1] == ""
    assert "Split" in cli("lead", "show", SECOND)[1]


def test_dismissed_pairs_are_not_listed_again(cli) -> None:
    assert cli("lead", "dismiss", "13800138000", "zhang@example.com.cn") == (0, "", "kept: they are two persons\n")
    assert cli("lead", "duplicates")[1] == ""


def test_companies_and_their_committee(cli) -> None:
    code, out, _err = cli("lead", "companies")
    assert (code, fields(out)[1:]) == (
        0, [["联巡云科技", "2", "example.com.cn", "Messenger, Decision maker"]],
    )  # fmt: skip
    assert len(json.loads(cli("lead", "companies", "--json")[1])) == 1
    code, out, err = cli("lead", "company", "EXAMPLE.com.cn")
    assert fields(out)[1:] == [
        ["张 三", "", "User", "asked for 1 asset written for them", SECOND],
        ["张三", "设备总监", "Influencer", "job title: 总监", FIRST],
    ]
    assert "Messenger, Decision maker" in err
    assert json.loads(cli("lead", "company", "联巡云科技集团", "--json")[1])["missing"] == [
        "messenger",
        "decision_maker",
    ]


@pytest.mark.parametrize(("words", "code", "said"), [
    (("show", "nobody@example.cn"), 3, "'nobody@example.cn' is no e-mail address, phone number, id or name of anybody"), (("show",), 2, "WHO"), (("show", ""), 3, "name of anybody"),
    (("merge", "13800138000"), 2, "OTHER"), (("merge", "13800138000", SECOND), 5, "one person already"),
    (("merge", "13800138000", "nobody@example.cn"), 3, "name of anybody"), (("split", "13800138000"), 5, "nothing to undo"),
    (("split", "f" * 32), 3, "name of anybody"), (("dismiss", SECOND, SECOND), 5, "are one person"), (("company", "没有这家公司"), 3, "no company"),
    (("company", "联巡云科枝"), 3, "did you mean '联巡云科技'"),
])  # fmt: skip
def test_wrong_words_give_a_sentence_and_a_code(cli, words, code, said) -> None:
    found, out, err = cli("lead", *words)
    assert (found, out) == (code, "")
    assert "Traceback" not in err
    assert said in " ".join(err.split())


def test_withdraw_and_consents_know_whom_show_knows(cli) -> None:
    for who in ("张 三", "138 0013 8000", SECOND, LEAD):
        assert cli("lead", "show", who)[0] == cli("lead", "consents", who)[0] == 0
    code, _out, err = cli("lead", "withdraw", " 张 三 ")
    assert (code, "Phone: No" in err) == (0, True)
    assert fields(cli("lead", "show", "张 三")[1])[-1] == ["May be contacted", "", "No"]


def test_a_name_that_several_people_have_withdraws_nothing(cli, workspace) -> None:
    with workspace.store.write() as session:
        session.get_one(Contact, THIRD).name = "张 三"
    code, _out, err = cli("lead", "withdraw", "张 三")
    assert (code, "2 people are called '张 三'; say an e-mail address" in err) == (5, True)
    assert workspace.leads.consents.of(SECOND).agreement[("marketing", "phone")] == "given"


@pytest.mark.parametrize("command", ["show", "withdraw", "consents"])
def test_who_is_nobody_is_not_called_a_person_by_that_name(cli, command) -> None:
    for who in ("没有这个人", "nobody@example.cn", "f" * 32):
        code, _out, err = cli("lead", command, who)
        assert (code, f"'{who}' is no e-mail address, phone number, id or name of anybody" in err) == (3, True)
