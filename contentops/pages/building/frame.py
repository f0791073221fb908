"""The site's own pages and files: lists, feeds, privacy notice, 404, sitemap, robots, redirects, the theme's files."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import NAMESPACE_OID, uuid5

from contentops.assets.slugs import home_path, page_path
from contentops.pages.building.moved import Moved, moved
from contentops.pages.contract import Link, Page, Preferences, Question
from contentops.pages.material.pieces import Piece, Pieces
from contentops.pages.notice import Notice
from contentops.pages.sharing.atom import FeedEntry, FeedHead, atom_feed
from contentops.pages.sharing.redirects import moved_page, nginx_map, redirect_lines
from contentops.pages.sharing.sitemap import SitemapEntry, robots, sitemap
from contentops.pages.theme import Theme
from contentops.pages.views.page import Views, newest_first
from contentops.pages.views.words import language_name
from contentops.texts import gettext as _
from contentops.texts import pick, use_language

FEED_LENGTH = 50
"""Entries of a feed: the newest."""
PRIVATE_PATHS = ("/d/", "/c/", "/p/", "/u/", "/calendar/", "/s/")
"""What search engines are asked to leave alone."""


@dataclass(frozen=True)
class Frame:
    """Renders what is not one asset's page.

    Attributes:
        pieces: all that have a page. short: pages of short addresses, by path.
    """

    views: Views
    theme: Theme
    pieces: Pieces
    short: Mapping[str, bytes]

    @cached_property
    def moved(self) -> Moved:
        """Former addresses."""
        return moved(self.pieces, self.languages)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the site: those of its pieces, and the workspace's own."""
        return tuple(sorted({*self.pieces.languages, self.views.settings.language}))

    def language(self, language: str) -> dict[str, bytes]:
        """Return the pages of one language: its list, its feed, the privacy notice, 404."""
        home = home_path(language)[1:]
        here = [piece for piece in self.pieces.all if piece.language == language]
        files = {
            f"{home}index.html": self._index(language, here),
            f"{home}404.html": self.not_found(language),
            f"{home}privacy/index.html": self._privacy(language),
            f"{home}feed.xml": self._feed(language, here),
        }
        if language == self.views.settings.language:
            files |= {"index.html": files[f"{home}index.html"], "404.html": files[f"{home}404.html"]}
        return files

    def language_shows(self, language: str) -> str:
        """Hash what the pages of one language show."""
        said = [
            (p.slug, p.title, p.description, p.kind, p.gate, p.dated_on, p.changed_on, p.published_at, p.id)
            for p in self.pieces.all
            if p.language == language
        ]
        return hashlib.sha256(
            repr((said, self.languages, self.pieces.languages)).encode("utf-8", "surrogatepass")
        ).hexdigest()

    def whole(self) -> dict[str, bytes]:
        """Return the files that the whole site has once."""
        pairs = sorted((old, page_path(piece.language, piece.slug)) for old, piece in self.moved.pages.items())
        base = self.views.settings.public_url
        files = {path: self._moved_page(piece) for path, piece in self.moved.files.items()}
        files |= self.short
        files |= sitemap(self._sitemap_entries(), base)
        files |= {
            "robots.txt": robots(base, PRIVATE_PATHS),
            "_redirects": redirect_lines(pairs).encode(),
            "redirects.nginx.conf": nginx_map(pairs).encode(),
            "static/icon.svg": self.theme.icon,
            f"static/{self.theme.style[0]}": self.theme.style[1],
        }
        if self.theme.logo is not None:
            files[f"static/{self.theme.logo[0]}"] = self.theme.logo[1]
        return files

    def whole_shows(self) -> str:
        """Hash what those files say."""
        said = [
            (p.slug, p.language, p.title, p.translation_key, p.dated_on, p.changed_on, p.published_at, p.aliases,
             p.front_matter.get("aliases") if '"aliases"' in p.front_text else None)
            for p in self.pieces.all
        ]  # fmt: skip
        short = [(path, hashlib.sha256(data).hexdigest()) for path, data in sorted(self.short.items())]
        return hashlib.sha256(repr((said, short)).encode("utf-8", "surrogatepass")).hexdigest()

    def not_found(self, language: str) -> bytes:
        """Return the page for addresses that lead nowhere."""
        with use_language(language):
            heading, text = _("This page does not exist"), _("It may have moved or been withdrawn.")
        return self.message(language, heading, text).encode()

    def message(self, language: str, heading: str, text: str, link: str = "", link_text: str = "") -> str:
        """Return a page that says one thing: not found, link expired, too many tries."""
        with use_language(language):
            target = Link(_("To the start page"), home_path(language))
            target = Link(link_text or _("Continue"), link) if link else target
        return self._alone("message.html", language, heading, text, text=text, link=target)

    def ask(self, language: str, heading: str, text: tuple[str, ...], question: Question) -> str:
        """Return a page with one question behind a personal link."""
        return self._alone("ask.html", language, heading, "", text=text, question=question)

    def preferences(self, language: str, heading: str, preferences: Preferences) -> str:
        """Return the page on which somebody chooses how they may be contacted."""
        return self._alone("preferences.html", language, heading, "", preferences=preferences)

    def _alone(self, template: str, language: str, heading: str, description: str, **context: object) -> str:
        """Return a page that search engines are not to find."""
        page = self.views.plain_page(heading, description)
        site = self.views.site(language)
        return self.theme.render(template, language, site=site, page=page, heading=heading, **context)

    def _index(self, language: str, here: list[Piece]) -> bytes:
        with use_language(language):
            title = pick(self.views.settings.site.tagline, language) or _("Knowledge and solutions")
        others = [other for other in self.pieces.languages if other != language]
        html = self.theme.render(
            "index.html",
            language,
            site=self.views.site(language),
            page=self._own_page(title, language, home_path),
            groups=self.views.groups(here, language),
            languages=tuple(Link(language_name(other), home_path(other), other) for other in others),
        )
        return html.encode("utf-8", "replace")

    def _privacy(self, language: str) -> bytes:
        with use_language(language):
            title = _("Privacy notice")
        page = self._own_page(title, language, lambda tag: page_path(tag, "privacy"))
        paragraphs = Notice(self.views.settings.privacy, language).paragraphs()
        return self.theme.render(
            "privacy.html", language, site=self.views.site(language), page=page, paragraphs=paragraphs
        ).encode()

    def _own_page(self, title: str, language: str, path: Callable[[str], str]) -> Page:
        description = f"{title} – {self.views.name(language)}"
        versions = [(tag, path(tag)) for tag in self.languages]
        return self.views.plain_page(title, description, path(language), versions)

    def _feed(self, language: str, here: list[Piece]) -> bytes:
        settings, site = self.views.settings, self.views.site(language)
        head = FeedHead(
            title=site.name,
            url=settings.public_url + site.home,
            feed_url=settings.public_url + site.feed,
            language=language,
            author=site.name,
            subtitle=site.tagline,
            updated=date(2000, 1, 1) if not here else None,
        )
        return atom_feed(head, [self._entry(piece) for piece in newest_first(here)[:FEED_LENGTH]])

    def _entry(self, piece: Piece) -> FeedEntry:
        return FeedEntry(
            title=piece.title,
            url=self.views.absolute(piece),
            published=self._since(piece),
            updated=piece.changed_on,
            summary=piece.description,
            categories=(self.views.kind(piece),),
            id=uuid5(NAMESPACE_OID, piece.id).urn,  # for ever: neither date nor host, which may change
        )

    def _since(self, piece: Piece) -> date | datetime:
        return piece.dated_on or piece.published_at or date(2000, 1, 1)

    def _sitemap_entries(self) -> Iterator[SitemapEntry]:
        base = self.views.settings.public_url
        homes = [(language, base + home_path(language)) for language in self.languages]
        for language, url in homes:
            days = [day for piece in self.pieces.all if piece.language == language and (day := self._changed(piece))]
            yield SitemapEntry(url, max(days, default=None), tuple(homes))
        for piece in self.pieces.all:
            versions = [(other.language, self.views.absolute(other)) for other in self.pieces.versions(piece)]
            usual = next((url for tag, url in versions if tag == self.views.settings.language), "")
            yield SitemapEntry(self.views.absolute(piece), self._changed(piece), tuple(versions), usual)

    def _changed(self, piece: Piece) -> date | None:
        return piece.changed_on or self.views.day_of(piece)

    def _moved_page(self, piece: Piece) -> bytes:
        return moved_page(page_path(piece.language, piece.slug), piece.title, piece.language).encode()
