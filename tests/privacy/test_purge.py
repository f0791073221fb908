"""What has been kept long enough goes by itself, class by class, and nothing else does (P11)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import select

from contentops.leads.suppression import WITHDRAWN, hashing_key, key_hash, suppressed
from contentops.models import (
    Consent,
    Contact,
    ContactKey,
    Download,
    Lead,
    Message,
    PrivacyAction,
    RateCount,
    Submission,
    Suppression,
    Touch,
    new_id,
)
from contentops.privacy.retention import CLASSES, months_before

from .shared import dump

NOTHING = dict.fromkeys(CLASSES, 0)


def purged(**counts: int) -> dict[str, int]:
    return {**NOTHING, **counts}


class TestPeople:
    @pytest.mark.row("P11")
    def test_p11_whole_persons_go_after_24_months(self, gated, take, rows, clock) -> None:
        take(gated)
        clock.moment = datetime(2028, 11, 21, 9, tzinfo=UTC)
        assert gated.privacy.purge(dry_run=True) == gated.privacy.purge() == NOTHING
        clock.forward(seconds=1)
        assert gated.privacy.purge(dry_run=True) == purged(people=1)
        assert len(rows(gated, Contact)) == 1
        assert gated.privacy.purge(by="worker") == purged(people=1)
        assert "li@example.cn" not in dump(gated)
        assert gated.privacy.purge() == NOTHING
        assert not gated.privacy.is_erased("mail:li@example.cn")  # their time was over; they asked for nothing
        assert rows(gated, Suppression) == []

    @pytest.mark.parametrize("sign", ["lead", "touch", "download", "consent", "change", "confirmed"])
    def test_p11_the_newest_sign_of_any_contact_counts(self, gated, take, add, clock, sign) -> None:
        lead_id = take(gated)
        with gated.store.read() as session:
            contact_id = session.exec(select(Lead.contact_id)).one()
        clock.forward(days=700)
        second = add(gated, Contact, person_id=contact_id, email=None, phone=None, changed_at=clock())
        old, new = datetime(2026, 11, 21, tzinfo=UTC), clock()
        with gated.store.write() as session:
            session.execute(update(Contact).values(changed_at=new if sign == "change" else old))
            session.execute(update(Lead).values(last_at=new if sign == "lead" else old))
            if sign == "confirmed":
                session.execute(update(Lead).values(confirmed_at=new))
        if sign == "touch":
            add(gated, Touch, lead_id=lead_id, at=new)
        if sign == "download":
            add(gated, Download, lead_id=lead_id, at=new, by_machine=False)
        if sign == "consent":
            add(gated, Consent, contact_id=second.id, submission_id=None, at=new, action="given")
        clock.moment = datetime(2028, 11, 22, 9, tzinfo=UTC)
        assert gated.privacy.purge()["people"] == 0
        clock.forward(days=760)
        assert gated.privacy.purge()["people"] == 1

    def test_machines_and_withdrawals_keep_nobody_longer(self, local, take, add, clock) -> None:
        lead_id = take(local)
        with local.store.read() as session:
            contact_id = session.exec(select(Contact.id)).one()
        clock.forward(days=700)
        add(local, Download, lead_id=lead_id, at=clock(), by_machine=True)
        add(
            local,
            Consent,
            contact_id=contact_id,
            submission_id=None,
            at=clock(),
            action="withdrawn",
            purpose="marketing",
        )
        clock.moment = datetime(2028, 11, 22, 9, tzinfo=UTC)
        assert local.privacy.purge()["people"] == 1

    def test_p6_a_withdrawal_outlives_the_person_as_a_hash(self, local, take, add, clock, rows) -> None:
        take(local, email="li@example.cn", phone="13800138000", consent_marketing="yes")
        take(local, email="wang@example.cn", name="王示例", consent_marketing="yes")
        with local.store.read() as session:
            contact_id = session.exec(
                select(ContactKey.contact_id).where(ContactKey.value == "mail:li@example.cn")
            ).one()
        clock.forward(days=1)
        add(local, Consent, contact_id=contact_id, submission_id=None, at=clock(), action="withdrawn",
            purpose="marketing", channel="email")  # fmt: skip
        clock.forward(days=800)
        assert local.privacy.purge()["people"] == 2
        hashed = key_hash(hashing_key(local.folder), "mail:li@example.cn")
        assert [(row.key_hash, row.reason) for row in rows(local, Suppression)] == [(hashed, WITHDRAWN)]
        with local.store.read() as session:
            assert suppressed(session, [hashed]) == {}  # what they ask for is sent
            assert suppressed(session, [hashed], marketing=True) == {hashed: WITHDRAWN}

    def test_more_than_one_portion(self, local, clock, rows) -> None:
        now = clock()
        with local.store.write() as session:
            for number in range(1203):
                one = new_id()
                values = {"id": one, "person_id": one, "name": f"王{number}", "created_at": now, "changed_at": now}
                session.add(Contact.model_validate(values))
        clock.forward(days=800)
        assert local.privacy.purge(dry_run=True)["people"] == 1203
        assert local.privacy.purge()["people"] == 1203
        assert rows(local, Contact) == []

    def test_targets_are_told_of_people_whose_time_is_over(self, local, take, add, rows, clock) -> None:
        lead_id = take(local)
        add(local, Message, lead_id=lead_id, contact_id=None, target="crm", state="done", done_at=clock())
        clock.forward(days=800)
        assert local.privacy.purge()["people"] == 1
        assert [(row.target, row.lead_id) for row in rows(local, Message) if row.kind == "lead.erased"] == [
            ("crm", lead_id)
        ]


class TestClasses:
    @pytest.mark.row("P11")
    def test_p11_unconfirmed_leads_go_after_30_days(self, gated, take, rows, clock) -> None:
        waiting, other = take(gated), take(gated, "v", email="wang@example.cn")
        second = take(gated, "v")
        with gated.store.write() as session:
            session.execute(update(Lead).where(Lead.id.in_([waiting])).values(awaits_confirmation=True))
        clock.forward(days=30, seconds=1)
        assert gated.privacy.purge(dry_run=True) == purged(unconfirmed=1)
        assert gated.privacy.purge() == purged(unconfirmed=1)
        assert {lead.id for lead in rows(gated, Lead)} == {other, second}
        assert len(rows(gated, Contact)) == 2  # they have another lead
        with gated.store.write() as session:
            session.execute(update(Lead).where(Lead.id == second).values(awaits_confirmation=True))
        assert gated.privacy.purge() == purged(unconfirmed=1)
        assert [contact.email for contact in rows(gated, Contact)] == ["wang@example.cn"]
        assert "li@example.cn" not in dump(gated)

    def test_confirmed_leads_stay(self, local, take, clock) -> None:
        take(local)
        with local.store.write() as session:
            session.execute(update(Lead).values(awaits_confirmation=False, confirmed_at=clock()))
        clock.forward(days=40)
        assert local.privacy.purge() == NOTHING

    @pytest.mark.row("C6", "C22", "P11")
    def test_p11_quarantine_goes_after_14_days(self, gated, take, rows, clock) -> None:
        take(gated, email="bot@example.cn", website_url_confirm="x")
        take(gated)
        clock.forward(days=14)
        assert gated.privacy.purge() == NOTHING
        clock.forward(seconds=1)
        assert gated.privacy.purge() == purged(quarantine=1)
        assert [row.quarantined for row in rows(gated, Submission)] == [False]

    @pytest.mark.row("P11")
    def test_p11_messages_go_after_30_days_and_dead_ones_after_90(self, gated, add, clock, rows) -> None:
        for state in ("done", "cancelled", "dead", "due", "leased", "parked"):
            done_at = clock() if state in ("done", "cancelled", "dead") else None
            add(gated, Message, kind=state, target="mail", state=state, done_at=done_at, contact_id=None, lead_id=None)
        letter = gated.folder / "out" / "mail" / f"x-{rows(gated, Message)[0].id}.eml"
        letter.parent.mkdir(parents=True)
        letter.write_text("x", encoding="utf-8")
        clock.forward(days=30, seconds=1)
        with gated.store.read() as session:
            kind = session.exec(select(Message.kind).where(Message.id == letter.stem[2:])).one()
        ended = kind in ("done", "cancelled")
        assert gated.privacy.purge(dry_run=True) == gated.privacy.purge() == purged(messages=2, letters=int(ended))
        assert letter.exists() is not ended
        assert {row.kind for row in rows(gated, Message)} == {"dead", "due", "leased", "parked"}
        clock.forward(days=60)
        assert gated.privacy.purge()["dead_messages"] == 1
        assert {row.kind for row in rows(gated, Message)} == {"due", "leased", "parked"}

    def test_p8_what_a_target_got_is_remembered_as_long_as_the_lead(self, gated, take, add, clock, rows) -> None:
        """Otherwise an erasure after 31 days would not reach the target."""
        lead_id = take(gated)
        for target in ("crm", "mail"):
            add(gated, Message, target=target, state="done", done_at=clock(), lead_id=lead_id, contact_id=None)
        clock.forward(days=31)
        assert gated.privacy.purge()["messages"] >= 1
        assert [row.target for row in rows(gated, Message) if row.state == "done"] == ["crm"]
        assert gated.privacy.erase("li@example.cn").told == ("crm",)

    @pytest.mark.row("P11")
    def test_p11_counts_go_after_24_hours(self, gated, add, clock, rows) -> None:
        now = int(clock().timestamp())
        for length in (1, 60, 3600, 86_400):
            for age in (0, 23 * 3600, 27 * 3600, 50 * 3600):
                add(gated, RateCount, key=f"{length}-{age}", span=(now - age) // length, count=3)
        gated.privacy.purge()
        left = {row.key for row in rows(gated, RateCount)}
        assert {f"{length}-{age}" for length in (1, 60, 3600) for age in (0, 23 * 3600)} <= left
        assert not {f"{length}-{age}" for length in (1, 60, 3600) for age in (27 * 3600, 50 * 3600)} & left
        assert "86400-0" in left
        clock.forward(days=3)
        assert gated.privacy.purge()["rate_counts"] == len(left)
        assert rows(gated, RateCount) == []

    def test_settings_say_how_long(self, make_workspace, take, clock) -> None:
        from .shared import with_assets

        workspace = with_assets(make_workspace())
        path = workspace.folder / "contentops.toml"
        text = path.read_text(encoding="utf-8")
        assert "[privacy]" in text
        path.write_text(text.replace("[privacy]", "[privacy]\nquarantine_days = 3"), encoding="utf-8")
        again = type(workspace).open(workspace.folder, now=clock)
        take(again, website_url_confirm="x")
        clock.forward(days=4)
        assert again.privacy.purge()["quarantine"] == 1
        again.close()

    def test_log_says_what_went(self, local, take, clock, rows) -> None:
        take(local, website_url_confirm="x")
        clock.forward(days=15)
        local.privacy.purge(by="worker")
        (row,) = rows(local, PrivacyAction)
        assert (row.action, row.by, row.count, row.detail) == ("purge", "worker", 1, "quarantine=1")

    def test_forms_come_in_between_portions(self, local, take, clock, monkeypatch) -> None:
        """A purge that is interrupted has kept what it did, and goes on the next time."""
        from contentops.privacy import purging

        monkeypatch.setattr(purging, "AT_ONCE", 2)
        for number in range(5):
            take(local, email=f"p{number}@example.cn", website_url_confirm="x")
        clock.forward(days=15)
        seen = []
        real = purging._rowcount

        def stop_after_the_second(session, statement) -> int:
            seen.append(1)
            if len(seen) == 3:
                raise KeyboardInterrupt
            return real(session, statement)

        monkeypatch.setattr(purging, "_rowcount", stop_after_the_second)
        with pytest.raises(KeyboardInterrupt):
            local.privacy.purge()
        monkeypatch.setattr(purging, "_rowcount", real)
        assert take(local)
        assert local.privacy.purge() == purged(quarantine=1)


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: moment.year > 30), st.integers(0, 240))
def test_months_are_calendar_months(moment, months) -> None:
    found = months_before(moment, months)
    assert (moment.year - found.year) * 12 + moment.month - found.month == months
    assert found.time() == moment.time()
    assert found.day == moment.day or found.day < moment.day
    assert months_before(moment, 0) == moment
