"""Backups of PostgreSQL by its own tools, ``pg_dump`` and ``pg_restore``, where they are installed."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL

from contentops.errors import Conflict, StoreError, WorkspaceError
from contentops.store import Store
from contentops.texts import gettext as _
from contentops.texts import ngettext

_TIMEOUT_SECONDS = 6 * 3600


def dump(url: URL, target: Path) -> None:
    """Write a dump of a database (custom format), for its owner only.

    Raises:
        WorkspaceError: the tool is not there, with what to run. StoreError: it failed, with its words.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def check_dump(url: URL, dumped: Path) -> None:
    """Have the list of a dump read, which fails where the file is cut off at its head.

    Raises:
        WorkspaceError: the tool is not there. StoreError: it cannot be read.
    """
    _run("pg_restore", url, "--list", str(dumped), connect=False)


def load(url: URL, dumped: Path) -> None:
    """Put a dump in the place of what a database holds, in one transaction: all or nothing.

    Raises:
        WorkspaceError: the tool is not there, with what to run. StoreError: it failed; nothing was changed.
    """
    words = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", url, *words, str(dumped))


def refuse_if_used(store: Store) -> None:
    """Make sure that nobody else is connected.

    Raises:
        Conflict: others are. StoreError: the database cannot be asked.
    """
    query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    with store.faults(), store.engine.connect() as connection:
        others = connection.execute(query).scalar() or 0
    store.close()
    if others:
        message = ngettext(
            "the database is in use ({n} connection): stop every server and worker first",
            "the database is in use ({n} connections): stop every server and worker first",
            others,
        )
        raise Conflict(message.format(n=others))


def command(tool: str, url: URL) -> str:
    """Return what to run by hand, without the password."""
    shown = _without_password(url)
    if tool == "pg_dump":
        return f"pg_dump --format=custom --no-owner --file=contentops.dump '{shown}'"
    return f"pg_restore --clean --if-exists --no-owner --single-transaction --dbname='{shown}' contentops.dump"


def _run(tool: str, url: URL, *words: str, connect: bool = True) -> None:
    program = shutil.which(tool)
    if program is None:
        message = _("{tool} is not installed here (package postgresql-client); where it is, run: {command}")
        raise WorkspaceError(message.format(tool=tool, command=command(tool, url)))
    environment = dict(os.environ)
    if url.password:  # never among the words: everybody on the machine sees those
        environment["PGPASSWORD"] = str(url.password)
    target = [f"--dbname={_without_password(url)}"] if connect else []
    done = subprocess.run(  # noqa: S603 - a program of the system, words of our own
        [program, *target, *words], env=environment, capture_output=True, text=True, check=False,
        timeout=_TIMEOUT_SECONDS,
    )  # fmt: skip
    if done.returncode:
        reason = " ".join(done.stderr.split())[-500:]
        raise StoreError(_("{tool} failed: {reason}").format(tool=tool, reason=reason))


def _without_password(url: URL) -> str:
    plain = URL.create(
        "postgresql", username=url.username, host=url.host, port=url.port, database=url.database, query=url.query
    )
    return plain.render_as_string(hide_password=False)
