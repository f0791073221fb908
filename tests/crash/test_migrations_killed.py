"""A real ``contentops migrate`` that is killed leaves the schema as it was, whenever it dies (F12, F14)."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event, inspect

from contentops.store import migrate, schema
from contentops.store.engine import database_url as url_of
from contentops.store.engine import make_engine
from contentops.workspace import Workspace

from ..store.test_migrations import ASSET, MILESTONE, at_revision
from .launcher import DIED
from .victims import LAUNCHER, environment

PATIENCE = 120


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace; its database is another one, named by the environment."""
    folder = tmp_path / "工作区"
    Workspace.init(folder).close()
    return folder


def begin(folder: Path, url: str, moment: str = "", after: int = 1) -> subprocess.Popen[bytes]:
    variables = {"CONTENTOPS_DATABASE_URL": url, "CRASH_AT": moment, "CRASH_AFTER": str(after)}
    command = [sys.executable, str(LAUNCHER), "migrate"]
    return subprocess.Popen(command, cwd=folder, env=environment(**variables), stdout=subprocess.DEVNULL)


def migrated(folder: Path, url: str, moment: str = "", after: int = 1) -> int:
    """Run the command; returns its exit code."""
    return begin(folder, url, moment, after).wait(PATIENCE)


def schema_of(url: str, folder: Path) -> dict[str, list[str]]:
    """Return every table with its columns and indexes; opening the database is also what a restart does."""
    engine = make_engine(url_of(url, folder))
    try:
        seen = inspect(engine)
        return {
            table: sorted(
                [f"{column['name']} {column['type']} {column['nullable']}" for column in seen.get_columns(table)]
                + [f"{index['name']} {index['column_names']}" for index in seen.get_indexes(table)]
            )
            for table in seen.get_table_names()
        }
    finally:
        engine.dispose()


@pytest.fixture
def statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """Count the statements of a whole migration, on a database of its own."""

    def count(url: str) -> int:
        counted, real = [0], schema.make_engine

        def counting(target):
            engine = real(target)

            @event.listens_for(engine, "before_cursor_execute")
            def statement(*_given) -> None:
                counted[0] += 1

            return engine

        with monkeypatch.context() as patched:
            patched.setattr(schema, "make_engine", counting)
            migrate(url, tmp_path)
        return counted[0]

    return count


@pytest.fixture
def another_database(empty_database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """One more empty database of the same kind."""
    if empty_database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/fresh.db"
    return request.getfixturevalue("new_postgres_database")(empty=True)


@pytest.mark.row("F12")
def test_F12_killed_at_any_moment_it_is_whole_or_not_at_all(
    folder, empty_database_url, another_database, statements
) -> None:
    """What the dead one left open is rolled back, and the next run does it all."""
    total = statements(another_database)
    fresh = schema_of(another_database, folder)
    assert fresh.keys() >= {"lead", "message", schema.VERSION_TABLE}
    for number in (1, total - 1, total):
        assert migrated(folder, empty_database_url, "statement", number) == DIED
        assert schema_of(empty_database_url, folder) == {}
    assert migrated(folder, empty_database_url, "migrated") == DIED  # committed, and dead before it could say so
    assert schema_of(empty_database_url, folder) == fresh
    assert migrated(folder, empty_database_url) == 0
    assert schema_of(empty_database_url, folder) == fresh


@pytest.mark.row("F12")
def test_F12_what_an_older_contentops_stored_survives_the_kill(
    folder, empty_database_url, another_database, statements
) -> None:
    """Killed in the middle of tables that are copied: the old rows are there, and then the new ones."""
    total = statements(another_database)
    at_revision(empty_database_url, folder, "0001")
    engine = make_engine(url_of(empty_database_url, folder))
    with engine.execution_options(contentops_writes=True).begin() as connection:
        for statement in (ASSET, MILESTONE):
            connection.exec_driver_sql(statement)
    old = schema_of(empty_database_url, folder)
    for number in (total // 2,):
        assert migrated(folder, empty_database_url, "statement", number) == DIED
        assert schema_of(empty_database_url, folder) == old
        with engine.begin() as connection:
            assert connection.exec_driver_sql("SELECT title FROM asset").scalar() == "成本怎样算"
    assert migrated(folder, empty_database_url) == 0
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT title FROM asset").scalar() == "成本怎样算"
        assert connection.exec_driver_sql("SELECT count(*) FROM milestone").scalar() == 1
    assert schema_of(empty_database_url, folder) == schema_of(another_database, folder)
    engine.dispose()


@pytest.mark.row("F14")
def test_F14_two_at_once_and_one_is_killed(folder, empty_database_url, another_database, statements) -> None:
    """The one that waits gets the lock of the dead, and finds nothing half done."""
    total = statements(another_database)
    dying = begin(folder, empty_database_url, "statement", total - 2)
    other = begin(folder, empty_database_url)
    assert other.wait(PATIENCE) == 0
    assert dying.wait(PATIENCE) in (DIED, 0)  # 0: the other one was first, and it had nothing to do
    assert schema_of(empty_database_url, folder) == schema_of(another_database, folder)
