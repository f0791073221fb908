"""The schema's version: made and moved by Alembic, checked at every opening."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from contentops.errors import SchemaMismatch, StoreError
from contentops.store.engine import WRITES, database_url, make_engine, sqlite_file
from contentops.texts import gettext as _

HEAD = "0005"
"""The revision this version of contentops works with; a test holds it equal to Alembic's head."""

VERSION_TABLE = "contentops_version"
"""Alembic's table under a name of our own: a host application's may be in the same database."""

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
# Any number that no other program is likely to lock on the same PostgreSQL server.
_ADVISORY_LOCK = 4_171_920_001


def check_schema(connection: Connection) -> None:
    """Refuse a database of an older or newer schema.

    Raises:
        SchemaMismatch: with the command to run.
    """
    found = _revision(connection)
    if found == HEAD:
        return
    if found is None:
        raise SchemaMismatch(_("the database is empty; run 'contentops migrate'"))
    if found < HEAD:
        raise SchemaMismatch(
            _("the database has schema {found}, this contentops needs {head}; run 'contentops migrate'").format(
                found=found, head=HEAD
            )
        )
    raise SchemaMismatch(
        _("the database has schema {found}, newer than this contentops ({head}); update contentops").format(
            found=found, head=HEAD
        )
    )


def migrate(url: str, folder: Path) -> tuple[str | None, str]:
    """Bring the database to the newest schema, making it where there is none. May be run any number of times.

    The whole migration is one transaction on both databases; two at once wait for each other.

    Returns:
        The revisions before (None: there was no schema) and after.

    Raises:
        StoreError: the file cannot be written or the server not be reached.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    target = database_url(url, folder)
    file = sqlite_file(target)
    try:
        if file is not None:
            file.touch(mode=0o600)
        with _writing(make_engine(target)) as connection:
            if file is None:
                connection.execute(text("SET LOCAL lock_timeout = '60s'"))  # another migration may take that long
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
            before = _revision(connection)
            if before is not None and before > HEAD:
                check_schema(connection)
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            config.attributes["version_table"] = VERSION_TABLE
            command.upgrade(config, "head")
    except CommandError as error:
        raise SchemaMismatch(
            _("the database has a schema that this contentops does not know: {reason}").format(reason=error)
        ) from error
    except ModuleNotFoundError as error:
        raise StoreError(_("PostgreSQL needs one package more: pip install 'contentops[postgres]'")) from error
    except (OSError, SQLAlchemyError) as error:
        reason = getattr(error, "orig", None) or error
        raise StoreError(_("cannot make the database: {reason}").format(reason=reason)) from error
    return before, HEAD


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
