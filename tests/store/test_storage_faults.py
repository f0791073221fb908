"""Faults of the disk and the database under the real server: not saved is said, and nothing acknowledged is lost.

Rows F2, F4 to F8, F10, F13 and F14 of the threat table. Asked over HTTP only, as a visitor would.
"""

import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from sqlalchemy import text

from contentops.errors import DatabaseDamaged, StoreError
from contentops.store import Store, migrate, schema
from contentops.workspace import Workspace

IMPATIENT = (  # the same program, but it waits for locks 300 ms instead of ten seconds
    "from contentops.store import engine; engine.BUSY_TIMEOUT_MS = 300; from contentops.cli import main; main()"
)


def submissions(workspace) -> int:
    with closing(sqlite3.connect(workspace.folder / "contentops.db", timeout=10)) as connection:
        return connection.execute("SELECT count(*) FROM submission").fetchone()[0]


def whole(workspace) -> str:
    with closing(sqlite3.connect(workspace.folder / "contentops.db")) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]


def not_saved(answer) -> None:
    """A visitor was told that nothing was saved and when to try again."""
    status, headers, body = answer
    assert status == 503
    assert int(headers["retry-after"]) > 0
    assert b"Traceback" not in body
    assert b"sqlite" not in body.lower()


@pytest.mark.row("F2")
def test_F2_every_connection_of_a_running_program_is_durable(workspace) -> None:
    """Also those that the pool opens when many work at once."""
    seen, ready = [], threading.Barrier(5)

    def look() -> None:
        with workspace.store.write() if threading.current_thread().name == "w" else workspace.store.read() as session:
            pragma = [session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
                      for name in ("journal_mode", "synchronous")]  # fmt: skip
            ready.wait(10)
            seen.append(tuple(pragma))

    threads = [threading.Thread(target=look, name="w" if number == 0 else "r") for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [("wal", 2)] * 5


@pytest.mark.row("F2")
@pytest.mark.parametrize("pragma", ["synchronous = NORMAL", "journal_mode = DELETE"])
def test_F2_start_is_refused_where_commits_would_not_last(workspace, monkeypatch, pragma) -> None:
    """Some file systems do not take what they are asked for; then nobody is promised anything."""
    from contentops.store import engine

    prepare = engine._prepare_sqlite

    def weaker(connection, record) -> None:
        prepare(connection, record)
        connection.execute(f"PRAGMA {pragma}")

    workspace.close()
    monkeypatch.setattr(engine, "_prepare_sqlite", weaker)
    other = Workspace.open(workspace.folder)
    with pytest.raises(StoreError, match=f"would not keep.*{pragma.split()[0]}"):
        other.upkeep.check_start()
    other.close()


@pytest.mark.row("F4")
def test_F4_locked_database_is_not_saved_and_fine_afterwards(gated_workspace, serve_process) -> None:
    workspace = gated_workspace()
    server = serve_process(workspace, code=IMPATIENT)
    assert server.post()[0] == 303
    with closing(sqlite3.connect(workspace.folder / "contentops.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        not_saved(server.post(email="li@example.cn"))
        assert server.ask("GET", "/zh/w/")[0] == 200  # pages go on being read
        assert server.ask("GET", "/readyz")[0] == 503
        other.execute("ROLLBACK")
    assert server.post(email="li@example.cn")[0] == 303
    assert submissions(workspace) == 2
    time.sleep(1.1)
    assert server.ask("GET", "/readyz")[0] == 200


@pytest.mark.row("F4")
def test_F4_new_connection_does_not_wait_for_ever(workspace, monkeypatch) -> None:
    """Somebody holds the file for themselves before we are even connected."""
    from contentops.store import engine

    workspace.close()
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 200)
    with closing(sqlite3.connect(workspace.folder / "contentops.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()
        store = Store(workspace.settings.database_url, workspace.folder)
        with pytest.raises(StoreError):
            store.check()
        store.close()
    assert time.monotonic() - begun < 5


@pytest.mark.row("F5")
def test_F5_full_disk_is_not_saved_and_recovers_without_restart(gated_workspace, serve_process) -> None:
    """The system refuses every byte beyond the present size of any file, then allows it again."""
    workspace = gated_workspace()
    server = serve_process(workspace)
    assert server.post()[0] == 303
    unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, unlimited[1]))
    answers = [server.post(email=f"wang{number}@example.cn") for number in range(3)]
    assert [status for status, _headers, _body in answers] == [503] * 3
    for answer in answers:
        not_saved(answer)
    assert server.ask("GET", "/healthz")[0] == 200
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
    assert server.post(email="zhao@example.cn")[0] == 303
    assert submissions(workspace) == 2
    assert server.stop() == 0
    assert whole(workspace) == "ok"


@pytest.mark.row("F5")
@pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount a small disk")
def test_F5_disk_without_a_byte_left(gated_workspace, serve_process, tmp_path) -> None:
    """ENOSPC itself, on a disk of 3 MB: everything acknowledged is there, and room makes it work again."""
    small = tmp_path / "小盘"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        workspace = gated_workspace(database_url=f"sqlite:///{small}/contentops.db", extra="\n[server]\nfree_mb = 0\n")
        server = serve_process(workspace)
        (small / "ballast").write_bytes(b"0" * 200_000)
        with (small / "rest").open("wb", buffering=0) as rest, pytest.raises(OSError, match="space"):
            while True:
                rest.write(b"0" * 4096)
        statuses = [server.post(email=f"wang{number}@example.cn")[0] for number in range(6)]
        assert set(statuses) <= {303, 503}
        assert 503 in statuses
        (small / "rest").unlink()
        (small / "ballast").unlink()
        assert server.post(email="zhao@example.cn")[0] == 303
        assert server.stop() == 0
        with closing(sqlite3.connect(small / "contentops.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert connection.execute("SELECT count(*) FROM submission").fetchone()[0] == statuses.count(303) + 1
    finally:
        subprocess.run(["umount", "-l", small], check=False)


@pytest.mark.row("F6")
def test_F6_file_taken_away_while_running_is_not_saved(gated_workspace, serve_process) -> None:
    """SQLite takes no writes to a file that has lost its name; put back, it works again."""
    workspace = gated_workspace()
    server = serve_process(workspace)
    file, away = workspace.folder / "contentops.db", workspace.folder / "weg.db"
    assert server.post()[0] == 303
    file.rename(away)
    not_saved(server.post(email="li@example.cn"))
    assert server.ask("GET", "/readyz")[0] == 503
    assert not file.exists()  # F7, F8: a new, empty database in its place would hide the loss
    away.rename(file)
    assert server.post(email="li@example.cn")[0] == 303
    assert server.stop() == 0
    assert submissions(workspace) == 2


@pytest.mark.row("F6")
def test_F6_read_only_database_is_refused_at_the_start(workspace, monkeypatch) -> None:
    """As root nothing is read-only by its mode, so the file is opened as if it were."""
    from contentops.store import engine

    real = engine.create_engine
    workspace.close()
    monkeypatch.setattr(engine, "create_engine", lambda url, **more: real(url.replace("mode=rw", "mode=ro"), **more))
    other = Workspace.open(workspace.folder)
    with pytest.raises(StoreError, match=r"contentops\.db cannot be written"):
        other.upkeep.check_start()
    other.close()


@pytest.mark.row("F7")
class TestDamage:
    @pytest.fixture
    def damaged(self, gated_workspace):
        workspace = gated_workspace()
        file = workspace.folder / "contentops.db"
        content = bytearray(file.read_bytes())
        for at in range(3 * 4096, len(content), 2 * 4096):
            content[at : at + 200] = os.urandom(200)
        file.write_bytes(content)
        return workspace

    def test_F7_is_found_at_the_start_and_left_alone(self, damaged, run_cli) -> None:
        file = damaged.folder / "contentops.db"
        before = file.read_bytes()
        code, _out, err = run_cli("-w", damaged.folder, "serve", "--port", "0")
        assert code == 3
        assert "is damaged" in err
        assert "contentops restore" in err
        assert file.read_bytes() == before

    def test_F7_truncated_and_foreign_files_are_named(self, damaged, run_cli) -> None:
        file = damaged.folder / "contentops.db"
        for content in (file.read_bytes()[: 5 * 4096], "这不是数据库".encode() * 500):
            file.write_bytes(content)
            code, _out, err = run_cli("-w", damaged.folder, "serve", "--port", "0")
            assert code == 3
            assert "contentops restore" in err
            with pytest.raises(DatabaseDamaged):
                damaged.upkeep.check_start()
            damaged.close()
            assert file.read_bytes() == content

    def test_F7_unseen_damage_is_not_saved_instead_of_an_error(self, gated_workspace, serve_process) -> None:
        """Where the start does not look: what is damaged is not written to, and nothing is acknowledged."""
        workspace = gated_workspace(extra="\n[server]\nquick_check = false\n")
        file = workspace.folder / "contentops.db"
        with closing(sqlite3.connect(file)) as connection:
            query = "SELECT rootpage FROM sqlite_master WHERE name IN ('submission', 'lead')"
            pages = [page for (page,) in connection.execute(query)]
        content = bytearray(file.read_bytes())
        for page in pages:
            content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
        file.write_bytes(content)
        server = serve_process(workspace)
        for number in range(3):
            not_saved(server.post(email=f"li{number}@example.cn"))
        assert server.ask("GET", "/healthz")[0] == 200
        assert "DatabaseDamaged" in server.logged()
        assert "示例公司" not in server.logged()


@pytest.mark.row("F8")
def test_F8_wrong_path_never_makes_an_empty_database(workspace, run_cli) -> None:
    path = workspace.folder / "contentops.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("contentops.db", "contetnops.db"), encoding="utf-8")
    code, _out, err = run_cli("-w", workspace.folder, "serve", "--port", "0")
    assert code == 3
    assert "contetnops.db" in err
    assert "contentops migrate" in err
    assert not (workspace.folder / "contetnops.db").exists()


@pytest.mark.row("F10")
def test_F10_forked_process_has_connections_of_its_own(any_workspace) -> None:
    """Parent and child write at once after a fork with open connections; both count, and nothing breaks."""
    code = """
import os, sys
from contentops.models import Person
from contentops.workspace import Workspace
workspace = Workspace.open(sys.argv[1])
def add(word):
    for number in range(20):
        with workspace.store.write() as session:
            session.add(Person.model_validate({"name": f"{word} {number}"}))
add("前")
engine = workspace.store.engine
child = os.fork()
add("子" if child == 0 else "父")
if child == 0:
    assert workspace.store.engine is not engine
    os._exit(0)
assert workspace.store.engine is engine
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, any_workspace.folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with any_workspace.store.read() as session:
        assert session.connection().execute(text("SELECT count(*) FROM person")).scalar() == 60


@pytest.mark.row("F13")
@pytest.mark.parametrize(("found", "word"), [("0001", "contentops migrate"), ("9999", "update contentops")])
def test_F13_server_refuses_older_and_newer_schema(workspace, run_cli, found, word) -> None:
    workspace.close()
    with closing(sqlite3.connect(workspace.folder / "contentops.db")) as connection, connection:
        connection.execute("UPDATE contentops_version SET version_num = ?", (found,))
    code, _out, err = run_cli("-w", workspace.folder, "serve", "--port", "0")
    assert code == 5
    assert word in err


@pytest.mark.row("F14")
def test_F14_two_processes_migrate_at_once(tmp_path) -> None:
    code = "import sys, pathlib; from contentops.store import migrate; print(*migrate(sys.argv[1], pathlib.Path('.')))"
    url = f"sqlite:///{tmp_path}/contentops.db"
    both = [subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True) for _n in range(2)]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert said == [f"{schema.HEAD} {schema.HEAD}", f"None {schema.HEAD}"]
    assert migrate(url, tmp_path) == (schema.HEAD, schema.HEAD)
