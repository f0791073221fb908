"""The desk for keeping it running: ``ws.upkeep``."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from contentops.errors import InvalidArgument, Problem, StartRefused
from contentops.settings import FILE_NAME, Settings
from contentops.store import Store
from contentops.texts import gettext as _
from contentops.upkeep.backups import Backup, Sources, backups_in, make_backup, prune
from contentops.upkeep.manifest import Manifest
from contentops.upkeep.presence import present
from contentops.upkeep.readiness import Readiness, in_words, read_moment, readiness
from contentops.upkeep.restoring import Restored, checked, restore
from contentops.upkeep.starting import start_report
from contentops.upkeep.wishes import LAST_BACKUP, note_backup


class Upkeep:
    """Everything about keeping it running: ``ws.upkeep``.

    Args:
        kept_files: where attachments are kept. erase_again: erases anew who was erased since a backup was made, and
            returns how many they were.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        folder: Path,
        kept_files: Path,
        now: Callable[[], datetime],
        erase_again: Callable[[], int],
    ) -> None:
        self._store, self._settings, self._folder, self._now = store, settings, folder, now
        self._kept_files, self._erase_again = kept_files, erase_again

    def in_use(self) -> AbstractContextManager[None]:
        """Hold that this process works with the database for long: no restore comes in between.

        Raises (when entered):
            Conflict: a restore is at work.
        """
        return present(self._folder)

    def check_start(self, host: str = "127.0.0.1") -> tuple[str, ...]:
        """Make sure that a server can do what it promises, before anybody is promised anything.

        Args:
            host: the address that it will listen on.

        Returns:
            What is worth a look but keeps nobody from starting, as sentences.

        Raises:
            ContentOpsError: what stands in the way; :class:`StartRefused` where it is more than one thing.
        """
        report = start_report(self._store, self._settings, self._folder, host)
        if len(report.errors) == 1:
            raise report.errors[0]
        if report.errors:
            raise StartRefused(report.errors)
        return report.warnings

    def attention(self) -> tuple[str, ...]:
        """Return what needs attention before and while a server runs, as sentences.

        What would keep it from starting, what it would warn of, whether messages wait too long. It is taken to listen
        on this machine only, behind a proxy.
        """
        report = start_report(self._store, self._settings, self._folder, "127.0.0.1")
        found = [line for error in report.errors for line in str(error).splitlines()]
        # A database that is not well has said so already.
        waiting = in_words(self.readiness(), self._settings.server) if not report.errors else []
        return (*found, *report.warnings, *waiting)

    def readiness(self) -> Readiness:
        """Return whether this process can take forms and whether mail leaves."""
        return readiness(self._store, self._settings.server, self._now(), self.last_backup_at)

    @property
    def last_backup_at(self) -> datetime | None:
        """When the last backup was made on this machine; None where none is known of."""
        return read_moment(self._folder / LAST_BACKUP)

    def backup(
        self, target: str | Path, *, keep: int | None = None, progress: Callable[[int, int], None] | None = None
    ) -> Backup:
        """Make a backup in a new folder below `target`, while everything goes on working.

        The keys are not in it: whoever finds a backup must not be able to sign links as well. The lists of erasures,
        withdrawals and stops are, as keyed hashes, for the day on which the disk is lost.

        Args:
            keep: how many to keep there; the oldest beyond go when this one is whole and lacks nothing. None: all.
            progress: called with (pages done, pages in all) of an SQLite database.

        Raises:
            InvalidArgument: `keep` is less than one. StoreError: the database cannot be read, or is damaged.
            WorkspaceError: it cannot be written; earlier backups are as they were.
        """
        if keep is not None and keep < 1:
            raise InvalidArgument([Problem("keep", _("at least one backup must be kept"))])
        self._store.check()
        target, now = Path(target), self._now()
        sources = Sources(self._folder, self._store, self._folder / FILE_NAME, self._kept_files, version("contentops"))
        made = make_backup(sources, target, now, progress)
        note_backup(self._folder, now)
        # A backup that lacks something takes the place of no older one.
        return replace(made, removed=prune(target, keep) if keep and not made.notices else ())

    def backups(self, target: str | Path) -> list[Path]:
        """Return the whole backups in a folder, oldest first."""
        return backups_in(Path(target))

    def check_backup(self, source: str | Path) -> Manifest:
        """Make sure that a backup is whole and could be restored here; changes nothing.

        Raises:
            BackupInvalid: with everything that is wrong. SchemaMismatch: it comes from a newer contentops.
        """
        return checked(Path(source), self._store)

    def restore(self, source: str | Path) -> Restored:
        """Put a backup in the place of the database and bring the attachments that are missing.

        The database of before stays beside under another name. Whoever was erased or withdrew since, or whom mail was
        stopped to, is erased again, has withdrawn or is stopped again: by the lists here, to which those of the backup
        and of newer ones beside it are added. Messages that had not left are parked, since they may have left
        meanwhile. An older schema is brought to this version's. contentops.toml and the keys stay as they are.

        Raises:
            BackupInvalid: the backup is not whole. SchemaMismatch: it comes from a newer contentops.
            Conflict: a server, a worker or another program uses the database.
            WorkspaceError, StoreError: it could not be written.
        """
        return restore(Path(source), self._store, self._folder, self._kept_files, self._now(), self._erase_again)
