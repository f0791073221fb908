"""Looking at a database without changing it: is it whole, can it be written, does it keep what it says it keeps."""

import sqlite3

from sqlalchemy import text

from contentops.errors import DatabaseBusy, DatabaseDamaged, StoreError
from contentops.store.engine import BUSY_TIMEOUT_MS
from contentops.store.schema import VERSION_TABLE
from contentops.store.transactions import Store, damaged
from contentops.texts import gettext as _

PROBE_TIMEOUT_MS = 1_000
_WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def check_durable(store: Store) -> None:
    """Make sure that what is committed survives a power cut, as the program's own connections see it.

    Raises:
        StoreError: SQLite did not take write-ahead logging or full syncing, as on some file systems.
    """
    if store.file is None:
        return
    with store.faults(), store.engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _WANTED}
    wrong = [f"{name} = {found[name]}" for name, wanted in _WANTED.items() if found[name] != wanted]
    if wrong:
        message = _("the database {path} would not keep what was acknowledged: {what}; put it on a local disk")
        raise StoreError(message.format(path=store.file, what=", ".join(wrong)))


def check_whole(store: Store) -> None:
    """Look through the whole file of an SQLite database for damage (``PRAGMA quick_check``).

    Raises:
        DatabaseDamaged: with the first thing found; the file is left as it is.
    """
    if store.file is None:
        return
    with store.faults(), store.engine.connect() as connection:
        finding = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if finding != "ok":
        raise DatabaseDamaged(damaged(store.file, finding))


def check_writable(store: Store) -> None:
    """Make sure that a transaction can begin to write; nothing is written. Waits a second at most.

    Raises:
        DatabaseBusy: others hold it. StoreError: it is read-only or cannot be reached.
    """
    if store.file is None:
        with store.faults(), store.engine.connect() as connection:
            query = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"
            if connection.execute(text(query)).scalar():
                raise StoreError(_("the database server takes no changes now (read-only)"))
        return
    with store.faults(), store.engine.connect() as connection:
        cursor = connection.connection.cursor()  # the driver's: SQLAlchemy begins nothing by itself here
        cursor.execute(f"PRAGMA busy_timeout = {PROBE_TIMEOUT_MS}")
        try:
            cursor.execute("BEGIN IMMEDIATE")  # on a read-only file this alone works
            try:
                cursor.execute(f"UPDATE {VERSION_TABLE} SET version_num = version_num")  # noqa: S608 - a constant
            finally:
                cursor.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
            raise _fault(store, error) from error
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            cursor.close()


def _fault(store: Store, error: sqlite3.DatabaseError) -> StoreError:
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if kind == sqlite3.SQLITE_BUSY:
        return DatabaseBusy(_("the database is in use by another process; nothing was saved, try again"))
    if kind == sqlite3.SQLITE_READONLY:
        message = _("the database {path} cannot be written: its file or folder is read-only or another user's")
        return StoreError(message.format(path=store.file))
    if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DatabaseDamaged(damaged(store.file, error))
    return StoreError(_("the database cannot be used: {reason}").format(reason=error))
