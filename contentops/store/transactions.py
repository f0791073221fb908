"""The store: one transaction per verb, and every database fault as one of our errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from contentops.errors import DatabaseBusy, DatabaseMissing, StoreConflict, StoreError
from contentops.store.engine import WRITES, database_url, make_engine, sqlite_file
from contentops.store.schema import check_schema
from contentops.texts import gettext as _

_COLLISIONS = {"40001", "40P01"}
"""PostgreSQL's serialization_failure and deadlock_detected: two transactions met, the other one went on."""


def _same_moment() -> str:
    return _("somebody stored the same at the same moment; nothing was saved, try again")


class Store:
    """Hands out transactions on one database.

    Opening checks nothing and touches nothing; the first transaction checks that the database is there and that its
    schema is the one this version knows.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url = database_url(url, folder)
        self._checked = False

    @cached_property
    def engine(self) -> Engine:
        """The SQLAlchemy engine; made on first use."""
        return make_engine(self.url)

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
        with self._faults(), Session(engine, expire_on_commit=False) as session:
            yield session
            if writes:
                session.commit()

    def check(self) -> None:
        """Make sure, once, that the database is there and has the schema this version knows.

        Raises:
            DatabaseMissing, SchemaMismatch, StoreError: with the command that mends it.
        """
        if self._checked:
            return
        file = sqlite_file(self.url)
        if file is not None and not file.is_file():
            raise DatabaseMissing(
                _("no database at {path}; 'contentops migrate' makes one, or correct database_url").format(path=file)
            )
        with self._faults(), self.engine.connect() as connection:
            check_schema(connection)
        self._checked = True

    def close(self) -> None:
        """Give back all connections."""
        if "engine" in self.__dict__:
            self.engine.dispose()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            if "locked" in str(error.orig) or "busy" in str(error.orig):
                raise DatabaseBusy(
                    _("the database is in use by another process; nothing was saved, try again")
                ) from error
            if getattr(error.orig, "sqlstate", "") in _COLLISIONS:
                raise StoreConflict(_same_moment()) from error
            raise StoreError(_("the database cannot be used: {reason}").format(reason=error.orig)) from error
        except IntegrityError as error:
            raise StoreConflict(_same_moment()) from error
        except PoolTimeout as error:
            raise DatabaseBusy(_("the database is in use by another process; nothing was saved, try again")) from error
        except ModuleNotFoundError as error:
            raise StoreError(_("PostgreSQL needs one package more: pip install 'contentops[postgres]'")) from error
        except DBAPIError as error:
            raise StoreError(_("the database refused: {reason}").format(reason=error.orig)) from error
