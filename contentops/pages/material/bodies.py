"""A converted text as a page shows it: links lead to pages, pictures have sizes, closed parts stay out."""

import base64
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from contentops.assets.slugs import page_path
from contentops.assets.sync.files import MEDIA_TYPES
from contentops.models import Gate
from contentops.pages.material.album import Album
from contentops.pages.material.pieces import Piece
from contentops.texts import gettext as _
from contentops.texts import use_language

_TAG = re.compile(r"<(a|img)\b([^>]*)>")
_ADDRESS = re.compile(r'\b(?:href|src)="([^"]*)"')
_ALT = re.compile(r'\balt="([^"]*)"')
_HEADING = re.compile(r'<h2\b[^>]*?\bid="([^"]*)"[^>]*>(.*?)</h2>', re.DOTALL)
_ANY_HEADING = re.compile(r"<h[2-4]\b[^>]*>(.*?)</h[2-4]>", re.DOTALL)
_TAGS = re.compile(r"<[^>]*>")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/|#|\?", re.IGNORECASE)
_VOID = {"area", "br", "col", "hr", "img", "wbr"}
_TEXT_ENDINGS = (".md", ".mdx", ".markdown")
MAX_EMBEDDED = 3_000_000
"""Bytes of pictures that are put into a text that one visitor alone reads; more of them are left out."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the second level.

    Attributes:
        id: its anchor. text: without markup. open: whether its part is on the page.
    """

    id: str
    text: str
    open: bool


@dataclass(frozen=True, slots=True)
class Body:
    """What a page shows of a text.

    Attributes:
        html: safe HTML. headings: of the whole text, closed parts included. closed: how many parts are left out.
        links: paths of Markdown files that the text links to → address of their page; empty where there is none.
    """

    html: str = ""
    headings: tuple[Heading, ...] = ()
    closed: int = 0
    links: dict[str, str] = field(default_factory=dict)


def scrollable(html: str, language: str) -> str:
    """Let what is wider than a phone be scrolled by itself, with the keyboard as well (WCAG 2.2, 2.1.1)."""
    if "<table" in html:
        with use_language(language):
            label = escape(_("Table"))
        opening = f'<div class="scroll" role="group" tabindex="0" aria-label="{label}"><table'
        html = html.replace("<table", opening).replace("</table>", "</table></div>")
    return html.replace("<pre>", '<pre tabindex="0">')


def open_body(converted: str, piece: Piece, pages: Mapping[str, Piece], album: Album, open_parts: int) -> Body:
    """Return what everybody may read.

    Args:
        converted: the whole text, from :mod:`contentops.pages.markup`. pages: public pieces by path of their file.
        album: takes the pictures along. open_parts: of a partly gated piece.
    """
    parts = parts_of(converted) if piece.gate is Gate.PARTIAL else [converted]
    kept = "".join(parts[:open_parts])
    links: dict[str, str] = {}

    def address(name: str) -> str | None:
        return _page_address(name, piece, pages, links)

    html = scrollable(_TAG.sub(lambda tag: _placed(tag, address, album.beside), kept), piece.language)
    headings = tuple(
        Heading(match[1], unescape(_TAGS.sub("", match[2])).strip(), match.start() < len(kept))
        for match in _HEADING.finditer(converted)
    )
    return Body(html, headings, max(0, len(parts) - open_parts), links)


def whole_body(converted: str, piece: Piece, pages: Mapping[str, Piece], album: Album) -> str:
    """Return the whole text for one visitor: its pictures are inside it, so that none of them lies open."""
    left = MAX_EMBEDDED

    def inside(name: str, alt: str) -> str | None:
        nonlocal left
        found = album.content(name)
        if found is None or len(found[1]) > left:
            return None
        left -= len(found[1])
        kind = MEDIA_TYPES[found[0].suffix.lower()]
        return f'<img src="data:{kind};base64,{base64.b64encode(found[1]).decode()}" alt="{escape(alt)}">'

    def placed(tag: re.Match[str]) -> str:
        source = _ADDRESS.search(tag[2])
        if tag[1] == "a" or source is None or _ELSEWHERE.match(source[1]):
            return _placed(tag, lambda name: _page_address(name, piece, pages, {}), album.beside)
        alt = _ALT.search(tag[2])
        return inside(unescape(source[1]), unescape(alt[1]) if alt else "") or ""

    return scrollable(_TAG.sub(placed, converted), piece.language)


def _placed(tag: re.Match[str], address: Callable[[str], str | None], beside: Callable[[str, str], object]) -> str:
    """Return a link or a picture with the address that it has on the site."""
    given = _ADDRESS.search(tag[2])
    if given is None or not given[1] or _ELSEWHERE.match(given[1]):
        return tag[0]
    name = unescape(given[1])
    if tag[1] == "a":
        target = address(name)
        if target is None:
            return tag[0].replace(given[0], "", 1)  # a text without a page: its words stay, the way to nowhere goes
        return tag[0].replace(given[0], f'href="{escape(target)}"', 1) if target else tag[0]
    alt = _ALT.search(tag[2])
    shown = beside(name, unescape(alt[1]) if alt else "")
    if shown is None:
        return tag[0]
    own_size = "width=" in tag[2]
    size = "" if own_size else f' width="{shown.width}" height="{shown.height}"'  # type: ignore[attr-defined]
    lazy = "" if "loading=" in tag[2] else ' loading="lazy"'
    return f"<img{tag[2].replace(given[0], f'src={chr(34)}{escape(shown.url)}{chr(34)}', 1)}{size}{lazy}>"  # type: ignore[attr-defined]


def _page_address(name: str, piece: Piece, pages: Mapping[str, Piece], links: dict[str, str]) -> str | None:
    """Return the address of the page that a link to a Markdown file means.

    Empty where it means something else, None where that text has no page that visitors may see.
    """
    parts = urlsplit(name)
    path = unquote(parts.path)
    if not path.lower().endswith(_TEXT_ENDINGS) or not piece.path:
        return ""
    file = posixpath.normpath(posixpath.join(posixpath.dirname(piece.path), path))
    target = pages.get(file)
    links[file] = page_path(target.language, target.slug) if target else ""
    return links[file] + (f"#{parts.fragment}" if parts.fragment else "") if target else None


def questions_of(html: str) -> tuple[tuple[str, str], ...]:
    """Return questions and answers of a text: headings that end with a question mark, and what follows each."""
    marks = [*_ANY_HEADING.finditer(html)]
    ends = [*(mark.start() for mark in marks[1:]), len(html)]
    pairs = ((_plain(mark[1]), _plain(html[mark.end() : end])) for mark, end in zip(marks, ends, strict=False))
    return tuple((question, answer[:2000]) for question, answer in pairs if question.endswith(("?", "？")) and answer)


def _plain(html: str) -> str:
    return " ".join(unescape(_TAGS.sub(" ", html)).split())


class _Depths(HTMLParser):
    """Finds the headings of the second level that stand in nothing else: where a text can be cut in two."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self._depth, self.cuts = 0, list[int]()
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "h2" and self._depth == 0:
            line, column = self.getpos()
            self.cuts.append(self._lines[line - 1] + column)
        if tag not in _VOID:
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._depth -= 1


def parts_of(html: str) -> list[str]:
    """Cut clean HTML before each heading of the second level; joined, the parts are the whole again."""
    cuts = [0, *_Depths(html).cuts, len(html)]
    parts = [html[start:end] for start, end in pairwise(cuts)]
    return [part for number, part in enumerate(parts) if part.strip() or number]
