"""What a sync compares and what it finds: the state before, one file that was read, the report."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from contentops.assets.sync.files import FoundFile, KeptFile
from contentops.errors import Problem
from contentops.models import Asset, AssetFields, AssetText, Attachment, SourceFile


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync found and did.

    Attributes:
        files: how many Markdown files there are. added, changed: slugs with their language, as ``zh-CN/slug``.
        renamed: (old path, new path). removed: paths whose file is gone while their asset is still in use.
        problems: files that could not be read, with line and reason. notices: worth a look, but read.
        unchanged: files that were as before. added_published: how many of the added are published at once.
        written: whether anything was stored (not in a dry run, or when strict).
    """

    files: int = 0
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()
    unchanged: int = 0
    added_published: int = 0
    written: bool = False


@dataclass(slots=True)
class FileState:
    """A row of :class:`contentops.models.SourceFile` as a light value: thousands of them are compared in one sync."""

    path: str
    asset_id: str | None
    size_bytes: int
    mtime_ns: int
    sha256: str
    rules_sha256: str
    problem: str | None = None
    problem_line: int | None = None


class Known:
    """What the database holds before a sync. Assets are read only when a file changed: most syncs change nothing."""

    def __init__(self, session: Session) -> None:
        columns = [col(getattr(SourceFile, name)) for name in FileState.__slots__]
        self.files = {row[0]: FileState(*row) for row in session.connection().execute(sa_select(*columns))}
        self.attachments: dict[str, list[Attachment]] = {}
        for attachment in session.exec(select(Attachment)):
            self.attachments.setdefault(attachment.asset_id, []).append(attachment)
        self._session = session

    @cached_property
    def assets(self) -> dict[str, Asset]:
        """All assets by id."""
        return {row.id: row for row in self._session.exec(select(Asset))}

    @cached_property
    def text_hashes(self) -> dict[str, str]:
        """Hashes of the bodies by asset."""
        return dict(self._session.exec(select(AssetText.asset_id, AssetText.sha256)).all())


@dataclass(slots=True)
class ReadFile:
    """One changed file after reading: its row, and its asset's fields unless it is bad."""

    found: FoundFile
    row: FileState
    fields: dict[str, Any] | None = None
    body: str = ""
    attachments: dict[str, KeptFile] = field(default_factory=dict)
    asset: AssetFields | None = None
    is_new: bool = False
    columns: frozenset[str] = frozenset()  # those of the asset that the file owns; the rest is the workflow's

    def blame(self, reason: str, line: int | None = None) -> None:
        """Say why this file cannot become an asset."""
        self.fields = None
        self.row.problem, self.row.problem_line = reason, line

    @property
    def body_sha256(self) -> str:
        """Hash of the body."""
        return hashlib.sha256(self.body.encode("utf-8", "surrogatepass")).hexdigest()
