"""What looks like a machine's is kept apart and can be released: browsers fill in hidden fields too (C6, C7)."""

from datetime import timedelta

import pytest
from sqlmodel import select

from contentops.errors import Conflict, NotFound, SubmissionInvalid
from contentops.models import Consent, Contact, Lead, Message, Submission
from contentops.testing import write_content

GOOD = {"name": "张三", "email": "zhang@example.cn", "consent_delivery": "yes", "consent_marketing": "yes"}


@pytest.fixture
def gated(any_workspace):
    text = "---\ntitle: 白皮书\nlang: zh-CN\nslug: w\ncontentops: {gate: gated, attachment: w.pdf}\n---\n"
    write_content(any_workspace, "whitepaper/w/index.md", text)
    write_content(any_workspace, "whitepaper/w/w.pdf", b"%PDF")
    any_workspace.assets.sync()
    return any_workspace


def take(workspace, **values):
    return workspace.leads.capture(workspace.assets.get("w"), {**GOOD, **values}.items(), page="/zh/w/")


def rows_of(workspace, table) -> list:
    with workspace.store.read() as session:
        return list(session.exec(select(table)))


def token(workspace, page: str = "/zh/w/") -> str:
    return workspace.leads.intake.form_token(page)


class TestHeld:
    @pytest.mark.row("C6")
    def test_filled_hidden_field_is_held_with_all_that_was_sent(self, gated) -> None:
        assert take(gated, website_url_confirm="x").lead_id is None
        (held,) = gated.leads.quarantine.list()
        assert (held.reason, held.asset, held.sent["email"]) == ("honeypot", "w", "zhang@example.cn")
        for table in (Contact, Lead, Message, Consent):
            assert rows_of(gated, table) == []

    @pytest.mark.row("A13")
    def test_made_up_names_are_kept_as_they_can_be_stored(self, gated) -> None:
        """Anybody can make up names as well as values; on PostgreSQL a NUL in one took the whole batch down."""
        odd = {"website_url_confirm": "x", "问\0卷": "a", "b\x85": "b", "n" * 3000: "c" * 3000}
        assert take(gated, **odd).lead_id is None
        (held,) = gated.leads.quarantine.list()
        kept = {"问卷": "a", "b": "b", "n" * 100: "c" * 500}
        assert {name: held.sent.get(name) for name in kept} == kept
        assert len(held.sent) == len(GOOD) + len(odd) + 1  # and the notice

    def test_form_sent_too_soon_is_held(self, gated, clock) -> None:
        shown = token(gated)
        assert take(gated, form_token=shown).lead_id is None
        clock.forward(seconds=3)
        assert take(gated, form_token=shown).lead_id is not None
        assert [held.reason for held in gated.leads.quarantine.list()] == ["too_fast"]

    @pytest.mark.parametrize("made", ["x", "", "a.b.c"])
    def test_forged_token_is_refused_and_none_is_fine(self, gated, made) -> None:
        if made:
            with pytest.raises(SubmissionInvalid) as refused:
                take(gated, form_token=made)
            assert refused.value.codes == {"form": "token"}
        else:
            assert take(gated, form_token=made).lead_id is not None

    def test_token_of_another_page_is_refused(self, gated, clock) -> None:
        shown = token(gated, "/zh/v/")
        clock.forward(seconds=30)
        with pytest.raises(SubmissionInvalid):
            take(gated, form_token=shown)

    def test_old_token_says_nothing(self, gated, clock) -> None:
        shown = token(gated)
        clock.forward(days=2)
        assert take(gated, form_token=shown).lead_id is not None


class TestRelease:
    @pytest.mark.row("C6")
    def test_lead_is_of_the_day_the_form_came(self, gated, clock) -> None:
        take(gated, website_url_confirm="x")
        came = rows_of(gated, Submission)[0].at
        clock.forward(days=1)
        (held,) = gated.leads.quarantine.list()
        lead_id = gated.leads.quarantine.release(held.id)
        (lead,) = rows_of(gated, Lead)
        assert (lead.id, lead.created_at) == (lead_id, came)
        assert {row.purpose for row in rows_of(gated, Consent)} == {"delivery", "marketing"}
        assert [row.kind for row in rows_of(gated, Message)] == ["asset"]
        assert gated.leads.quarantine.list() == []
        with pytest.raises(Conflict):
            gated.leads.quarantine.release(held.id)

    def test_what_is_wrong_besides_is_said_and_nothing_changes(self, gated) -> None:
        take(gated, website_url_confirm="x", email="nonsense")
        (held,) = gated.leads.quarantine.list()
        with pytest.raises(SubmissionInvalid):
            gated.leads.quarantine.release(held.id)
        assert [form.id for form in gated.leads.quarantine.list()] == [held.id]

    def test_unknown(self, gated) -> None:
        with pytest.raises(NotFound):
            gated.leads.quarantine.release("0" * 32)

    def test_by_command(self, gated, run_cli) -> None:
        take(gated, website_url_confirm="x")
        code, out, _err = run_cli("-w", gated.folder, "lead", "quarantine", "list", "--json")
        assert code == 0
        assert "zhang@example.cn" in out
        (held,) = gated.leads.quarantine.list()
        assert run_cli("-w", gated.folder, "lead", "quarantine", "release", held.id)[0] == 0
        assert run_cli("-w", gated.folder, "lead", "quarantine", "release", held.id)[0] == 5
        assert run_cli("-w", gated.folder, "lead", "quarantine", "release", "nobody")[0] == 3

    def test_the_command_says_what_became_of_the_form_and_whether_a_letter_follows(self, gated, run_cli) -> None:
        for values in ({}, {"email": "", "phone": "13800138000", "name": "李四"}):
            take(gated, website_url_confirm="x", **values)
        held = {form.sent["name"]: form.id for form in gated.leads.quarantine.list()}
        ids = [held["张三"], held["李四"]]
        code, out, err = run_cli("-w", gated.folder, "--lang", "en", "lead", "quarantine", "release", *ids, ids[0])
        assert (code, len(out.splitlines())) == (0, 2)
        first, second = out.split()
        assert {lead.id for lead in rows_of(gated, Lead)} == {first, second}
        assert err.splitlines() == [
            f"form {ids[0]} is lead {first} now; a letter to them is queued and leaves with 'contentops outbox run'",
            f"form {ids[1]} is lead {second} now; no letter to them is queued",
        ]

    def test_all_wrong_ids_are_named_at_once_and_nothing_is_released(self, gated, run_cli) -> None:
        take(gated, website_url_confirm="x")
        (before,) = gated.leads.quarantine.list()
        gated.leads.quarantine.release(before.id)
        take(gated, website_url_confirm="x", email="li@example.cn")
        (held,) = gated.leads.quarantine.list()
        here = ("-w", gated.folder, "--lang", "en", "lead", "quarantine", "release")
        code, out, err = run_cli(*here, held.id, "nobody", before.id, "0" * 32)
        assert (code, out) == (3, "")
        assert f"no form in quarantine 'nobody, {'0' * 32}'; form {before.id} was released on " in err
        assert [form.id for form in gated.leads.quarantine.list()] == [held.id]


class TestRepeated:
    def test_same_key_and_form_is_answered_as_before(self, gated, clock) -> None:
        """C3."""
        first = take(gated, idempotency_key="k1")
        clock.forward(hours=1)
        assert take(gated, idempotency_key="k1") == first
        assert len(rows_of(gated, Submission)) == 1
        with pytest.raises(Conflict):
            take(gated, idempotency_key="k1", name="李四")

    def test_one_mail_a_day_however_often_somebody_asks(self, gated, clock) -> None:
        """C5, C11: replaying a form floods nobody's inbox."""
        for _time in range(5):
            take(gated)
        assert len(rows_of(gated, Message)) == 1
        clock.forward(hours=25)
        take(gated)
        assert len(rows_of(gated, Message)) == 2


class TestDoubleOptIn:
    @pytest.fixture
    def page(self, gated):
        def make(mode: str):
            text = f"---\ntitle: 白皮书\nlang: zh-CN\nslug: w\ncontentops: {{gate: gated, attachment: w.pdf, double_opt_in: {mode}}}\n---\n"
            write_content(gated, "whitepaper/w/index.md", text)
            assert not gated.assets.sync().problems
            return gated

        return make

    @pytest.mark.row("D7")
    def test_marketing_waits_for_a_confirmation(self, page) -> None:
        workspace = page("marketing")
        captured = take(workspace, phone="13800138000")
        said = {(row.purpose, row.channel): str(row.action) for row in rows_of(workspace, Consent)}
        assert said == {
            ("delivery", "any"): "given", ("marketing", "email"): "pending", ("marketing", "phone"): "pending",
        }  # fmt: skip
        assert {row.kind for row in rows_of(workspace, Message)} == {"asset", "confirm"}
        assert not captured.by_mail

    def test_all_waits_with_the_material_too(self, page) -> None:
        workspace = page("all")
        captured = take(workspace)
        assert captured.by_mail
        assert [row.kind for row in rows_of(workspace, Message)] == ["confirm"]
        assert rows_of(workspace, Lead)[0].awaits_confirmation
        assert captured.until - rows_of(workspace, Lead)[0].created_at == timedelta(days=14)

    def test_phone_alone_cannot_confirm_by_mail(self, page) -> None:
        workspace = page("marketing")
        take(workspace, email="", phone="13800138000")
        assert {str(row.action) for row in rows_of(workspace, Consent)} == {"given"}
        assert rows_of(workspace, Message) == []
        with pytest.raises(SubmissionInvalid):
            take(page("all"), email="", phone="13800138000")
