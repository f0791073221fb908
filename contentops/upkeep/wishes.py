"""What people asked for, kept in lists beside the database: copied into backups, and added to when one comes back.

The lists themselves are no part of a backup, since an old list in the place of a newer one would undo the wishes of in
between (P9). What a backup holds are copies for the day on which the disk is lost: a restore only ever adds them.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from contentops.disk import give_to_owner, sync_folder
from contentops.errors import BackupInvalid
from contentops.leads.suppression import KEY_FILE, KEY_VARIABLE, held_key
from contentops.leads.wishes import HashList, all_lists
from contentops.texts import gettext as _
from contentops.upkeep.manifest import LISTS, Manifest, write_synced
from contentops.upkeep.readiness import read_moment

LAST_BACKUP = Path(".contentops") / "last_backup"
"""When the last backup was made here."""
FIRST_BACKUP = Path(".contentops") / "first_backup"
"""When the first one was: backups of before were made elsewhere, and so were wishes that no list here knows."""


def note_backup(folder: Path, now: datetime) -> None:
    """Note that a backup was made here, as far as that can be written; the backup is there anyhow."""
    for file in (folder / FIRST_BACKUP, folder / LAST_BACKUP):
        with suppress(OSError):
            if file.name == LAST_BACKUP.name or not file.exists():
                file.write_text(now.isoformat(timespec="seconds"), encoding="ascii")
                give_to_owner(file, like=file.parent)


def copy_lists(folder: Path, target: Path, notices: list[str]) -> list[str]:
    """Copy the lists of a workspace into a new folder and return their names; none where it has no key for them.

    Of a list that is not there, the copy holds the mark of the key: a restore sees by it whether it has the same.

    Args:
        notices: gets a sentence for each list that cannot be read; a backup without it is worth more than none.

    Raises:
        OSError: one cannot be written.
    """
    if not held_key(folder):
        return []
    target.mkdir(mode=0o700)
    names = []
    for each in all_lists(folder, partial(held_key, folder)):
        try:
            content = each.copied()
        except OSError as error:
            message = _("{path} cannot be read ({reason}) and is left out of the backup")
            notices.append(message.format(path=each.path, reason=error.strerror))
            continue
        write_synced(target / each.path.name, [content])
        names.append(each.path.name)
    sync_folder(target)
    return names


def bring_lists(source: Path, folder: Path, made_at: str, beside: Iterable[Path]) -> tuple[str, ...]:
    """Add to the lists of a workspace what their copies in backups hold; nothing is taken away.

    Args:
        source: the backup that is restored. made_at: its moment. beside: other backups in the same place, whose newer
            lists count as well.

    Returns:
        What is not known here, as sentences with what to do.

    Raises:
        WorkspaceError: a list here cannot be read or written, or was made with another key than the one here.
    """
    lists = all_lists(folder, partial(held_key, folder))
    began = read_moment(folder / FIRST_BACKUP)
    known_here = bool([each for each in lists if each.read()]) or not _is_before(made_at, began)
    copies = source / LISTS
    if not held_key(folder):
        return () if known_here and not copies.is_dir() else (_no_key(),)
    if not _taken(lists, copies):
        return (_other_key(),)
    until = made_at
    for backup in beside:
        with suppress(OSError, BackupInvalid):  # one beside that is damaged is not the one that was asked for
            if (backup / LISTS).is_dir() and _taken(lists, backup / LISTS):
                moment = Manifest.read(backup).made_at
                until = max(until, moment) if _is_before(moment, began) else until  # else it was made here
    return () if known_here else (_unknown_since(until),)


def _is_before(made_at: str, began: datetime | None) -> bool:
    """Return whether a backup was made before the first one that was made here, so elsewhere; if unknown, it was."""
    with suppress(ValueError, TypeError):  # not a moment, or one without its zone
        return began is None or datetime.fromisoformat(made_at) < began
    return True


def _taken(lists: Iterable[HashList], copies: Path) -> bool:
    """Return whether what some copies hold was taken over: they were made with the same key, or there are none."""
    found = [(each, copies / each.path.name) for each in lists]
    taken = [each.take_in(copy) for each, copy in found if copy.is_file()]
    return all(taken)


def _no_key() -> str:
    text = _(
        "there is no key for the addresses of erased people here: whom nothing may be sent to is not known, nor who "
        "was erased or withdrew since the backup. Put the {key} of the old place here, or set {variable}, and restore "
        "again before anything is sent. (A drill can do without.)"
    )
    return text.format(key=KEY_FILE, variable=KEY_VARIABLE)


def _other_key() -> str:
    text = _(
        "the backup's lists of erasures, withdrawals and stops were made with another key than the {key} here and were "
        "left alone. Put the {key} of the old place here, or set {variable}, and restore again before anything is sent."
    )
    return text.format(key=KEY_FILE, variable=KEY_VARIABLE)


def _unknown_since(moment: str) -> str:
    text = _(
        "there were no lists of erasures, withdrawals and stops here: what people asked for after {moment} is unknown. "
        "If the old place can still be read, copy its {files} into {folder} and restore again before anything is sent."
    )
    names = _(", ").join(each.path.name for each in all_lists(Path(), bytes))
    return text.format(moment=moment, files=names, folder=LAST_BACKUP.parent)
