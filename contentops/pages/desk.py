"""The desk for pages: build the site, and render the few pages that one visitor alone sees."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import select

from contentops.assets.desk import Assets
from contentops.assets.slugs import home_path
from contentops.errors import Problem
from contentops.models import Asset, Attachment, Gate
from contentops.pages.calendar_page import CalendarPage, Surroundings
from contentops.pages.gate import FormState, refusals
from contentops.pages.notice import Notice
from contentops.pages.releases import publish
from contentops.pages.site_files import SiteFiles
from contentops.pages.snapshot import Snapshot, is_public
from contentops.pages.theme import Theme
from contentops.pages.views import Views
from contentops.planning.agenda import AgendaItem
from contentops.planning.desk import ContentCalendar
from contentops.settings import Settings
from contentops.store import Store

if TYPE_CHECKING:
    from contentops.pages.campaigns.desk import CampaignLinks

_SLUG = re.compile(r"[a-z0-9-]{1,90}")


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made.

    Attributes:
        output: where the site is. pages: how many assets have a page. files: how many files there are.
        changed: False where the same site was out already. problems: assets that got no page, and why.
        notices: pages that are out but lack something, such as a picture.
    """

    output: Path
    pages: int
    files: int
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
    def theme(self) -> Theme:
        """The workspace's theme."""
        site = self._settings.site
        return Theme(site.theme, self._folder, site.brand_color)

    def build(self) -> BuildReport:
        """Render every public asset and publish the site at once.

        Raises:
            WorkspaceError: a template is wrong or the disk refuses; the old site stays.
        """
        for made in ("theme", "_views"):
            self.__dict__.pop(made, None)  # a template may have been added since the last build
        with self._store.read() as session:
            snapshot = Snapshot.load(session, self._assets.standards, self._now())
        files = self._files(snapshot)
        content = files.make()
        changed = publish(content, self.output, self._folder / ".contentops" / "releases")
        return BuildReport(
            self.output, len(files.built), len(content), changed, tuple(files.problems), tuple(files.notices)
        )

    def gated_asset(self, prefix: str, slug: str) -> Asset | None:
        """Return the public asset with a form at an address of the site, or None.

        Args:
            prefix: what stands before the slug, such as ``zh``.
        """
        if not _SLUG.fullmatch(slug):
            return None
        with self._store.read() as session:
            query = select(Asset).where(Asset.slug == slug, Asset.gate == Gate.GATED)
            at_prefix = [asset for asset in session.exec(query) if home_path(asset.language) == f"/{prefix}/"]
        asset = next(iter(at_prefix), None)
        if asset is None or not is_public(asset, self._assets.standards, self._now()):
            return None
        notice = Notice(self._settings.privacy, asset.language)
        return None if refusals(asset, self.download(asset) is not None, notice) else asset

    def download(self, asset: Asset) -> Attachment | None:
        """Return the file that a gated asset hands over."""
        return next((a for a in self._assets.attachments(asset) if a.role == "download"), None)

    def landing(self, asset: Asset, state: FormState) -> str:
        """Return a gated asset's page with the form as a visitor left it."""
        return self._around(asset).landing(asset, state)

    def thanks(self, asset: Asset, url: str, until: datetime) -> str:
        """Return the thank-you page with a visitor's own link.

        Args:
            url: the personal link. until: the moment it ends.
        """
        files = self._around(asset)
        attachment = files.attachment(asset, "download")
        return files.thanks(asset, files.views.handover(asset, attachment, url, until) if attachment else None)

    def message(self, language: str, heading: str, text: str, link: str = "") -> str:
        """Return a page that says one thing, such as that a link has expired."""
        return self._files(Snapshot((), {}, {}, {})).message(language, heading, text, link)

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
            brand_color=settings.site.brand_color,
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

    @cached_property
    def _views(self) -> Views:
        return Views(self._settings, self._assets.standards, self.theme.style[0])

    def _around(self, asset: Asset) -> SiteFiles:
        with self._store.read() as session:
            return self._files(Snapshot.around(session, asset, self._assets.standards, self._now()))

    def _files(self, snapshot: Snapshot) -> SiteFiles:
        kept, bodies = self._assets.kept_files, self._folder / ".contentops" / "bodies"
        return SiteFiles(self._settings, self._views, self.theme, snapshot, self._folder, kept, bodies)
