"""Keys that sign links: renewed and dropped while servers run (D3), weak and open ones refused or named (D4)."""

import logging
import os
import stat
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.errors import Conflict, LinkExpired, LinkRefused, NotFound, SettingsInvalid
from contentops.leads.grants import DOWNLOAD_LINK, PREFERENCES_LINK, Grant
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
        before = links.sign(DOWNLOAD_LINK, given)
        new = workspace.leads.keys.rotate()
        after = links.sign(DOWNLOAD_LINK, given)
        assert after != before
        assert links.read(DOWNLOAD_LINK, before, clock()) == links.read(DOWNLOAD_LINK, after, clock()) == given
        assert next(key.id for key in workspace.leads.keys.all()) == new.id
        with Workspace.open(workspace.folder, now=clock) as other:
            assert other.leads.links.read(DOWNLOAD_LINK, after, clock()) == given

    @pytest.mark.row("D3")
    def test_d3_dropped_key_kills_its_links_at_once_in_a_server_that_runs(self, workspace, clock) -> None:
        links, given = workspace.leads.links, grant(workspace)
        before = links.sign(DOWNLOAD_LINK, given)
        with Workspace.open(workspace.folder, now=clock) as other:  # as the command line would be
            (old,) = other.leads.keys.all()
            other.leads.keys.rotate()
            after = links.sign(DOWNLOAD_LINK, given)
            other.leads.keys.drop(old.id)
        with pytest.raises(LinkRefused):
            links.read(DOWNLOAD_LINK, before, clock())
        assert links.read(DOWNLOAD_LINK, after, clock()) == given

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

    def test_what_ends_is_counted_from_the_last_day_on_which_it_signed(self, workspace, clock) -> None:
        (first,) = workspace.leads.keys.all()
        second = workspace.leads.keys.rotate()
        clock.forward(days=10)
        rotated_on = clock().date()
        third = workspace.leads.keys.rotate()
        clock.forward(days=5)
        ends = {key.id: workspace.leads.keys.ending(key.id) for key in (first, second, third)}
        assert [(end.link_days, end.preferences_days) for end in ends.values()] == [(0, 385), (9, 395), (14, 400)]
        assert ends[second.id].signed_until == rotated_on
        assert ends[third.id].signed_until == clock().date()
        clock.forward(days=3000)
        assert workspace.leads.keys.ending(first.id[:6]).preferences_days == 0
        assert len(workspace.leads.keys.all()) == 3
        # What it says is true: on the last of these days a link still opens, a day later none does.
        last = workspace.leads.links.sign(PREFERENCES_LINK, Grant("a" * 32, "", clock() + timedelta(days=400)))
        clock.forward(days=workspace.leads.keys.ending(third.id).preferences_days)
        workspace.leads.links.read(PREFERENCES_LINK, last, clock())
        clock.forward(days=1)
        with pytest.raises(LinkExpired):
            workspace.leads.links.read(PREFERENCES_LINK, last, clock())

    def test_two_at_once_lose_no_key(self, workspace) -> None:
        (key_file(workspace).parent / "secret_key.new").touch()
        with pytest.raises(Conflict, match=r"secret_key\.new"):
            workspace.leads.keys.rotate()
        assert len(workspace.leads.keys.all()) == 1

    def test_file_that_is_gone_for_a_moment_stops_no_link(self, workspace, clock, caplog) -> None:
        links, given = workspace.leads.links, grant(workspace)
        token = links.sign(DOWNLOAD_LINK, given)
        key_file(workspace).rename(key_file(workspace).with_name("away"))
        assert links.read(DOWNLOAD_LINK, token, clock()) == given
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
        code, listed, _said = run_cli(*before, "list")
        old = listed.splitlines()[1]
        assert (code, old.split("\t")[1:3]) == (0, ["not known", ""])
        code, new, _said = run_cli(*before, "rotate")
        assert code == 0
        code, listed, _said = run_cli(*before, "list")
        lines = listed.splitlines()[1:]
        assert [line.split("\t")[0] for line in lines] == [new.strip(), old.split("\t")[0]]
        assert [line.strip().split("\t")[-1] for line in lines] == ["signs", "verifies"]
        code, _out, said = run_cli(*before, "drop", old.split("\t")[0])
        assert (code, "--yes" in said) == (2, True)
        assert len(run_cli(*before, "list")[1].splitlines()) == 3
        code, out, said = run_cli(*before, "drop", old.split("\t")[0], "--yes")
        assert (code, out.strip()) == (0, old.split("\t")[0])
        assert "14 more days at most" in said
        assert "400 more days at most" in said
        assert "unsubscribing" in said
        assert run_cli(*before, "drop", new.strip(), "--yes")[0] == 5
        secret = key_file(workspace).read_text().split()[0]
        assert secret not in listed + run_cli(*before, "list", "--json")[1]
