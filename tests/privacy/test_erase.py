"""Whoever is erased is gone: from all tables, the files of the database, the mail folder, and from old backups (P8-P10)."""

import contextlib
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import select

from contentops.errors import InvalidArgument, NotFound, WorkspaceError
from contentops.leads.consent.ledger import may
from contentops.leads.sheets.incoming.options import Options
from contentops.leads.suppression import ERASED, WITHDRAWN, hashing_key, key_hash, suppress, suppressed
from contentops.leads.wishes import ErasureList, WithdrawalList
from contentops.models import (
    Contact,
    ContactKey,
    KeyClaim,
    Lead,
    Merge,
    Message,
    MessageState,
    PrivacyAction,
    Submission,
    Suppression,
    new_id,
)
from contentops.pages.notice import MARKETING
from contentops.privacy.finding import mentions

from .shared import dump, file_bytes, made

KEY = "mail:li@example.cn"
OLD_LIST = Options(asset="w")


def letter(workspace, message_id: str) -> object:
    path = workspace.folder / "out" / "mail" / f"20261121-{message_id}-asset.eml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("To: li@example.cn\n\n李梅", encoding="utf-8")
    return path


class TestEverythingGoes:
    @pytest.mark.row("P8")
    def test_p8_no_table_holds_a_canary_afterwards(self, gated, put_canaries) -> None:
        who = put_canaries(gated)
        before = dump(gated)
        assert not [word for word in who.words.values() if word not in before]
        counts = gated.privacy.erase("KANARIE-9f3a@example.cn", dry_run=True)
        assert dump(gated) == before
        done = gated.privacy.erase("KANARIE-9f3a@example.cn", by="陈七言")
        assert (done.people, dict(done.rows)) == (1, dict(counts.rows))
        after = dump(gated)
        assert not [word for word in who.everywhere() if word in after]

    @pytest.mark.row("P8")
    def test_p8_no_byte_of_the_database_holds_a_canary_afterwards(self, local, put_canaries) -> None:
        who = put_canaries(local)
        now, blank = local.now(), lambda _name: ""
        with local.store.write() as session:  # pages that are split leave copies of what stood on them
            for number in range(1500):
                mail, one = f"p{number}@example.cn", new_id()
                session.add(
                    made(Contact, now, {"id": one, "person_id": one, "email": mail, "name": "王示例" * 10}, blank)
                )
                session.flush()
                session.add(made(ContactKey, now, {"value": f"mail:{mail}", "contact_id": one}, blank))
        with local.store.write() as session:
            session.execute(update(Contact).where(Contact.email == who.email).values(company="示例制造" * 40))
        assert who.email.encode() in file_bytes(local)
        assert local.privacy.erase(who.email).log_emptied
        left = file_bytes(local)
        assert not [word for word in who.everywhere() if word.encode() in left]
        assert b"p1499@example.cn" in left

    def test_all_contacts_of_the_person_go_and_nobody_else(self, gated, take, rows) -> None:
        take(gated, email="li@example.cn")
        take(gated, email="li.mei@example.cn")
        take(gated, email="wang@example.cn", name="王示例")
        one, two, other = (
            contact_of(gated, mail) for mail in ("li@example.cn", "li.mei@example.cn", "wang@example.cn")
        )
        join(gated, one, two)
        assert gated.privacy.erase("li.mei@example.cn").rows["contact"] == 2
        assert [contact.id for contact in rows(gated, Contact)] == [other]
        assert [key.value for key in rows(gated, ContactKey)] == ["mail:wang@example.cn"]
        assert len(rows(gated, Lead)) == 1
        assert rows(gated, Merge) == []

    @pytest.mark.parametrize(
        "spelling", ["138 0013 8000", "+86 138-0013-8000", "００８６１３８００１３８０００", "tel:+8613800138000"]
    )
    def test_phone_in_any_spelling(self, local, take, rows, spelling) -> None:
        take(local, phone="13800138000")
        local.privacy.erase(spelling)
        assert rows(local, Contact) == []

    def test_ids_of_contacts_and_leads(self, local, take, rows) -> None:
        lead_id = take(local)
        assert local.privacy.erase(lead_id).people == 1
        take(local)
        assert local.privacy.erase(contact_of(local, "li@example.cn")).people == 1
        assert rows(local, Lead) == []

    def test_claims_of_others_on_an_erased_number_go(self, local, take, add, rows) -> None:
        take(local, phone="13800138000")
        take(local, email="wang@example.cn", name="王示例")
        add(local, KeyClaim, value="tel:+8613800138000", contact_id=contact_of(local, "wang@example.cn"))
        assert local.privacy.erase("13800138000").rows["key_claim"] == 1
        assert rows(local, KeyClaim) == []
        assert [contact.name for contact in rows(local, Contact)] == ["王示例"]


class TestWhoIsMeant:
    def test_nobody_is_a_sentence(self, local) -> None:
        with pytest.raises(NotFound, match="nobody@example.cn"):
            local.privacy.erase("nobody@example.cn")
        with pytest.raises(NotFound):
            local.privacy.export(new_id())

    @pytest.mark.parametrize("who", ["李梅", "", "a@", "12", "'; DROP TABLE contact; --"])
    def test_nonsense_is_named(self, local, who) -> None:
        with pytest.raises(InvalidArgument, match="WHO"):
            local.privacy.erase(who)

    def test_seen_in_quarantine_only(self, gated, take, rows) -> None:
        assert take(gated, email="bot@example.cn", website_url_confirm="x") == ""
        take(gated, email="rob-bot@example.cn", website_url_confirm="x")
        done = gated.privacy.erase("Bot@example.cn")
        assert (done.people, dict(done.rows)) == (0, {"submission": 1})
        (left,) = rows(gated, Submission)
        assert left.fields["email"] == "rob-bot@example.cn"
        assert gated.privacy.is_erased("mail:bot@example.cn")

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("li@example.cn", True), ("请写信到Li@Example.CN。", True), ("ｌｉ＠ｅｘａｍｐｌｅ．ｃｎ", True), ("xli@example.cn", False),
            ("li@example.cn.evil.example", False), ("138 0013 8000", True), ("电话：13800138000，谢谢", True),
            ("0086 138-0013-8000", True), ("13800138001", False), ("138001380001", False), ("8000", False),
            ("wm-0001", True), ("wm-00012", False), ("", False),
        ],
    )  # fmt: skip
    def test_answers_that_name_somebody(self, text, found) -> None:
        keys = frozenset({KEY, "tel:+8613800138000", "wecom:wm-0001"})
        assert mentions({"name": "王示例", "note": text}, keys, "CN") is found

    def test_another_extension_of_a_switchboard_is_somebody_else(self) -> None:
        keys = frozenset({"tel:+861082345678;ext=12"})
        assert mentions({"phone": "010-82345678 转 12"}, keys, "CN")
        assert not mentions({"phone": "010-82345678 转 13"}, keys, "CN")
        assert not mentions({"phone": "010-82345678"}, keys, "CN")


class TestMessages:
    @pytest.mark.row("P10")
    @pytest.mark.parametrize("state", ["due", "leased", "parked"])
    def test_p10_a_worker_that_holds_it_can_no_longer_mark_it(self, gated, take, add, rows, state) -> None:
        lead_id, token = take(gated), new_id()
        add(gated, Message, lead_id=lead_id, contact_id=contact_of(gated, "li@example.cn"), target="mail", state=state,
            claim_token=token, attempts=1, done_at=None, asset_id=None, about_id=None)  # fmt: skip
        gated.privacy.erase("li@example.cn")
        with gated.store.write() as session:
            marked = update(Message).where(Message.claim_token == token).values(state=MessageState.DONE)
            assert session.execute(marked).rowcount == 0
            assert session.get(Lead, lead_id) is None  # what the worker reads under its lease right before it sends
        left = [row for row in rows(gated, Message) if row.kind == "x"]
        assert {(row.state, row.contact_id, row.lead_id, row.claim_token) for row in left} == {
            ("cancelled", None, None, None)
        }

    def test_p8_targets_that_may_have_it_are_told_once(self, gated, take, add, rows) -> None:
        lead_id, ids = take(gated), {"contact_id": None, "asset_id": None, "about_id": None}
        for target, state, attempts in (
            ("crm", "done", 1), ("crm", "done", 2), ("bi", "due", 3), ("new", "due", 0), ("mail", "done", 1),
        ):  # fmt: skip
            add(gated, Message, lead_id=lead_id, target=target, state=state, attempts=attempts, **ids)
        assert gated.privacy.erase("li@example.cn", dry_run=True).told == ("bi", "crm")
        assert gated.privacy.erase("li@example.cn").told == ("bi", "crm")
        told = [row for row in rows(gated, Message) if row.kind == "lead.erased"]
        assert sorted((row.target, row.lead_id, row.state, row.contact_id) for row in told) == [
            ("bi", lead_id, "due", None), ("crm", lead_id, "due", None),
        ]  # fmt: skip

    def test_p8_letters_in_the_mail_folder_go(self, local, put_canaries) -> None:
        who = put_canaries(local)
        mine, other = letter(local, who.message_ids[0]), letter(local, new_id())
        assert local.privacy.erase(who.email, dry_run=True).letters == 1
        assert mine.exists()
        assert local.privacy.erase(who.email).letters == 1
        assert not mine.exists()
        assert other.exists()

    def test_p8_a_letter_that_the_worker_wrote_goes(self, local, take) -> None:
        """The name that the worker gives is the one that is looked for; also of what a crash left half written."""
        take(local, email="li@example.cn")
        local.outbox.run(once=True)
        folder = local.folder / "out" / "mail"
        (file,) = folder.glob("*.eml")
        (folder / f".{file.stem}.77.part").write_bytes(file.read_bytes())
        assert b"li@example.cn" in file.read_bytes()
        assert local.privacy.export("li@example.cn").letters == [f".{file.stem}.77.part", file.name]
        assert local.privacy.erase("li@example.cn").letters == 2
        assert list(folder.iterdir()) == []
        assert "li@example.cn" not in dump(local)

    def test_p10_the_worker_sends_nothing_to_whom_was_erased(self, local, take, rows) -> None:
        take(local, email="li@example.cn")
        local.privacy.erase("li@example.cn")
        done = local.outbox.run(once=True)
        assert list((local.folder / "out").rglob("*.eml")) == []
        assert [row.state for row in rows(local, Message)] == ["cancelled"], done

    def test_letter_that_cannot_be_deleted_stops_the_erasure(self, local, put_canaries, monkeypatch) -> None:
        who = put_canaries(local)
        path = letter(local, who.message_ids[0])

        real = type(path).unlink

        def refuse(self, missing_ok=False) -> None:
            if self.suffix == ".eml":
                raise PermissionError(13, "no")
            real(self, missing_ok)

        monkeypatch.setattr(type(path), "unlink", refuse)
        with pytest.raises(WorkspaceError, match="cannot delete the letter"):
            local.privacy.erase(who.email)
        assert who.email in dump(local)
        assert listed(local.folder).read() == {}

    def test_p10_a_letter_written_meanwhile_goes_with_the_next_purge(self, local, put_canaries) -> None:
        who = put_canaries(local)
        local.privacy.erase(who.email)
        late = letter(local, who.message_ids[2])  # the leased one: its worker was faster than it knew
        assert local.privacy.purge(dry_run=True)["letters"] == 1
        assert local.privacy.purge()["letters"] == 1
        assert not late.exists()


class TestRaces:
    @pytest.mark.row("P10")
    def test_p10_forms_that_come_in_meanwhile(self, gated, take) -> None:
        """Whoever asks again while being erased is erased, or new; nothing of them is half there."""
        from concurrent.futures import ThreadPoolExecutor

        take(gated, email="li@example.cn")

        def erase() -> None:
            with contextlib.suppress(NotFound):
                gated.privacy.erase("li@example.cn")

        with ThreadPoolExecutor(4) as pool:
            forms = [pool.submit(take, gated, slug, email="li@example.cn") for slug in ("w", "v") * 6]
            erasures = [pool.submit(erase) for _time in range(4)]
            assert all(form.result() for form in forms)
            assert [each.result() for each in erasures] == [None] * 4
        with contextlib.suppress(NotFound):
            gated.privacy.erase("li@example.cn")
        assert "li@example.cn" not in dump(gated)
        assert "李梅" not in dump(gated)


class TestWhatStays:
    def test_hashes_stay_and_nothing_is_sent(self, gated, take, rows) -> None:
        take(gated, phone="13800138000", email="li@example.cn")
        gated.privacy.erase("li@example.cn", by="陈七言")
        secret = hashing_key(gated.folder)
        hashes = {key_hash(secret, key) for key in (KEY, "tel:+8613800138000")}
        assert {row.key_hash: row.reason for row in rows(gated, Suppression)} == dict.fromkeys(hashes, ERASED)
        with gated.store.read() as session:
            assert suppressed(session, hashes) == dict.fromkeys(hashes, ERASED)
        assert set(listed(gated.folder).read()) == hashes
        assert gated.privacy.is_erased(KEY)
        assert not gated.privacy.is_erased("mail:wang@example.cn")

    def test_an_erasure_stops_more_than_a_withdrawal(self, local, take, rows) -> None:
        take(local)
        hashed = key_hash(hashing_key(local.folder), KEY)
        with local.store.write() as session:
            suppress(session, hashed, WITHDRAWN, local.now())
        local.privacy.erase("li@example.cn")
        assert [(row.key_hash, row.reason) for row in rows(local, Suppression)] == [(hashed, ERASED)]

    @pytest.mark.row("P16")
    def test_p16_the_log_says_who_and_how_much_but_not_whom(self, gated, take, rows) -> None:
        take(gated)
        gated.privacy.export("li@example.cn", by="陈七言")
        gated.privacy.erase("li@example.cn", by="陈七言")
        actions = rows(gated, PrivacyAction)
        assert {(row.action, row.by) for row in actions} == {("export", "陈七言"), ("erase", "陈七言")}
        assert all(row.count > 4 for row in actions)
        assert "example.cn" not in repr(actions)
        assert "李梅" not in repr(actions)

    def test_whoever_comes_again_is_welcome(self, gated, take, clock) -> None:
        take(gated)
        gated.privacy.erase("li@example.cn")
        clock.forward(days=3)
        assert take(gated)
        assert not gated.privacy.is_erased(KEY)
        assert gated.privacy.reapply_erasures().people == 0
        gated.privacy.erase("li@example.cn")
        assert gated.privacy.is_erased(KEY)

    def test_fault_of_the_database_erases_nothing(self, local, take, rows, monkeypatch) -> None:
        import contentops.privacy.desk as desk

        take(local)

        def fail(*_arguments: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(desk, "note", fail)
        with pytest.raises(RuntimeError):
            local.privacy.erase("li@example.cn")
        assert len(rows(local, Contact)) == 1


class TestOldBackups:
    @pytest.mark.row("P9", "F16")
    def test_p9_a_restored_backup_is_erased_again(self, local, take, rows, clock, tmp_path) -> None:
        take(local)
        take(local, email="bot@example.cn", website_url_confirm="x")
        take(local, email="wang@example.cn", name="王示例")
        file, backup = str(local.store.url.database), str(tmp_path / "backup.db")
        copy(file, backup)
        clock.forward(days=1)
        local.privacy.erase("li@example.cn")
        local.privacy.erase("bot@example.cn")
        local.store.close()
        copy(backup, file)
        assert len(rows(local, Contact)) == 2
        done = local.privacy.reapply_erasures(by="restore")
        assert (done.people, done.rows["contact"], done.rows["submission"]) == (1, 1, 2)
        assert [contact.email for contact in rows(local, Contact)] == ["wang@example.cn"]
        assert "li@example.cn" not in dump(local)
        assert "bot@example.cn" not in dump(local)
        assert {row.key_hash for row in rows(local, Suppression)} == set(listed(local.folder).read())
        assert local.privacy.reapply_erasures().people == 0
        assert [row.action for row in rows(local, PrivacyAction)] == ["restore", "restore"]

    def test_p9_an_old_list_brings_nobody_back_into_an_old_database(self, local, take, rows, clock, tmp_path) -> None:
        """The backup is older than the person; their stop, too, was known to the newer database alone."""
        local.store.close()
        file, backup = str(local.store.url.database), str(tmp_path / "backup.db")
        copy(file, backup)
        take(local)
        clock.forward(days=1)
        local.privacy.erase("li@example.cn")
        local.store.close()
        copy(backup, file)
        for _time in range(2):  # by the list of erased people, and once that was applied, by the stop as well
            found = local.leads.incoming.look(
                "姓名,邮箱\n李梅,LI@example.cn\n".encode(), name="名单.csv", options=OLD_LIST
            )
            assert [str(seen.verdict) for seen in found.rows] == ["refused"]
            done = local.leads.incoming.apply(found)
            assert (done.stored, done.refused) == (0, 1)
            local.privacy.reapply_erasures()
            assert [row.reason for row in rows(local, Suppression)] == [ERASED]

    def test_withdrawals_since_the_backup_hold_again(self, gated, take, clock) -> None:
        take(gated, consent_marketing="yes", email="li@example.cn", phone="13800138000")
        take(gated, email="wang@example.cn", consent_marketing="yes")
        hashes = [key_hash(hashing_key(gated.folder), key) for key in (KEY, "mail:wang@example.cn")]
        withdrawals = WithdrawalList(gated.folder, lambda: hashing_key(gated.folder))
        withdrawals.append(hashes[1:], clock() - timedelta(days=1))  # said yes since
        clock.forward(days=1)
        withdrawals.keep([KEY, "tel:+8613800138000"], "email", clock())
        assert withdrawals.read()[hashes[0]] == clock()
        assert len(withdrawals.read()) == 2
        clock.forward(days=1)
        for _time in range(2):
            gated.privacy.reapply_erasures()
            li, wang = gated.leads.consents.of("li@example.cn"), gated.leads.consents.of("wang@example.cn")
            assert not may(li.agreement, MARKETING, "email")
            assert may(wang.agreement, MARKETING, "email")
            assert [entry.evidence for entry in li.history].count("restored") == 1
        assert may(li.agreement, MARKETING, "phone")  # taken back for mail alone
        assert (li.history[-1].how, li.history[-1].at) == ("command", clock() - timedelta(days=1))
        withdrawals.path.write_text("key " + "0" * 64 + "\n")
        with pytest.raises(WorkspaceError, match="list of withdrawals"):
            gated.privacy.reapply_erasures()

    def test_p9_on_postgresql_as_well(self, gated, take, rows, clock) -> None:
        take(gated)
        clock.forward(days=1)
        listed(gated.folder).append([key_hash(hashing_key(gated.folder), KEY)], clock())
        assert gated.privacy.reapply_erasures().people == 1
        assert rows(gated, Contact) == []


class TestErasureList:
    def test_repeats_write_nothing_twice(self, tmp_path, clock) -> None:
        found = listed(tmp_path)
        assert found.read() == {}
        for _time in range(3):
            found.append(["a" * 64, "b" * 64, "a" * 64], clock())
        assert found.path.read_text().count("\n") == 3  # and the mark of the key
        assert found.path.stat().st_mode & 0o077 == 0
        clock.forward(days=1)
        found.append(["a" * 64], clock())
        assert listed(tmp_path).read()["a" * 64] == clock()

    def test_line_that_a_crash_cut_off_spoils_nothing(self, tmp_path, clock) -> None:
        found = listed(tmp_path)
        found.append(["a" * 64], clock())
        found.path.write_text(found.path.read_text() + "2026-11-21T09:00:00+00:00 bbbb")
        found.append(["c" * 64], clock())
        assert set(listed(tmp_path).read()) == {"a" * 64, "c" * 64}

    def test_several_at_once(self, tmp_path, clock, at_once) -> None:
        at_once(8, lambda: listed(tmp_path).append([(new_id() * 2)], clock()))
        assert len(listed(tmp_path).read()) == 8

    def test_p9_list_of_another_key_is_refused(self, local, take, rows) -> None:
        """Else nobody on it would be known again, and a restore would bring them all back in silence."""
        take(local)
        local.privacy.erase("li@example.cn")
        (local.folder / ".contentops" / "erasure_key").write_text("another-key-of-thirty-two-characters-or-more")
        again = type(local).open(local.folder, now=local.now)
        with pytest.raises(WorkspaceError, match="another key"):
            again.privacy.reapply_erasures()
        with pytest.raises(WorkspaceError, match="another key"):
            again.privacy.is_erased(KEY)
        again.close()

    def test_unreadable_list_is_no_empty_list(self, local, take) -> None:
        take(local)
        path = listed(local.folder).path
        path.mkdir()
        with pytest.raises(WorkspaceError, match="list of erased people"):
            local.privacy.erase("li@example.cn")
        with pytest.raises(WorkspaceError, match="list of erased people"):
            local.privacy.is_erased(KEY)
        assert "li@example.cn" in dump(local)


def listed(folder) -> ErasureList:
    return ErasureList(folder, lambda: hashing_key(folder))


def contact_of(workspace, email: str) -> str:
    with workspace.store.read() as session:
        return session.exec(select(ContactKey.contact_id).where(ContactKey.value == f"mail:{email}")).one()


def join(workspace, kept: str, absorbed: str) -> None:
    values = {"kept_id": kept, "absorbed_id": absorbed, "contact_ids": [absorbed], "at": workspace.now(), "by": "form"}
    with workspace.store.write() as session:
        session.add(Merge.model_validate(values))
        contact = session.get(Contact, absorbed)
        contact.person_id = kept
        session.add(contact)


def copy(source: str, target: str) -> None:
    with sqlite3.connect(source) as here, sqlite3.connect(target) as there:
        here.backup(there)
    here.close()
    there.close()
