"""Somebody whose mail was stopped, or whose address bounced, is nobody who may be contacted there."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from contentops.leads.suppression import BOUNCED, ERASED, KEY_FILE, WITHDRAWN, hashing_key, key_hash, suppress

YES = {"company": "示例公司", "consent_delivery": "yes", "consent_marketing": "yes"}


@pytest.fixture
def agreed(anywhere):
    """Three people who agreed and confirmed: 李梅 by mail, 王示例 by mail and telephone, 赵六 by mail."""
    people = {
        "李梅": {"email": "Li@example.cn"},
        "王示例": {"email": "wang@example.cn", "phone": "138 0013 8000"},
        "赵六": {"email": "zhao@example.cn"},
    }
    for name, values in people.items():
        form = {**YES, "name": name, **values}
        taken = anywhere.leads.capture(anywhere.assets.get("w"), form.items(), page="/zh/w/")
        anywhere.leads.consents.confirm(taken.lead_id)
    return anywhere


def stop(workspace, key: str, reason: str) -> None:
    with workspace.store.write() as session:
        suppress(session, key_hash(hashing_key(workspace.folder), key), reason, datetime(2026, 11, 20, tzinfo=UTC))


def listed(workspace) -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["marketing_consent"], row["stopped"]) for row in workspace.leads.rows()}


def exported(workspace, **options) -> list[dict[str, str]]:
    content = b"".join(workspace.leads.export("csv", headers="zh", **options))
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_lists_and_files_leave_out_whose_mail_was_stopped_or_bounced(agreed) -> None:
    assert listed(agreed) == {"李梅": ("yes", ""), "王示例": ("yes", ""), "赵六": ("yes", "")}
    agreed.privacy.stop("li@example.cn")
    stop(agreed, "mail:zhao@example.cn", BOUNCED)
    assert listed(agreed) == {"李梅": ("no", "stopped"), "王示例": ("yes", ""), "赵六": ("no", "bounced")}
    assert [row["name"] for row in agreed.leads.rows(consent=True)] == ["王示例"]
    assert agreed.leads.sheets.count(consent=True) == 1
    found = {row["姓名"]: (row["可联系"], row["停发"], row["同意：邮件"]) for row in exported(agreed)}
    assert found == {
        "李梅": ("否", "已停发", "已同意"), "王示例": ("是", "", "已同意"), "赵六": ("否", "退信", "已同意"),
    }  # fmt: skip
    assert [row["姓名"] for row in exported(agreed, consent=True)] == ["王示例"]
    agreed.privacy.allow("li@example.cn")
    assert listed(agreed)["李梅"] == ("yes", "")


@pytest.mark.parametrize(("reason", "word"), [(BOUNCED, "bounced"), (ERASED, "stopped"), (WITHDRAWN, "withdrawn")])
def test_who_bounced_may_still_be_called(agreed, reason, word) -> None:
    stop(agreed, "mail:wang@example.cn", reason)
    assert listed(agreed)["王示例"] == ("yes", word)
    view = agreed.leads.people.find("wang@example.cn")
    assert (view.may_be_contacted, view.stops) == (("phone",), {"mail:wang@example.cn": reason})


def test_a_second_address_that_is_not_stopped_is_the_one_that_is_listed(agreed) -> None:
    agreed.leads.people.merge("li@example.cn", "zhao@example.cn", by="陈七言")
    stop(agreed, "mail:li@example.cn", BOUNCED)
    row = next(row for row in agreed.leads.rows() if row["name"] == "李梅")
    assert (row["email"], row["marketing_consent"], row["stopped"]) == ("zhao@example.cn", "yes", "")
    assert "email" in agreed.leads.people.find("li@example.cn").may_be_contacted


def test_lead_list_and_lead_show_say_that_mail_is_stopped(agreed, run_cli) -> None:
    agreed.privacy.stop("li@example.cn")
    stop(agreed, "mail:wang@example.cn", BOUNCED)

    def said(*words: str, lang: str = "en") -> str:
        code, out, err = run_cli("-w", agreed.folder, "--lang", lang, "lead", *words)
        assert code == 0, err
        return out

    lines = {line.split("\t")[1]: line.split("\t") for line in said("list").splitlines()}
    assert [lines[name][-2:] for name in ("李梅", "王示例", "赵六")] == [
        ["No", "nothing more is sent"],
        ["Yes", "mail bounced"],
        ["Yes", ""],
    ]
    assert "李梅" not in said("list", "--consent")
    shown = said("show", "li@example.cn")
    assert "E-mail\t\tLi@example.cn · nothing more is sent" in shown
    held = json.loads(said("show", "li@example.cn", "--json"))
    assert (held["stopped"], "email" in held["may_be_contacted"]) == ({"mail:li@example.cn": "by_hand"}, False)
    assert "E-mail\t\twang@example.cn · mail bounced" in said("show", "wang@example.cn")


def test_stops_of_a_whole_page_are_asked_for_at_once_and_without_a_key_there_are_none(agreed) -> None:
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.extend([statement] * ("FROM suppression" in statement))

    hashing_key(agreed.folder)
    event.listen(agreed.store.engine, "before_cursor_execute", note)
    list(agreed.leads.rows())
    assert len(seen) == 1
    (agreed.folder / KEY_FILE).unlink()
    list(agreed.leads.rows())
    assert len(seen) == 1
    assert not (agreed.folder / KEY_FILE).exists()
