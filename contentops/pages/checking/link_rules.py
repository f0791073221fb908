"""Where the links and pictures of one page lead. Pure rules: nothing is fetched, other hosts are passed over."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from contentops.errors import did_you_mean
from contentops.pages.checking.findings import Finding, finding
from contentops.pages.checking.page_source import PageSource
from contentops.pages.material.pieces import Visibility
from contentops.texts import gettext as _


@dataclass(frozen=True, slots=True)
class PageTarget:
    """A page that links can lead to.

    Attributes:
        anchors: ids of its body; None where they are not known, then no link to a place in it is called broken.
    """

    state: Visibility
    slug: str
    language: str
    anchors: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class SiteMap:
    """What the site holds.

    Attributes:
        pages: by their path, ``/zh/my-paper/``, those that are not public as well.
        files: Markdown file, as findings name it → path of its page.
        hosts: names of the site's own hosts, with the port where there is one. redirects: former path → path of today.
        others: further paths of the site: lists, the notice, files. template_anchors: ids that every page has.
    """

    pages: Mapping[str, PageTarget] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    hosts: frozenset[str] = frozenset()
    redirects: Mapping[str, str] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    template_anchors: frozenset[str] = frozenset({"main", "form"})


def link_findings(source: PageSource, site: SiteMap, beside: frozenset[str] = frozenset()) -> list[Finding]:
    """Return links and pictures of a page that lead nowhere or where visitors cannot go, by line.

    Args:
        beside: files that exist beside the text, as relative paths: ``cover.png``, ``img/图.png``.
    """
    found = {place for link in source.links for place in _link(_Place(source, link.line, link.href), site, beside)}
    found |= {place for image in source.images for place in _image(_Place(source, image.line, image.src), site, beside)}
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Place:
    """An address and where it stands."""

    source: PageSource
    line: int
    address: str

    def found(self, code: str, message: str, advice: str, hint: str = "") -> Finding:
        """Return a finding here; the message is told the address."""
        return finding(code, self.source.path, self.line, message.format(address=self.address) + hint, advice)


def _link(place: _Place, site: SiteMap, beside: frozenset[str]) -> Iterator[Finding]:
    parts = _split(place.address)
    if parts is None:
        yield place.found("broken-link", _("the address {address} cannot be read"), _("write it anew"))
        return
    if not _within(parts, site):
        return
    if parts.netloc:
        yield _own_host(place, parts)
    path, fragment = unquote(parts.path), unquote(parts.fragment)
    if not path and not parts.netloc:
        yield from _anchor(place, fragment, place.source.anchors, site)
    elif not parts.netloc and not path.startswith("/") and path in beside and not _MARKDOWN.search(path):
        return
    else:
        yield from _page(place, path or "/", fragment, site)


def _page(place: _Place, path: str, fragment: str, site: SiteMap) -> Iterator[Finding]:
    here = site.files.get(place.source.path, "/")
    if _MARKDOWN.search(path) and not path.startswith("/"):
        file = posixpath.normpath(posixpath.join(posixpath.dirname(place.source.path), path))
        target = site.files.get(file)
        if target is None:
            yield place.found("broken-link", _("{address} leads to no Markdown file of the site"), _correct_it())
            return
    else:
        target = _usual(unquote(urljoin(here, path)))
    if target in site.redirects and target not in site.pages:
        target = site.redirects[target]
        yield place.found("old-address", _("{address} is a former address"), _("write {path}").format(path=target))
    page = site.pages.get(target)
    if page is not None:
        yield from _target(place, target, page, fragment, site)
    elif not {target, target.rstrip("/")} & site.others:
        message, hint = _("{address} leads to no page of the site"), _nearest(target, site)
        yield place.found("broken-link", message, _correct_it(), hint)


def _target(place: _Place, path: str, page: PageTarget, fragment: str, site: SiteMap) -> Iterator[Finding]:
    """Yield what is wrong with a link to a page that exists."""
    if page.state is not Visibility.PUBLIC:
        why, advice = _hidden(page)
        yield place.found(f"link-to-{page.state}", why, advice)
        return
    if page.anchors is not None:
        own = site.files.get(place.source.path) == path
        yield from _anchor(place, fragment, place.source.anchors if own else page.anchors, site)


def _hidden(page: PageTarget) -> tuple[str, str]:
    """Return why visitors cannot see a page, and what to do."""
    given = {"page": f"{page.language}/{page.slug}"}
    publish = _("publish {page} first, or take the link out").format(**given)
    return {
        Visibility.DRAFT: (_("{address} leads to a draft"), publish),
        Visibility.UNPUBLISHED: (_("{address} leads to a page that is not published"), publish),
        Visibility.FUTURE: (
            _("{address} leads to a page that is not public yet"),
            _("publish this page after {page}, or take the link out until then").format(**given),
        ),
        Visibility.EXPIRED: (
            _("{address} leads to a page whose time is over"),
            _("link to what holds today, or give {page} a later expiryDate").format(**given),
        ),
        Visibility.RETIRED: (
            _("{address} leads to a page that was retired"),
            _("link to what replaced {page}, or take the link out").format(**given),
        ),
    }[page.state]


def _anchor(place: _Place, fragment: str, anchors: frozenset[str], site: SiteMap) -> Iterator[Finding]:
    """Yield that a page has no such place; browsers know ``#`` and ``#top`` by themselves."""
    if not fragment or fragment.lower() == "top" or fragment in anchors | site.template_anchors:
        return
    message, hint = _("{address} leads to a place that the page does not have"), did_you_mean(fragment, anchors)
    advice = _("give the heading this name: ## Heading {{#{name}}}").format(name=fragment)
    yield place.found("broken-anchor", message, advice, hint)


def _image(place: _Place, site: SiteMap, beside: frozenset[str]) -> Iterator[Finding]:
    parts = _split(place.address)
    if parts is not None and not _within(parts, site):
        return
    if parts is not None and parts.netloc:
        yield _own_host(place, parts)
    path = unquote(parts.path) if parts is not None else ""
    relative = path.removeprefix("./")
    if not path or (path not in site.others if path.startswith("/") else not {path, relative} & beside):
        message = _("the picture {address} does not exist") if path else _("a picture has no address")
        advice = _("put the file beside the text, or correct its name; upper and lower case count")
        yield place.found("missing-image", message, advice)


def _own_host(place: _Place, parts: SplitResult) -> Finding:
    path = parts._replace(scheme="", netloc="").geturl() or "/"
    advice = _("write {path}").format(path=path)
    return place.found("absolute-own-link", _("{address} names the site's own host"), advice)


_MARKDOWN = re.compile(r"\.(?:md|markdown)\Z", re.IGNORECASE)


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address.strip())
        _port = parts.port
    except ValueError:
        return None
    return parts


def _within(parts: SplitResult, site: SiteMap) -> bool:
    """Say whether an address is one of the site's own."""
    if parts.netloc:
        return parts.scheme.lower() in ("", "http", "https") and parts.netloc.lower() in site.hosts
    return not parts.scheme


def _usual(path: str) -> str:
    """Return the form in which pages are known: with ``/`` at the end, without ``index.html``."""
    path = path.removesuffix("index.html")
    return path if path.endswith("/") else f"{path}/"


def _nearest(path: str, site: SiteMap) -> str:
    """Return a hint at a page whose address begins alike; comparing with every page would take seconds a site."""
    begin = path[: path.rstrip("/").rfind("/") + 3]
    return did_you_mean(path, islice((known for known in site.pages if known.startswith(begin)), 40))


def _correct_it() -> str:
    return _("correct the address, or take the link out")
