"""Engines: what differs between SQLite and PostgreSQL when a connection is made."""

import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError

# Execution option that says "this transaction will write".
WRITES = "contentops_writes"
_IDENTITY = "contentops_file"
BUSY_TIMEOUT_MS = 10_000
STATEMENTS = 256
"""Statements that a connection to SQLite keeps parsed; those of forms alone are more than the usual 128 (rows.py)."""
# As many connections as the web server has threads; who gets none in time is told that the database is busy.
_POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 40, "pool_timeout": 8}

# A server that is gone, or a row that somebody holds, must not keep visitors: they are told that nothing was saved.
_PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 15_000, "options": "-c lock_timeout=8s"}


def database_url(text: str, folder: Path) -> URL:
    """Return the URL of a setting: relative SQLite paths are below `folder`, PostgreSQL goes through psycopg 3."""
    url = make_url(text)
    if url.get_backend_name() == "sqlite":
        return url.set(database=str((folder / (url.database or "contentops.db")).resolve()))
    return url.set(drivername="postgresql+psycopg")


def sqlite_file(url: URL) -> Path | None:
    """Return the database's file, or None for a server."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def make_engine(url: URL, *, leave_checkpoints: bool = False) -> Engine:
    """Make an engine for `url`. Nothing is opened before the first transaction.

    Args:
        leave_checkpoints: another program, such as Litestream, writes SQLite's log into the file.
    """
    if url.get_backend_name() != "sqlite":
        patience = {name: value for name, value in _PATIENCE.items() if name not in url.query}
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=patience, **_POOL)
    # mode=rw: SQLite must never make a new, empty database where a path was mistyped. Quoted, since ? and # in a
    # folder's name would end the path of the URI.
    file = quote(quote(url.database or ""))
    engine = create_engine(
        f"sqlite:///file:{file}?mode=rw&uri=true",
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "cached_statements": STATEMENTS},
        **_POOL,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    if leave_checkpoints:
        event.listen(engine, "connect", _leave_checkpoints)
    event.listen(engine, "begin", _begin_sqlite)
    _watch_file(engine, Path(url.database or ""))
    return engine


def _watch_file(engine: Engine, file: Path) -> None:
    """Give up connections whose file was deleted, moved or replaced.

    With write-ahead logging SQLite does not notice: it would go on writing, and acknowledging, into a file that has no
    name any more. One look at the folder per transaction costs microseconds.
    """

    def note(_connection: Any, record: Any) -> None:
        record.info[_IDENTITY] = _identity(file)

    def compare(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get(_IDENTITY) != _identity(file):
            raise DisconnectionError("the file is another one")  # the pool opens the path anew, or says why not

    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", compare)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # With isolation_level None the driver starts no transactions by itself, so that BEGIN IMMEDIATE works and
    # DDL rolls back like everything else (a migration is whole or not at all).
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # NORMAL may lose acknowledged commits when the power fails
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA trusted_schema = OFF")
    # Deleted bytes are overwritten, on every connection: a page that is split or tidied leaves copies behind at any
    # time, not only while somebody is erased.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _leave_checkpoints(connection: Any, _record: object) -> None:
    # One that comes between two of Litestream's would make it copy the whole database anew.
    connection.execute("PRAGMA wal_autocheckpoint = 0").close()


def _use_wal(cursor: Any) -> None:
    """Switch to write-ahead logging; a database is switched once for ever."""
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:  # two at once on a new file: SQLite does not always wait here by itself
            if time.monotonic() > until:
                raise
            time.sleep(BUSY_TIMEOUT_MS / 100_000)


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another one wrote in between, whatever
    # the busy timeout: writers say so from the start.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
