"""(P9) What was stopped and allowed by hand since a backup holds again after a restore of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from contentops.errors import WorkspaceError
from contentops.leads.suppression import BOUNCED, BY_HAND, ERASED, hashing_key, key_hash, suppress
from contentops.leads.wishes import StopList
from contentops.models import Suppression
from contentops.testing import FixedClock

LI, WANG, ZHAO = "mail:li@example.cn", "mail:wang@example.cn", "mail:zhao@example.cn"


def stops_of(folder) -> StopList:
    return StopList(folder, lambda: hashing_key(folder))


@pytest.fixture
def reasons(rows):
    def read(workspace) -> dict[str, str]:
        names = {key_hash(hashing_key(workspace.folder), key): key for key in (LI, WANG, ZHAO)}
        return {names[row.key_hash]: row.reason for row in rows(workspace, Suppression)}

    return read


class TestAfterARestore:
    def test_p9_stops_since_the_backup_are_set_again(self, gated, clock, reasons) -> None:
        gated.privacy.stop("li@example.cn")
        gated.privacy.stop("wang@example.cn")
        clock.forward(days=1)
        gated.privacy.allow("wang@example.cn")
        forget(gated)
        for _time in range(2):
            gated.privacy.reapply_erasures()
            assert reasons(gated) == {LI: BY_HAND}

    def test_what_was_allowed_since_the_backup_is_not_stopped_by_it(self, local, take, clock, reasons) -> None:
        """Whatever the reason: a wish of their own that came later counts."""
        take(local)
        with local.store.write() as session:
            suppress(session, key_hash(hashing_key(local.folder), ZHAO), BOUNCED, clock())
        local.privacy.stop("wang@example.cn")
        before = dict(reasons(local))
        clock.forward(days=1)
        local.privacy.erase("li@example.cn")
        clock.forward(days=1)
        for who in ("li@example.cn", "wang@example.cn", "zhao@example.cn"):
            assert local.privacy.allow(who) == 1
        forget(local)
        with local.store.write() as session:  # as they stand in the backup
            for key, reason in before.items():
                suppress(session, key_hash(hashing_key(local.folder), key), reason, clock() - timedelta(days=2))
        local.privacy.reapply_erasures()
        assert reasons(local) == {}
        assert local.privacy.is_erased(LI)  # an import still brings nobody back

    def test_erased_and_stopped_again_stays_stopped(self, local, take, clock, reasons) -> None:
        take(local)
        local.privacy.erase("li@example.cn")
        local.privacy.allow("li@example.cn")
        local.privacy.stop("li@example.cn")  # at the same moment: the last word counts
        local.privacy.reapply_erasures()
        assert reasons(local) == {LI: BY_HAND}
        local.privacy.allow("li@example.cn")
        local.privacy.reapply_erasures()
        assert reasons(local) == {}

    def test_a_bounce_after_the_word_stays(self, local, clock, reasons) -> None:
        local.privacy.stop("li@example.cn")
        local.privacy.allow("li@example.cn")
        clock.forward(days=1)
        with local.store.write() as session:
            suppress(session, key_hash(hashing_key(local.folder), LI), BOUNCED, clock())
        local.privacy.reapply_erasures()
        assert reasons(local) == {LI: BOUNCED}


class TestTheFiles:
    def test_names_and_numbers_are_in_none_of_them(self, local) -> None:
        local.privacy.stop("li@example.cn")
        local.privacy.stop("138 0013 8000")
        local.privacy.allow("li@example.cn")
        for name in ("stopped", "allowed"):
            file = local.folder / ".contentops" / name
            assert file.stat().st_mode & 0o077 == 0
            assert not {"li", "example", "13800138000"} & set(file.read_text().replace("@", " ").split())

    @pytest.mark.parametrize("verb", ["stop", "allow"])
    def test_what_cannot_be_kept_is_not_done(self, local, verb, reasons) -> None:
        local.privacy.stop("li@example.cn")
        folder = local.folder / ".contentops"
        (folder / "stopped").rename(folder / "away")
        (folder / "stopped").mkdir()
        with pytest.raises(WorkspaceError, match="list of stopped addresses"):
            getattr(local.privacy, verb)("wang@example.cn" if verb == "stop" else "li@example.cn")
        assert reasons(local) == {LI: BY_HAND}

    def test_a_line_that_nothing_came_of_is_not_missed(self, local, monkeypatch, reasons) -> None:
        """The file is on disk before the commit: a restore after a crash stops too much rather than too little."""
        import contentops.privacy.desk as desk

        def fail(*_words: object, **_named: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(desk, "note", fail)
        with pytest.raises(RuntimeError):
            local.privacy.stop("li@example.cn")
        assert reasons(local) == {}

    @given(
        st.lists(st.tuples(st.sampled_from(["stop", "allow"]), st.sampled_from("ab"), st.integers(0, 3)), max_size=12)
    )
    def test_the_last_word_counts_whatever_the_clocks_say(self, tmp_path_factory, said) -> None:
        """Clocks of several machines differ, and may go back: who spoke last is who counts."""
        folder, clock, last = tmp_path_factory.mktemp("停"), FixedClock(), {}
        found = stops_of(folder)
        for verb, letter, seconds in said:
            getattr(found, verb)([letter * 64], clock() - timedelta(seconds=seconds))
            last[letter * 64] = verb
        again = stops_of(folder)
        assert set(again.standing()) == {hashed for hashed, verb in last.items() if verb == "stop"}
        assert set(again.lifted()) == {hashed for hashed, verb in last.items() if verb == "allow"}


def forget(workspace) -> None:
    """Take the database back to before any stop, as an old backup does."""
    with workspace.store.write() as session:
        session.execute(delete(Suppression))


def test_erased_reason_is_what_it_was(local, take, reasons) -> None:
    take(local)
    local.privacy.erase("li@example.cn")
    forget(local)
    local.privacy.reapply_erasures()
    assert reasons(local) == {LI: ERASED}
