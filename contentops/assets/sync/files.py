"""Files of the content folders: found, compared with last time, read with care, kept by their hash."""

import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contentops.errors import Problem
from contentops.settings import Source
from contentops.texts import gettext as _

MAX_TEXT_BYTES = 1024 * 1024
MAX_PATH = 500  # characters
MAX_ATTACHMENT_BYTES = 200 * 1024 * 1024
# What may be handed over or shown; the media type comes from here and never from the file or a visitor.
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
    ".epub": "application/epub+zip",
    ".mp4": "video/mp4",
    ".mp3": "audio/mpeg",
    ".csv": "text/csv",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


class UnreadableFile(Exception):
    """A file that cannot become an asset.

    Attributes:
        reason: a sentence. line: 1-based, where known.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason, self.line = reason, line
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as the folder listing shows it.

    Attributes:
        path: as stored in the database (relative to the workspace where it is inside it, with slashes).
        below: path below the source's folder, with slashes. full: where it is. source: index of its source.
    """

    path: str
    below: str
    full: str
    size_bytes: int
    mtime_ns: int
    source: int


def find_files(folder: Path, root: Path, source: Source, index: int, problems: list[Problem]) -> Iterator[FoundFile]:
    """List the regular Markdown files below `folder`; hidden files, links and devices are passed over.

    Args:
        root: the workspace. source, index: its settings and place. problems: takes folders and names that do not work.
    """
    inside = folder.is_relative_to(root)
    prefix = "" if folder == root else f"{(folder.relative_to(root) if inside else folder).as_posix()}/"
    excluded = [re.compile(pattern) for pattern in source.exclude]
    endings = tuple(source.include)
    pending = [(str(folder), "")]
    while pending:
        here, below_here = pending.pop()
        for entry in _entries(here, problems):
            below = below_here + entry.name
            if entry.is_dir(follow_symlinks=False):
                pending.append((entry.path, f"{below}/"))
            elif entry.name.lower().endswith(endings) and not any(p.search(below) for p in excluded):
                info = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(info.st_mode) and _storable(prefix + below, problems):
                    yield FoundFile(prefix + below, below, entry.path, info.st_size, info.st_mtime_ns, index)


def _entries(folder: str, problems: list[Problem]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        problems.append(Problem(folder, _("cannot be read: {reason}").format(reason=error.strerror)))
        return []


def _storable(path: str, problems: list[Problem]) -> bool:
    if path.isprintable() and len(path) <= MAX_PATH:
        return True
    problems.append(Problem(repr(path[:MAX_PATH]), _("rename it: the path is too long or not plain text")))
    return False


def read_bytes(file: FoundFile) -> bytes:
    """Read a file that is small enough to be a text.

    Raises:
        UnreadableFile: too large, or not readable.
    """
    if file.size_bytes > MAX_TEXT_BYTES:
        raise UnreadableFile(_("larger than 1 MB: split it, or leave it out by 'exclude'"))
    try:
        with open(os.open(file.full, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as opened:  # noqa: PTH123
            return opened.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(_("cannot be read: {reason}").format(reason=error.strerror)) from error


def decode(data: bytes) -> str:
    """Return the text of a file: UTF-8 with or without a mark, line ends as LF.

    Raises:
        UnreadableFile: binary or in another encoding, with the line.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile(_("UTF-16: save the file as UTF-8"), 1)
    if b"\0" in data:
        raise UnreadableFile(_("binary data, not a text"), data.count(b"\n", 0, data.index(b"\0")) + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            _("not UTF-8 (byte 0x{byte:02x}): save the file as UTF-8").format(byte=data[error.start]), line
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An attachment whose copy is kept below .contentops/files/ by its hash."""

    path: str
    file_name: str
    media_type: str
    size_bytes: int
    mtime_ns: int
    sha256: str


def keep_attachment(name: str, beside: Path, root: Path, limit_to: Path, kept: Path | None) -> KeptFile:
    """Copy the file that front matter names to the kept files and describe it.

    The copy is what visitors get: a writer who saves a half-finished PDF does not change what is handed out until the
    next sync.

    Args:
        name: as written in the front matter, relative to the Markdown file. beside: that file's folder.
        root: the workspace. limit_to: the source's folder, which the file must not leave.
        kept: where copies are kept; None only looks.

    Raises:
        UnreadableFile: missing, outside the folder, not a regular file, of a type that is not handed out, too large.
    """
    try:
        return _keep(name, (beside / name).resolve(), root.resolve(), limit_to.resolve(), kept)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        reason = error.strerror if isinstance(error, OSError) else os.strerror(errno.ELOOP)
        raise UnreadableFile(
            _("the file '{name}' cannot be read: {reason}").format(name=name, reason=reason)
        ) from error


def _keep(name: str, full: Path, root: Path, limit_to: Path, kept: Path | None) -> KeptFile:
    media_type = MEDIA_TYPES.get(full.suffix.lower())
    if not full.is_relative_to(limit_to):
        raise UnreadableFile(_("the file '{name}' is outside the content folder").format(name=name))
    if media_type is None:
        raise UnreadableFile(
            _("the file '{name}' is of a type that is not handed out; possible: {types}").format(
                name=name, types=" ".join(MEDIA_TYPES)
            )
        )
    if not full.is_file():
        raise UnreadableFile(_("the file '{name}' is missing").format(name=name))
    info = full.stat()
    if info.st_size == 0:
        raise UnreadableFile(_("the file '{name}' is empty").format(name=name))
    if info.st_size > MAX_ATTACHMENT_BYTES:
        raise UnreadableFile(_("the file '{name}' is larger than 200 MB").format(name=name))
    with full.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    if kept is not None and not (kept / sha256).is_file():
        kept.mkdir(parents=True, exist_ok=True)
        temporary = kept / f".{sha256}.{os.getpid()}"
        shutil.copyfile(full, temporary)
        temporary.replace(kept / sha256)
    stored = full.relative_to(root).as_posix() if full.is_relative_to(root) else full.as_posix()
    return KeptFile(stored, full.name, media_type, info.st_size, info.st_mtime_ns, sha256)
