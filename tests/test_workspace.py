"""Making and finding a workspace."""

import stat
import tomllib

import pytest

from contentops import Workspace
from contentops.errors import AlreadyExists, DatabaseMissing, WorkspaceError, WorkspaceMissing


def test_init_makes_everything_and_the_key_is_private(tmp_path) -> None:
    with Workspace.init(tmp_path / "我的 工作区", name='引号" 与：冒号') as workspace:
        assert workspace.settings.name == '引号" 与：冒号'
        names = {path.name for path in workspace.folder.iterdir()}
        assert names >= {"contentops.toml", "content", "templates", "calendar", ".gitignore", "contentops.db"}
        key = workspace.folder / ".contentops" / "secret_key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert len(key.read_text().strip()) >= 32
        assert key.read_text().strip() not in (workspace.folder / "contentops.toml").read_text(encoding="utf-8")


def test_sample_settings_are_the_defaults(tmp_path) -> None:
    """What the commented sample shows is what holds without it."""
    with Workspace.init(tmp_path / "w") as workspace:
        written = tomllib.loads((workspace.folder / "contentops.toml").read_text(encoding="utf-8"))
        assert "secret_key" not in written
        (workspace.folder / "contentops.toml").write_text('name = "w"\n', encoding="utf-8")
        assert Workspace.open(workspace.folder).settings == workspace.settings


def test_init_twice_is_refused(tmp_path) -> None:
    Workspace.init(tmp_path / "w").close()
    with pytest.raises(AlreadyExists, match="already"):
        Workspace.init(tmp_path / "w")


def test_found_from_below_and_by_variable(tmp_path, monkeypatch) -> None:
    Workspace.init(tmp_path / "w").close()
    below = tmp_path / "w" / "content" / "deep"
    below.mkdir()
    assert Workspace.open(below).folder == tmp_path / "w"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONTENTOPS_WORKSPACE", str(tmp_path / "w"))
    assert Workspace.open().folder == tmp_path / "w"


def test_missing_says_what_to_do(tmp_path) -> None:
    with pytest.raises(WorkspaceMissing, match="contentops init"):
        Workspace.open(tmp_path)
    with pytest.raises(WorkspaceError, match="does not exist"):
        Workspace.open(tmp_path / "nowhere")


def test_wrong_path_never_makes_an_empty_database(tmp_path) -> None:
    workspace = Workspace.init(tmp_path / "w")
    text = (workspace.folder / "contentops.toml").read_text(encoding="utf-8")
    (workspace.folder / "contentops.toml").write_text(text.replace("contentops.db", "contentosp.db"), encoding="utf-8")
    with Workspace.open(tmp_path / "w") as mistyped, pytest.raises(DatabaseMissing, match="contentops migrate"):
        mistyped.assets.find()
    assert not (tmp_path / "w" / "contentosp.db").exists()


def test_unwritable_folder_is_a_sentence(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot write"):
        Workspace.init(tmp_path / "file" / "w")
