"""The desk for pages: build the site, and what belongs to it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from contentops.assets.desk import Assets
from contentops.errors import Problem
from contentops.pages.building.build import SiteBuild
from contentops.pages.building.frame import Frame
from contentops.pages.building.releases import Releases
from contentops.pages.calendar_page import CalendarPage, Surroundings
from contentops.pages.gate import refusals
from contentops.pages.material.pieces import Piece, Pieces, texts
from contentops.pages.notice import Notice
from contentops.pages.visitor import VisitorPages
from contentops.pages.workshop import Workshop, brand
from contentops.planning.agenda import AgendaItem
from contentops.planning.desk import ContentCalendar
from contentops.settings import Settings
from contentops.store import Store
from contentops.store.pause import collector_paused
from contentops.texts import gettext as _

if TYPE_CHECKING:
    from contentops.pages.campaigns.desk import CampaignLinks
    from contentops.pages.checking.desk import PageCheck
    from contentops.pages.preview import Preview


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made.

    Attributes:
        output: where the site is. pages: how many assets have a page. files: how many files there are.
        made: how many pages were made anew; the others were left as they were.
        changed: False where the same site was out already. problems: assets without a page, or with their last good
            one, and why. notices: pages that are out but lack something, such as a picture.
    """

    output: Path
    pages: int
    files: int
    made: int
    changed: bool
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]


class Pages:
    """Everything about pages: ``ws.pages``."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        folder: Path,
        assets: Assets,
        calendar: ContentCalendar,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._settings, self._folder, self._assets, self._now = store, settings, folder, assets, now
        self._calendar = calendar
        self._workshop = Workshop(store, settings, folder, assets, now)

    @cached_property
    def links(self) -> "CampaignLinks":
        """Links, short addresses and QR codes for channels and campaigns."""
        from contentops.pages.campaigns.desk import CampaignLinks

        return CampaignLinks(self._store, self._settings, self._now, self._assets.get)

    @property
    def output(self) -> Path:
        """Where the finished site is: a link to the newest release."""
        return self._folder / self._settings.site.output

    @cached_property
    def visitor(self) -> VisitorPages:
        """Pages that one visitor alone sees."""
        return VisitorPages(self._workshop)

    @cached_property
    def check(self) -> "PageCheck":
        """The desk for checking pages."""
        from contentops.pages.checking.desk import PageCheck

        return PageCheck(self._workshop)

    @cached_property
    def preview(self) -> "Preview":
        """Pages as they will be, before they are out."""
        from contentops.pages.preview import Preview

        return Preview(self._workshop)

    def build(self, *, clean: bool = False) -> BuildReport:
        """Make the page of every public asset and publish the site at once. What did not change is left as it is.

        A text that takes longer than ``site.text_seconds`` to convert is a problem; its last good page stays. Two
        builds at once wait for each other.

        Args:
            clean: make everything anew.

        Raises:
            WorkspaceError: a template is wrong or the disk refuses; the old site stays.
        """
        shop = self._workshop
        shop.fresh()
        kept = self._folder / ".contentops"
        kept.mkdir(exist_ok=True)
        with FileLock(kept / "build.lock"), collector_paused():
            with self._store.read() as session:
                everything = Pieces.load(session).public(self._assets.standards, self._now())
            pieces = shop.present(everything)
            problems = [problem for piece in pieces.all for problem in self._refusals(piece)]
            wanted = pieces.without(piece.id for piece in pieces.all if any(self._refusals(piece)))
            left = {piece.id for piece in pieces.all}
            gone = [piece for piece in everything.all if piece.id not in left]
            outcome = self._site_build(wanted, kept).run(clean=clean)
        return BuildReport(
            self.output,
            len(outcome.built),
            outcome.files,
            outcome.made,
            outcome.changed,
            (*problems, *outcome.problems),
            (*map(_file_gone, gone), *outcome.notices),
        )

    def _site_build(self, pieces: Pieces, kept: Path) -> SiteBuild:
        shop = self._workshop

        def markdown(ids: Iterable[str]) -> dict[str, str]:
            with self._store.read() as session:
                return texts(session, ids)

        return SiteBuild(
            shop.maker(pieces),
            self._frame,
            shop.cards(),
            Releases(self.output, kept / "releases"),
            shop.converted,
            kept / "manifest.json",
            shop.rules,
            markdown,
            self._settings.site.text_seconds,
        )

    def _frame(self, pieces: Pieces) -> Frame:
        from contentops.pages.campaigns.short_pages import short_pages

        public = {(piece.language, piece.slug) for piece in pieces.all}
        links = (link for link in self.links.all() if (link.language, link.slug) in public)
        return self._workshop.frame(pieces, short_pages(links))

    def _refusals(self, piece: Piece) -> list[Problem]:
        if not piece.has_form:
            return []
        notice = Notice(self._settings.privacy, piece.language)
        reasons = refusals(piece, has_download="download" in piece.files, notice=notice)
        return [Problem(piece.path or piece.slug, reason) for reason in reasons]

    @property
    def calendar(self) -> CalendarPage:
        """Renders the content calendar: months, weeks, lists of days."""
        page = self._calendar_page
        page.working_days = self._calendar.working_days  # may have been announced since
        return page

    @cached_property
    def _calendar_page(self) -> CalendarPage:
        settings = self._settings
        return CalendarPage(
            self._folder,
            name=settings.name,
            language=settings.language,
            brand=brand(settings),
            calendar=self._calendar.working_days,
            week_start=settings.calendar.week_start,
        )

    def agenda(self, items: list[AgendaItem], view: str = "month") -> bytes:
        """Return entries of the calendar as one page to print or send, then the backlog.

        Args:
            view: ``month`` or ``week``: every one that they fall into; ``agenda``: a list of days.
        """
        today = self._calendar.today
        first = {self.calendar.span(view, item.day)[0] if view == "week" else item.day.replace(day=1) for item in items}
        days = sorted(first) or [today]
        notice = self._calendar.provisional_sentence(item.day for item in items)
        page = self.calendar.render(
            view,
            days,
            items,
            today=today,
            backlog=self._calendar.backlog_lines(),
            around=Surroundings(notice=notice),
        )
        return page.encode()


def _file_gone(piece: Piece) -> Problem:
    message = _("the file is gone, and so is its page; bring it back, or: contentops asset move {address} retired")
    return Problem(piece.path, message.format(address=f"{piece.language}/{piece.slug}"))
