"""Markdown to HTML that is safe to publish.

Content is data from anywhere: Python-Markdown passes raw HTML and ``javascript:`` addresses through, so that nh3 then
keeps only what the list below allows. Content is never compiled as a template.
"""

import hashlib
import os
import re
import threading
from html import unescape
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote

import markdown
import nh3
from markupsafe import Markup

_EXTENSIONS = ("extra", "sane_lists", "admonition", "toc")
# Raised when the conversion changes, so that kept bodies are made anew.
_PIPELINE = f"2 markdown-{version('markdown')} nh3-{version('nh3')}"
_TAGS = nh3.ALLOWED_TAGS | {"section", "details", "summary", "figure", "figcaption"}
_ATTRIBUTES = {
    "*": {"id", "class", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "loading"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "td": {"align", "colspan", "rowspan"},
    "ol": {"start"},
    "details": {"open"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_LEADING_H1 = re.compile(r"\A\s*#[ \t]+[^\n]*(?:\n|\Z)")
_REMOTE_PICTURE = re.compile(r'<img\b[^>]*?\bsrc="((?:https?:)?//[^"]*)"[^>]*>')
_ALT = re.compile(r'\balt="([^"]*)"')
_RELATIVE_SRC = re.compile(r'(<img\b[^>]*?\bsrc=")(?!https?:|/|#|data:)([^"]+)(")')


def to_html(text: str, kept: Path | None = None) -> Markup:
    """Convert Markdown to safe HTML.

    A heading of the first level at the top is left out: the page shows the title.

    Args:
        text: the body of an asset. kept: folder in which converted bodies are kept by their hash.
    """
    if kept is None:
        return Markup(_convert(text))  # noqa: S704 - nh3 has just cleaned it
    digest = hashlib.sha256(f"{_PIPELINE}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
    file = kept / f"{digest}.html"
    try:
        return Markup(file.read_text(encoding="utf-8"))  # noqa: S704 - written below
    except OSError:
        html = _convert(text)
        kept.mkdir(parents=True, exist_ok=True)
        temporary = kept / f".{digest}.{os.getpid()}.{threading.get_ident()}"
        temporary.write_text(html, encoding="utf-8")
        temporary.replace(file)
        return Markup(html)  # noqa: S704


def relative_images(html: str) -> list[str]:
    """Return the addresses of pictures that stand beside the Markdown file."""
    return [unquote(unescape(match[2])) for match in _RELATIVE_SRC.finditer(html)]


def reading_minutes(text: str) -> int:
    """Estimate how long a text takes to read: 400 Han characters or 220 words a minute, at least one."""
    han = len(re.findall(r"[\u3400-\u9fff]", text))
    words = len(re.findall(r"[A-Za-z\u00c0-\u024f]+", text))
    return max(1, round(han / 400 + words / 220))


class _Converter(threading.local):
    """One converter a thread: it keeps its state in itself while it works."""

    def __init__(self) -> None:
        # Alignment as an attribute: a style would not pass the sanitiser.
        options = {"extra": {"tables": {"use_align_attribute": True}}}
        self.markdown = markdown.Markdown(extensions=list(_EXTENSIONS), extension_configs=options, output_format="html")


_converter = _Converter()


def _convert(text: str) -> str:
    html = _converter.markdown.reset().convert(_LEADING_H1.sub("", text, count=1))
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener")
    return _REMOTE_PICTURE.sub(_as_link, clean)


def _as_link(match: re.Match[str]) -> str:
    """A picture elsewhere becomes a link to it: our pages ask no third party for anything."""
    alt = _ALT.search(match[0])
    return f'<a href="{match[1]}" rel="noopener">{(alt[1] if alt else "") or match[1]}</a>'
