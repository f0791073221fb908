"""Mail to somebody is stopped and allowed again by hand; who did it is in the log."""

import pytest

from contentops.errors import InvalidArgument, NotFound
from contentops.leads.suppression import BOUNCED, BY_HAND, ERASED, hashing_key, key_hash, suppress
from contentops.models import Message, PrivacyAction, Suppression


def reasons(workspace, rows) -> dict[str, str]:
    names = {key_hash(hashing_key(workspace.folder), key): key for key in ("mail:li@example.cn", "tel:+8613800138000")}
    return {names[row.key_hash]: row.reason for row in rows(workspace, Suppression)}


class TestStop:
    def test_nothing_is_sent_until_it_is_lifted(self, gated, take, rows, clock) -> None:
        take(gated, email="li@example.cn", phone="13800138000")
        assert gated.privacy.stop("138 0013 8000", by="陈七言") == 2
        assert set(reasons(gated, rows).values()) == {BY_HAND}
        gated.outbox.run(once=True)
        (message,) = rows(gated, Message)
        assert (message.state, "by_hand" in message.last_error) == ("cancelled", True)
        assert gated.privacy.allow("li@example.cn", by="王示例") == 2
        clock.forward(days=2)
        take(gated, email="li@example.cn")
        assert gated.outbox.run(once=True).done == 1
        logged = {row.action: (row.by, row.count, row.detail) for row in rows(gated, PrivacyAction)}
        assert logged == {"stop": ("陈七言", 2, ""), "allow": ("王示例", 2, "by_hand=2")}

    def test_an_address_that_nobody_came_by(self, gated, rows) -> None:
        assert gated.privacy.stop(" LI@Example.cn ") == 1
        assert reasons(gated, rows) == {"mail:li@example.cn": BY_HAND}
        assert gated.privacy.allow("li@example.cn") == 1
        assert gated.privacy.allow("li@example.cn") == 0
        for action in (gated.privacy.stop, gated.privacy.allow):
            with pytest.raises(NotFound):
                action("0" * 32)
            with pytest.raises(InvalidArgument):
                action("李梅")

    def test_a_shared_number_stops_nobody_else(self, local, take, rows) -> None:
        take(local, phone="13800138000")
        take(local, email="li@example.cn", phone="13800138000", name="王示例")
        take(local, email="wang@example.cn", phone="13800138000")
        local.privacy.erase("li@example.cn")
        local.privacy.stop("13800138000")
        hashed = key_hash(hashing_key(local.folder), "mail:wang@example.cn")
        assert hashed not in {row.key_hash for row in rows(local, Suppression)}

    @pytest.mark.parametrize("reason", [BOUNCED, "complaint", "withdrawn"])
    def test_any_reason_is_lifted(self, local, rows, clock, reason) -> None:
        with local.store.write() as session:
            suppress(session, key_hash(hashing_key(local.folder), "mail:li@example.cn"), reason, clock())
        assert local.privacy.allow("li@example.cn") == 1
        assert rows(local, Suppression) == []
        assert [row.detail for row in rows(local, PrivacyAction)] == [f"{reason}=1"]

    def test_who_was_erased_and_came_again_gets_mail_again(self, gated, take, rows, clock) -> None:
        take(gated)
        gated.privacy.erase("li@example.cn")
        clock.forward(days=3)
        take(gated)
        assert gated.outbox.run(once=True).done == 0
        assert reasons(gated, rows) == {"mail:li@example.cn": ERASED}
        assert gated.privacy.allow("li@example.cn") == 1
        clock.forward(days=3)
        take(gated)
        assert gated.outbox.run(once=True).done == 1


def test_by_command(local, take, rows, run_cli) -> None:
    take(local)
    code, _out, err = run_cli("-w", local.folder, "privacy", "stop", "li@example.cn")
    assert (code, "1 address" in err) == (0, True)
    assert reasons(local, rows) == {"mail:li@example.cn": BY_HAND}
    for said in ("1 address may be written to again", "Nothing was stopped"):
        code, _out, err = run_cli("-w", local.folder, "privacy", "allow", "li@example.cn")
        assert (code, said in err) == (0, True)
    assert run_cli("-w", local.folder, "privacy", "stop", "李梅")[0] == 2
