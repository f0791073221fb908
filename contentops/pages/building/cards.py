"""Pictures of links: the cover, or one made of the title; kept from build to build, since drawing takes its time."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from contentops.pages.building.workers import Task, Workers, attempt
from contentops.pages.material.album import Album
from contentops.pages.material.pieces import Piece
from contentops.pages.sharing.cards import cover_card, title_card
from contentops.pages.sharing.fonts import CardFont, find_font
from contentops.pages.views.page import Views

STYLE = "1"
"""Raised when cards look different, so that kept ones are drawn anew."""
FEW = 2
"""This many are drawn on the spot; more are worth processes."""


@dataclass
class Cards:
    """Draws pictures of links.

    Attributes:
        font: a file, ``auto`` or ``none``, see settings. folder: of the workspace. drawn: where pictures are kept.
        kept: copies of attachments, by hash.
    """

    views: Views
    font: str
    folder: Path
    drawn: Path
    kept: Path

    def key(self, piece: Piece) -> str:
        """Return the name of a piece's picture: a hash of all that it shows; empty where it has none."""
        cover = piece.files.get("cover")
        if cover is not None:
            return self._hashed("cover", cover.sha256)
        font = self._font(piece)
        if font is None:
            return ""
        return self._hashed("title", *self._words(piece), str(font.path.name), str(font.index))

    def make(self, pieces: Iterable[Piece], workers: Workers) -> dict[str, bytes]:
        """Return the pictures of pieces by asset id."""
        pictures: dict[str, bytes] = {}
        tasks: list[Task] = []
        names: dict[str, str] = {}
        for piece in pieces:
            name = self.key(piece)
            file = self.drawn / f"{name}.png"
            if name and file.is_file():
                pictures[piece.id] = file.read_bytes()
            elif name:
                names[piece.id] = name
                tasks += self._task(piece)
        for asset_id, picture in self._done(tasks, workers):
            self._keep(names[asset_id], picture)
            pictures[asset_id] = picture
        return pictures

    def _task(self, piece: Piece) -> Iterator[Task]:
        cover = Album(piece, self.folder, self.kept).cover_bytes()
        font = None if cover else self._font(piece)
        if cover:
            yield Task(piece.id, cover_card, (cover,))
        elif font:
            yield Task(piece.id, title_card, (*self._words(piece), font))

    def _done(self, tasks: list[Task], workers: Workers) -> Iterator[tuple[str, bytes]]:
        if len(tasks) <= FEW:
            results = ((task.key, attempt(task.function, task.arguments)[0]) for task in tasks)
        else:
            results = ((result.key, result.value) for result in workers.run(tasks))
        yield from ((key, value) for key, value in results if value is not None)

    def _keep(self, name: str, picture: bytes) -> None:
        self.drawn.mkdir(parents=True, exist_ok=True)
        temporary = self.drawn / f".{name}.part"
        temporary.write_bytes(picture)
        temporary.replace(self.drawn / f"{name}.png")

    def _words(self, piece: Piece) -> tuple[str, str, str, str]:
        color = self.views.settings.site.brand_color
        return piece.title, self.views.kind(piece), self.views.name(piece.language), color

    def _font(self, piece: Piece) -> CardFont | None:
        wanted: str | Path = self.font
        if wanted not in ("auto", "none"):
            wanted = self.folder / wanted
        return find_font("".join(self._words(piece)[:3]), wanted)

    def _hashed(self, *parts: str) -> str:
        return hashlib.sha256("\0".join((STYLE, *parts)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
