"""(P9) Erasures, withdrawals and stops outlive a lost disk: lists beside the database, copies of them in backups."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from contentops.errors import WorkspaceError
from contentops.leads.consent.ledger import may
from contentops.leads.suppression import BY_HAND, ERASED, hashing_key, key_hash
from contentops.leads.wishes import ErasureList
from contentops.models import Contact, Suppression
from contentops.pages.notice import MARKETING
from contentops.testing import write_content
from contentops.workspace import Workspace

LI, WANG, ZHAO = "li@example.cn", "wang@example.cn", "zhao@example.cn"
NAMES = ("erased", "withdrawn", "stopped", "allowed")


@pytest.fixture
def place(workspace):
    """A workspace with three people."""
    front = "---\ntitle: 设备点检手册\nlang: zh-CN\ncontentops: {gate: gated, attachment: w.pdf}\n---\n正文。\n"
    write_content(workspace, "whitepaper/w/index.md", front)
    write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
    assert not workspace.assets.sync().problems
    for email in (LI, WANG, ZHAO):
        form = {"name": "李梅", "email": email, "company": "示例制造", "consent_delivery": "yes",
                "consent_marketing": "yes"}  # fmt: skip
        workspace.leads.capture(workspace.assets.get("w"), form.items(), page="/zh/w/")
    return workspace


def wish(workspace) -> None:
    workspace.privacy.erase(LI)
    workspace.leads.consents.withdraw(WANG)
    workspace.privacy.stop(ZHAO)


@pytest.fixture
def new_place(tmp_path, clock):
    """Make a folder that has nothing but the settings of a backup; with a key for the lists, or without."""
    opened = []

    def make(backup: Path, key_of: Workspace | None = None) -> Workspace:
        folder = tmp_path / f"新机器 {len(opened)}"
        (folder / ".contentops").mkdir(parents=True)
        shutil.copy(backup / "contentops.toml", folder)
        if key_of is not None:
            shutil.copy(key_of.folder / ".contentops" / "erasure_key", folder / ".contentops")
        opened.append(Workspace.open(folder, now=clock))
        return opened[-1]

    yield make
    for workspace in opened:
        workspace.close()


def held(workspace) -> tuple[list[str], dict[str, str], bool]:
    """Return who is there, whom mail is stopped to and why, and whether the one who withdrew may be written to."""
    secret = hashing_key(workspace.folder)
    names = {key_hash(secret, f"mail:{email}"): email for email in (LI, WANG, ZHAO)}
    with workspace.store.read() as session:
        people = sorted(session.exec(select(Contact.email)))
        stops = {names[row.key_hash]: row.reason for row in session.exec(select(Suppression))}
    return people, stops, may(workspace.leads.consents.of(WANG).agreement, MARKETING, "email")


AFTER = [WANG, ZHAO], {LI: ERASED, ZHAO: BY_HAND}, False


class TestBackup:
    def test_f15_holds_copies_and_no_address_and_no_key(self, place, tmp_path) -> None:
        wish(place)
        made = place.upkeep.backup(tmp_path / "备份")
        assert sorted(path.name for path in (made.folder / "lists").iterdir()) == sorted(NAMES)
        assert {f"lists/{name}" for name in NAMES} <= made.manifest.files.keys()
        key = (place.folder / ".contentops" / "erasure_key").read_bytes().strip()
        for name in NAMES:
            copy, own = made.folder / "lists" / name, place.folder / ".contentops" / name
            assert copy.stat().st_mode & 0o077 == 0
            assert key not in copy.read_bytes()
            assert not own.exists() or own.read_bytes() == copy.read_bytes()

    def test_without_a_key_there_is_nothing_to_copy_and_none_is_made(self, workspace, tmp_path) -> None:
        made = workspace.upkeep.backup(tmp_path / "备份")
        assert not (made.folder / "lists").exists()
        assert not (workspace.folder / ".contentops" / "erasure_key").exists()

    def test_a_list_that_cannot_be_read_is_named_and_left_out(self, place, tmp_path) -> None:
        wish(place)
        (place.folder / ".contentops" / "stopped").unlink()
        (place.folder / ".contentops" / "stopped").mkdir()
        made = place.upkeep.backup(tmp_path / "备份")
        assert ["stopped" in notice for notice in made.notices] == [True]
        assert "lists/stopped" not in made.manifest.files
        assert "lists/erased" in made.manifest.files


class TestOldPlace:
    def test_p9_the_lists_here_count_and_lose_no_line(self, place, clock, tmp_path) -> None:
        before = place.upkeep.backup(tmp_path / "备份")
        clock.forward(days=1)
        wish(place)
        lists = {name: (place.folder / ".contentops" / name).read_bytes() for name in NAMES[:3]}
        done = place.upkeep.restore(before.folder)
        assert held(place) == AFTER
        assert done.notices == ()
        assert {name: (place.folder / ".contentops" / name).read_bytes() for name in NAMES[:3]} == lists

    def test_a_place_where_nobody_ever_asked_for_anything_says_nothing(self, place, clock, tmp_path) -> None:
        hashing_key(place.folder)
        made = [place.upkeep.backup(tmp_path / "备份")]
        for _night in range(2):
            clock.forward(days=1)
            made.append(place.upkeep.backup(tmp_path / "备份"))
        for each in made:
            assert place.upkeep.restore(each.folder).notices == ()

    def test_p9_lists_that_were_lost_come_back_from_newer_backups_beside(self, place, clock, tmp_path) -> None:
        old = place.upkeep.backup(tmp_path / "备份")
        clock.forward(days=1)
        wish(place)
        clock.forward(days=1)
        place.upkeep.backup(tmp_path / "备份")
        for name in NAMES[:3]:
            (place.folder / ".contentops" / name).unlink()
        assert place.upkeep.restore(old.folder).notices == ()
        assert held(place) == AFTER

    def test_lists_of_another_key_are_found_before_anything_is_replaced(self, place, clock, tmp_path) -> None:
        made = place.upkeep.backup(tmp_path / "备份")
        wish(place)
        (place.folder / ".contentops" / "erasure_key").write_text("another-key-of-thirty-two-characters-or-more")
        place.store.close()
        before = (place.folder / "contentops.db").read_bytes()
        with pytest.raises(WorkspaceError, match="another key"):
            place.upkeep.restore(made.folder)
        assert (place.folder / "contentops.db").read_bytes() == before
        assert not list(place.folder.glob("*.bak"))


class TestNewPlace:
    def test_p9_on_a_new_machine_the_lists_of_all_backups_count(self, place, new_place, clock, tmp_path) -> None:
        old = place.upkeep.backup(tmp_path / "备份")
        clock.forward(days=1)
        wish(place)
        newest = place.upkeep.backup(tmp_path / "备份")
        here = new_place(old.folder, key_of=place)
        (notice,) = here.upkeep.restore(old.folder).notices
        assert newest.manifest.made_at in notice  # and what came after it nobody knows
        assert old.manifest.made_at not in notice
        assert held(here) == AFTER
        assert here.privacy.is_erased(f"mail:{LI}")
        shutil.copy(place.folder / ".contentops" / "erased", here.folder / ".contentops")  # as it says
        assert here.upkeep.restore(old.folder).notices == ()
        assert held(here) == AFTER

    def test_p9_a_backup_made_here_before_the_restore_says_nothing_of_the_old_place(
        self, place, new_place, clock, tmp_path
    ) -> None:
        """The nightly backup of a new machine may be faster than who brings the old one back."""
        made = place.upkeep.backup(tmp_path / "备份")
        clock.forward(hours=1)
        wish(place)
        here = new_place(made.folder, key_of=place)
        here.migrate()
        here.upkeep.backup(tmp_path / "备份")
        (notice,) = here.upkeep.restore(made.folder).notices
        assert f"after {made.manifest.made_at} is unknown" in notice

    def test_without_the_key_it_says_so_and_makes_none(self, place, new_place, tmp_path, run_cli) -> None:
        wish(place)
        made = place.upkeep.backup(tmp_path / "备份")
        here = new_place(made.folder)
        code, _out, err = run_cli("--quiet", "-w", here.folder, "restore", made.folder, "--yes")
        assert (code, "erasure_key" in err, "restore again" in err) == (0, True, True)
        assert sorted(path.name for path in (here.folder / ".contentops").iterdir()) == ["files", "in_use"]

    def test_with_another_key_it_says_so_and_takes_nothing(self, place, new_place, tmp_path) -> None:
        wish(place)
        made = place.upkeep.backup(tmp_path / "备份")
        here = new_place(made.folder)
        hashing_key(here.folder)  # as a server makes it at its first start
        (notice,) = here.upkeep.restore(made.folder).notices
        assert "another key" in notice
        assert not [name for name in NAMES if (here.folder / ".contentops" / name).exists()]

    def test_another_key_is_seen_although_nobody_was_ever_erased(self, place, new_place, tmp_path) -> None:
        """Stops of addresses that bounced are in the database alone; with another key none of them would hold."""
        hashing_key(place.folder)
        made = place.upkeep.backup(tmp_path / "备份")
        here = new_place(made.folder)
        hashing_key(here.folder)
        assert "another key" in here.upkeep.restore(made.folder).notices[0]

    def test_backups_beside_that_are_damaged_or_of_others_do_not_matter(
        self, place, new_place, clock, tmp_path
    ) -> None:
        old = place.upkeep.backup(tmp_path / "备份")
        clock.forward(days=1)
        wish(place)
        damaged = place.upkeep.backup(tmp_path / "备份")
        (damaged.folder / "manifest.json").write_text("{")
        (damaged.folder / "lists" / "erased").write_bytes(b"\xff\x00\n" + b"x" * 80)
        clock.forward(days=1)
        other = place.upkeep.backup(tmp_path / "备份")
        for name in NAMES:
            (other.folder / "lists" / name).write_text(f"key {'0' * 64}\n2026-11-21T09:00:00+00:00 {'a' * 64}\n")
        here = new_place(old.folder, key_of=place)
        (notice,) = here.upkeep.restore(old.folder).notices
        assert old.manifest.made_at in notice
        people, stops, may_be_written_to = held(here)
        assert (people, stops, may_be_written_to) == ([LI, WANG, ZHAO], {ZHAO: BY_HAND}, False)


@given(st.lists(st.one_of(
    st.text(max_size=20), st.sampled_from(["2026-11-21 ", "2026-11-21T09:00:00+00:00 ", "a" * 64, "ß" * 64, "\n", "key "])
)))  # fmt: skip
def test_no_copy_is_so_damaged_that_it_stands_in_the_way(tmp_path_factory, pieces) -> None:
    folder = tmp_path_factory.mktemp("单")
    (folder / "copy").write_text("".join(pieces), encoding="utf-8")
    found = ErasureList(folder, lambda: b"k" * 40)
    found.append(["b" * 64], datetime(2026, 11, 20, tzinfo=UTC))
    found.take_in(folder / "copy")
    assert {"b" * 64} <= set(found.read()) <= {"a" * 64, "b" * 64}


def test_older_backups_without_copies_still_come_back(place, new_place, tmp_path) -> None:
    import json

    wish(place)
    made = place.upkeep.backup(tmp_path / "备份")
    manifest = json.loads((made.folder / "manifest.json").read_text())
    manifest["files"] = {name: part for name, part in manifest["files"].items() if not name.startswith("lists/")}
    (made.folder / "manifest.json").write_text(json.dumps(manifest))
    shutil.rmtree(made.folder / "lists")
    here = new_place(made.folder, key_of=place)
    (notice,) = here.upkeep.restore(made.folder).notices
    assert made.manifest.made_at in notice
    assert held(here) == AFTER
