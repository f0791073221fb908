"""Keys that sign links: renewed and dropped while servers run (D3), weak and open ones refused or named (D4)."""

import logging
import os
import stat
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.errors import Conflict, LinkRefused, NotFound, SettingsInvalid
from contentops.leads.grants import DOWNLOAD, Grant
from contentops.leads.keyring import SigningKey, read_keys, signing_keys, write_keys
from contentops.settings import Settings
from contentops.workspace import Workspace

STRONG = ["old-key-0123456789-abcdefghijklmnop", "new-key-9876543210-zyxwvutsrqponml"]


def key_file(workspace):
    return workspace.folder / workspace.settings.secret_key_file


def grant(workspace) -> Grant:
    return Grant("a" * 32, "b" * 32, workspace.now() + timedelta(days=14))


class TestRotation:
    @pytest.mark.row("D3")
    def test_d3_links_hold_after_a_rotation_and_the_new_key_signs(self, workspace, clock) -> None:
        links, given = workspace.leads.links, grant(workspace)
        before = links.sign(DOWNLOAD, given)
        new = workspace.leads.keys.rotate()
        after = links.sign(DOWNLOAD, given)
        assert after != before
        assert links.read(DOWNLOAD, before, clock()) == links.read(DOWNLOAD, after, clock()) == given
        assert next(key.id for key in workspace.leads.keys.all()) == new.id
        with Workspace.open(workspace.folder, now=clock) as other:
            assert other.leads.links.read(DOWNLOAD, after, clock()) == given

    @pytest.mark.row("D3")
    def test_d3_dropped_key_kills_its_links_at_once_in_a_server_that_runs(self, workspace, clock) -> None:
        links, given = workspace.leads.links, grant(workspace)
        before = links.sign(DOWNLOAD, given)
        with Workspace.open(workspace.folder, now=clock) as other:  # as the command line would be
            (old,) = other.leads.keys.all()
            other.leads.keys.rotate()
            after = links.sign(DOWNLOAD, given)
            other.leads.keys.drop(old.id)
        with pytest.raises(LinkRefused):
            links.read(DOWNLOAD, before, clock())
        assert links.read(DOWNLOAD, after, clock()) == given

    def test_file_stays_readable_by_its_owner_alone_and_nothing_is_left_over(self, workspace) -> None:
        for _time in range(3):
            workspace.leads.keys.rotate()
        file = key_file(workspace)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert {path.name for path in file.parent.iterdir() if "secret_key" in path.name} == {"secret_key"}
        assert len(read_keys(file.read_text())) == 4

    def test_last_key_cannot_be_dropped_nor_one_that_is_not_there(self, workspace) -> None:
        (only,) = workspace.leads.keys.all()
        with pytest.raises(Conflict, match="rotate"):
            workspace.leads.keys.drop(only.id)
        for wrong in ("", "zzzz"):
            with pytest.raises(NotFound):
                workspace.leads.keys.drop(wrong)

    def test_two_at_once_lose_no_key(self, workspace) -> None:
        (key_file(workspace).parent / "secret_key.new").touch()
        with pytest.raises(Conflict, match=r"secret_key\.new"):
            workspace.leads.keys.rotate()
        assert len(workspace.leads.keys.all()) == 1

    def test_file_that_is_gone_for_a_moment_stops_no_link(self, workspace, clock, caplog) -> None:
        links, given = workspace.leads.links, grant(workspace)
        token = links.sign(DOWNLOAD, given)
        key_file(workspace).rename(key_file(workspace).with_name("away"))
        assert links.read(DOWNLOAD, token, clock()) == given
        assert "cannot be used any more" in caplog.text

    def test_keys_of_the_environment_are_changed_there(self, workspace, monkeypatch) -> None:
        monkeypatch.setenv("CONTENTOPS_SECRET_KEY", STRONG[0])
        with Workspace.open(workspace.folder) as other:
            for change in (other.leads.keys.rotate, lambda: other.leads.keys.drop("abc")):
                with pytest.raises(Conflict, match="CONTENTOPS_SECRET_KEY"):
                    change()

    @pytest.mark.parametrize("between", [",", " ", ", ", "\n"])
    def test_d3_environment_holds_several_newest_first(self, tmp_path, monkeypatch, between) -> None:
        monkeypatch.setenv("CONTENTOPS_SECRET_KEY", between.join(STRONG))
        assert signing_keys(Settings(), tmp_path) == STRONG

    @given(st.lists(st.builds(SigningKey, st.text("abcXYZ019-_", min_size=1), st.none() | st.dates()), max_size=5))
    def test_file_comes_back_as_it_was_written(self, keys) -> None:
        assert read_keys(write_keys(keys)) == keys


class TestStrength:
    @pytest.mark.parametrize(
        "weak", ["short", "a" * 40, "abcabcabc" * 5, "please-change-me-0123456789-abcdefgh", "my-super-secret-key-0123456789-abcdef"]
    )  # fmt: skip
    def test_d4_weak_keys_are_refused_at_the_start(self, workspace, weak) -> None:
        from contentops.web.app import create_app

        key_file(workspace).write_text(f"{weak}\n")
        with pytest.raises(SettingsInvalid, match="32 random characters"):
            create_app(workspace)

    def test_d4_weak_key_beside_a_strong_one_is_refused_and_can_be_dropped(self, workspace, monkeypatch) -> None:
        key_file(workspace).write_text(f"{STRONG[0]}\nshort\n")
        with pytest.raises(SettingsInvalid):
            _ = workspace.leads.links
        workspace.leads.keys.drop(SigningKey("short").id)
        assert workspace.leads.links

    @pytest.mark.skipif(os.name == "nt", reason="no such modes")
    def test_d4_key_file_that_others_can_read_is_named(self, workspace, caplog) -> None:
        assert workspace.leads.keys.warnings() == []
        key_file(workspace).chmod(0o644)
        caplog.set_level(logging.WARNING)
        _ = workspace.leads.links
        assert "chmod 600" in caplog.text
        (warning,) = workspace.leads.keys.warnings()
        assert str(key_file(workspace)) in str(warning)

    def test_secret_is_not_in_what_is_printed(self) -> None:
        assert STRONG[0] not in repr(SigningKey(STRONG[0]))


class TestCommands:
    def test_list_rotate_drop(self, workspace, run_cli) -> None:
        before = ("--lang", "en", "-w", workspace.folder, "keys")
        code, old, _said = run_cli(*before, "list")
        assert (code, old.split("\t")[1:3]) == (0, ["unknown", ""])
        code, new, _said = run_cli(*before, "rotate")
        assert code == 0
        code, listed, _said = run_cli(*before, "list")
        assert [line.split("\t")[0] for line in listed.splitlines()] == [new.strip(), old.split("\t")[0]]
        assert [line.strip().split("\t")[-1] for line in listed.splitlines()] == ["signs", "verifies"]
        assert run_cli(*before, "drop", old.split("\t")[0])[0] == 0
        assert run_cli(*before, "drop", new.strip())[0] != 0
        secret = key_file(workspace).read_text().split()[0]
        assert secret not in listed + run_cli(*before, "list", "--json")[1]
