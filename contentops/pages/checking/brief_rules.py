"""What a front matter says in vain: keys that nothing reads, pictures that are not there, gates that close nothing."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from contentops.assets.fields import OWN_KEYS
from contentops.assets.sections import PictureFile, Words
from contentops.errors import did_you_mean
from contentops.models import Gate
from contentops.pages.checking.findings import Finding, finding
from contentops.pages.checking.page_source import PageSource
from contentops.pages.gate import brief_of
from contentops.pages.material.pieces import Piece
from contentops.texts import gettext as _


def front_matter_findings(piece: Piece, source: PageSource, folder: Path) -> Iterator[Finding]:
    """Yield what is wrong with a page's front matter although the file can be read.

    Args:
        folder: the workspace.
    """
    own = piece.front_matter.get("contentops")
    for key in own if isinstance(own, dict) else ():
        if key not in OWN_KEYS:
            message = _("unknown key contentops.{key}").format(key=key) + did_you_mean(str(key), OWN_KEYS)
            line = source.key_line(("contentops", str(key)))
            yield finding("unknown-key", source.path, line, message, _("correct it or take it away"))
    beside = (folder / piece.path).parent
    for path, named in _pictures(brief_of(piece)):
        if not _is_there(beside / named):
            yield _missing(source, source.key_line(("contentops", *path)), named)
    cover = piece.front_matter.get("cover") or piece.front_matter.get("image")
    name = cover.get("image") if isinstance(cover, dict) else cover
    if isinstance(name, str) and name and "cover" not in piece.files and not name.startswith(("http:", "https:", "/")):
        yield _missing(source, source.key_line(("cover" if piece.front_matter.get("cover") else "image",)), name)
    yield from _gate(piece, source)


def _gate(piece: Piece, source: PageSource) -> Iterator[Finding]:
    """Yield that a partly gated text closes nothing."""
    if piece.gate is not Gate.PARTIAL:
        return
    headings = [heading for heading in source.headings if heading.level == 2]
    shown = brief_of(piece).open_sections
    if len(headings) < shown or not headings:
        message = _("all parts of the text are open: it has {n} headings of the second level").format(n=len(headings))
        advice = _("write more headings with ##, or set contentops.open_sections lower")
        yield finding("nothing-closed", source.path, source.key_line(("contentops", "gate")), message, advice)


def _missing(source: PageSource, line: int, name: str) -> Finding:
    message = _("the picture '{name}' is not beside the text").format(name=name[:100])
    return finding("missing-image", source.path, line, message, _("put the picture beside the text"))


def _pictures(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every picture that a brief names, by the path of its key."""
    if isinstance(value, PictureFile):
        yield path, value.src
    elif isinstance(value, Words):
        for name in type(value).model_fields:
            yield from _pictures(getattr(value, name), (*path, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, item in enumerate(value):
            yield from _pictures(item, (*path, number))


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except (OSError, ValueError):
        return False
