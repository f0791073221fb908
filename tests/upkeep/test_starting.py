"""Checks before the start: everything at once, before anybody is served (D4, F9, C9)."""

import pytest

from contentops.errors import SettingsInvalid, StartRefused, StoreError
from contentops.settings import CaptureSettings
from contentops.upkeep import starting
from contentops.upkeep.disks import mounts, network_type, synced_folder
from contentops.upkeep.starting import address_warnings, known_keys, limit_warnings, proxy_problems

GOOD = "kV3-mA9_tR7xQ2wE8yU5iO1pL6sD4fG0hJzXcNbB"


class TestKeys:
    @pytest.mark.row("D4")
    @pytest.mark.parametrize(
        "key",
        ["kurz", "a" * 40, "changeme-changeme-changeme-changeme-1", "your-secret-key-goes-here-0123456789",
         "CONTENTOPS_EXAMPLE_SECRET_KEY_FOR_TESTS", "0123456789abcdef0123456789abcdef"],
    )  # fmt: skip
    def test_D4_weak_and_known_keys_refuse_the_start(self, workspace, monkeypatch, run_cli, key) -> None:
        monkeypatch.setenv("CONTENTOPS_SECRET_KEY", key)
        code, _out, err = run_cli("-w", workspace.folder, "serve", "--port", "0")
        assert code == 2
        assert "secret_key" in err
        assert key not in err

    @pytest.mark.row("D4")
    def test_D4_missing_key_refuses_the_start(self, workspace, run_cli) -> None:
        (workspace.folder / ".contentops" / "secret_key").unlink()
        code, _out, err = run_cli("-w", workspace.folder, "serve", "--port", "0")
        assert (code, "secret_key" in err) == (2, True)

    @pytest.mark.row("D4")
    def test_D4_file_that_others_read_is_named(self, workspace) -> None:
        workspace.upkeep.check_start()
        for name in ("secret_key", "erasure_key"):
            file = workspace.folder / ".contentops" / name
            file.chmod(0o644)
            (warning,) = workspace.upkeep.check_start()
            assert f"chmod 600 {file}" in warning
            file.chmod(0o600)
        assert workspace.upkeep.check_start() == ()

    def test_random_keys_pass(self) -> None:
        known_keys([GOOD])


def test_everything_wrong_is_said_at_once(make_workspace) -> None:
    broken = make_workspace(extra='\n[capture]\ntrusted_proxies = ["10.0.0.0/8", "0.0.0.0/0", "::/0"]\n')
    broken.close()
    (broken.folder / "contentops.db").write_bytes("这不是数据库".encode() * 500)
    (broken.folder / ".contentops" / "secret_key").write_text("kurz\n", encoding="utf-8")
    with pytest.raises(StartRefused) as caught:
        broken.upkeep.check_start()
    said = str(caught.value)
    for word in ("is damaged", "signing key", "0.0.0.0/0", "::/0"):
        assert word in said
    assert "10.0.0.0/8" not in said


class TestProxies:
    @pytest.mark.row("C9")
    def test_C9_network_of_everybody_is_an_error(self) -> None:
        assert len(proxy_problems(CaptureSettings(trusted_proxies=("0.0.0.0/0", "::/0", "127.0.0.1/32")))) == 2

    def test_C9_what_is_no_network_is_an_error_of_settings(self, make_workspace) -> None:
        with pytest.raises(SettingsInvalid, match="trusted_proxies"):
            make_workspace(extra='\n[capture]\ntrusted_proxies = ["反向代理"]\n')

    def test_C9_proxy_that_is_not_trusted_is_named(self, workspace) -> None:
        public = workspace.settings.model_copy(update={"public_url": "https://www.example.cn"})
        assert "trusted_proxies" in address_warnings(public, "127.0.0.1")[0]
        assert address_warnings(public, "0.0.0.0") == []
        trusting = CaptureSettings(trusted_proxies=("127.0.0.1/32",))
        assert address_warnings(public.model_copy(update={"capture": trusting}), "127.0.0.1") == []

    def test_plain_http_is_named(self, workspace) -> None:
        public = workspace.settings.model_copy(update={"public_url": "http://www.example.cn"})
        assert "https" in address_warnings(public, "0.0.0.0")[0]
        assert address_warnings(workspace.settings, "127.0.0.1") == []

    def test_limits_that_contradict_each_other(self) -> None:
        assert limit_warnings(CaptureSettings(per_minute=100, per_hour=60))
        assert limit_warnings(CaptureSettings()) == []


class TestDisks:
    TABLE = (
        "/dev/vda1 / ext4 rw 0 0\nserver:/daten /mnt/nfs nfs4 rw 0 0\n//nas/x /mnt/gr\\303\\274n\\040feld cifs rw 0 0\n"
        "sshfs /home/li/fern fuse.sshfs rw 0 0\n/dev/vdb /mnt/nfs/local ext4 rw 0 0\noverlay /app overlay rw 0 0\n"
        "x /数据 9p rw 0 0\nbroken\n"
    )

    @pytest.mark.row("F9")
    @pytest.mark.parametrize(
        ("path", "kind"),
        [("/srv/w/contentops.db", None), ("/mnt/nfs/w/contentops.db", "nfs4"), ("/home/li/fern/a.db", "fuse.sshfs"),
         ("/mnt/nfs/local/a.db", None), ("/mnt/nfsx/a.db", None), ("/app/a.db", None), ("/数据/a.db", "9p")],
    )  # fmt: skip
    def test_F9_type_of_the_disk(self, tmp_path, path, kind) -> None:
        table = tmp_path / "mounts"
        table.write_text(self.TABLE, encoding="utf-8")
        from pathlib import Path

        assert network_type(Path(path), mounts(table)) == kind

    @pytest.mark.row("F9")
    def test_F9_network_disk_is_refused_unless_allowed(self, workspace, make_workspace, monkeypatch) -> None:
        monkeypatch.setattr(starting, "mounts", lambda: [("/", "nfs4")])
        with pytest.raises(StoreError, match="allow_network_disk"):
            workspace.upkeep.check_start()
        bold = make_workspace(extra="\n[server]\nallow_network_disk = true\n")
        assert "nfs4" in bold.upkeep.check_start()[0]

    @pytest.mark.row("F9")
    def test_F9_folder_of_a_cloud_service_is_named(self, tmp_path) -> None:
        assert synced_folder(tmp_path / "OneDrive - 示例公司" / "w" / "a.db") == "OneDrive - 示例公司"
        assert synced_folder(tmp_path / "坚果云" / "a.db") == "坚果云"
        assert synced_folder(tmp_path / "a.db") is None

    def test_no_table_of_mounts(self, tmp_path) -> None:
        assert mounts(tmp_path / "none") == []


def test_on_both_databases_all_is_well(any_workspace) -> None:
    assert any_workspace.upkeep.check_start() == ()
