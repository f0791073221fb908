"""Bringing a backup back: everything is made ready beside, then one rename, and nothing of before is lost."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col

from contentops.disk import sync_folder
from contentops.errors import BackupInvalid, Conflict, Problem, SchemaMismatch, WorkspaceError
from contentops.models import Message, MessageState
from contentops.settings import FILE_NAME
from contentops.store import Store, migrate
from contentops.store.schema import HEAD
from contentops.texts import gettext as _
from contentops.texts import use_language
from contentops.upkeep import postgres
from contentops.upkeep.backups import backups_in
from contentops.upkeep.manifest import DATABASE, DUMP, FILES, Manifest, copy_synced, differing
from contentops.upkeep.presence import RESTORING, alone
from contentops.upkeep.snapshots import check_copy, revision_of
from contentops.upkeep.wishes import bring_lists


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        manifest: of the backup. kept: what the database was before, under its new name; None where there was none.
        migrated: whether it had to be brought to this version's schema. parked: how many messages wait for
            `contentops outbox retry`, since they may have been sent after the backup was made.
        erasures: how many erased people it still held, who were erased again.
        settings_differ: whether contentops.toml is another one than the backup's.
        notices: what people asked for that is not known here, as sentences with what to do.
    """

    manifest: Manifest
    kept: Path | None
    migrated: bool
    parked: int
    erasures: int
    settings_differ: bool
    notices: tuple[str, ...] = ()


def checked(source: Path, store: Store) -> Manifest:
    """Return a backup's manifest once every file of it was found whole.

    Raises:
        BackupInvalid: with everything that is wrong. SchemaMismatch: it comes from a newer contentops.
    """
    inside = backups_in(source)
    if inside:
        message = _("holds several backups; name one of them, such as {newest}")
        if len(inside) == 1:
            message = _("is no backup but holds one; name that: {newest}")
        raise BackupInvalid([Problem(str(source), message.format(newest=inside[-1]))])
    manifest = Manifest.read(source)
    manifest.check(source)
    wanted = DATABASE if store.file is not None else DUMP
    if manifest.database != wanted:
        message = _("holds {found}; the database of this workspace (database_url) takes {wanted}")
        raise BackupInvalid([Problem(str(source), message.format(found=manifest.database, wanted=wanted))])
    if manifest.revision > HEAD:
        raise SchemaMismatch(
            _("the database has schema {found}, newer than this contentops ({head}); update contentops").format(
                found=manifest.revision, head=HEAD
            )
        )
    if store.file is not None and differing(manifest.rows, check_copy(source / DATABASE)):
        raise BackupInvalid([Problem(str(source / DATABASE), _("differs from what was backed up"))])
    return manifest


def restore(
    source: Path, store: Store, folder: Path, kept_files: Path, now: datetime, erase_again: Callable[[], int]
) -> Restored:
    """Put a backup in the place of the database.

    Args:
        folder: the workspace's. kept_files: where attachments are kept. erase_again: erases anew who was erased since
            the backup was made; returns how many.

    Raises:
        Conflict: the database is in use. BackupInvalid, SchemaMismatch, WorkspaceError, StoreError: nothing was done,
            or, where a later step failed, the server refuses to start until a restore came to its end.
    """
    manifest = checked(source, store)
    store.close()
    with alone(folder):
        # First, while nothing was replaced: with lists that cannot be read it must not begin.
        notices = bring_lists(source, folder, manifest.made_at, backups_in(source.resolve().parent))
        try:
            if store.file is not None:
                kept, migrated = _swap(source / DATABASE, store.file, folder, now)
            else:
                postgres.refuse_if_used(store)
                (folder / RESTORING).touch(mode=0o600)
                postgres.load(store.url, source / DUMP)
                kept, migrated = None, manifest.revision != HEAD
                migrate(store.url.render_as_string(hide_password=False), folder)
            _bring_files(source, manifest, kept_files)
        except OSError as error:
            reason = error.strerror or str(error)
            raise WorkspaceError(
                _("cannot write {path}: {reason}").format(path=error.filename or folder, reason=reason)
            ) from error
        parked = _park(store)
        erasures = erase_again()
        (folder / RESTORING).unlink(missing_ok=True)
    mine, theirs = (path / FILE_NAME for path in (folder, source))
    settings_differ = not mine.is_file() or mine.read_bytes() != theirs.read_bytes()
    return Restored(manifest, kept, migrated, parked, erasures, settings_differ, notices)


def _park(store: Store) -> int:
    """Hold what had not left when the backup was made, or people would get twice what was sent since."""
    waiting = col(Message.state).in_((MessageState.DUE, MessageState.LEASED, MessageState.PARKED))
    with use_language("en"):  # it is kept: whoever reads it gets it in their own language
        reason = _("restored from a backup: `contentops outbox retry` sends it")
    held = {"state": MessageState.PARKED, "last_error": reason, "lease_until": None, "claim_token": None}
    with store.write() as session:
        return session.execute(update(Message).where(waiting).values(**held)).rowcount  # type: ignore[attr-defined, no-any-return]


def _swap(copy: Path, target: Path, folder: Path, now: datetime) -> tuple[Path | None, bool]:
    """Make the new file ready, then put it in the place of the old one, which stays under another name."""
    ready = target.with_name(f"{target.name}.restoring")
    with ExitStack() as cleaning:
        cleaning.callback(_remove_database, ready)
        _remove_database(ready)
        copy_synced(copy, ready)
        migrated = revision_of(ready) != HEAD
        if migrated:
            migrate(f"sqlite:///{ready}", folder)
            _settle(ready)
        with _nobody_uses(target):
            kept = _kept_aside(target, now)
            (folder / RESTORING).touch(mode=0o600)
            for suffix in ("-wal", "-shm"):  # of the old file; SQLite would play them into the new one
                Path(f"{target}{suffix}").unlink(missing_ok=True)
            ready.replace(target)
            sync_folder(target.parent)
    return kept, migrated


@contextmanager
def _nobody_uses(target: Path) -> Iterator[None]:
    """Hold a database alone, with everything of its -wal in it, while the block runs.

    To leave write-ahead logging SQLite needs the file for itself: that fails as soon as any program has it open, even
    one that only reads.

    Raises:
        Conflict: another program has it open.
    """
    if not target.is_file():
        yield
        return
    connection = sqlite3.connect(target, isolation_level=None, timeout=0)
    try:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                message = _("another program has the database {path} open: stop it first")
                raise Conflict(message.format(path=target)) from error
            # Damaged: that is what backups are for. Servers and workers are kept out by the lock file.
        yield
    finally:
        connection.close()


def _kept_aside(target: Path, now: datetime) -> Path | None:
    """Give the old database a second name, with its -wal if it could not be emptied; it is never without a name."""
    if not target.is_file():
        return None
    name = f"{target.name}.{now:%Y%m%dT%H%M%SZ}"
    names = [name, *(f"{name}-{number}" for number in range(2, 1000))]
    kept = next(path for free in names if not (path := target.with_name(f"{free}.bak")).exists())
    for suffix in ("", "-wal"):
        old = Path(f"{target}{suffix}")
        if old.is_file():
            _second_name(old, Path(f"{kept}{suffix}"))
    return kept


def _second_name(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:  # a file system without hard links
        copy_synced(old, new)


def _settle(file: Path) -> None:
    """Write what migrating left in -wal into the file itself."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()


def _remove_database(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            Path(f"{file}{suffix}").unlink(missing_ok=True)


def _bring_files(source: Path, manifest: Manifest, kept_files: Path) -> None:
    """Bring attachments that are not there, or not whole; their name is their hash."""
    kept_files.mkdir(parents=True, exist_ok=True)
    for name, part in manifest.files.items():
        if not name.startswith(f"{FILES}/"):
            continue
        target = kept_files / part.sha256
        if target.is_file() and target.stat().st_size == part.size:
            continue
        partial = kept_files / f".{part.sha256}.restoring"
        copy_synced(source / name, partial)
        partial.replace(target)
