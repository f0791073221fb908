"""What every way of making pages needs, put together from a workspace: theme, views, makers, kept texts."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path

from contentops.assets.desk import Assets
from contentops.pages.building.cards import Cards
from contentops.pages.building.converted import Converted
from contentops.pages.building.frame import Frame
from contentops.pages.building.maker import PageMaker
from contentops.pages.building.workers import Task, Workers
from contentops.pages.markup import PIPELINE, convert
from contentops.pages.material.pieces import Piece, Pieces, texts
from contentops.pages.theme import Brand, Theme
from contentops.pages.views.page import Views
from contentops.settings import Settings
from contentops.store import Store

_CODE = ("pages", "assets", "locale", "settings")


class Workshop:
    """Makes the makers of pages for one workspace."""

    def __init__(
        self, store: Store, settings: Settings, folder: Path, assets: Assets, now: Callable[[], datetime]
    ) -> None:
        self.store, self.settings, self.folder, self.assets, self.now = store, settings, folder, assets, now
        self._hopeless: set[str] = set()

    @cached_property
    def theme(self) -> Theme:
        """The workspace's theme."""
        compiled = self.folder / ".contentops" / "templates"
        return Theme(self.settings.site.theme, self.folder, brand(self.settings), compiled)

    @cached_property
    def views(self) -> Views:
        """What templates are given."""
        logo = self.theme.logo
        style = f"/static/{self.theme.style[0]}"
        return Views(self.settings, self.assets.standards, style, f"/static/{logo[0]}" if logo else "")

    @cached_property
    def converted(self) -> Converted:
        """Texts that were converted before."""
        return Converted(self.folder / ".contentops" / "bodies")

    @cached_property
    def rules(self) -> str:
        """Hash of what every page depends on besides its piece: theme, settings, standards, and contentops itself."""
        settings = self.settings.model_dump_json(
            include={"name", "language", "time_zone", "public_url", "site", "privacy"}, exclude={"site": {"output"}}
        )
        standards = [
            (kind, sorted(s.name.items()), s.block) for kind, s in sorted(self.assets.standards.by_kind.items())
        ]
        parts = (PIPELINE, self.theme.fingerprint, settings, repr(standards), _code())
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def fresh(self) -> None:
        """Look at templates and brand again: they may have changed since."""
        before: Theme | None = self.__dict__.pop("theme", None)
        for made in ("views", "rules"):
            self.__dict__.pop(made, None)
        if before is not None and before.fingerprint == self.theme.fingerprint:
            self.__dict__["theme"] = before  # its templates are compiled already

    def present(self, pieces: Pieces) -> Pieces:
        """Return the pieces whose file is there. A folder that is missing as a whole is elsewhere, not deleted."""
        roots = [root for source in self.settings.sources if (root := self.folder / source.path).is_dir()]
        gone = {
            piece.id
            for piece in pieces.all
            if piece.path
            and not (file := self.folder / piece.path).is_file()
            and any(file.is_relative_to(root) for root in roots)
        }
        return pieces.without(gone)

    def maker(self, pieces: Pieces) -> PageMaker:
        """Return what renders pages of pieces."""
        return PageMaker(self.views, self.theme, pieces, self.folder, self.assets.kept_files)

    def frame(self, pieces: Pieces, short: Mapping[str, bytes] | None = None) -> Frame:
        """Return what renders everything else.

        Args:
            short: pages of short addresses, by their path.
        """
        return Frame(self.views, self.theme, pieces, short or {})

    def cards(self) -> Cards:
        """Return what draws pictures of links."""
        drawn = self.folder / ".contentops" / "cards"
        return Cards(self.views, self.settings.site.card_font, self.folder, drawn, self.assets.kept_files)

    def html(self, piece: Piece) -> str:
        """Return a piece's text as HTML; empty where it takes too long, as in a build that leaves such a page out."""
        html = self.converted.get(piece.text_sha256)
        if html is not None or piece.text_sha256 in self._hopeless:
            return html or ""
        with self.store.read() as session:
            text = texts(session, [piece.id]).get(piece.id, "")
        with Workers(self.settings.site.text_seconds, count=1) as workers:
            result = next(workers.run([Task(piece.id, convert, (text,))]))
        if result.value is not None:
            self.converted.put(piece.text_sha256, result.value)
        elif result.failure != "died":  # there may be more memory next time
            self._hopeless.add(piece.text_sha256)  # else every visitor would cost the time limit
        return result.value or ""


def brand(settings: Settings) -> Brand:
    """Return the brand that settings describe."""
    site = settings.site
    return Brand(site.brand_color, site.radius, site.font, site.logo)


def _code() -> str:
    """Return a hash of contentops' own files by size and time: a new version may make other pages."""
    package = Path(__file__).resolve().parents[1]
    files = sorted(path for room in _CODE for path in (package / room).rglob("*.[pm][yo]"))
    return hashlib.sha256(repr([(p.name, (s := p.stat()).st_size, s.st_mtime_ns) for p in files]).encode()).hexdigest()
