"""Markdown to HTML that is safe to publish.

Content is data from anywhere: Python-Markdown passes raw HTML and ``javascript:`` addresses through, so that nh3 then
keeps only what the list below allows. Content is never compiled as a template. A hostile text can take very long:
contentops.pages.building.workers sets the limit.
"""

import re
import threading
from collections.abc import Iterator
from html import unescape
from importlib.metadata import version
from typing import Any

import markdown
import nh3

_EXTENSIONS = ("extra", "sane_lists", "admonition", "toc")
PIPELINE = f"3 markdown-{version('markdown')} nh3-{version('nh3')}"
"""Raised when the conversion changes, so that kept texts are made anew."""
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
_PICTURE = re.compile(r'<img\b[^>]*?\bsrc="([^"]*)"[^>]*>')
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_DROPPED = re.compile(r"[\t\r\n]|^[\0-\x20]+")
_ANY_TAG = re.compile(r"<[^>]*>")
_ALT = re.compile(r'\balt="([^"]*)"')


def convert(text: str) -> str:
    """Convert Markdown to safe HTML.

    A heading of the first level at the top is left out: the page shows the title. A picture elsewhere becomes a link.
    """
    html = _converter.markdown.reset().convert(_LEADING_H1.sub("", text, count=1))
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener")
    return _PICTURE.sub(_as_link, clean)


def reading_minutes(html: str) -> int:
    """Estimate how long a converted text takes to read: 400 Han characters or 220 words a minute, at least one."""
    text = _ANY_TAG.sub(" ", html)
    han = sum(map(len, re.findall(r"[\u3400-\u9fff]+", text)))
    words = len(re.findall(r"[A-Za-z\u00c0-\u024f]+", text))
    return max(1, round(han / 400 + words / 220))


class _Skipping:
    """An inline pattern that is not tried on a text without the character that every match of it contains.

    Python-Markdown tries some twenty patterns on each run of text; most runs hold none of their characters. The result
    is the same (a test compares them on real texts), a fifth of the time is saved.
    """

    def __init__(self, pattern: Any, signs: tuple[str, ...]) -> None:
        self._pattern, self._signs = pattern, signs

    def finditer(self, text: str, *position: int) -> Iterator[Any]:
        return self._pattern.finditer(text, *position) if self._may_match(text) else iter(())

    def match(self, text: str, *position: int) -> Any:
        return self._pattern.match(text, *position) if self._may_match(text) else None

    def _may_match(self, text: str) -> bool:
        return any(sign in text for sign in self._signs)


# Name of the pattern → what every match of it holds, at least one of them.
_SIGNS = {
    "backtick": ("`",), "escape": ("\\",), "footnote": ("[^",), "reference": ("[",), "link": ("[",),
    "image_link": ("![",), "image_reference": ("![",), "short_reference": ("[",), "short_image_ref": ("![",),
    "autolink": ("<",), "automail": ("<",), "linebreak": ("  \n",), "html": ("<",), "entity": ("&",),
    "em_strong": ("*", "_"),
}  # fmt: skip


class _Converter(threading.local):
    """One converter a thread: it keeps its state in itself while it works."""

    def __init__(self) -> None:
        # Alignment as an attribute: a style would not pass the sanitiser.
        options = {"extra": {"tables": {"use_align_attribute": True}}}
        self.markdown = markdown.Markdown(extensions=list(_EXTENSIONS), extension_configs=options, output_format="html")
        patterns: Any = self.markdown.inlinePatterns
        for name, signs in _SIGNS.items():
            if name in patterns:  # other versions have others
                patterns[name].compiled_re = _Skipping(patterns[name].compiled_re, signs)


_converter = _Converter()


def _as_link(match: re.Match[str]) -> str:
    """A picture elsewhere becomes a link to it: our pages ask no third party for anything.

    Browsers drop blanks in an address and take a backslash for a slash.
    """
    if not _ELSEWHERE.match(_DROPPED.sub("", unescape(match[1])).replace("\\", "/")):
        return match[0]
    alt = _ALT.search(match[0])
    return f'<a href="{match[1]}" rel="noopener">{(alt[1] if alt else "") or match[1]}</a>'
