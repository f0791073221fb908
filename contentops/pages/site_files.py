"""The whole site as files in memory: pages, lists, thank-you pages, sitemap, robots."""

from datetime import date
from functools import cached_property
from pathlib import Path
from xml.sax.saxutils import escape

from contentops.assets.slugs import home_path, page_path
from contentops.assets.sync.files import MEDIA_TYPES
from contentops.errors import Problem
from contentops.models import Asset, Attachment, Gate
from contentops.pages.context import Handover, Link, Picture
from contentops.pages.gate import FormState, gate_of, refusals
from contentops.pages.markup import relative_images, to_html
from contentops.pages.notice import Notice
from contentops.pages.snapshot import Snapshot
from contentops.pages.theme import Theme
from contentops.pages.views import Views, language_name, picture
from contentops.settings import Settings
from contentops.texts import gettext as _
from contentops.texts import pick, use_language

_RELATED, _CANDIDATES = 3, 20


class SiteFiles:
    """Renders everything that is public.

    Args:
        folder: the workspace. kept_files: copies of attachments. bodies: folder of converted texts.
    """

    def __init__(
        self,
        settings: Settings,
        views: Views,
        theme: Theme,
        snapshot: Snapshot,
        folder: Path,
        kept_files: Path,
        bodies: Path,
    ) -> None:
        self.settings, self.views, self.theme, self.snapshot = settings, views, theme, snapshot
        self.folder, self.kept_files, self.bodies = folder, kept_files, bodies
        self.files: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self.built = list(snapshot.assets)

    def make(self) -> dict[str, bytes]:
        """Return every file of the site by its path; what could not be made is in `problems`."""
        refusals = {asset.id: self._refusals(asset) for asset in self.snapshot.assets}
        self.problems = [problem for problems in refusals.values() for problem in problems]
        self.built = [asset for asset in self.snapshot.assets if not refusals[asset.id]]
        for asset in self.built:
            for alias in asset.aliases:
                path = page_path(asset.language, alias).lstrip("/")
                self._add(f"{path}index.html", self._moved(asset))  # before the pages, so that none is overwritten
        for asset in list(self.built):
            try:
                self._asset_page(asset)
            except RecursionError:
                self.problems.append(Problem(self._where(asset), _("nested too deeply to be shown")))
                self.built.remove(asset)
        languages = sorted({asset.language for asset in self.built} | {self.settings.language})
        for language in languages:
            self._language_pages(language)
        self._fixed_files()
        return self.files

    def landing(self, asset: Asset, state: FormState) -> str:
        """Return the landing page of a gated asset with its form as a visitor left it."""
        download = self.attachment(asset, "download")
        return self._render(
            "landing.html",
            asset,
            offer=self.views.offer(asset, download),
            form=self.views.form(asset, gate_of(asset), Notice(self.settings.privacy, asset.language), state),
            body=self._body(asset),
        )

    def cover(self, asset: Asset) -> Picture | None:
        """Return an asset's cover and add its file to the site."""
        attachment = self.attachment(asset, "cover")
        if attachment is None:
            return None
        path = page_path(asset.language, asset.slug) + f"cover{Path(attachment.file_name).suffix.lower()}"
        kept = self.kept_files / attachment.sha256
        if not kept.is_file():
            return None
        shown = picture(kept, path, asset.title)
        if shown is not None:
            self.files[path.lstrip("/")] = kept.read_bytes()
        return shown

    def related(self, asset: Asset) -> list[Asset]:
        """Return what to read next in the same language: the same stages, then the same kind, newest first."""
        words = (asset.kind, *asset.stages)
        near = [other for word in words for other in self._neighbours.get((asset.language, word), [])[:_CANDIDATES]]
        shared = {other.id: len(set(other.stages) & set(asset.stages)) for other in near}
        others = {other.id: other for other in near if other.id != asset.id}.values()
        return sorted(others, key=lambda other: -shared[other.id])[:_RELATED]

    @cached_property
    def _neighbours(self) -> dict[tuple[str, str], list[Asset]]:
        """Pages by language and by kind or stage, newest first: looking through all of them for each page is slow."""
        neighbours: dict[tuple[str, str], list[Asset]] = {}
        newest_first = sorted(self.built, key=lambda asset: (asset.dated_on or date.min, asset.slug), reverse=True)
        for asset in newest_first:
            for word in (asset.kind, *asset.stages):
                neighbours.setdefault((asset.language, word), []).append(asset)
        return neighbours

    @cached_property
    def _versions(self) -> dict[str, list[Asset]]:
        versions: dict[str, list[Asset]] = {}
        for asset in self.built:
            versions.setdefault(asset.translation_key, []).append(asset)
        return versions

    def _refusals(self, asset: Asset) -> list[Problem]:
        if asset.gate is not Gate.GATED:
            return []
        has_download = self.attachment(asset, "download") is not None
        reasons = refusals(asset, has_download, Notice(self.settings.privacy, asset.language))
        return [Problem(self._where(asset), reason) for reason in reasons]

    def _asset_page(self, asset: Asset) -> None:
        path = page_path(asset.language, asset.slug).lstrip("/")
        if asset.gate is Gate.GATED:
            html = self.landing(asset, FormState())
            self._add(f"{path}thanks/index.html", self.thanks(asset, None))
        else:
            html = self._render(
                "content.html", asset, body=self._body(asset), related=self.views.cards(self.related(asset))
            )
        self._add(f"{path}index.html", html)

    def thanks(self, asset: Asset, handover: Handover | None) -> str:
        """Return the thank-you page; with a hand-over it is one visitor's own."""
        with use_language(asset.language):
            page = self.views.plain_page(_("Thank you"))
        return self.theme.render(
            "thanks.html",
            asset.language,
            site=self.views.site(asset.language),
            page=page,
            handover=handover,
            asset_title=asset.title,
            back=page_path(asset.language, asset.slug),
            related=self.views.cards(self.related(asset)),
        )

    def _moved(self, asset: Asset) -> str:
        with use_language(asset.language):
            return self.message(
                asset.language, _("This page has moved"), asset.title, page_path(asset.language, asset.slug)
            )

    def message(self, language: str, heading: str, text: str, link: str = "") -> str:
        """Return a page that says one thing: not found, link expired, too many tries."""
        with use_language(language):
            target = Link(_("Continue"), link) if link else Link(_("To the start page"), home_path(language))
        return self.theme.render(
            "message.html",
            language,
            site=self.views.site(language),
            page=self.views.plain_page(heading),
            heading=heading,
            text=text,
            link=target,
        )

    def _language_pages(self, language: str) -> None:
        home = home_path(language)
        here = [asset for asset in self.built if asset.language == language]
        with use_language(language):
            title = pick(self.settings.site.tagline, language) or _("Knowledge and solutions")
            not_found = self.message(language, _("This page does not exist"), _("It may have moved or been withdrawn."))
        index = self.theme.render(
            "index.html",
            language,
            site=self.views.site(language),
            page=self.views.plain_page(title, home),
            groups=self.views.groups(here, language),
            languages=self._other_homes(language),
        )
        self._add(f"{home[1:]}index.html", index)
        self._add(f"{home[1:]}404.html", not_found)
        notice = Notice(self.settings.privacy, language)
        with use_language(language):
            page = self.views.plain_page(_("Privacy notice"), page_path(language, "privacy"))
        privacy = self.theme.render(
            "privacy.html", language, site=self.views.site(language), page=page, paragraphs=notice.paragraphs()
        )
        self._add(page_path(language, "privacy")[1:] + "index.html", privacy)
        if language == self.settings.language:
            self._add("index.html", index)
            self._add("404.html", not_found)

    def _other_homes(self, language: str) -> tuple[Link, ...]:
        others = sorted({asset.language for asset in self.built} - {language})
        return tuple(Link(language_name(other), home_path(other), other) for other in others)

    def _fixed_files(self) -> None:
        base = self.settings.public_url
        name, style = self.theme.style
        self.files[f"static/{name}"] = style
        self.files["static/icon.svg"] = self.theme.render(
            "icon.svg", "en", brand_color=self.settings.site.brand_color
        ).encode()
        self._add("robots.txt", f"User-agent: *\nDisallow: /d/\n\nSitemap: {base}/sitemap.xml\n")
        entries = []
        for asset in self.built:
            day = (
                asset.changed_on
                or asset.dated_on
                or (self.views.local_date(asset.published_at) if asset.published_at else None)
            )
            location = escape(base + page_path(asset.language, asset.slug))
            entries.append(f"<url><loc>{location}</loc>" + (f"<lastmod>{day}</lastmod>" if day else "") + "</url>")
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        self._add("sitemap.xml", head + "\n".join(entries) + "\n</urlset>\n")

    def _render(self, template: str, asset: Asset, **context: object) -> str:
        versions = self._versions.get(asset.translation_key, [asset])
        page = self.views.page(asset, self.snapshot.texts.get(asset.id, ""), versions, self.cover(asset))
        return self.theme.render(template, asset.language, site=self.views.site(asset.language), page=page, **context)

    def _body(self, asset: Asset) -> object:
        html = to_html(self.snapshot.texts.get(asset.id, ""), self.bodies)
        source = self.snapshot.paths.get(asset.id)
        if source is not None:
            self._copy_pictures(asset, html, (self.folder / source).parent)
        return html

    def _copy_pictures(self, asset: Asset, html: str, beside: Path) -> None:
        """Bring the pictures that stand beside a Markdown file along, and nothing that is not one."""
        root = beside.resolve()
        for name in relative_images(html):
            try:
                file = (root / name).resolve()
                is_picture = MEDIA_TYPES.get(file.suffix.lower(), "").startswith("image/")
                content = file.read_bytes() if is_picture and file.is_relative_to(root) else None
            except OSError:
                content = None
            if content is None:
                message = _("the picture '{name}' is not beside the text").format(name=name[:100])
                self.notices.append(Problem(self._where(asset), message))
            else:
                path = page_path(asset.language, asset.slug).lstrip("/") + file.relative_to(root).as_posix()
                self.files[path] = content

    def _where(self, asset: Asset) -> str:
        return self.snapshot.paths.get(asset.id, asset.slug)

    def attachment(self, asset: Asset, role: str) -> Attachment | None:
        """Return the file that an asset hands over (``download``) or shows (``cover``)."""
        return self.snapshot.attachments.get(asset.id, {}).get(role)

    def _add(self, path: str, text: str) -> None:
        self.files[path] = text.encode("utf-8", "replace")
