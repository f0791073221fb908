"""What search engines should visit, and what not: sitemap.xml and robots.txt (sitemaps.org 0.9, RFC 9309)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree as ET  # only writes

from contentops.pages.sharing.addresses import encoded
from contentops.pages.sharing.atom import plain

MOST_ENTRIES, MOST_BYTES = 50_000, 50 * 1024 * 1024
"""How much one file may hold (sitemaps.org); above it there are several and an index."""
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_SET = f'<urlset xmlns="{_NAMESPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'.encode()
_INDEX = f'<sitemapindex xmlns="{_NAMESPACE}">\n'.encode()
_SET_END, _INDEX_END = b"</urlset>\n", b"</sitemapindex>\n"


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A page that search engines may show.

    Attributes:
        url: its address, absolute. changed: day or aware moment of the last change that readers notice.
        versions: language and address of each version, this one included; with fewer than two nothing is said.
        usual: the version for everybody else (x-default); the first one where it is empty.
    """

    url: str
    changed: date | datetime | None = None
    versions: tuple[tuple[str, str], ...] = ()
    usual: str = ""


def sitemap(
    entries: Iterable[SitemapEntry], base: str, *, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES
) -> dict[str, bytes]:
    """Return the files of a sitemap by their names; ``sitemap.xml`` is the whole of it, or the index of the others.

    Args:
        entries: in the order in which they are to stand. base: scheme and host of the site, for the index.
        most_entries, most_bytes: limits of one file.
    """
    files: list[tuple[bytes, str]] = []
    room = most_bytes - len(_DECLARATION + _SET + _SET_END)
    for lines, changed in _shared_out(entries, most_entries, room):
        files.append((_DECLARATION + _SET + b"".join(lines) + _SET_END, changed))
    if len(files) <= 1:
        return {"sitemap.xml": files[0][0] if files else _DECLARATION + _SET + _SET_END}
    named = {f"sitemap-{number}.xml": content for number, (content, _changed) in enumerate(files, 1)}
    index = [
        _line("sitemap", f"{base.rstrip('/')}/{name}", changed)
        for name, (_content, changed) in zip(named, files, strict=True)
    ]
    return {"sitemap.xml": _DECLARATION + _INDEX + b"".join(index) + _INDEX_END, **named}


def robots(base: str, disallow: Iterable[str]) -> bytes:
    """Return robots.txt: everybody may visit everything but what begins with one of `disallow`.

    Args:
        base: scheme and host of the site. disallow: paths such as ``/d/``.
    """
    closed = [f"Disallow: {encoded(path)}" for path in disallow] or ["Disallow:"]
    lines = ["User-agent: *", *closed, "", f"Sitemap: {encoded(base.rstrip('/') + '/sitemap.xml')}", ""]
    return "\n".join(lines).encode("ascii")


def _shared_out(entries: Iterable[SitemapEntry], most: int, room: int) -> Iterator[tuple[list[bytes], str]]:
    """Yield the lines of each file with its last change."""
    lines: list[bytes] = []
    used, changed = 0, ""
    for entry in entries:
        day = _day(entry.changed)
        line = _line("url", entry.url, day, entry)
        if lines and (len(lines) == most or used + len(line) > room):
            yield lines, changed
            lines, used, changed = [], 0, ""
        lines.append(line)
        used += len(line)
        changed = max(changed, day, key=lambda text: text[:10])
    if lines:
        yield lines, changed


def _line(tag: str, address: str, changed: str, entry: SitemapEntry | None = None) -> bytes:
    element = ET.Element(tag)
    ET.SubElement(element, "loc").text = encoded(address)
    if changed:
        ET.SubElement(element, "lastmod").text = changed
    if entry is not None and len(entry.versions) > 1:
        everybody = entry.usual or entry.versions[0][1]
        for language, version in (*entry.versions, ("x-default", everybody)):
            attributes = {"rel": "alternate", "hreflang": plain(language), "href": encoded(version)}
            ET.SubElement(element, "xhtml:link", attributes)
    text: bytes = ET.tostring(element, encoding="us-ascii")
    return text + b"\n"


def _day(value: date | datetime | None) -> str:
    """Return a day, or a moment to the second, as W3C datetime; a moment without a zone says its day only."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") if value.utcoffset() is not None else value.date().isoformat()
    return value.isoformat() if value else ""
