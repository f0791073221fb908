"""Markdown to HTML that is safe to publish.

Content is data from anywhere: Python-Markdown passes raw HTML and ``javascript:`` addresses through, so that nh3 then
keeps only what the list below allows. Content is never compiled as a template.
"""

import hashlib
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote

import markdown
import nh3
from markupsafe import Markup

_EXTENSIONS = ("extra", "sane_lists", "admonition", "toc")
# Raised when the conversion changes, so that kept bodies are made anew.
_PIPELINE = f"1 markdown-{version('markdown')} nh3-{version('nh3')}"
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
        temporary = file.with_suffix(".new")
        temporary.write_text(html, encoding="utf-8")
        temporary.replace(file)
        return Markup(html)  # noqa: S704


def relative_images(html: str) -> list[str]:
    """Return the addresses of pictures that stand beside the Markdown file."""
    return [unquote(match[2]) for match in _RELATIVE_SRC.finditer(html)]


def reading_minutes(text: str) -> int:
    """Estimate how long a text takes to read: 400 Han characters or 220 words a minute, at least one."""
    han = len(re.findall(r"[\u3400-\u9fff]", text))
    words = len(re.findall(r"[A-Za-z\u00c0-\u024f]+", text))
    return max(1, round(han / 400 + words / 220))


@cache
def _markdown() -> markdown.Markdown:
    return markdown.Markdown(extensions=list(_EXTENSIONS), output_format="html")


def _convert(text: str) -> str:
    converter = _markdown()
    html = converter.reset().convert(_LEADING_H1.sub("", text, count=1))
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener")
