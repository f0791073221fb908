"""A copy of an SQLite database as it was at one moment, taken while others write.

Never by copying the file: of a database in use that gives a damaged copy now and then, and one without the newest
commits always. SQLite's own online backup copies pages while a reading transaction holds the moment fast, so that it
neither begins anew with every commit of others nor keeps them waiting.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from contentops.errors import DatabaseDamaged, StoreError
from contentops.store.schema import VERSION_TABLE
from contentops.store.transactions import damaged
from contentops.texts import gettext as _
from contentops.upkeep.manifest import differing

PAGES_PER_STEP = 2_000
"""8 MB at a time; other threads of this process run in between."""


def snapshot(source: Path, target: Path, progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Copy a database and make sure that the copy is whole and has every row.

    Args:
        progress: called with (pages done, pages in all).

    Returns:
        Rows per table.

    Raises:
        StoreError: the source is damaged, or the copy is not what the source was.
        sqlite3.Error, OSError: the copy could not be written.
    """
    with closing(_opened(source, "ro")) as here:
        here.execute("BEGIN")
        with told_plainly(source):
            before = row_counts(here)  # the first read holds the moment; the copy is of the same
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(target, isolation_level=None)) as there:

            def told(_status: int, remaining: int, total: int) -> None:
                if progress is not None:
                    progress(total - remaining, total)

            with told_plainly(source):
                here.backup(there, pages=PAGES_PER_STEP, progress=told)
            there.execute("PRAGMA journal_mode = DELETE")  # one file, without -wal beside it
        here.execute("ROLLBACK")
    after = check_copy(target)
    lost = differing(before, after)
    if lost:
        raise StoreError(_("the copy lacks rows of: {tables}").format(tables=", ".join(lost)))
    _sync(target)
    return after


def check_copy(file: Path) -> dict[str, int]:
    """Look through a database that nobody uses (``integrity_check``, foreign keys); returns the rows per table.

    Raises:
        StoreError: it is damaged.
    """
    with told_plainly(file), closing(_opened(file, "ro")) as connection:
        finding = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if finding == "ok" and connection.execute("PRAGMA foreign_key_check").fetchone():
            finding = "foreign keys"
        if finding != "ok":
            raise DatabaseDamaged(damaged(file, finding))
        return row_counts(connection)


def revision_of(file: Path) -> str:
    """Return the schema's revision of a database file; empty where it has none."""
    with told_plainly(file), closing(_opened(file, "ro")) as connection:
        try:
            row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 - a constant
        except sqlite3.OperationalError:
            return ""
        return str(row[0]) if row else ""


def row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the rows of every table."""
    tables = [
        str(name)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if not str(name).startswith("sqlite_")
    ]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


@contextmanager
def told_plainly(file: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged file into a sentence; other faults, such as a full disk, pass."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise DatabaseDamaged(damaged(file, error)) from error
        raise


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=10)


def _sync(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
