"""(F9) What root makes in a workspace belongs to the service whose folder it is, or the service can use it no more."""

import os
from pathlib import Path

import pytest

from contentops import disk
from contentops.errors import StartRefused, WorkspaceError
from contentops.leads.suppression import hashing_key
from contentops.leads.wishes import WithdrawalList, all_lists

LISTS = ("erased", "withdrawn", "stopped", "allowed")


@pytest.fixture
def given(monkeypatch) -> dict[str, tuple[int, int]]:
    """Names of files that were given to somebody, and to whom; nobody but root could do it in earnest."""
    found: dict[str, tuple[int, int]] = {}

    def chown(path, uid: int, gid: int, *, follow_symlinks: bool = True) -> None:
        assert not follow_symlinks  # else who owns the folder could have root give away any file
        found[Path(path).name] = uid, gid

    monkeypatch.setattr(disk.os, "chown", chown, raising=False)
    return found


def owner(folder: Path) -> tuple[int, int]:
    held = folder.stat()
    return held.st_uid, held.st_gid


class TestOwner:
    def test_lists_locks_and_key_belong_to_whom_the_folder_does(self, workspace, given) -> None:
        folder = workspace.folder / ".contentops"
        workspace.privacy.stop("li@example.cn")
        names = {"stopped", "stopped.lock"}
        assert names <= given.keys()
        key = next(name for name in given if name.startswith("erasure_key."))
        assert {given[name] for name in (*names, key)} == {owner(folder)}

    def test_rotated_keys_belong_to_whom_the_old_ones_did(self, workspace, given) -> None:
        workspace.leads.keys.rotate()
        assert given["secret_key.new"] == owner(workspace.folder / ".contentops" / "secret_key")

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
    def test_root_may_do_the_work_of_a_service(self, workspace) -> None:
        folder = workspace.folder / ".contentops"
        os.chown(folder, 65534, 65534)
        workspace.privacy.stop("li@example.cn")
        for name in ("stopped", "stopped.lock", "erasure_key"):
            assert owner(folder / name) == (65534, 65534)
            assert (folder / name).stat().st_mode & 0o077 == 0

    def test_a_folder_that_cannot_be_asked_is_no_reason_to_fail(self, tmp_path) -> None:
        (tmp_path / "名单").write_text("")
        disk.give_to_owner(tmp_path / "名单", like=tmp_path / "没有")


class TestStart:
    def test_lists_that_are_there_and_well_say_nothing(self, workspace) -> None:
        assert workspace.upkeep.check_start() == ()
        for each in all_lists(workspace.folder, lambda: hashing_key(workspace.folder)):
            each.append(["a" * 64], workspace.now())
        assert workspace.upkeep.check_start() == ()

    def test_no_folder_yet_is_nothing_wrong(self, tmp_path) -> None:
        WithdrawalList(tmp_path, lambda: b"k" * 40).check()
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", LISTS)
    def test_a_list_that_cannot_be_read_refuses_the_start_and_doctor_says_so(self, workspace, name) -> None:
        file = workspace.folder / ".contentops" / name
        file.mkdir()
        with pytest.raises(WorkspaceError, match=r"cannot be read") as caught:
            workspace.upkeep.check_start()
        assert str(file) in str(caught.value)
        assert str(caught.value) in workspace.upkeep.attention()

    @pytest.mark.parametrize("name", LISTS)
    def test_a_list_that_cannot_be_added_to_refuses_the_start(self, workspace, name) -> None:
        (workspace.folder / ".contentops" / f"{name}.lock").mkdir()
        with pytest.raises(WorkspaceError, match=r"cannot be written") as caught:
            workspace.upkeep.check_start()
        assert f"{name}," in str(caught.value)

    def test_a_folder_where_no_list_can_be_made_refuses_the_start(self, workspace, monkeypatch) -> None:
        monkeypatch.setattr(os, "access", lambda _path, _mode: False)
        with pytest.raises(StartRefused, match=r"withdrawn, cannot be written"):
            workspace.upkeep.check_start()

    def test_a_list_of_another_key_refuses_the_start(self, workspace) -> None:
        WithdrawalList(workspace.folder, lambda: b"k" * 40).append(["a" * 64], workspace.now())
        with pytest.raises(WorkspaceError, match="another key"):
            workspace.upkeep.check_start()

    def test_one_key_that_is_wrong_is_said_once(self, workspace) -> None:
        for name in LISTS:
            (workspace.folder / ".contentops" / name).write_text(f"key {'0' * 64}\n")
        (workspace.folder / ".contentops" / "erasure_key").write_text("kurz")
        assert len([line for line in workspace.upkeep.attention() if "ERASURE_KEY" in line]) == 1
