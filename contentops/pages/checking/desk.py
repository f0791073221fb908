"""The desk for checking: what is wrong with pages before a visitor finds it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from contentops.assets.slugs import home_path, page_path
from contentops.assets.sync.files import UnreadableFile, decode
from contentops.errors import NotFound, Problem, WorkspaceError
from contentops.models import Gate, WorkflowState
from contentops.pages.building.build import SHORT_TEXT
from contentops.pages.building.moved import moved
from contentops.pages.building.workers import Task, Workers, attempt
from contentops.pages.checking.brief_rules import front_matter_findings
from contentops.pages.checking.findings import Finding, Severity, finding
from contentops.pages.checking.form_rules import FormFacts, form_findings
from contentops.pages.checking.keywords import KeywordRow, keyword_report
from contentops.pages.checking.link_rules import PageTarget, SiteMap, link_findings
from contentops.pages.checking.page_source import PageSource
from contentops.pages.checking.text_rules import Facts, text_findings
from contentops.pages.checking.translations import missing_translations
from contentops.pages.gate import brief_of, gate_of
from contentops.pages.material.album import picture_size
from contentops.pages.material.pieces import Piece, Pieces, Visibility, visibility
from contentops.pages.notice import Notice
from contentops.pages.workshop import Workshop
from contentops.texts import LANGUAGES
from contentops.texts import gettext as _


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    Attributes:
        pages: how many pages were looked at. findings: by file and line.
    """

    pages: int
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """Return how many findings are as bad as this."""
        return sum(found.severity is severity for found in self.findings)


class PageCheck:
    """Looks at the Markdown files as they are now: ``ws.pages.check``."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def run(self, address: str | None = None, unread: Iterable[Problem] = ()) -> CheckReport:
        """Check every page that is out or on its way, or one of them.

        Args:
            address: of one asset, ``slug`` or ``zh-CN/slug``. unread: files that the sync before could not read.

        Raises:
            NotFound: there is no such asset.
        """
        pieces, unread = self._pieces(), tuple(unread)
        try:
            wanted = self._wanted(pieces, address)
        except NotFound:
            if not unread:
                raise
            wanted, address = [], None  # it may be one of the files that could not be read: these are named
        sources, slow = self._sources(wanted if address is None else [*wanted, *self._linked(wanted, pieces)])
        site = self._site_map(pieces, sources)
        found = [each for piece in wanted if piece.id in sources for each in self._of(piece, sources[piece.id], site)]
        paths = {piece.path for piece in wanted}
        found += [
            finding("unreadable-file", p.where, p.line or 1, p.message, _("mend the file"))
            for p in unread
            if address is None or p.where in paths
        ]
        if address is None:
            found += self._translations(pieces)
        return CheckReport(len(wanted), tuple(sorted({*found, *slow})))

    def keywords(self, address: str) -> list[KeywordRow]:
        """Return where the search words of an asset stand: title, description, headings, text.

        Raises:
            NotFound: there is no such asset.
        """
        piece = self._wanted(self._pieces(), address)[0]
        sources, _slow = self._sources([piece])
        source = sources.get(piece.id)
        own = piece.front_matter.get("contentops")
        words = own.get("keywords") if isinstance(own, dict) else None
        by_class = words if isinstance(words, dict) else {"product": words} if words else {}
        listed = {name: [str(w) for w in (v if isinstance(v, list) else [v])] for name, v in by_class.items()}
        headings = [heading.text for heading in source.headings] if source else []
        return keyword_report(listed, piece.title, piece.description, headings, source.prose if source else "")

    def theme(self) -> list[str]:
        """Return what is wrong with the theme, as sentences: each of its pages is made once of made-up content."""
        from contentops.pages.specimen import contexts

        found: dict[str, None] = {}
        for language in LANGUAGES:
            try:
                shop, pages = self._workshop, contexts(self._workshop.views.site(language))
            except (NotFound, WorkspaceError) as error:
                return [str(error)]
            for template, context in pages.values():
                try:
                    shop.theme.render(template, language, **context)
                except WorkspaceError as error:
                    found[str(error)] = None
        return list(found)

    def _pieces(self) -> Pieces:
        with self._workshop.store.read() as session:
            return self._workshop.present(Pieces.load(session))

    def _wanted(self, pieces: Pieces, address: str | None) -> list[Piece]:
        """Return what is checked: everything with a text that visitors may see some day."""
        standards = self._workshop.assets.standards
        shown = [
            piece
            for piece in pieces.all
            if piece.path
            and piece.state is not WorkflowState.RETIRED
            and piece.kind in standards.kinds
            and standards[piece.kind].is_public
        ]
        if address is None:
            return shown
        named = Pieces(tuple(shown)).at(address)
        if not named:
            raise NotFound(_("page"), address, [piece.slug for piece in shown])
        return named

    def _linked(self, wanted: list[Piece], pieces: Pieces) -> list[Piece]:
        """Return the pages whose anchors links of `wanted` may name; only those of the same language are looked at."""
        languages = {piece.language for piece in wanted}
        ids = {piece.id for piece in wanted}
        return [p for p in self._wanted(pieces, None) if p.language in languages and p.id not in ids]

    def _sources(self, wanted: Iterable[Piece]) -> tuple[dict[str, PageSource], list[Finding]]:
        """Take the files apart, each within the time limit; those that cannot be are named."""
        sources: dict[str, PageSource] = {}
        findings: list[Finding] = []
        tasks, paths = [], {}
        for piece in wanted:
            text = self._text(piece)
            if text is None:
                continue
            paths[piece.id] = piece.path
            if len(text) > SHORT_TEXT:
                tasks.append(Task(piece.id, PageSource.of, (piece.path, text)))
            else:
                source, failure = attempt(PageSource.of, (piece.path, text))
                sources |= {piece.id: source} if source else {}
                if failure == "deep":
                    findings.append(self._unconverted(piece.path))
        seconds = self._workshop.settings.site.text_seconds
        with Workers(seconds) as workers:
            for result in workers.run(tasks):
                if result.value is not None:
                    sources[result.key] = result.value
                elif not result.failure.startswith("FrontMatterError"):  # the sync has named that one
                    findings.append(self._unconverted(paths[result.key]))
        return sources, findings

    def _unconverted(self, path: str) -> Finding:
        seconds = f"{self._workshop.settings.site.text_seconds:g}"
        message = _("the text cannot be converted within {seconds} s").format(seconds=seconds)
        advice = _("look for thousands of brackets or stars in a row, or for very deep lists")
        return finding("unreadable-file", path, 1, message, advice)

    def _text(self, piece: Piece) -> str | None:
        try:
            return decode((self._workshop.folder / piece.path).read_bytes())
        except (OSError, UnreadableFile):
            return None  # the sync names it

    def _site_map(self, pieces: Pieces, sources: dict[str, PageSource]) -> SiteMap:
        settings, standards, now = self._workshop.settings, self._workshop.assets.standards, self._workshop.now()
        languages = {*pieces.languages, settings.language}
        others = {"/", "/sitemap.xml", "/robots.txt"}
        for language in languages:
            home = home_path(language)
            others |= {home, f"{home}feed.xml", page_path(language, "privacy")}
        return SiteMap(
            pages={
                page_path(p.language, p.slug): PageTarget(
                    visibility(p, standards, now),
                    p.slug,
                    p.language,
                    sources[p.id].anchors if p.id in sources else None,
                )
                for p in pieces.all
            },
            files={piece.path: page_path(piece.language, piece.slug) for piece in pieces.all if piece.path},
            hosts=frozenset({urlsplit(settings.public_url).netloc}),
            redirects={
                path: page_path(piece.language, piece.slug)
                for path, piece in moved(pieces, tuple(languages)).pages.items()
            },
            others=frozenset(others),
            template_anchors=frozenset({"main", "form", "text", "top"}),
        )

    def _of(self, piece: Piece, source: PageSource, site: SiteMap) -> Iterator[Finding]:
        """Yield what is wrong with one page."""
        beside, unreadable = self._beside(piece, source)
        brief, gate = brief_of(piece), gate_of(piece)
        yield from text_findings(source, self._facts(piece, unreadable))
        yield from link_findings(source, site, beside)
        yield from self._related(piece, source, site)
        yield from front_matter_findings(piece, source, self._workshop.folder)
        notice = Notice(self._workshop.settings.privacy, piece.language)
        facts = FormFacts(
            gated=piece.has_form,
            promise=brief.offer.promise or (piece.title if piece.gate is Gate.PARTIAL else ""),
            button=brief.offer.button,
            thanks=brief.thanks.text or " ".join(step.type for step in brief.next),
            has_attachment=piece.gate is Gate.PARTIAL or "download" in piece.files,
            fields=gate.fields,
            required=gate.required,
            consents=gate.consents,
            missing_notice=tuple(notice.missing()),
        )
        yield from form_findings(source, facts)

    def _facts(self, piece: Piece, unreadable: frozenset[str]) -> Facts:
        offer = brief_of(piece).offer
        words = {("contentops", "offer", key): getattr(offer, key) for key in ("promise", "subtitle", "button")}
        return Facts(
            title=piece.title,
            description=piece.description,
            stages=tuple(piece.stages),
            words={path: text for path, text in words.items() if text},
            unreadable=unreadable,
        )

    def _beside(self, piece: Piece, source: PageSource) -> tuple[frozenset[str], frozenset[str]]:
        """Return the files beside the text that its pictures and links name, and the pictures without a size."""
        root = (self._workshop.folder / piece.path).parent
        named = {image.src for image in source.images} | {link.href.split("#")[0] for link in source.links}
        there = {name: root / unquote(name) for name in named if name and not PurePosixPath(name).is_absolute()}
        files = {name: file for name, file in there.items() if _is_file(file)}
        pictures = {image.src for image in source.images} & files.keys()
        return frozenset(files), frozenset(n for n in pictures if picture_size(files[n].read_bytes()) is None)

    def _related(self, piece: Piece, source: PageSource, site: SiteMap) -> Iterator[Finding]:
        """Yield pages that a section of what to read next names in vain."""
        for number, section in enumerate(brief_of(piece).sections):
            for place, slug in enumerate(section.slugs if section.type == "related" else ()):
                line = source.key_line(("contentops", "sections", number, "slugs", place))
                target = site.pages.get(page_path(piece.language, slug.strip("/").rsplit("/", 1)[-1]))
                if target is None:
                    message = _("there is no page '{slug}' in {language}").format(slug=slug, language=piece.language)
                    yield finding("broken-link", source.path, line, message, _("name the slug of a page"))
                elif target.state is not Visibility.PUBLIC:
                    message = _("the page '{slug}' is not public: {state}").format(slug=slug, state=target.state)
                    yield finding(f"link-to-{target.state}", source.path, line, message, _("name another page"))

    def _translations(self, pieces: Pieces) -> list[Finding]:
        """Return what lacks a version: of pages with a form, in each language that the site has."""
        public = pieces.public(self._workshop.assets.standards, self._workshop.now())
        groups: dict[str, dict[str, str]] = {}
        for piece in public.all:
            if piece.path and piece.has_form:
                groups.setdefault(piece.translation_key, {})[piece.language] = piece.path
        own = self._workshop.settings.language
        return missing_translations(groups, sorted(public.languages, key=lambda language: (language != own, language)))


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except (OSError, ValueError):
        return False
