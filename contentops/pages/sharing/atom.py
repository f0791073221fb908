"""Atom feeds (RFC 4287): what is new, for feed readers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET  # only writes

from contentops.errors import InvalidArgument, Problem
from contentops.pages.sharing.addresses import encoded
from contentops.texts import gettext as _

_NAMESPACE = "http://www.w3.org/2005/Atom"
# XML 1.0, 2.2: everything else may not stand in a document, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class FeedHead:
    """A feed.

    Attributes:
        title: its name. url: the page that shows the same, absolute. feed_url: where the feed lies, absolute.
        language: tag of its texts. author: who answers for it, for entries without authors of their own.
        subtitle: one sentence. id: never changes, see :func:`tag_id`; `feed_url` where it is empty.
        updated: the last change; that of the newest entry where it is None.
    """

    title: str
    url: str
    feed_url: str
    language: str
    author: str
    subtitle: str = ""
    id: str = ""
    updated: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One piece in a feed.

    Attributes:
        title: its title. url: its page, absolute. published, updated: a day, or an aware moment; `published` where
            `updated` is None. summary: one or two sentences. categories: kind and tags, as people read them.
        authors: names. id: never changes, see :func:`tag_id`; `url` where it is empty.
    """

    title: str
    url: str
    published: date | datetime
    updated: date | datetime | None = None
    summary: str = ""
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    id: str = ""


def tag_id(host: str, day: date, name: str) -> str:
    """Return a name for ever that survives a change of address (RFC 4151): ``tag:example.com,2026-03-31:asset/1``.

    Args:
        host: a domain that was the team's on `day`. name: what tells the piece from all others; its id, not its slug.
    """
    return f"tag:{encoded(f'https://{host}')[8:]},{day.isoformat()}:{encoded(name)}"


def atom_feed(feed: FeedHead, entries: Iterable[FeedEntry]) -> bytes:
    """Return a feed as UTF-8; the entries in the order in which they are given.

    Characters that XML does not allow are left out. The same arguments give the same bytes.

    Raises:
        InvalidArgument: a moment has no time zone, or there is neither an entry nor `feed.updated`.
    """
    entries = list(entries)
    _check(feed, entries)
    root = ET.Element("feed", {"xmlns": _NAMESPACE, "xml:lang": plain(feed.language)})
    _add(root, "id", feed.id or encoded(feed.feed_url))
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", _moment(feed.updated) if feed.updated else max(map(_updated, entries)))
    _link(root, "self", feed.feed_url, "application/atom+xml")
    _link(root, "alternate", feed.url, "text/html")
    _add(ET.SubElement(root, "author"), "name", feed.author)
    for entry in entries:
        _add_entry(root, entry)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def plain(text: str) -> str:
    """Return a text without the characters that XML does not allow."""
    return _ILLEGAL.sub("", text)


def _check(feed: FeedHead, entries: list[FeedEntry]) -> None:
    moments = [(feed.title, feed.updated)]
    moments += [(entry.title, moment) for entry in entries for moment in (entry.published, entry.updated)]
    message = _("the moment {moment} has no time zone")
    problems = [
        Problem(title, message.format(moment=moment))
        for title, moment in moments
        if isinstance(moment, datetime) and moment.utcoffset() is None
    ]
    if not entries and feed.updated is None:
        problems.append(Problem(feed.title, _("a feed without entries needs the day of its last change")))
    if problems:
        raise InvalidArgument(problems)


def _add_entry(root: ET.Element, entry: FeedEntry) -> None:
    element = ET.SubElement(root, "entry")
    _add(element, "id", entry.id or encoded(entry.url))
    _add(element, "title", entry.title)
    _link(element, "alternate", entry.url, "text/html")
    _add(element, "published", _moment(entry.published))
    _add(element, "updated", _updated(entry))
    for author in filter(None, map(plain, entry.authors)):
        _add(ET.SubElement(element, "author"), "name", author)
    for category in dict.fromkeys(filter(None, map(plain, entry.categories))):
        ET.SubElement(element, "category", {"term": category})
    if entry.summary:
        _add(element, "summary", entry.summary)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = plain(text)


def _link(parent: ET.Element, relation: str, address: str, media_type: str) -> None:
    ET.SubElement(parent, "link", {"rel": relation, "type": media_type, "href": encoded(address)})


def _updated(entry: FeedEntry) -> str:
    """Return the last change; never before the publication, which `published` may say to the second."""
    return max(_moment(entry.updated), _moment(entry.published)) if entry.updated else _moment(entry.published)


def _moment(value: date | datetime) -> str:
    """Return a moment as RFC 3339 in UTC, so that texts sort as moments do; a day begins at midnight UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    return f"{value.isoformat()}T00:00:00Z"
