"""Former addresses: where pages were, and where they are now. An address that is in use is never given away."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from contentops.assets.slugs import home_path, page_path
from contentops.errors import Problem
from contentops.pages.material.pieces import Piece, Pieces
from contentops.texts import gettext as _

RESERVED = {"d", "s", "calendar", "static", "healthz", "_redirects", "_preview"}
"""First parts of addresses that are the site's own."""
ROOT_FILES = {"robots.txt", "index.html", "404.html", "redirects.nginx.conf"}
OWN_PAGES = {"privacy", "index.html", "404.html", "feed.xml"}
"""What each language has besides the pages of pieces."""
LONGEST_PART = 255
"""Bytes: what a file system takes as one name."""


@dataclass
class Moved:
    """Former addresses of pages.

    Attributes:
        pages: former path → the piece that is elsewhere now; ``/old/`` for a folder, ``/old.html`` for a file.
        refused: addresses that cannot lead on, and why.
    """

    pages: dict[str, Piece] = field(default_factory=dict)
    refused: list[Problem] = field(default_factory=list)

    @property
    def files(self) -> dict[str, Piece]:
        """The file on the site that leads on from each address."""
        return {_file(path): piece for path, piece in self.pages.items()}


def moved(pieces: Pieces, languages: tuple[str, ...]) -> Moved:
    """Return the former addresses of pieces: their own slugs of before, and Hugo's ``aliases``, whole paths.

    Args:
        languages: of the site; their homes are in use as well.
    """
    pages = {page_path(piece.language, piece.slug) for piece in pieces.all}
    homes = {home_path(language) for language in languages}
    found, files, folders = Moved(), set[str](), set[str]()
    for piece in pieces.all:
        own = [(page_path(piece.language, alias), False) for alias in piece.aliases]
        for path, stated in (*own, *((path, True) for path in _hugo_aliases(piece))):
            file = _file(path)
            above = {f"{parent}" for parent in PurePosixPath(file).parents if parent.name}
            if path == page_path(piece.language, piece.slug) or path in found.pages:
                continue
            clash = file in folders or above & files
            if clash or _in_use(path, pages, homes):
                if stated:
                    message = _("aliases: '{path}' is in use or no possible address").format(path=path[:100])
                    found.refused.append(Problem(piece.path or piece.slug, message))
                continue
            found.pages[path] = piece
            files.add(file)
            folders |= above
    return found


def _in_use(path: str, pages: set[str], homes: set[str]) -> bool:
    """Return whether an address, or one above it, is that of something else, or whether it can be none."""
    parts = path.strip("/").split("/")
    above = {f"/{'/'.join(parts[: n + 1])}/" for n in range(len(parts))}
    return (
        bool(above & pages)
        or f"/{'/'.join(parts)}/" in homes
        or parts[0] in RESERVED
        or (len(parts) == 1 and (parts[0] in ROOT_FILES or parts[0].startswith("sitemap")))
        or (
            len(parts) == 2
            and f"/{parts[0]}/" in homes
            and parts[1] in ("privacy", "index.html", "404.html", "feed.xml")
        )
        or any(len(part.encode()) > LONGEST_PART for part in parts)
    )


def _hugo_aliases(piece: Piece) -> Iterator[str]:
    """Yield former addresses as Hugo's front matter has them: ``aliases: [/old/path/, /posts/old.html]``."""
    if '"aliases"' not in piece.front_text:
        return
    listed = piece.front_matter.get("aliases")
    for alias in listed if isinstance(listed, list) else [listed]:
        parts = str(alias).strip("/").split("/")
        if parts[-1].lower() in ("index.html", "index.htm"):
            parts.pop()
        if str(alias).startswith("/") and parts and all(p and p not in (".", "..") and p.isprintable() for p in parts):
            is_file = PurePosixPath(parts[-1]).suffix.lower() in (".html", ".htm", ".php", ".aspx", ".jsp")
            yield f"/{'/'.join(parts)}{'' if is_file else '/'}"


def _file(path: str) -> str:
    return f"{path[1:]}index.html" if path.endswith("/") else path[1:]
