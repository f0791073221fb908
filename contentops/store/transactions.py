"""The store: one transaction per verb, and every database fault as one of our errors."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, Pool
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from contentops.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseUnusable,
    StoreConflict,
    StoreError,
)
from contentops.store.engine import WRITES, database_url, make_engine, sqlite_file
from contentops.store.schema import check_schema
from contentops.texts import gettext as _

# Connections that a forked process has from its parent. They are kept, since even closing one (which Python does with
# what nobody holds) would touch the parent's files behind its back.
_NOT_OURS: list[Pool] = []
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_LOCK_TIMEOUT = "55P03"
_COLLISIONS = {"40001", "40P01"}
"""PostgreSQL's serialization_failure and deadlock_detected: two transactions met, the other one went on."""

_SAME = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
}
_SAME_STATES = {"23505", "23503"}
"""unique_violation and foreign_key_violation: what one transaction relied on, another one has changed."""


def _is_same(fault: object) -> bool:
    return getattr(fault, "sqlite_errorcode", 0) in _SAME or getattr(fault, "sqlstate", "") in _SAME_STATES


def _same_moment() -> str:
    return _("somebody stored the same at the same moment; nothing was saved, try again")


class Store:
    """Hands out transactions on one database.

    Opening checks nothing and touches nothing; the first transaction checks that the database is there and that its
    schema is the one this version knows.

    Args:
        leave_checkpoints: see :func:`contentops.store.engine.make_engine`.
    """

    def __init__(self, url: str, folder: Path, *, leave_checkpoints: bool = False) -> None:
        self.url, self._leave_checkpoints = database_url(url, folder), leave_checkpoints
        self._checked = False
        self._engine: Engine | None = None
        self._pid = os.getpid()

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine; made on first use, and anew in a process that was forked."""
        if self._engine is not None and self._pid != os.getpid():
            _NOT_OURS.append(self._engine.pool)
            self._engine = None
        if self._engine is None:
            self._engine = make_engine(self.url, leave_checkpoints=self._leave_checkpoints)
            self._pid = os.getpid()
        return self._engine

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for a server."""
        return sqlite_file(self.url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that reads; rows stay usable after it."""
        with self._session(writes=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that may write: committed when the block ends well, undone by any exception.

        Raises:
            DatabaseBusy: another process held the database for ten seconds.
            StoreError: any other fault of the database; the cause is chained.
        """
        with self._session(writes=True) as session:
            yield session

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        self.check()
        engine = self.engine.execution_options(**{WRITES: writes})
        with self.faults(), Session(engine, expire_on_commit=False) as session:
            yield session
            if writes:
                session.commit()

    def check(self) -> None:
        """Make sure, once, that the database is there and has the schema this version knows.

        Raises:
            DatabaseMissing, SchemaMismatch, StoreError: with the command that mends it.
        """
        if not self._checked:
            self.check_again()

    def check_again(self) -> None:
        """Do what :meth:`check` does, although it was done before: a server runs for weeks.

        Raises:
            DatabaseMissing, SchemaMismatch, StoreError: with the command that mends it.
        """
        file = self.file
        if file is not None and not file.is_file():
            raise DatabaseMissing(
                _("no database at {path}; 'contentops migrate' makes one, or correct database_url").format(path=file)
            )
        with self.faults(), self.engine.connect() as connection:
            check_schema(connection)
        self._checked = True

    def close(self) -> None:
        """Give back all connections. The next transaction looks at the database as if it were new."""
        self._checked = False
        if self._engine is not None and self._pid == os.getpid():
            self._engine.dispose()

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turn every fault of the database within the block into one of our errors.

        Raises:
            DatabaseBusy, DatabaseDamaged, StoreConflict, StoreError: the cause is chained.
        """
        try:
            yield
        except OperationalError as error:
            is_locked = getattr(error.orig, "sqlstate", "") == _LOCK_TIMEOUT
            if is_locked or "locked" in str(error.orig) or "busy" in str(error.orig):
                raise DatabaseBusy(
                    _("the database is in use by another process; nothing was saved, try again")
                ) from error
            if getattr(error.orig, "sqlstate", "") in _COLLISIONS:
                raise StoreConflict(_same_moment()) from error
            raise DatabaseUnusable(_("the database cannot be used: {reason}").format(reason=error.orig)) from error
        except IntegrityError as error:
            if _is_same(error.orig):
                raise StoreConflict(_same_moment()) from error
            # Trying again would not help. PostgreSQL's further lines hold the whole row, with people's data.
            reason = str(error.orig).partition("\n")[0]
            raise StoreError(_("the database refused: {reason}").format(reason=reason)) from error
        except PoolTimeout as error:
            raise DatabaseBusy(_("the database is in use by another process; nothing was saved, try again")) from error
        except ModuleNotFoundError as error:
            raise StoreError(_("PostgreSQL needs one package more: pip install 'contentops[postgres]'")) from error
        except DBAPIError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                raise DatabaseDamaged(damaged(self.file, error.orig)) from error
            raise StoreError(_("the database refused: {reason}").format(reason=error.orig)) from error


def damaged(file: Path | None, finding: object) -> str:
    """Return the sentence that says what to do about a damaged database."""
    return _(
        "the database {path} is damaged ({finding}). Stop whatever uses it, keep the file, and run "
        "'contentops restore BACKUP'"
    ).format(path=file, finding=finding)
