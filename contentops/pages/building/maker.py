"""One asset's page with everything that belongs to it, as files in memory."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from contentops.assets.slugs import page_path
from contentops.pages.contract import Card, Handover, Picture
from contentops.pages.gate import FormState, brief_of
from contentops.pages.markup import reading_minutes
from contentops.pages.material.album import Album
from contentops.pages.material.bodies import Body, open_body, whole_body
from contentops.pages.material.pieces import Piece, Pieces
from contentops.pages.notice import Notice
from contentops.pages.theme import Theme
from contentops.pages.views.form import form_of, next_steps, offer_of
from contentops.pages.views.page import Views, authors_of
from contentops.pages.views.sections import Material, sections_of
from contentops.pages.views.structure import structured_data
from contentops.texts import gettext as _
from contentops.texts import use_language


@dataclass
class PageFiles:
    """What was made of one piece.

    Attributes:
        files: path on the site → bytes. reads, links: see :class:`contentops.pages.building.manifest.Made`.
        missing: pictures that are not beside the text.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    reads: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageMaker:
    """Renders pages of pieces.

    Attributes:
        pieces: all that are public. folder: the workspace. kept: copies of attachments, by hash.
    """

    views: Views
    theme: Theme
    pieces: Pieces
    folder: Path
    kept: Path

    def files(self, piece: Piece, converted: str, card: bytes | None = None) -> PageFiles:
        """Return the files of a piece's page.

        Args:
            converted: its text, from :mod:`contentops.pages.markup`. card: its picture for links.
        """
        album = self.album(piece)
        shown = self._card_picture(piece) if card is not None else None
        body = self._body(piece, converted, album)
        path = page_path(piece.language, piece.slug).lstrip("/")
        made = PageFiles(links=body.links)
        made.files[f"{path}index.html"] = _bytes(self._page(piece, body, album, FormState(), shown))
        if piece.has_form:
            made.files[f"{path}thanks/index.html"] = _bytes(self.thanks(piece, None, album))
        if card is not None:
            made.files[f"{path}card.png"] = card
        made.files = album.files | made.files  # what is made goes before a picture of the same name
        made.reads, made.missing = album.reads, tuple(album.missing)
        return made

    def landing(self, piece: Piece, converted: str, state: FormState) -> str:
        """Return a page with its form as a visitor left it."""
        album = self.album(piece)
        return self._page(piece, self._body(piece, converted, album), album, state, self._card_picture(piece))

    def thanks(self, piece: Piece, handover: Handover | None, album: Album | None = None) -> str:
        """Return the thank-you page; with a hand-over it is one visitor's own."""
        brief = brief_of(piece)
        with use_language(piece.language):
            title = brief.thanks.title or _("Thank you")
        return self.theme.render(
            "thanks.html",
            piece.language,
            site=self.views.site(piece.language),
            page=self.views.plain_page(title, piece.title),
            heading=title,
            text=tuple(line.strip() for line in brief.thanks.text.split("\n\n") if line.strip()),
            handover=handover,
            next_steps=next_steps(piece, brief, album or self.album(piece)),
            asset_title=piece.title,
            back=page_path(piece.language, piece.slug),
            related=self.views.cards(self.pieces.related(piece)),
        )

    def whole_text(self, piece: Piece, converted: str) -> str:
        """Return a partly gated piece with all its parts, for one visitor alone."""
        album = self.album(piece)
        page = self.views.page(piece, self.pieces, minutes=reading_minutes(converted), cover=album.cover(), card=None)
        return self.theme.render(
            "content.html",
            piece.language,
            site=self.views.site(piece.language),
            page=replace(page, canonical="", alternates=()),
            body=_safe(whole_body(converted, piece, self.pieces.by_path, album)),
            related=self.views.cards(self.pieces.related(piece)),
        )

    def shows(self, piece: Piece) -> str:
        """Hash what a page shows of other pieces: versions, parts of the series, what to read next."""
        others = (
            self.pieces.versions(piece), self.pieces.parts(piece), self.pieces.related(piece), self._named(piece)
        )  # fmt: skip
        said = [
            [(o.slug, o.language, o.title, o.description, o.kind, o.gate, o.dated_on, o.published_at) for o in listed]
            for listed in others
        ]
        return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()

    def album(self, piece: Piece) -> Album:
        """Return the pictures of a piece's page."""
        return Album(piece, self.folder, self.kept)

    def _page(self, piece: Piece, body: Body, album: Album, state: FormState, card: Picture | None) -> str:
        brief = brief_of(piece)
        site = self.views.site(piece.language)
        page = self.views.page(piece, self.pieces, minutes=reading_minutes(body.html), cover=album.cover(), card=card)
        page = replace(page, data=structured_data(self.views, piece, self.pieces, page, body, brief))
        if not piece.has_form and not brief.sections:
            return self.theme.render(
                "content.html",
                piece.language,
                site=site,
                page=page,
                body=_safe(body.html),
                related=self.views.cards(self.pieces.related(piece)),
            )
        offer = offer_of(piece, brief)
        material = Material(
            brief,
            offer,
            body,
            album,
            piece.language,
            piece.has_form,
            authors_of(piece),
            lambda slugs: self._cards(piece, slugs),
        )
        return self.theme.render(
            "landing.html",
            piece.language,
            site=site,
            page=page,
            offer=offer,
            sections=sections_of(material),
            form=self._form(piece, state) if piece.has_form else None,
        )

    def _form(self, piece: Piece, state: FormState) -> object:
        settings = self.views.settings
        return form_of(piece, Notice(settings.privacy, piece.language), state, settings.site.form_origin)

    def _body(self, piece: Piece, converted: str, album: Album) -> Body:
        return open_body(converted, piece, self.pieces.by_path, album, brief_of(piece).open_sections)

    def _cards(self, piece: Piece, slugs: tuple[str, ...]) -> tuple[Card, ...]:
        return self.views.cards(self._named(piece) if slugs else self.pieces.related(piece))

    def _named(self, piece: Piece) -> list[Piece]:
        """Return the pieces that the writer names in a section of what to read next."""
        if '"related"' not in piece.front_text:
            return []
        named = [s for section in brief_of(piece).sections if section.type == "related" for s in section.slugs]
        found = (self._by_slug.get((piece.language, slug.strip("/").rsplit("/", 1)[-1])) for slug in named)
        return [other for other in found if other is not None]

    @cached_property
    def _by_slug(self) -> dict[tuple[str, str], Piece]:
        return {(piece.language, piece.slug): piece for piece in self.pieces.all}

    def _card_picture(self, piece: Piece) -> Picture | None:
        return Picture(f"{self.views.absolute(piece)}card.png", 1200, 630, piece.title)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _safe(html: str) -> object:
    from markupsafe import Markup

    return Markup(html)  # noqa: S704 - from contentops.pages.markup, cleaned by nh3
