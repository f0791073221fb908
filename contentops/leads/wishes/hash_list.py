"""A list of keyed hashes in a file.

One line each: a moment in UTC and a hash. Lines are only ever added, and are on disk before what they stand for is
committed.
A line ``key`` holds the hash of a fixed word: with another key no hash would fit, and people would come back unseen.
"""

import errno
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from contentops.disk import give_to_owner, sync_folder
from contentops.errors import WorkspaceError
from contentops.leads.suppression import KEY_FILE, KEY_VARIABLE, key_hash

_HASH = re.compile("[0-9a-f]{64}")
_MARK = "key"


class HashList:
    """A file of moments and keyed hashes.

    Args:
        path: of the file. secret: returns the key of the hashes; asked for where there is a list.
    """

    def __init__(self, path: Path, secret: Callable[[], bytes]) -> None:
        self.path, self._secret = path, secret
        self._lock = path.with_name(f"{path.name}.lock")
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
            with FileLock(self._lock, mode=0o600):
                give_to_owner(self._lock, like=self.path.parent)
                known = self.read()
                new = {each: at for each, at in moments.items() if each not in known or known[each] < at}
                if new:
                    mark = "" if known else self._first_line()
                    lines = (f"{at.astimezone(UTC).isoformat()} {each}\n" for each, at in new.items())
                    self._write(mark + "".join(lines))
        except OSError as error:
            raise WorkspaceError(self._unwritable().format(path=self.path, reason=error.strerror)) from error

    def check(self) -> None:
        """Find out whether it can be read and added to; changes nothing.

        Raises:
            WorkspaceError: it cannot, or was made with another key.
        """
        self.read()
        try:
            folder = self.path.parent
            if not os.access(folder if folder.exists() else folder.parent, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            for file in (self.path, self._lock):
                if file.exists():
                    os.close(os.open(file, os.O_RDWR | os.O_APPEND))
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
            if is_new:
                give_to_owner(self.path, like=self.path.parent)
            size = out.seek(0, os.SEEK_END)
            if size and os.pread(file, 1, size - 1) != b"\n":  # a crash cut the last line off: do not write on into it
                lines = "\n" + lines
            out.write(lines.encode("ascii"))
            os.fsync(file)
        if is_new:
            with suppress(OSError):  # systems that cannot sync a folder do not need it
                sync_folder(self.path.parent)


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
