"""What there is at one moment, read at once and light: thousands of pieces in a few milliseconds, without the ORM."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Text, cast
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, or_, select

from contentops.assets.slugs import home_path
from contentops.assets.standards import Standards
from contentops.models import Asset, AssetText, Attachment, Gate, SourceFile, WorkflowState

_COLUMNS = (
    "id", "slug", "kind", "language", "translation_key", "title", "description", "state", "gate", "draft", "dated_on",
    "changed_on", "go_live_at", "expires_at", "published_at", "aliases", "stages", "personas", "industries",
)  # fmt: skip


class Dated(Protocol):
    """What decides whether visitors may see something; a row and a :class:`Piece` both have it."""

    state: WorkflowState
    draft: bool
    go_live_at: datetime | None
    expires_at: datetime | None
    kind: str


class Visibility(StrEnum):
    """Whether visitors can see a page, and why not; unpublished where its state or its kind keeps it in the house."""

    PUBLIC = "public"
    DRAFT = "draft"
    FUTURE = "future"
    EXPIRED = "expired"
    RETIRED = "retired"
    UNPUBLISHED = "unpublished"


def is_public(asset: Dated, standards: Standards, now: datetime) -> bool:
    """Return whether an asset may be seen by visitors now.

    Published in the workflow, no draft, its moment of going live is past and its expiry is not (Hugo's rules), and its
    kind is not an internal one.
    """
    return (
        asset.state is WorkflowState.PUBLISHED
        and not asset.draft
        and (asset.go_live_at is None or asset.go_live_at <= now)
        and (asset.expires_at is None or asset.expires_at > now)
        and asset.kind in standards.kinds
        and standards[asset.kind].is_public
    )


def visibility(asset: Dated, standards: Standards, now: datetime) -> Visibility:
    """Return whether an asset may be seen by visitors now (:func:`is_public`), or the first thing that keeps it."""
    if is_public(asset, standards, now):
        return Visibility.PUBLIC
    if asset.state is WorkflowState.RETIRED:
        return Visibility.RETIRED
    if asset.draft:
        return Visibility.DRAFT
    if asset.expires_at is not None and asset.expires_at <= now:
        return Visibility.EXPIRED
    if asset.state is WorkflowState.PUBLISHED and asset.go_live_at is not None and asset.go_live_at > now:
        return Visibility.FUTURE
    return Visibility.UNPUBLISHED


@dataclass(frozen=True, slots=True)
class File:
    """A file that an asset hands over or shows; its copy is kept by its hash."""

    sha256: str
    file_name: str
    size_bytes: int


@dataclass
class Piece:
    """One asset as pages see it: the columns of :class:`contentops.models.Asset` that pages show.

    Attributes:
        front_text: the front matter as JSON, as stored. text_sha256: hash of the Markdown. path: of the Markdown file,
            relative to the workspace; empty where there is none. files: by role, ``download`` and ``cover``.
    """

    id: str
    slug: str
    kind: str
    language: str
    translation_key: str
    title: str
    description: str
    state: WorkflowState
    gate: Gate
    draft: bool
    dated_on: date | None
    changed_on: date | None
    go_live_at: datetime | None
    expires_at: datetime | None
    published_at: datetime | None
    aliases: list[str]
    stages: list[str]
    personas: list[str]
    industries: list[str]
    front_text: str = "{}"
    text_sha256: str = ""
    path: str = ""
    files: dict[str, File] = field(default_factory=dict)

    @cached_property
    def front_matter(self) -> dict[str, Any]:
        """All keys of the file, as written."""
        values = json.loads(self.front_text)
        return values if isinstance(values, dict) else {}

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything that a page says because of this piece."""
        parts = [getattr(self, name) for name in (*_COLUMNS, "front_text", "text_sha256", "path", "files")]
        return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def series(self) -> str:
        """Name of the series that the writer put it into (Hugo's ``series``: one word or a list); else empty."""
        named = self.front_matter.get("series")
        first = next(iter(named), "") if isinstance(named, list) else named
        return " ".join(str(first).split()) if isinstance(first, str | int) and not isinstance(first, bool) else ""

    @property
    def part(self) -> tuple[int, date, str]:
        """Place within its series: ``contentops.part`` or Hugo's ``weight``, then the date, then the address."""
        own = self.front_matter.get("contentops")
        number = (own.get("part") if isinstance(own, dict) else None) or self.front_matter.get("weight")
        stated = number if isinstance(number, int) and not isinstance(number, bool) else 1_000_000
        return stated, self.dated_on or date.max, self.slug

    @property
    def has_form(self) -> bool:
        """Whether the page asks for a contact."""
        return self.gate is not Gate.OPEN


@dataclass(frozen=True)
class Pieces:
    """Some or all pieces of a workspace, and who belongs to whom."""

    all: tuple[Piece, ...]

    @classmethod
    def load(cls, session: Session, *, near: Asset | None = None) -> "Pieces":
        """Read every piece; with `near`, only versions of that asset and what is in its language."""
        columns = [col(getattr(Asset, name)) for name in _COLUMNS]
        query = (
            sa_select(*columns, cast(col(Asset.front_matter), Text), col(AssetText.sha256), col(SourceFile.path))
            .outerjoin(AssetText, col(AssetText.asset_id) == Asset.id)
            .outerjoin(SourceFile, col(SourceFile.asset_id) == Asset.id)
            .order_by(col(Asset.language), col(Asset.slug), col(SourceFile.path).desc())
        )
        if near is not None:
            query = query.where(
                or_(col(Asset.translation_key) == near.translation_key, col(Asset.language) == near.language)
            )
        pieces: dict[str, Piece] = {}
        for row in session.connection().execute(query):
            *values, text_sha256, path = row
            piece = Piece(*values)
            piece.text_sha256, piece.path = text_sha256 or "", path or ""
            pieces[piece.id] = piece  # a renamed file may leave two rows until the next sync: the first path counts
        names = ("asset_id", "role", "sha256", "file_name", "size_bytes")
        files = sa_select(*(col(getattr(Attachment, name)) for name in names))
        for asset_id, role, *rest in session.connection().execute(files):
            if asset_id in pieces:
                pieces[asset_id].files[role] = File(*rest)
        return cls(tuple(pieces.values()))

    def public(self, standards: Standards, now: datetime) -> "Pieces":
        """Return those that visitors may see."""
        return Pieces(tuple(piece for piece in self.all if is_public(piece, standards, now)))

    def without(self, refused: Iterable[str]) -> "Pieces":
        """Return all but those with these ids."""
        gone = set(refused)
        return Pieces(tuple(piece for piece in self.all if piece.id not in gone)) if gone else self

    def at(self, address: str) -> list["Piece"]:
        """Return the pieces at an address: ``slug`` (in every language), ``zh-CN/slug`` or ``zh/slug``."""
        language, _slash, slug = address.strip("/").rpartition("/")
        named = (piece for piece in self.all if piece.slug == slug)
        return [piece for piece in named if language in ("", piece.language, home_path(piece.language).strip("/"))]

    @cached_property
    def by_id(self) -> Mapping[str, Piece]:
        """Pieces by id."""
        return {piece.id: piece for piece in self.all}

    @cached_property
    def by_path(self) -> Mapping[str, Piece]:
        """Pieces by the path of their Markdown file: what a link from one file to another means."""
        return {piece.path: piece for piece in self.all if piece.path}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages that there are pieces in."""
        return tuple(sorted({piece.language for piece in self.all}))

    def versions(self, piece: Piece) -> list[Piece]:
        """Return the same piece in all its languages, itself included."""
        return self._versions.get(piece.translation_key) or [piece]

    def parts(self, piece: Piece) -> list[Piece]:
        """Return the series that a piece is a part of, in its order; alone, it is no series."""
        return self._series.get((piece.language, piece.series), []) if piece.series else []

    def related(self, piece: Piece) -> list[Piece]:
        """Return what to read next in the same language: the same stages, then the same kind, newest first."""
        if piece.id not in self._related:
            self._related[piece.id] = self._nearest(piece)
        return self._related[piece.id]

    @cached_property
    def _related(self) -> dict[str, list[Piece]]:
        return {}

    def _nearest(self, piece: Piece) -> list[Piece]:
        words = (piece.kind, *piece.stages)
        near = [other for word in words for other in self._neighbours.get((piece.language, word), [])[:_CANDIDATES]]
        shared = {other.id: len(set(other.stages) & set(piece.stages)) for other in near}
        others = {other.id: other for other in near if other.id != piece.id}.values()
        return sorted(others, key=lambda other: -shared[other.id])[:_RELATED]

    @cached_property
    def _versions(self) -> dict[str, list[Piece]]:
        versions: dict[str, list[Piece]] = {}
        for piece in self.all:
            versions.setdefault(piece.translation_key, []).append(piece)
        return versions

    @cached_property
    def _series(self) -> dict[tuple[str, str], list[Piece]]:
        series: dict[tuple[str, str], list[Piece]] = {}
        for piece in self.all:
            if '"series"' in piece.front_text and piece.series:
                series.setdefault((piece.language, piece.series), []).append(piece)
        return {key: sorted(parts, key=lambda part: part.part) for key, parts in series.items() if len(parts) > 1}

    @cached_property
    def _neighbours(self) -> dict[tuple[str, str], list[Piece]]:
        """By language and by kind or stage, newest first: looking through all of them for each page is slow."""
        neighbours: dict[tuple[str, str], list[Piece]] = {}
        newest_first = sorted(self.all, key=lambda piece: (piece.dated_on or date.min, piece.slug), reverse=True)
        for piece in newest_first:
            for word in (piece.kind, *piece.stages):
                neighbours.setdefault((piece.language, word), []).append(piece)
        return neighbours


_CANDIDATES = 20
_RELATED = 3


def texts(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Return the Markdown of assets by id."""
    wanted = list(ids)
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        query = select(AssetText.asset_id, AssetText.markdown).where(
            col(AssetText.asset_id).in_(wanted[start : start + 500])
        )
        found.update(session.exec(query).all())
    return found
