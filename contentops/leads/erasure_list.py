"""Whom we erased, who withdrew, whom mail was stopped to: keyed hashes in files, so that no old backup undoes it.

One line each: a moment in UTC and a hash. Lines are only ever added, and are on disk before what they stand for is
committed.
A line ``key`` holds the hash of a fixed word: with another key no hash would fit, and people would come back unseen.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from sqlmodel import Session, col, select

from contentops.disk import sync_folder
from contentops.errors import WorkspaceError
from contentops.leads.consent.ledger import ANY, EMAIL, PHONE, WECOM
from contentops.leads.identity.keys import MAIL, TEL, kind_of
from contentops.leads.identity.keys import WECOM as WECOM_KEY
from contentops.leads.suppression import KEY_FILE, KEY_VARIABLE, key_hash
from contentops.models import Contact, ContactKey
from contentops.texts import gettext as _

FILE = Path(".contentops") / "erased"
WITHDRAWN_FILE = Path(".contentops") / "withdrawn"
STOPPED_FILE, ALLOWED_FILE = Path(".contentops") / "stopped", Path(".contentops") / "allowed"
CHANNEL_OF = {MAIL: EMAIL, TEL: PHONE, WECOM_KEY: WECOM}
"""Kind of a contact key → the channel that reaches people by it."""
_HASH = re.compile("[0-9a-f]{64}")
_MARK = "key"


class HashList:
    """A file of moments and keyed hashes.

    Args:
        path: of the file. secret: returns the key of the hashes; asked for where there is a list.
    """

    def __init__(self, path: Path, secret: Callable[[], bytes]) -> None:
        self.path, self._secret = path, secret
        self._seen: tuple[tuple[int, int], dict[str, datetime]] | None = None

    def read(self) -> Mapping[str, datetime]:
        """Return each hash with its newest moment; empty where there is no list.

        A line that a crash cut off is passed over: what it stood for was not committed.

        Raises:
            WorkspaceError: the file is there and cannot be read, or was made with another key. To take it for empty
            would undo what people asked for.
        """
        try:
            stat = self.path.stat()
            if self._seen is None or self._seen[0] != (stat.st_mtime_ns, stat.st_size):
                text = self.path.read_text(encoding="ascii")
                self._check_key(text)
                self._seen = (stat.st_mtime_ns, stat.st_size), _parsed(text)
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise WorkspaceError(self._unreadable().format(path=self.path, reason=error)) from error
        return self._seen[1]

    def append(self, hashes: Iterable[str], at: datetime) -> None:
        """Add hashes of one moment; see :meth:`extend`."""
        self.extend(dict.fromkeys(hashes, at))

    def extend(self, moments: Mapping[str, datetime]) -> None:
        """Add hashes with their moments; when this returns they are on disk.

        Those that are in it with this moment or a later one are left out.

        Raises:
            WorkspaceError: it cannot be written; then what they stand for must not be done either.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock", mode=0o600):
                known = self.read()
                new = {each: at for each, at in moments.items() if each not in known or known[each] < at}
                if new:
                    mark = "" if known else self._first_line()
                    lines = (f"{at.astimezone(UTC).isoformat()} {each}\n" for each, at in new.items())
                    self._write(mark + "".join(lines))
        except OSError as error:
            raise WorkspaceError(self._unwritable().format(path=self.path, reason=error.strerror)) from error

    def take_in(self, copy: Path) -> bool:
        """Add what another copy of this list holds and this one does not; nothing is ever taken away.

        Returns:
            False where it was made with another key: then nothing was added.

        Raises:
            OSError: the copy cannot be read. WorkspaceError: see :meth:`read`, :meth:`extend`.
        """
        text = copy.read_text(encoding="ascii", errors="replace")
        if not self._is_ours(text):
            return False
        self.extend(_parsed(text))
        return True

    def copied(self) -> bytes:
        """Return what a copy of this list is made of: of a list that is not there only the mark of its key.

        Raises:
            OSError: it cannot be read.
        """
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return self._first_line().encode("ascii")

    def _unreadable(self) -> str:
        raise NotImplementedError

    def _unwritable(self) -> str:
        raise NotImplementedError

    def _other_key(self) -> str:
        raise NotImplementedError

    def _first_line(self) -> str:
        return f"{_MARK} {key_hash(self._secret(), _MARK)}\n"

    def _is_ours(self, text: str) -> bool:
        marks = [line for line in text.splitlines() if line.startswith(_MARK + " ")]
        return not marks or self._first_line().rstrip() in marks

    def _check_key(self, text: str) -> None:
        if not self._is_ours(text):
            text = self._other_key().format(path=self.path, key=KEY_FILE, variable=KEY_VARIABLE)
            raise WorkspaceError(text)

    def _write(self, lines: str) -> None:
        is_new = not self.path.exists()
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with open(file, "r+b", buffering=0) as out:  # noqa: PTH123 - a descriptor
            size = out.seek(0, os.SEEK_END)
            if size and os.pread(file, 1, size - 1) != b"\n":  # a crash cut the last line off: do not write on into it
                lines = "\n" + lines
            out.write(lines.encode("ascii"))
            os.fsync(file)
        if is_new:
            with suppress(OSError):  # systems that cannot sync a folder do not need it
                sync_folder(self.path.parent)


class ErasureList(HashList):
    """Whom we erased: the file ``.contentops/erased`` of a workspace.

    Args:
        folder: the workspace. secret: returns the key of the hashes; asked for where there is a list.
    """

    def __init__(self, folder: Path, secret: Callable[[], bytes]) -> None:
        super().__init__(folder / FILE, secret)

    def _unreadable(self) -> str:
        return _("the list of erased people, {path}, cannot be read: {reason}")

    def _unwritable(self) -> str:
        return _("the list of erased people, {path}, cannot be written: {reason}; nothing was erased")

    def _other_key(self) -> str:
        return _("the list of erased people, {path}, was made with another key: put back {key}, or set {variable}")

    def gone(self, session: Session, hashes: Mapping[str, str]) -> set[str]:
        """Return which contact keys were erased and have not come again of their own accord since.

        Args:
            hashes: keyed hash → contact key.

        Raises:
            WorkspaceError: see :meth:`read`.
        """
        listed = self.read()
        erased = {key: listed[hashed] for hashed, key in hashes.items() if hashed in listed}
        if not erased:
            return set()
        known = select(ContactKey.value, Contact.created_at).join(Contact, col(ContactKey.contact_id) == Contact.id)
        found = session.exec(known.where(col(ContactKey.value).in_(erased)))
        return set(erased) - {key for key, created_at in found if created_at > erased[key]}


class WithdrawalList(HashList):
    """Who withdrew their consent to marketing: the file ``.contentops/withdrawn``; ``restore`` applies it again.

    What is appended are the hashes of the contact keys of the channel that was withdrawn (``mail:``, ``tel:``,
    ``wecom:``), of all of them for any channel.

    Args:
        folder: the workspace. secret: returns the key of the hashes; asked for where there is a list.
    """

    def __init__(self, folder: Path, secret: Callable[[], bytes]) -> None:
        super().__init__(folder / WITHDRAWN_FILE, secret)

    def keep(self, keys: Iterable[str], channel: str, at: datetime) -> None:
        """Append, of a person's contact keys, those of the channel that was withdrawn; see :meth:`extend`."""
        self.append(self.hashes(keys, channel), at)

    def hashes(self, keys: Iterable[str], channel: str) -> list[str]:
        """Return the hashes of those of some contact keys that a channel reaches people by."""
        concerned = (key for key in keys if channel in (ANY, CHANNEL_OF.get(kind_of(key))))
        return [key_hash(self._secret(), key) for key in concerned]

    def _unreadable(self) -> str:
        return _("the list of withdrawals, {path}, cannot be read: {reason}")

    def _unwritable(self) -> str:
        return _("the list of withdrawals, {path}, cannot be written: {reason}; nothing was changed")

    def _other_key(self) -> str:
        return _("the list of withdrawals, {path}, was made with another key: put back {key}, or set {variable}")


class StopList:
    """To whom mail was stopped by hand, and to whom it was allowed again; ``restore`` applies both.

    Two files, ``.contentops/stopped`` and ``.contentops/allowed``, since lines are only ever added. Of an address that
    is in both, the newer word counts, and the stop where both are of one moment.

    Args:
        folder: the workspace. secret: returns the key of the hashes; asked for where there is a list.
    """

    def __init__(self, folder: Path, secret: Callable[[], bytes]) -> None:
        self.stopped = _Words(folder / STOPPED_FILE, secret)
        self.allowed = _Words(folder / ALLOWED_FILE, secret)

    def stop(self, hashes: Iterable[str], at: datetime) -> None:
        """Keep that mail to some addresses was stopped; see :meth:`HashList.extend`."""
        lifted = self.allowed.read()
        self.stopped.extend({each: max(at, lifted.get(each, at)) for each in hashes})

    def allow(self, hashes: Iterable[str], at: datetime) -> None:
        """Keep that mail to some addresses was allowed again, whatever had stopped it; see :meth:`HashList.extend`."""
        before = self.stopped.read()
        self.allowed.extend(
            {each: max(at, before[each] + datetime.resolution) if each in before else at for each in hashes}
        )

    def standing(self) -> dict[str, datetime]:
        """Return the stops that nobody lifted since, with their moments.

        Raises:
            WorkspaceError: see :meth:`HashList.read`.
        """
        lifted = self.allowed.read()
        return {each: at for each, at in self.stopped.read().items() if each not in lifted or lifted[each] <= at}

    def lifted(self) -> dict[str, datetime]:
        """Return what was allowed and not stopped by hand again, with its moments.

        Raises:
            WorkspaceError: see :meth:`HashList.read`.
        """
        stopped = self.stopped.read()
        return {each: at for each, at in self.allowed.read().items() if each not in stopped or stopped[each] < at}


class _Words(HashList):
    def _unreadable(self) -> str:
        return _("the list of stopped addresses, {path}, cannot be read: {reason}")

    def _unwritable(self) -> str:
        return _("the list of stopped addresses, {path}, cannot be written: {reason}; nothing was changed")

    def _other_key(self) -> str:
        return _("the list of stopped addresses, {path}, was made with another key: put back {key}, or set {variable}")


def all_lists(folder: Path, secret: Callable[[], bytes]) -> tuple[HashList, ...]:
    """Return every list of a workspace; see :class:`HashList`."""
    stops = StopList(folder, secret)
    return ErasureList(folder, secret), WithdrawalList(folder, secret), stops.stopped, stops.allowed


def _parsed(text: str) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for line in text.splitlines():
        moment, _blank, hashed = line.partition(" ")
        if not _HASH.fullmatch(hashed):
            continue
        with suppress(ValueError):
            at = datetime.fromisoformat(moment)
            if at.tzinfo is not None:  # else it is no line of ours: a damaged copy
                found[hashed] = max(at, found.get(hashed, at))
    return found
