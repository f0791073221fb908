"""The pictures of one page: its cover, those beside the text; found, measured, brought along."""

from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote

from contentops.assets.slugs import page_path
from contentops.assets.sync.files import MEDIA_TYPES
from contentops.pages.contract import Picture
from contentops.pages.material.pieces import Piece


class Album:
    """Brings pictures to a page, and nothing that is not one.

    Attributes:
        files: path on the site → bytes of what is shown. reads: path of each picture beside the text → its size and
            time when it was read (None: it was not there), so that a later build sees whether it changed.
            missing: names that lead to no picture.

    Args:
        folder: the workspace. kept: copies of attachments, by hash.
    """

    def __init__(self, piece: Piece, folder: Path, kept: Path) -> None:
        self._piece, self._kept = piece, kept
        self._address = page_path(piece.language, piece.slug)
        self._workspace = folder
        self.files: dict[str, bytes] = {}
        self.reads: dict[str, tuple[int, int] | None] = {}
        self.missing: list[str] = []

    @cached_property
    def _folder(self) -> Path:
        return self._workspace.resolve()

    @cached_property
    def _root(self) -> Path | None:
        """The text's folder; asked for by pages with pictures only, since resolving takes as long as all the rest."""
        return (self._workspace / self._piece.path).parent.resolve() if self._piece.path else None

    def cover(self) -> Picture | None:
        """Return the cover, if there is one that can be shown."""
        file = self._piece.files.get("cover")
        content = self.cover_bytes() if file else None
        if file is None or content is None:
            return None
        path = f"{self._address}cover{Path(file.file_name).suffix.lower()}"
        return self._shown(path, content, self._piece.title)

    def cover_bytes(self) -> bytes | None:
        """Return the cover's own bytes."""
        file = self._piece.files.get("cover")
        try:
            return (self._kept / file.sha256).read_bytes() if file else None
        except OSError:
            return None

    def beside(self, name: str, alt: str = "") -> Picture | None:
        """Return a picture that stands beside the Markdown file, by its name as written there."""
        found = self.content(name)
        if found is None:
            return None
        file, content = found
        path = self._address + file.relative_to(self._root or file.parent).as_posix()
        shown = self._shown(path, content, alt)
        if shown is None:
            self.missing.append(name)
        return shown

    def content(self, name: str) -> tuple[Path, bytes] | None:
        """Return a picture's file and bytes; None where it is missing, no picture, or outside the text's folder."""
        if self._root is None:
            return None
        try:
            named = self._root / unquote(name)
            file = named.resolve()
            # Both: what is a link may lead elsewhere by the next build.
            self.reads |= {self._relative(path): stamp(path) for path in (named, file)}
            inside = file.is_relative_to(self._root)
            if inside and file.is_file() and MEDIA_TYPES.get(file.suffix.lower(), "").startswith("image/"):
                return file, file.read_bytes()
        except (OSError, ValueError, RuntimeError):  # RuntimeError: links in a circle, before Python 3.13
            pass
        self.missing.append(name)
        return None

    def _relative(self, file: Path) -> str:
        return file.relative_to(self._folder).as_posix() if file.is_relative_to(self._folder) else file.as_posix()

    def _shown(self, path: str, content: bytes, alt: str) -> Picture | None:
        size = picture_size(content)
        if size is None:
            return None
        self.files[path.lstrip("/")] = content
        return Picture(quote(path), *size, alt)


def stamp(file: Path) -> tuple[int, int] | None:
    """Return size and time of a file; None where there is none."""
    try:
        info = file.stat()
    except OSError:
        return None
    return info.st_size, info.st_mtime_ns


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels; None where it is no picture."""
    import io

    import imagesize

    width, height = imagesize.get(io.BytesIO(content))
    return (int(width), int(height)) if width > 0 and height > 0 else None
