"""Making backups: beside the earlier ones, whole or not at all."""

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import col, select

from contentops.disk import sync_folder
from contentops.errors import WorkspaceError
from contentops.models import Attachment
from contentops.settings import FILE_NAME
from contentops.store import Store
from contentops.store.schema import HEAD
from contentops.texts import gettext as _
from contentops.upkeep import postgres
from contentops.upkeep.manifest import (
    DATABASE,
    DUMP,
    FILES,
    LISTS,
    MANIFEST,
    NAME,
    Manifest,
    copy_synced,
    part_of,
)
from contentops.upkeep.snapshots import snapshot
from contentops.upkeep.wishes import copy_lists

KEPT_NAME = re.compile("[0-9a-f]{64}")
_DAY_SECONDS = 24 * 3600
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    Attributes:
        folder: where it is. manifest: what it holds. notices: what it lacks, as sentences.
        removed: folders of older ones that were not to be kept.
    """

    folder: Path
    manifest: Manifest
    notices: tuple[str, ...] = ()
    removed: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """What goes into a backup."""

    folder: Path
    store: Store
    settings_file: Path
    kept_files: Path
    version: str


def make_backup(sources: Sources, target: Path, now: datetime, progress: Progress | None = None) -> Backup:
    """Make a backup in a new folder below `target`.

    It is written under another name and renamed when all of it is on disk: what is called ``backup-…`` is whole.

    Raises:
        WorkspaceError: it cannot be written, such as on a full disk; earlier backups are as they were.
        StoreError: the database is damaged or cannot be read.
    """
    partial = target / f".{now:backup-%Y%m%dT%H%M%SZ}.{os.getpid()}.partial"
    notices: list[str] = []
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        _clear_leftovers(target)
        partial.mkdir(mode=0o700)
        manifest = _filled(sources, partial, now, notices, progress)
        folder = _free_name(target, now)
        partial.rename(folder)
        sync_folder(target)
    except sqlite3.DatabaseError as error:
        raise WorkspaceError(_("cannot write {path}: {reason}").format(path=partial, reason=error)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise WorkspaceError(_("cannot write {path}: {reason}").format(path=partial, reason=reason)) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Backup(folder, manifest, tuple(notices))


def _filled(sources: Sources, folder: Path, now: datetime, notices: list[str], progress: Progress | None) -> Manifest:
    rows: dict[str, int] = {}
    if sources.store.file is not None:
        database = DATABASE
        rows = snapshot(sources.store.file, folder / DATABASE, progress)
    else:
        database = DUMP
        postgres.dump(sources.store.url, folder / DUMP)
        postgres.check_dump(sources.store.url, folder / DUMP)
    copy_synced(sources.settings_file, folder / FILE_NAME)
    files = {name: part_of(folder / name) for name in (database, FILE_NAME)}
    # After the database: a file that it names was there before its row was.
    (folder / FILES).mkdir(mode=0o700)
    for file in sorted(sources.kept_files.glob("*")):
        if not file.is_file() or not KEPT_NAME.fullmatch(file.name):
            continue
        copy = folder / FILES / file.name
        copy_synced(file, copy)
        part = part_of(copy)
        if part.sha256 == file.name:
            files[f"{FILES}/{file.name}"] = part
        else:  # a backup without one file is worth more than none
            copy.unlink()
            message = _("{path} is damaged and left out; 'contentops sync' makes it anew from the content folder")
            notices.append(message.format(path=file))
    for sha256, name in _handed_over(sources.store):
        if f"{FILES}/{sha256}" not in files and not (sources.kept_files / sha256).exists():
            message = _("{name}, which a form hands over, is missing; 'contentops sync' makes it anew")
            notices.append(message.format(name=name))
    # After the database as well: an erasure is on its list before it is done.
    names = copy_lists(sources.folder, folder / LISTS, notices)
    files |= {f"{LISTS}/{name}": part_of(folder / LISTS / name) for name in names}
    sync_folder(folder / FILES)
    manifest = Manifest(f"{now:%Y-%m-%dT%H:%M:%SZ}", sources.version, HEAD, database, rows, files)
    manifest.write(folder)
    sync_folder(folder)
    return manifest


def _handed_over(store: Store) -> list[tuple[str, str]]:
    """Return hash and name of every file that the database says a form hands over."""
    with store.read() as session:
        query = select(Attachment.sha256, Attachment.file_name).where(Attachment.role == "download")
        return [(sha256, name) for sha256, name in session.exec(query.order_by(col(Attachment.file_name)))]


def _clear_leftovers(target: Path) -> None:
    """Remove what backups left that were killed; one of today may still be at work."""
    for partial in target.glob(".backup-*.partial"):
        with suppress(OSError):
            if time.time() - partial.stat().st_mtime > _DAY_SECONDS:
                shutil.rmtree(partial)


def backups_in(target: Path) -> list[Path]:
    """Return the whole backups in a folder, oldest first."""
    if not target.is_dir():
        return []
    return sorted(path for path in target.iterdir() if NAME.fullmatch(path.name) and (path / MANIFEST).is_file())


def prune(target: Path, keep: int) -> tuple[Path, ...]:
    """Remove all but the newest backups; returns what was removed. Other files in the folder stay."""
    removed = []
    for folder in backups_in(target)[:-keep]:
        with suppress(OSError):
            (folder / MANIFEST).unlink()  # first: what is half removed is no backup any more
            shutil.rmtree(folder)
            removed.append(folder)
    return tuple(removed)


def _free_name(target: Path, now: datetime) -> Path:
    name = f"{now:backup-%Y%m%dT%H%M%SZ}"
    names = [name, *(f"{name}-{number}" for number in range(2, 1000))]
    return next(target / free for free in names if not (target / free).exists())
