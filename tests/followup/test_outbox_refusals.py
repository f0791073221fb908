"""Whom mail goes to and whom not, looked at again at the moment it would go."""

from datetime import timedelta

import pytest
from sqlmodel import select

from contentops.leads.suppression import ERASED, hashing_key, key_hash, suppress
from contentops.models import Consent, ConsentAction, ContactKey, DeliveryPause, MessageState, Submission, Suppression

from . import servers
from .servers import message, publish, queue

GIVEN, PENDING, WITHDRAWN = ConsentAction.GIVEN, ConsentAction.PENDING, ConsentAction.WITHDRAWN


def say(workspace, row, action, purpose="marketing", **values) -> None:
    with workspace.store.write() as session:
        form = Submission.model_validate({"asset_id": row.asset_id, "lead_id": row.lead_id, "at": workspace.now()})
        session.add(form)
        session.flush()
        session.add(Consent.model_validate({
            "submission_id": form.id, "contact_id": row.contact_id, "purpose": purpose, "action": action, "wording": "x",
            "wording_sha256": "x", "locale": "zh-CN", "page": "/zh/w/", "at": workspace.now(), **values,
        }))  # fmt: skip


def test_D10_P10_who_has_the_same_telephone_as_somebody_erased_still_gets_mail(workspace) -> None:
    row = queue(workspace, publish(workspace), "wang@example.cn")
    secret = hashing_key(workspace.folder)
    with workspace.store.write() as session:
        session.add(ContactKey.model_validate({"value": "tel:+861012345678", "contact_id": row.contact_id}))
        for key in ("tel:+861012345678", "mail:li@example.cn"):
            suppress(session, key_hash(secret, key), ERASED, workspace.now())
    assert workspace.outbox.run(once=True).done == 1


@pytest.mark.parametrize("stored", ["Li@Example.cn", "li@bücher.example", "LI@xn--bcher-kva.example"])
def test_C11_an_address_is_suppressed_in_every_spelling(workspace, stored) -> None:
    queue(workspace, publish(workspace), stored)
    secret = hashing_key(workspace.folder)
    with workspace.store.write() as session:
        for key in ("mail:li@example.cn", "mail:li@xn--bcher-kva.example"):
            suppress(session, key_hash(secret, key), ERASED, workspace.now())
    assert workspace.outbox.run(once=True).cancelled == 1


@pytest.mark.parametrize("kind", ["asset", "link", "confirm"])
def test_D10_who_took_delivery_back_gets_no_mail_of_any_kind(workspace, kind) -> None:
    """(D10) The words came after the message was queued, or by a way that cancels nothing."""
    row = queue(workspace, publish(workspace), kind=kind, lead={"awaits_confirmation": kind == "confirm"})
    say(workspace, row, WITHDRAWN, "delivery")
    assert workspace.outbox.run(once=True).cancelled == 1
    assert "took back" in message(workspace, row).last_error


def test_D10_delivery_taken_back_for_the_telephone_stops_no_mail(workspace) -> None:
    row = queue(workspace, publish(workspace))
    say(workspace, row, WITHDRAWN, "delivery", channel="phone")
    assert workspace.outbox.run(once=True).done == 1


def test_D7_a_new_yes_can_be_confirmed_although_another_contact_of_the_person_said_no(workspace, clock) -> None:
    """(D7, I5) What was asked last and not answered is asked by mail: the same rule as behind the link in it."""
    paper = publish(workspace)
    said_no = queue(workspace, paper, "li@example.cn")
    say(workspace, said_no, WITHDRAWN)
    clock.forward(days=1)
    asks_again = queue(workspace, publish(workspace, "v"), "li@example.com", kind="confirm")
    people = workspace.leads.people
    people.merge(said_no.contact_id, asks_again.contact_id, by="王芳")
    clock.forward(days=1)
    say(workspace, asks_again, PENDING)
    assert workspace.outbox.run(once=True).done == 2
    assert workspace.leads.consents.waiting(asks_again.lead_id)[1]


def test_D7_what_was_answered_since_is_not_asked_again(workspace, clock) -> None:
    row = queue(workspace, publish(workspace), kind="confirm")
    say(workspace, row, PENDING)
    clock.forward(minutes=1)
    say(workspace, row, WITHDRAWN)
    assert workspace.outbox.run(once=True).cancelled == 1
    assert "nothing left to confirm" in message(workspace, row).last_error


@pytest.mark.row("C11")
def test_C11_dots_and_tags_at_gmail_are_one_mailbox(workspace) -> None:
    """(C11) The same mailbox written in five ways gets one mail."""
    paper = publish(workspace)
    for email in (
        "victim@gmail.com",
        "v.ictim@gmail.com",
        "vi.ct.im@googlemail.com",
        "Victim+1@GMail.com",
        "v.i.c.t.i.m@gmail.com",
    ):
        queue(workspace, paper, email)
    done = workspace.outbox.run(once=True)
    assert (done.done, done.cancelled) == (1, 4)


@pytest.fixture
def guarded():
    """A mail server that takes nothing to some addresses, and says that we may not."""
    with servers.smtp_server() as server:
        usual, server.forbidden = server.handle_RCPT, set()

        async def refuse_some(smtp, session, envelope, address, options):
            said = await usual(smtp, session, envelope, address, options)
            return "550 5.7.1 policy" if address in server.forbidden else said

        server.handle_RCPT = refuse_some
        yield server


@pytest.mark.row("E19")
def test_E19_one_address_that_policy_forbids_pauses_nothing(make_workspace, guarded, clock) -> None:
    """(E19) As the first of a connection, too: every time it is tried, the others' mail leaves at once."""
    workspace = make_workspace(extra=servers.mail_toml(guarded.port))
    paper, guarded.forbidden = publish(workspace), {"a0@example.cn"}
    first = queue(workspace, paper, "a0@example.cn")
    clock.forward(seconds=1)
    queue(workspace, paper, "a1@example.cn")
    done = workspace.outbox.run(once=True)
    assert (done.done, done.retry) == (1, 1)
    for number in range(2, 8):
        clock.moment = max(message(workspace, first).next_at, clock())
        queue(workspace, paper, f"a{number}@example.cn", at=clock() + timedelta(microseconds=1))
        clock.forward(seconds=1)
        workspace.outbox.run(once=True)
        assert f"a{number}@example.cn" in guarded.to()
        assert workspace.outbox.standing().paused == {}
    assert message(workspace, first).state is MessageState.DEAD
    with workspace.store.read() as session:
        assert session.exec(select(Suppression)).all() == []


def test_E19_a_pause_grows_though_only_one_message_asks_whether_it_is_over(make_workspace, guarded, clock) -> None:
    workspace = make_workspace(extra=servers.mail_toml(guarded.port))
    paper, guarded.forbidden = publish(workspace), {f"a{number}@example.cn" for number in range(9)}
    for number in range(9):
        queue(workspace, paper, f"a{number}@example.cn")
    stretches = []
    for failures in (1, 2, 3):
        workspace.outbox.run(once=True)
        with workspace.store.read() as session:
            pause = session.exec(select(DeliveryPause)).one()
        assert pause.failures == failures
        stretches.append(pause.until - clock())
        clock.moment = pause.until + timedelta(seconds=2)
    assert stretches == sorted(stretches)
    assert stretches[0] < stretches[-1]
    guarded.forbidden.clear()
    workspace.outbox.run(once=True)
    assert workspace.outbox.standing().paused == {}


def test_E19_a_form_released_after_days_is_as_patient_as_any_other(make_workspace, guarded, clock) -> None:
    """(E19) How long it waits for a server that takes nothing counts from its first try, not from the form."""
    guarded.mode = "sender"
    workspace = make_workspace(extra=servers.mail_toml(guarded.port))
    row = queue(workspace, publish(workspace), at=clock() - timedelta(days=5))
    for _hour in range(4):
        workspace.outbox.run(once=True)
        clock.forward(hours=1)
    assert (message(workspace, row).state, message(workspace, row).attempts) == (MessageState.DUE, 0)
    clock.forward(days=3)
    workspace.outbox.run(once=True)
    assert message(workspace, row).attempts == 1
    workspace.outbox.retry([row.id])
    clock.forward(hours=1)
    workspace.outbox.run(once=True)
    assert message(workspace, row).attempts == 0, "begun anew, it is patient again"
