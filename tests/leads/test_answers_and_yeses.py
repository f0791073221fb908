"""Whose yes counts for what: questions of double opt-in, words that were taken back, forms that were held."""

from types import SimpleNamespace

import pytest
from sqlmodel import select

from contentops.leads.consent.ledger import GIVEN, PENDING, WITHDRAWN, standing
from contentops.models import Consent, Contact, Lead, Submission
from contentops.testing import write_content

GOOD = {"name": "张三", "email": "zhang@example.cn", "consent_delivery": "yes"}
AGREES = {**GOOD, "consent_marketing": "yes"}


@pytest.fixture
def pages(any_workspace):
    """Three gated pages: w asks nothing, m confirms marketing, a confirms everything."""
    for slug, mode in {"w": "off", "m": "marketing", "a": "all"}.items():
        head = f"title: 白皮书 {slug}\nlang: zh-CN\nslug: {slug}"
        brief = f"gate: gated, attachment: {slug}.pdf, double_opt_in: '{mode}'"
        write_content(any_workspace, f"whitepaper/{slug}/index.md", f"---\n{head}\ncontentops: {{{brief}}}\n---\n")
        write_content(any_workspace, f"whitepaper/{slug}/{slug}.pdf", b"%PDF")
    assert not any_workspace.assets.sync().problems
    return any_workspace


def take(workspace, slug: str, form=GOOD, **values) -> str:
    return workspace.leads.capture(workspace.assets.get(slug), {**form, **values}.items(), page=f"/zh/{slug}/").lead_id


def marketing(workspace, who: str = "zhang@example.cn"):
    agreement = workspace.leads.consents.of(who).agreement
    return {channel: word for (purpose, channel), word in agreement.items() if purpose == "marketing"}


def rows_of(workspace, table) -> list:
    with workspace.store.read() as session:
        return list(session.exec(select(table)))


def entry(contact: str, action, day: int):
    return SimpleNamespace(contact_id=contact, purpose="marketing", channel="email", action=action, at=day)


class TestQuestions:
    def test_unanswered_question_takes_back_no_withdrawal(self) -> None:
        """Two contacts of one person: a form with the second one's address must not undo what that one said."""
        said = [entry("a", GIVEN, 1), entry("b", WITHDRAWN, 2), entry("b", PENDING, 3)]
        assert standing(said, 0)["marketing", "email"] is WITHDRAWN
        assert standing([entry("a", WITHDRAWN, 1), entry("a", PENDING, 2)])["marketing", "email"] is WITHDRAWN
        assert standing([entry("a", PENDING, 2)])["marketing", "email"] is PENDING

    def test_confirming_one_lead_answers_no_question_of_another(self, pages, clock) -> None:
        """A stranger ticks marketing with the address; later the owner confirms something else."""
        take(pages, "m", AGREES)
        clock.forward(days=2)
        lead_id = take(pages, "a")
        pages.leads.consents.confirm(lead_id)
        assert marketing(pages) == {"email": PENDING}

    def test_what_the_form_asked_is_answered(self, pages, clock) -> None:
        lead_id = take(pages, "a", AGREES)
        clock.forward(minutes=5)
        (wording,) = pages.leads.consents.questions(lead_id)
        assert "联巡云（示例）科技有限公司" in wording
        pages.leads.consents.confirm(lead_id)
        assert marketing(pages) == {"email": GIVEN}
        assert pages.leads.consents.questions(lead_id) == ()

    def test_who_took_it_back_is_asked_again_on_any_page(self, pages, clock) -> None:
        take(pages, "w", AGREES)
        clock.forward(days=1)
        pages.leads.consents.withdraw("zhang@example.cn")
        clock.forward(days=1)
        lead_id = take(pages, "w", AGREES)
        assert marketing(pages)["email"] is WITHDRAWN
        clock.forward(minutes=5)
        pages.leads.consents.confirm(lead_id)
        assert marketing(pages)["email"] is GIVEN


class TestHeldForms:
    def test_released_form_agrees_to_what_it_showed(self, pages, clock) -> None:
        """The notice has changed since: the ledger keeps the wording of the day."""
        take(pages, "w", AGREES, website_url_confirm="x")
        shown = pages.leads.intake.open(pages.assets.get("w")).shown
        clock.forward(days=3)
        path = pages.folder / "contentops.toml"
        text = path.read_text(encoding="utf-8").replace("联巡云（示例）科技有限公司", "另一家（示例）公司")
        path.write_text(text, encoding="utf-8")
        with type(pages).open(pages.folder, now=clock) as later:
            (held,) = later.leads.quarantine.list()
            later.leads.quarantine.release(held.id)
            kept = {row.purpose: row for row in rows_of(later, Consent)}
        assert kept["marketing"].wording == shown.wordings["marketing"][0]
        assert kept["marketing"].wording_sha256 == shown.wordings["marketing"][1]
        assert kept["marketing"].notice == shown.version

    def test_odd_key_of_a_machine_is_no_fault(self, pages) -> None:
        """PostgreSQL has no room for 150 characters and no NUL: the machine must not see a difference."""
        for key in ("x" * 150, "a\x00b", "schlüssel"):
            assert take(pages, "w", website_url_confirm="x", idempotency_key=key) is None
        assert len(pages.leads.quarantine.list()) == 3


class TestFloods:
    def test_who_asks_for_ever_fills_no_disk(self, pages, monkeypatch) -> None:
        """C22."""
        from contentops.leads.intake import capture, known

        monkeypatch.setattr(known, "MOST_TOUCHES", 3)
        monkeypatch.setattr(capture, "MOST_TOUCHES", 3)
        for _time in range(9):
            take(pages, "w", AGREES)
        assert len(rows_of(pages, Submission)) == 3
        assert len(rows_of(pages, Consent)) == 6
        take(pages, "w", AGREES, phone="13800138000")  # a new word is kept
        assert marketing(pages) == {"email": GIVEN, "phone": GIVEN}


class TestAddresses:
    def test_wecom_id_gives_nobody_a_second_address(self) -> None:
        """Mail must go to the address that the form names."""
        from contentops.leads.identity.arriving import Owner, decide
        from contentops.leads.identity.keys import read_email, read_wecom

        points = [read_email("new@example.cn"), read_wecom("wmAAAAAAAAAAAAAA")]
        decision = decide(points, {"wecom:wmAAAAAAAAAAAAAA": Owner("c1", "c1", frozenset({"mail", "wecom"}))})
        assert (decision.contact_id, decision.claims) == (None, ("wecom:wmAAAAAAAAAAAAAA",))

    def test_the_lead_is_the_contacts_own(self, pages) -> None:
        take(pages, "w")
        assert rows_of(pages, Lead)[0].contact_id == rows_of(pages, Contact)[0].id
