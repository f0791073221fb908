"""One Markdown file taken apart for checking: what its page will hold, and on which line of the file each piece stands.

What a heading, a link or code is, Python-Markdown decides, and what is left of it, the sanitiser: the text goes
through the same conversion as for the site (:func:`contentops.pages.markup.convert`), with marks for the lines.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from contentops.assets.front_matter import parse
from contentops.assets.key_lines import line_of
from contentops.pages.checking.line_marks import MarkKind, mark_in, marked, pieces, without_marks
from contentops.pages.markup import convert


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the body; the one of the first level at the top is left out, as on the page.

    Attributes:
        level: 1 to 6. id: the anchor that links can name.
    """

    level: int
    text: str
    id: str
    line: int


@dataclass(frozen=True, slots=True)
class Hyperlink:
    """A link of the body. One by reference has the line on which its address is given."""

    href: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of the body.

    Attributes:
        alt: None where raw HTML says none. raw: written as HTML. has_size: with width and height.
    """

    src: str
    alt: str | None
    raw: bool
    has_size: bool
    line: int


@dataclass(frozen=True, slots=True)
class PageSource:
    """A Markdown file taken apart.

    Attributes:
        path: of the file, as findings show it, with ``/``. text: the whole file, line ends LF.
        headings, links, images: in the order of the page. anchors: every id of the body that a link can name.
        prose: the words of the page, headings included, code left out; lines as in the file.
    """

    path: str
    text: str
    headings: tuple[Heading, ...] = ()
    links: tuple[Hyperlink, ...] = ()
    images: tuple[Image, ...] = ()
    anchors: frozenset[str] = frozenset()
    prose: str = ""
    _starts: tuple[int, ...] = field(default=(), repr=False)
    _lines: tuple[int, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, path: str, text: str) -> "PageSource":
        """Take a file apart.

        Raises:
            FrontMatterError: the front matter cannot be read. RecursionError: nested too deeply to be converted.
        """
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        body = parse(text).body
        first_line = text.count("\n", 0, len(text) - len(body)) + 1
        reader = _Reader(first_line)
        reader.feed(convert(marked(body, first_line)))
        reader.close()
        return cls(
            path=path,
            text=text,
            headings=tuple(reader.headings),
            links=tuple(reader.links),
            images=tuple(reader.images),
            anchors=frozenset(reader.anchors),
            prose="".join(reader.prose),
            _starts=tuple(reader.starts),
            _lines=tuple(reader.lines),
        )

    def line_at(self, offset: int) -> int:
        """Return the line of the file on which a character of `prose` stands."""
        place = bisect_right(self._starts, offset) - 1
        return self._lines[place] if place >= 0 else 1

    def key_line(self, path: Sequence[str | int]) -> int:
        """Return the line of a key of the front matter or of the nearest one above it; 1 without front matter."""
        return line_of(self.text, path) or 1


class _Reader(HTMLParser):
    """Reads what the conversion made of a marked text."""

    def __init__(self, first_line: int) -> None:
        super().__init__(convert_charrefs=True)
        self.line = first_line
        self.headings: list[Heading] = []
        self.links: list[Hyperlink] = []
        self.images: list[Image] = []
        self.anchors: set[str] = set()
        self.prose: list[str] = []
        self.starts: list[int] = []
        self.lines: list[int] = []
        self._length = 0
        self._code = 0
        self._contents = 0  # depth inside the list of contents, which repeats the headings
        self._heading: tuple[int, str, list[tuple[str, int]]] | None = None
        self._link: tuple[str, int, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors.update(without_marks(given[key]) for key in ("id",) if given.get(key))
        if self._contents or "toc" in given.get("class", "").split():
            self._contents += tag == "div"
        elif tag in ("code", "pre"):
            self._code += 1
            self._say(" ", self.line)
        elif tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self._heading = (int(tag[1]), without_marks(given.get("id", "")), [])
        elif tag == "a" and "href" in given:
            self._link = (without_marks(given["href"]), self._at(given["href"]), [])
        elif tag == "img":
            self._image(given)

    def handle_endtag(self, tag: str) -> None:
        if self._contents:
            self._contents -= tag == "div"
        elif tag in ("code", "pre"):
            self._code -= 1
        elif self._heading and tag == f"h{self._heading[0]}":
            level, name, parts = self._heading
            words = "".join(part for part, _line in parts)
            line = next((line for part, line in parts if part.strip()), self.line)
            self.headings.append(Heading(level, " ".join(words.split()), name, line))
            self._heading = None
        elif tag == "a" and self._link:
            href, line, texts = self._link
            self.links.append(Hyperlink(href, " ".join("".join(texts).split()), line))
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._contents:
            return
        inside_text = bool(
            data.strip()
        )  # a line end between two tags, such as two cells of one row, may be none of ours
        for marked_line, piece in pieces(data):
            self.line = marked_line or self.line
            for number, part in enumerate(piece.split("\n")):
                self.line += number > 0 and inside_text
                self._hear(part if not number else f"\n{part}")

    def _hear(self, part: str) -> None:
        if self._heading:
            self._heading[2].append((part, self.line))
        if self._link:
            self._link[2].append(part)
        if not self._code:
            self._say(part, self.line)

    def _say(self, part: str, line: int) -> None:
        if part:
            self.starts.append(self._length)
            self.lines.append(line)
            self.prose.append(part)
            self._length += len(part)

    def _image(self, given: dict[str, str]) -> None:
        src = given.get("src", "")
        mark = mark_in(src)
        alt = " ".join(without_marks(given["alt"]).split()) if "alt" in given else None
        raw = mark is None or mark[0] is MarkKind.RAW_ADDRESS
        has_size = bool(given.get("width") and given.get("height"))
        self.images.append(Image(without_marks(src), alt, raw, has_size, self._at(src)))

    def _at(self, address: str) -> int:
        mark = mark_in(address)
        return mark[1] if mark else self.line
