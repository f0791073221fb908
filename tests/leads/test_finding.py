"""Whom a text means: the same for persons, consents and privacy, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.errors import ContentOpsError
from contentops.leads.identity.finding import read_id, read_key
from contentops.models import Asset, Contact, ContactKey, Lead
from contentops.privacy.finding import find
from contentops.workspace import Workspace

STANDING, OTHER, LEAD, STRANGER = ("a" * 31 + digit for digit in "bcde")
FOUND = {
    "zhang@example.cn": OTHER, " Zhang@Example.CN ": OTHER, "ｚｈａｎｇ＠example.cn": OTHER, "mail:Zhang@example.cn": OTHER,
    "13800138000": STANDING, "138 0013 8000": STANDING, "0086 138-0013-8000": STANDING, "１３８００１３８０００": STANDING,
    "tel:+8613800138000": STANDING, "tel:138 0013 8000": STANDING, "tel：13800138000": STANDING,
    "wmEXAMPLE000000001": OTHER, "wecom:wmEXAMPLE000000001": OTHER,
    OTHER: OTHER, OTHER.upper(): OTHER, f" {LEAD} ": OTHER, LEAD.upper(): OTHER, STANDING: STANDING, STANDING.upper(): STANDING,
}  # fmt: skip
NOBODY = ["", " ", "nobody@example.cn", "13900139000", "wmexample000000001", "mail:", "tel:", "mail:13800138000", "%",
          "wecom:zhang@example.cn", "0" * 32, STANDING[:-1]]  # fmt: skip


@pytest.fixture
def people(workspace: Workspace) -> Workspace:
    """张三 as two contacts, one by telephone, one by e-mail; and 李四."""
    now = workspace.now()
    moments = {"created_at": now, "changed_at": now, "company": "示例公司"}
    with workspace.store.write() as session:
        for which, person, name in (
            (STANDING, STANDING, "张三"),
            (OTHER, STANDING, "张三"),
            (STRANGER, STRANGER, "李四"),
        ):
            session.add(Contact.model_validate({"id": which, "person_id": person, "name": name, **moments}))
        asset = Asset.model_validate({
            "slug": "w", "kind": "whitepaper", "language": "zh-CN", "translation_key": "w", "title": "点检白皮书",
            "created_at": now, "changed_at": now,
        })  # fmt: skip
        session.add(asset)
        session.flush()
        for key, owner in (
            ("mail:zhang@example.cn", OTHER), ("tel:+8613800138000", STANDING), ("wecom:wmEXAMPLE000000001", OTHER),
        ):  # fmt: skip
            session.add(ContactKey.model_validate({"value": key, "contact_id": owner}))
        session.add(Lead.model_validate(
            {"id": LEAD, "asset_id": asset.id, "contact_id": OTHER, "created_at": now, "last_at": now}
        ))  # fmt: skip
    return workspace


def test_everybody_means_the_same_person(people) -> None:
    for who, contact in FOUND.items():
        assert people.leads.people.find(who).id == STANDING, who
        assert people.leads.consents.of(who).contact.id == contact, who
        with people.store.read() as session:
            found = find(session, who, "CN", b"k" * 32)
        assert (found.person_ids, len(found.keys)) == ((STANDING,), 3), who


def test_nobody_is_nobody_everywhere(people) -> None:
    for who in NOBODY:
        for ask in (people.leads.people.find, people.leads.consents.of, people.privacy.export):
            with pytest.raises(ContentOpsError, match="person|WHO|e-mail address"):
                ask(who)


def test_a_name_will_do_where_people_are_looked_at_but_not_to_copy_or_erase_somebody(people) -> None:
    assert people.leads.people.find("张三").id == STANDING
    assert people.leads.consents.of("张三").contact.person_id == STANDING
    for ask in (people.privacy.export, people.privacy.erase, people.privacy.stop):
        with pytest.raises(ContentOpsError):
            ask("张三")


def test_a_person_is_found_by_their_id_when_the_contact_it_was_made_of_is_gone(people) -> None:
    with people.store.write() as session:
        session.delete(session.get(Contact, STANDING))
    assert people.leads.people.find(STANDING).id == STANDING
    assert people.leads.consents.of(STANDING).contact.id == OTHER
    with people.store.read() as session:
        assert find(session, STANDING, "CN", b"k" * 32).subject.contact_ids == (OTHER,)


@given(st.text(max_size=40))
def test_any_text_is_read_and_a_key_reads_as_itself(text) -> None:
    key = read_key(text, "CN")
    assert not (key and read_id(text))
    assert key is None or read_key(key, "CN") == key
