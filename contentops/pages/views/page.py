"""A page's head and the lists of pages, as templates are given them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from contentops.assets.slugs import home_path, page_path
from contentops.assets.standards import Standards
from contentops.models import Gate
from contentops.pages.contract import Card, Group, Link, Page, Picture, Series, Site
from contentops.pages.material.pieces import Piece, Pieces
from contentops.pages.views.words import language_name, long_date
from contentops.settings import Settings
from contentops.texts import gettext as _
from contentops.texts import pick, use_language

_DEFAULT = "x-default"  # hreflang of the version for everybody whose language there is none in


@dataclass(frozen=True)
class Views:
    """Makes template contexts for one workspace.

    Attributes:
        style: address of the style sheet. logo: address of the brand's picture, or empty.
    """

    settings: Settings
    standards: Standards
    style: str
    logo: str = ""

    def site(self, language: str) -> Site:
        """Return what every template knows about the site."""
        home = home_path(language)
        return Site(
            name=self.name(language),
            tagline=pick(self.settings.site.tagline, language),
            language=language,
            home=home,
            privacy=page_path(language, "privacy"),
            style=self.style,
            icon="/static/icon.svg",
            brand_color=self.settings.site.brand_color,
            logo=self.logo,
            feed=f"{home}feed.xml",
        )

    def page(self, piece: Piece, pieces: Pieces, *, minutes: int, cover: Picture | None, card: Picture | None) -> Page:
        """Return the head of a piece's page, without its structured data.

        Args:
            pieces: all that are public. minutes: to read it. cover, card: pictures of the page and of links to it.
        """
        day = self.day_of(piece)
        versions = pieces.versions(piece)
        parts = pieces.parts(piece)
        return Page(
            title=piece.title,
            description=piece.description,
            canonical=self.absolute(piece),
            kind=self.kind(piece),
            date=long_date(day, piece.language) if day else "",
            date_iso=day.isoformat() if day else "",
            changed_iso=piece.changed_on.isoformat() if piece.changed_on else "",
            authors=authors_of(piece),
            tags=words(piece.front_matter.get("tags")),
            minutes=minutes,
            cover=cover,
            card=card,
            series=Series(piece.series, tuple(_part(part, piece) for part in parts)) if parts else None,
            translations=tuple(
                Link(language_name(v.language), page_path(v.language, v.slug), v.language)
                for v in versions
                if v.id != piece.id
            ),
            alternates=self._alternates(versions),
        )

    def plain_page(
        self, title: str, description: str, path: str = "", alternates: Iterable[tuple[str, str]] = ()
    ) -> Page:
        """Return a page of the site itself; without a path it is not to be found by search engines.

        Args:
            alternates: language → path of the page's versions.
        """
        links = [Link("", self.settings.public_url + place, language) for language, place in alternates]
        return Page(
            title=title,
            description=description,
            canonical=self.settings.public_url + path if path else "",
            alternates=tuple(links) if len(links) > 1 else (),
        )

    def name(self, language: str) -> str:
        """Return the name that pages in a language show."""
        return pick(self.settings.site.name, language) or self.settings.name

    def kind(self, piece: Piece) -> str:
        """Return the name of a piece's kind in its language."""
        with use_language(piece.language):
            return self.standards.label(piece.kind)

    def day_of(self, piece: Piece) -> date | None:
        """Return the day that a page bears: the writer's, else that of its publication."""
        return piece.dated_on or (self.local_date(piece.published_at) if piece.published_at else None)

    def local_date(self, moment: datetime) -> date:
        """Return the day of a moment where the team is."""
        return moment.astimezone(self._zone).date()

    def absolute(self, piece: Piece) -> str:
        """Return the address of a piece's page with scheme and host."""
        return self.settings.public_url + page_path(piece.language, piece.slug)

    def groups(self, pieces: Iterable[Piece], language: str) -> tuple[Group, ...]:
        """Return pieces in families: what is handed over for a contact first, then the blocks of their standards."""
        families: dict[str, list[Piece]] = {
            name: [] for name in ("gated", "icebreaker", "best_practice", "help_centre")
        }
        for piece in pieces:
            families["gated" if piece.gate is Gate.GATED else self.standards[piece.kind].block].append(piece)
        with use_language(language):
            names = {
                "gated": _("White papers and classes"),
                "icebreaker": _("Solutions"),
                "best_practice": _("Best practice"),
                "help_centre": _("Help centre"),
            }
        return tuple(
            Group(names[key], self.cards(newest_first(members))) for key, members in families.items() if members
        )

    def cards(self, pieces: Iterable[Piece]) -> tuple[Card, ...]:
        """Return pieces as cards, in their order."""
        return tuple(self._card(piece) for piece in pieces)

    def _card(self, piece: Piece) -> Card:
        day = long_date(piece.dated_on, piece.language) if piece.dated_on else ""
        path = page_path(piece.language, piece.slug)
        return Card(piece.title, piece.description, path, self.kind(piece), day, piece.gate is Gate.GATED)

    def _alternates(self, versions: list[Piece]) -> tuple[Link, ...]:
        if len(versions) < 2:
            return ()
        fallback = next((v for v in versions if v.language == self.settings.language), versions[0])
        links = [Link("", self.absolute(version), version.language) for version in versions]
        return (*links, Link("", self.absolute(fallback), _DEFAULT))

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.time_zone)


def newest_first(pieces: Iterable[Piece]) -> list[Piece]:
    """Return pieces by date, the newest first; those without one last."""
    return sorted(pieces, key=lambda piece: (piece.dated_on or date.min, piece.slug), reverse=True)


def authors_of(piece: Piece) -> tuple[str, ...]:
    """Return the names under which a piece is written."""
    return words(piece.front_matter.get("authors") or piece.front_matter.get("author"))


def words(value: object) -> tuple[str, ...]:
    """Return a value of front matter as words: one or many."""
    if value is None or isinstance(value, dict):
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def _part(part: Piece, here: Piece) -> Link:
    return Link(part.title, page_path(part.language, part.slug), part.language, current=part.id == here.id)
