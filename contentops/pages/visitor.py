"""Pages that one visitor alone sees: a form as they left it, their own link, a text that is theirs to read."""

import re
from datetime import datetime

from sqlmodel import col, select

from contentops.assets.slugs import home_path
from contentops.models import Asset, Attachment, Gate
from contentops.pages.building.frame import Frame
from contentops.pages.building.maker import PageMaker
from contentops.pages.contract import Preferences, Question
from contentops.pages.gate import FormState, refusals
from contentops.pages.material.pieces import Piece, Pieces, is_public
from contentops.pages.notice import Notice
from contentops.pages.views.form import handover_of
from contentops.pages.views.words import long_date
from contentops.pages.workshop import Workshop

_SLUG = re.compile(r"[a-z0-9-]{1,90}")


class VisitorPages:
    """Renders them: ``ws.pages.visitor``."""

    def __init__(self, workshop: Workshop) -> None:
        self._shop, self._release = workshop, ""

    @property
    def _workshop(self) -> Workshop:
        """The workshop, with the templates and the style sheet of the site that is out: others may have built it."""
        site = self._shop.folder / self._shop.settings.site.output
        try:
            release = str(site.readlink())
        except OSError:
            release = ""
        if release != self._release:
            self._shop.fresh()
            self._release = release
        return self._shop

    def gated_asset(self, prefix: str, slug: str) -> Asset | None:
        """Return the public asset with a form at an address of the site, or None.

        Args:
            prefix: what stands before the slug, such as ``zh``.
        """
        if not _SLUG.fullmatch(slug):
            return None
        shop = self._workshop
        with shop.store.read() as session:
            query = select(Asset).where(Asset.slug == slug, col(Asset.gate) != Gate.OPEN)
            at_prefix = [asset for asset in session.exec(query) if home_path(asset.language) == f"/{prefix}/"]
        asset = next(iter(at_prefix), None)
        if asset is None or not self.is_out(asset):
            return None
        notice = Notice(shop.settings.privacy, asset.language)
        return None if refusals(asset, has_download=self.download(asset) is not None, notice=notice) else asset

    def is_out(self, asset: Asset) -> bool:
        """Return whether visitors may see an asset now: it is public, and its file is there."""
        shop = self._shop
        if not is_public(asset, shop.assets.standards, shop.now()):
            return False
        path = shop.assets.path(asset)
        # A file that was deleted: the next build takes its page away. A folder that is missing as a whole is elsewhere.
        return path is None or (shop.folder / path).is_file() or not (shop.folder / path).parent.is_dir()

    def download(self, asset: Asset) -> Attachment | None:
        """Return the file that a gated asset hands over."""
        return next((a for a in self._workshop.assets.attachments(asset) if a.role == "download"), None)

    def landing(self, asset: Asset, state: FormState) -> str:
        """Return a gated asset's page with the form as a visitor left it."""
        maker, piece = self._around(asset)
        return maker.landing(piece, self._workshop.html(piece), state)

    def thanks(self, asset: Asset, url: str, until: datetime) -> str:
        """Return the thank-you page with a visitor's own link.

        Args:
            url: the personal link. until: the moment it ends.
        """
        maker, piece = self._around(asset)
        times = self._workshop.settings.capture.downloads_per_link
        return maker.thanks(piece, handover_of(piece, url, maker.views.local_date(until), times))

    def whole_text(self, asset: Asset) -> str:
        """Return a partly gated asset with all its parts."""
        maker, piece = self._around(asset)
        return maker.whole_text(piece, self._workshop.html(piece))

    def message(self, language: str, heading: str, text: str, link: str = "", link_text: str = "") -> str:
        """Return a page that says one thing, such as that a link has expired."""
        return self._frame.message(language, heading, text, link, link_text)

    def ask(self, language: str, heading: str, text: tuple[str, ...], question: Question) -> str:
        """Return a page with one question behind a personal link; nothing happens before its button is pressed."""
        return self._frame.ask(language, heading, text, question)

    def preferences(self, language: str, heading: str, preferences: Preferences) -> str:
        """Return the page on which somebody chooses how they may be contacted."""
        return self._frame.preferences(language, heading, preferences)

    def day(self, moment: datetime, language: str) -> str:
        """Return the day of a moment where the team is, as it is written in a language."""
        return long_date(self._shop.views.local_date(moment), language)

    @property
    def _frame(self) -> Frame:
        return self._workshop.frame(Pieces(()))

    def _around(self, asset: Asset) -> tuple[PageMaker, Piece]:
        shop = self._workshop
        with shop.store.read() as session:
            pieces = Pieces.load(session, near=asset)
        maker = shop.maker(pieces.public(shop.assets.standards, shop.now()))
        return maker, pieces.by_id[asset.id]
