"""The desk for consent, on both databases: confirmed, withdrawn, chosen; what was on its way is stopped."""

from datetime import timedelta

import pytest
from sqlmodel import select

from contentops.errors import InvalidArgument, NotFound
from contentops.leads.consent.ledger import ANY, GIVEN, PENDING, WITHDRAWN, may
from contentops.models import (
    Asset,
    Consent,
    Contact,
    ContactKey,
    Gate,
    Lead,
    Merge,
    Message,
    MessageState,
    NoticeText,
    Submission,
    WorkflowState,
    new_id,
)
from contentops.pages.notice import DELIVERY, MARKETING, Notice


class People:
    """Writes people as capture does, without going through a form."""

    def __init__(self, workspace) -> None:
        self.workspace, self.now = workspace, workspace.now()

    def add(self, *rows) -> None:
        with self.workspace.store.write() as session:
            for row in rows:
                session.add(row)
                session.flush()

    def asset(self, slug: str = "w") -> Asset:
        values = {"slug": slug, "kind": "whitepaper", "language": "zh-CN", "translation_key": slug, "title": "白皮书"}
        state = {"state": WorkflowState.PUBLISHED, "gate": Gate.GATED, "created_at": self.now, "changed_at": self.now}
        asset = Asset.model_validate({**values, **state})
        self.add(asset)
        return asset

    def contact(self, *keys: str, person_id: str = "", language: str = "zh-CN") -> Contact:
        own = new_id()
        mail = next((key[5:] for key in keys if key.startswith("mail:")), None)
        phone = next((key[4:] for key in keys if key.startswith("tel:")), None)
        values = {"id": own, "person_id": person_id or own, "name": "张三", "email": mail, "phone": phone}
        times = {"language": language, "created_at": self.now, "changed_at": self.now}
        contact = Contact.model_validate({**values, **times})
        self.add(contact, *(ContactKey.model_validate({"value": key, "contact_id": own}) for key in keys))
        return contact

    def lead(self, contact: Contact, asset: Asset, *, awaits: bool = False) -> Lead:
        values = {"asset_id": asset.id, "contact_id": contact.id, "awaits_confirmation": awaits}
        lead = Lead.model_validate({**values, "created_at": self.now, "last_at": self.now})
        self.add(lead)
        return lead

    def said(self, contact: Contact, action, purpose: str = MARKETING, channel: str = ANY, minutes: int = 0) -> None:
        notice = Notice(self.workspace.settings.privacy, "zh-CN")
        values = {"contact_id": contact.id, "purpose": purpose, "channel": channel, "action": action, "how": "form"}
        shown = {"wording": notice.wording(purpose), "wording_sha256": notice.version(purpose), "locale": "zh-CN"}
        at = self.now + timedelta(minutes=minutes)
        extra = {"notice": notice.page_version(), "page": "/zh/w/", "at": at}
        form = self.form_of(contact) if action is PENDING else None
        self.add(Consent.model_validate({**values, **shown, **extra, "submission_id": form}))

    def form_of(self, contact: Contact) -> str | None:
        """Write the form in which somebody was asked for their lead; None without a lead."""
        with self.workspace.store.read() as session:
            lead = session.exec(select(Lead).where(Lead.contact_id == contact.id)).first()
        if lead is None:
            return None
        form = Submission.model_validate({"asset_id": lead.asset_id, "lead_id": lead.id, "at": self.now})
        self.add(form)
        return form.id

    def message(
        self, contact: Contact, kind: str, *, state=MessageState.DUE, target: str = "mail", **values
    ) -> Message:
        times = {"next_at": self.now, "created_at": self.now}
        message = Message.model_validate(
            {"kind": kind, "target": target, "state": state, "contact_id": contact.id, **times, **values}
        )
        self.add(message)
        return message


@pytest.fixture
def people(any_workspace) -> People:
    return People(any_workspace)


@pytest.fixture
def consents(any_workspace):
    return any_workspace.leads.consents


def rows_of(workspace, table) -> list:
    with workspace.store.read() as session:
        return list(session.exec(select(table)))


class TestConfirming:
    def test_d7_what_waited_holds_and_the_material_is_queued_once(self, people, consents, any_workspace, clock) -> None:
        contact, asset = people.contact("mail:zhang@example.cn"), people.asset()
        lead = people.lead(contact, asset, awaits=True)
        people.said(contact, PENDING)
        people.said(contact, GIVEN, DELIVERY)
        assert consents.waiting(lead.id)[1]
        assert not may(consents.of(contact.id).agreement, MARKETING, "email")
        clock.forward(hours=1)
        confirmed = consents.confirm(lead.id, evidence="hash of the link")
        assert (confirmed.awaits_confirmation, confirmed.confirmed_at) == (False, clock())
        person = consents.of(contact.id)
        assert may(person.agreement, MARKETING, "email")
        entry = person.history[-1]
        assert (entry.action, entry.how, entry.evidence, entry.channel) == (
            GIVEN,
            "confirmation",
            "hash of the link",
            ANY,
        )
        asked = next(each for each in person.history if each.action is PENDING)
        assert (entry.wording, entry.notice, entry.page) == (asked.wording, asked.notice, "/zh/w/")
        (message,) = rows_of(any_workspace, Message)
        assert (message.kind, message.lead_id, message.contact_id, message.asset_id, message.state) == (
            "asset", lead.id, contact.id, asset.id, MessageState.DUE,
        )  # fmt: skip
        clock.forward(hours=1)
        again = consents.confirm(lead.id)
        assert again.confirmed_at == confirmed.confirmed_at
        assert len(consents.of(contact.id).history) == 3
        assert len(rows_of(any_workspace, Message)) == 1
        assert not consents.waiting(lead.id)[1]

    def test_clicks_at_once_are_one(self, people, consents, any_workspace, at_once) -> None:
        contact = people.contact("mail:zhang@example.cn")
        lead = people.lead(contact, people.asset(), awaits=True)
        people.said(contact, PENDING)
        at_once(6, lambda: consents.confirm(lead.id))
        assert len(consents.of(contact.id).history) == 2
        assert len(rows_of(any_workspace, Message)) == 1

    def test_page_without_a_wait_queues_nothing(self, people, consents, any_workspace) -> None:
        """double_opt_in: marketing; the material came before."""
        contact = people.contact("mail:zhang@example.cn")
        lead = people.lead(contact, people.asset())
        people.said(contact, PENDING)
        consents.confirm(lead.id)
        assert may(consents.of(contact.id).agreement, MARKETING, "email")
        assert rows_of(any_workspace, Message) == []

    def test_d7_late_click_takes_back_no_no(self, people, consents, clock) -> None:
        contact = people.contact("mail:zhang@example.cn")
        lead = people.lead(contact, people.asset(), awaits=True)
        people.said(contact, PENDING)
        clock.forward(minutes=5)
        consents.withdraw(contact.id)
        clock.forward(minutes=5)
        consents.confirm(lead.id)
        assert not may(consents.of(contact.id).agreement, MARKETING, "email")

    def test_h1_clock_that_is_behind_loses_no_word(self, people, consents, any_workspace) -> None:
        """What was said before was written by a machine whose clock is three minutes ahead of this one."""
        contact = people.contact("mail:zhang@example.cn")
        people.said(contact, GIVEN, minutes=3)
        assert not may(consents.withdraw(contact.id).agreement, MARKETING, "email")
        notice = Notice(any_workspace.settings.privacy, "zh-CN")
        again = consents.set(contact.id, {(MARKETING, "email"): True}, notice, page="/p/")
        assert may(again.agreement, MARKETING, "email")
        assert [entry.action for entry in again.history] == [GIVEN, WITHDRAWN, GIVEN]

    def test_erased_lead(self, consents) -> None:
        with pytest.raises(NotFound):
            consents.confirm("0" * 32)


class TestWithdrawing:
    @pytest.mark.row("P6")
    def test_p6_mail_on_its_way_is_stopped_and_nothing_else(self, people, consents, any_workspace, clock) -> None:
        contact, other = (
            people.contact("mail:zhang@example.cn", "tel:+8613800138000"),
            people.contact("mail:li@example.cn"),
        )
        people.said(contact, GIVEN)
        stopped = [
            people.message(contact, "nurture.1"),
            people.message(contact, "nurture.2", state=MessageState.PARKED),
            people.message(contact, "nurture.3", state=MessageState.LEASED, claim_token="t", lease_until=clock()),
        ]
        people.message(contact, "nurture.0", state=MessageState.DONE)
        for kind in ("asset", "confirm", "link"):
            people.message(contact, kind)
        people.message(contact, "lead.erased", target="crm")
        people.message(other, "nurture.1")
        clock.forward(minutes=1)
        held = consents.withdraw("zhang@example.cn", how="link", evidence="x")
        assert {held.agreement[(MARKETING, each)] for each in ("email", "phone", "wecom")} == {WITHDRAWN}
        cancelled = [row for row in rows_of(any_workspace, Message) if row.state is MessageState.CANCELLED]
        assert {row.id for row in cancelled} == {row.id for row in stopped}
        assert all((row.done_at, row.claim_token) == (clock(), None) for row in cancelled)

    def test_again_writes_nothing(self, people, consents) -> None:
        contact = people.contact("mail:zhang@example.cn")
        for _time in range(3):
            consents.withdraw(contact.id)
        assert len(consents.of(contact.id).history) == 1

    def test_one_channel_leaves_the_others(self, people, consents, any_workspace, clock) -> None:
        contact = people.contact("mail:zhang@example.cn", "tel:+8613800138000")
        people.said(contact, GIVEN)
        people.message(contact, "nurture.1")
        clock.forward(minutes=1)
        agreement = consents.withdraw(contact.id, channel="phone").agreement
        assert (may(agreement, MARKETING, "email"), may(agreement, MARKETING, "phone")) == (True, False)
        assert [row.state for row in rows_of(any_workspace, Message)] == [MessageState.DUE]

    def test_delivery_withdrawn_stops_what_was_asked_for(self, people, consents, any_workspace) -> None:
        contact = people.contact("mail:zhang@example.cn")
        people.message(contact, "asset")
        people.message(contact, "nurture.1")
        consents.withdraw(contact.id, DELIVERY)
        assert {row.kind: row.state for row in rows_of(any_workspace, Message)} == {
            "asset": MessageState.CANCELLED,
            "nurture.1": MessageState.DUE,
        }

    def test_p6_one_contact_of_a_person_speaks_for_all_of_them(self, people, consents, any_workspace, clock) -> None:
        one = people.contact("mail:zhang@example.cn")
        two = people.contact("mail:zhang@example.com", person_id=one.id)
        merge = {"kept_id": one.id, "absorbed_id": two.id, "contact_ids": [two.id], "at": people.now, "by": "示例"}
        people.add(Merge.model_validate(merge))
        people.said(one, GIVEN)
        people.said(two, GIVEN)
        people.message(one, "nurture.1")
        clock.forward(minutes=1)
        consents.withdraw("zhang@example.com")
        assert not may(consents.of(one.id).agreement, MARKETING, "email")
        assert rows_of(any_workspace, Message)[0].state is MessageState.CANCELLED
        with any_workspace.store.write() as session:  # a split: each has their own word again
            session.get(Contact, two.id).person_id = two.id
        assert may(consents.of(one.id).agreement, MARKETING, "email")
        assert not may(consents.of(two.id).agreement, MARKETING, "email")

    def test_unknown_purpose_and_channel_are_named_together(self, people, consents) -> None:
        contact = people.contact("mail:zhang@example.cn")
        with pytest.raises(InvalidArgument) as caught:
            consents.withdraw(contact.id, "spam", channel="fax")
        assert [problem.where for problem in caught.value.problems] == ["purpose", "channel"]


class TestChoosing:
    def test_p4_yes_is_kept_with_the_words_that_were_shown(self, people, consents, any_workspace, clock) -> None:
        contact = people.contact("mail:zhang@example.cn", "tel:+8613800138000")
        notice = Notice(any_workspace.settings.privacy, "zh-CN")
        wanted = {(MARKETING, "email"): True, (MARKETING, "phone"): False}
        held = consents.set(contact.id, wanted, notice, page="/p/", evidence="hash")
        yes = next(entry for entry in held.history if entry.action is GIVEN)
        assert (yes.channel, yes.how, yes.page, yes.evidence, yes.locale) == (
            "email",
            "preferences",
            "/p/",
            "hash",
            "zh-CN",
        )
        assert yes.wording == notice.channel_wording("email")
        assert yes.wording_sha256 == notice.version_with(yes.wording)
        (kept,) = rows_of(any_workspace, NoticeText)
        assert (kept.version, kept.text) == (yes.notice, notice.text())
        assert yes.wording in kept.text
        clock.forward(days=1)
        assert len(consents.set(contact.id, wanted, notice, page="/p/").history) == 2
        held = consents.set(contact.id, {(MARKETING, "phone"): True}, notice, page="/p/")
        assert may(held.agreement, MARKETING, "phone")
        assert rows_of(any_workspace, NoticeText)[0].first_at == people.now

    def test_no_stops_mail(self, people, consents, any_workspace, clock) -> None:
        contact = people.contact("mail:zhang@example.cn")
        people.said(contact, GIVEN)
        people.message(contact, "nurture.1")
        clock.forward(minutes=1)
        notice = Notice(any_workspace.settings.privacy, "zh-CN")
        consents.set(contact.id, {(MARKETING, "email"): False}, notice, page="/p/")
        assert rows_of(any_workspace, Message)[0].state is MessageState.CANCELLED


class TestFinding:
    @pytest.mark.parametrize(
        "who", ["zhang@example.cn", " ZHANG@Example.CN ", "13800138000", "+86 138-0013-8000", "008613800138000", "１３８００１３８０００"]
    )  # fmt: skip
    def test_any_spelling_finds_the_person(self, people, consents, who) -> None:
        contact = people.contact("mail:zhang@example.cn", "tel:+8613800138000")
        assert consents.of(who).contact.id == contact.id

    def test_lead_and_contact_by_their_ids_and_nobody_else(self, people, consents) -> None:
        contact = people.contact("mail:zhang@example.cn")
        lead = people.lead(contact, people.asset())
        assert consents.of(lead.id).contact.id == consents.of(contact.id).contact.id == contact.id
        for wrong in ("", "nobody@example.com", "13900139000", "nonsense", "0" * 32):
            with pytest.raises(NotFound):
                consents.of(wrong)


def test_commands(workspace, run_cli) -> None:
    people = People(workspace)
    contact = people.contact("mail:zhang@example.cn", "tel:+8613800138000")
    people.said(contact, GIVEN)
    before = ("--lang", "en", "-w", workspace.folder, "lead")
    code, out, said = run_cli(*before, "consents", "138 0013 8000")
    assert (code, out.splitlines()[1].split("\t")[1:4]) == (0, ["being contacted about more", "all channels", "agreed"])
    assert "being contacted about more / E-mail: Yes" in said
    code, _out, said = run_cli(*before, "withdraw", "zhang@example.cn")
    assert (code, "about more / E-mail: No" in said) == (0, True)
    code, out, _said = run_cli(*before, "consents", "zhang@example.cn", "--json")
    assert '"word": "withdrawn"' in out
    assert '"how": "command"' in out
    assert run_cli(*before, "withdraw", "nobody@example.com")[0] == 3
    assert run_cli(*before, "withdraw", "zhang@example.cn", "--channel", "fax")[0] == 2
