"""What a backup consists of. Pure but for reading and writing its files.

A backup is a folder, not an archive: one damaged file spoils itself only, the parts can be looked at with usual tools,
and programs that copy backups elsewhere see which of the kept files they have already::

    backup-20261121T090000Z/
        manifest.json       size and SHA-256 of each file, rows per table; written last
        contentops.db       or database.dump of PostgreSQL
        contentops.toml
        files/<sha256>      the attachments
        lists/erased …      copies of the lists of erasures, withdrawals and stops, for the day the disk is lost
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import Any

from contentops.errors import BackupInvalid, Problem
from contentops.texts import gettext as _

MANIFEST = "manifest.json"
DATABASE, DUMP, FILES, LISTS = "contentops.db", "database.dump", "files", "lists"
FORMAT = 1
NAME = re.compile(r"backup-[0-9]{8}T[0-9]{6}Z(-[0-9]+)?")
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        made_at: ISO time in UTC. version: of contentops. revision: of the schema. database: name of the database's
            file. rows: rows per table at the moment of the backup; empty for PostgreSQL, whose dump is checked by its
            own tool. files: path inside the backup → part.
    """

    made_at: str
    version: str
    revision: str
    database: str
    rows: dict[str, int] = field(default_factory=dict)
    files: dict[str, Part] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write it into a backup's folder, on disk when this returns."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1, sort_keys=True)
        write_synced(folder / MANIFEST, [text.encode("utf-8")])

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read a backup's manifest.

        Raises:
            BackupInvalid: there is none, or it is of another format.
        """
        path = folder / MANIFEST
        try:
            given = json.loads(path.read_text(encoding="utf-8"))
            if given.pop("format") != FORMAT:
                raise ValueError("format")
            parts = {name: Part(int(part["size"]), str(part["sha256"])) for name, part in given.pop("files").items()}
            manifest = cls(files=parts, **given)
        except FileNotFoundError as error:
            raise BackupInvalid([Problem(str(folder), _("no backup: it has no manifest.json"))]) from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise BackupInvalid([Problem(str(path), _("cannot be read as a backup's manifest"))]) from error
        if not all(map(_is_inside, manifest.files)) or manifest.database not in manifest.files:
            raise BackupInvalid([Problem(str(path), _("names files that are not the backup's"))])
        return manifest

    def check(self, folder: Path) -> None:
        """Compare every file with its size and hash.

        Raises:
            BackupInvalid: with everything that is missing or differs.
        """
        problems = []
        for name, part in self.files.items():
            try:
                found = part_of(folder / name)
            except OSError as error:
                problems.append(Problem(str(folder / name), error.strerror or str(error)))
                continue
            if found != part:
                problems.append(Problem(str(folder / name), _("differs from what was backed up")))
        if problems:
            raise BackupInvalid(problems)


def part_of(path: Path) -> Part:
    """Return size and hash of a file."""
    with path.open("rb") as file:
        digest = file_digest(file, "sha256")
        return Part(file.tell(), digest.hexdigest())


def copy_synced(source: Path, target: Path) -> None:
    """Copy a file for its owner only; on disk when this returns."""
    with source.open("rb") as file:
        write_synced(target, iter(lambda: file.read(_CHUNK), b""))


def write_synced(target: Path, pieces: Iterable[bytes]) -> None:
    """Write a new file for its owner only; on disk when this returns."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as out:  # noqa: PTH123 - a descriptor
        for piece in pieces:
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())


def differing(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Return the tables whose counts differ."""
    return sorted(table for table in before.keys() | after.keys() if before.get(table) != after.get(table))


def _is_inside(name: Any) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts
