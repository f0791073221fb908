"""Letters that lie as files in the mail folder: copies of what was sent, with the addresses in them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlmodel import Session, col, select

from contentops.errors import WorkspaceError
from contentops.models import Message, MessageState
from contentops.privacy.holdings import AT_ONCE, Subject
from contentops.settings import Settings
from contentops.texts import gettext as _

_ID = re.compile(r"[0-9a-f]{32}")


def letter_folder(settings: Settings, folder: Path) -> Path:
    """Return the folder that letters are written into where no mail server is set."""
    return folder / settings.mail.folder


def message_ids(session: Session, subject: Subject) -> set[str]:
    """Return the ids of all messages to somebody, or about their leads."""
    found: set[str] = set()
    for part in subject.parts():
        mine = part.contacts(Message.contact_id) | part.leads(Message.lead_id)
        found.update(session.exec(select(Message.id).where(mine)))
    return found


def letters_of(folder: Path, ids: Iterable[str]) -> list[Path]:
    """Return the letters of messages: a message's id is in its file's name."""
    wanted = set(ids)
    if not wanted or not folder.is_dir():
        return []
    return sorted(path for path in _files(folder) if wanted.intersection(_ID.findall(path.name)))


def _files(folder: Path) -> Iterator[Path]:
    """Yield letters, and what a crash left of half written ones."""
    return (path for path in folder.rglob("*") if path.suffix in (".eml", ".part"))


def delete_letters(paths: Iterable[Path]) -> int:
    """Delete letters and return how many.

    Raises:
        WorkspaceError: one cannot be deleted.
    """
    count = 0
    for path in paths:
        try:
            path.unlink()
            count += 1
        except FileNotFoundError:
            continue
        except OSError as error:
            message = _("cannot delete the letter {path}: {reason}; nothing was erased from the database")
            raise WorkspaceError(message.format(path=path, reason=error.strerror)) from error
    return count


def of_erased_people(session: Session, folder: Path) -> list[Path]:
    """Return letters that a worker wrote while their person was being erased: cancelled, and leading to nobody."""
    if not folder.is_dir():
        return []
    names: dict[str, list[Path]] = {}
    for path in _files(folder):
        for found in _ID.findall(path.name):
            names.setdefault(found, []).append(path)
    ids, late = sorted(names), set[Path]()
    for start in range(0, len(ids), AT_ONCE):
        nobody = col(Message.contact_id).is_(None) & col(Message.lead_id).is_(None)
        query = select(Message.id).where(col(Message.id).in_(ids[start : start + AT_ONCE]), nobody)
        for message_id in session.exec(query.where(col(Message.state) == MessageState.CANCELLED)):
            late.update(names[message_id])
    return sorted(late)
