"""What was deleted must be gone from the files as well."""

import time

from sqlalchemy import Engine

_PATIENCE_SECONDS = 5.0


def empty_log(engine: Engine) -> bool:
    """Write SQLite's log into the database and empty it, so that no older copy of a page is left in it.

    Returns:
        False where a reader needed the log all the time: the next erasure or the last process to close empties it.
        True on PostgreSQL, whose log is its own affair (docs/guide/privacy.md).
    """
    if engine.dialect.name != "sqlite":
        return True
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA busy_timeout = 500")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            cursor.close()
        finally:
            # Not back into the pool: its patience was changed.
            raw.invalidate()
        if not busy:
            return True
        if time.monotonic() > until:
            return False
