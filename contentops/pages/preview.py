"""Pages as they will be, before they are out: drafts, future and expired ones, with every state of their form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from html import escape

from contentops.assets.slugs import home_path, page_path
from contentops.bundled import bundled
from contentops.errors import NotFound
from contentops.models import WorkflowState
from contentops.pages.building.maker import PageMaker
from contentops.pages.contract import Link
from contentops.pages.gate import FormState, gate_of
from contentops.pages.material.pieces import Piece, Pieces, Visibility, visibility
from contentops.pages.theme import Theme
from contentops.pages.views.form import handover_of
from contentops.pages.views.words import long_date
from contentops.pages.workshop import Workshop, brand
from contentops.texts import current_language, use_language
from contentops.texts import gettext as _

STATES = ("page", "errors", "thanks", "expired")
"""What of a page with a form is shown: empty, with mistakes, after it was sent, when the link is over."""
_BODY = re.compile(r"<body\b[^>]*>")


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One page in the list. Attributes: banner: why visitors do not see it; empty where they do."""

    title: str
    path: str
    language: str
    kind: str
    gated: bool
    banner: str
    file: str


@dataclass
class Preview:
    """Renders what is on its way: ``ws.pages.preview``.

    Attributes:
        problem: what went wrong when the files were last read; empty where nothing did.
    """

    workshop: Workshop
    problem: str = field(default="", init=False)

    def refresh(self) -> None:
        """Look at everything again: files were saved."""
        self.workshop.fresh()
        for made in ("pieces", "_maker", "_own"):
            self.__dict__.pop(made, None)

    def rows(self) -> list[PreviewRow]:
        """Return every page there is, those that are not public first."""
        rows = [
            PreviewRow(
                piece.title,
                page_path(piece.language, piece.slug),
                piece.language,
                self.workshop.views.kind(piece),
                piece.has_form,
                self.banner(piece),
                piece.path,
            )
            for piece in self.pieces.all
        ]
        return sorted(rows, key=lambda row: (not row.banner, row.language, row.path))

    def index(self) -> str:
        """Return the list of pages."""
        return self._render("index.html", rows=self.rows())

    def bench(self, piece: Piece, state: str) -> str:
        """Return a page beside itself: on a phone and a desktop, with its states and findings."""
        states = [Link(name, key) for key, name in self._states(piece)]
        path = page_path(piece.language, piece.slug)
        address = {"thanks": f"{path}thanks/", "page": path}.get(state, f"{path}?state={state}")
        named = [{"key": link.url, "name": link.text} for link in states]
        return self._render(
            "bench.html",
            title=piece.title,
            path=path,
            banner=self.banner(piece),
            states=named,
            shown=state,
            address=address,
        )

    def findings(self, found: object, keywords: object) -> str:
        """Return what is wrong with a page, as a fragment."""
        return self._render("findings.html", findings=found, keywords=keywords)

    def specimen_list(self) -> str:
        """Return the list of the theme's components."""
        groups = [(language, list(self._specimens(language))) for language in ("zh-CN", "en")]
        return self._render("specimens.html", groups=groups)

    def specimen(self, language: str, name: str) -> str | None:
        """Return a component of the theme in all its states."""
        html = self._specimens(language).get(name)
        return self._with_bar(html, "") if html else None

    def find(self, prefix: str, slug: str) -> Piece | None:
        """Return the piece at an address."""
        return next(iter(self.pieces.at(f"{prefix}/{slug}")), None)

    def path_of(self, address: str) -> str:
        """Return where the page of an asset stands.

        Raises:
            NotFound: there is none.
        """
        for piece in self.pieces.at(address):
            return page_path(piece.language, piece.slug)
        raise NotFound(_("page"), address, [piece.slug for piece in self.pieces.all])

    def page(self, piece: Piece, state: str = "page", given: FormState | None = None) -> str:
        """Return a page in one of :data:`STATES`.

        Args:
            given: the form as somebody just filled it in; in place of a made-up one.
        """
        if state == "thanks":
            capture = self.workshop.settings.capture
            until = self._maker.views.local_date(self.workshop.now() + timedelta(days=capture.link_days))
            html = self._maker.thanks(piece, handover_of(piece, "#", until, capture.downloads_per_link))
        elif state == "expired":
            with use_language(piece.language):
                heading, text = _("This link has expired"), _("Please fill in the form again to get a new one.")
            path = page_path(piece.language, piece.slug)
            html = self.workshop.frame(self.pieces).message(piece.language, heading, text, path)
        else:
            form = given or (self._mistakes(piece) if state == "errors" else FormState())
            html = self._maker.landing(piece, self.workshop.html(piece), form)
        return self._with_bar(html, self.banner(piece), piece)

    def file(self, path: str) -> bytes | None:
        """Return a file of the site: a picture of a page, the style sheet, a list."""
        frame = self.workshop.frame(self.pieces)
        files = frame.whole() if path.startswith("static/") else {}
        parts = path.split("/")
        piece = self.find(parts[0], parts[1]) if len(parts) > 2 else None
        if piece is not None:
            files = self._maker.files(piece, self.workshop.html(piece)).files
        language = next((tag for tag in frame.languages if home_path(tag) == f"/{parts[0]}/"), None)
        if piece is None and language is not None:
            files = frame.language(language)
        found = files.get(path) or files.get(f"{path.rstrip('/')}/index.html")
        if found is None or not path.endswith(("/", ".html")):
            return found
        return self._with_bar(found.decode(), "").encode()

    def asset_file(self, name: str) -> bytes:
        """Return the preview's own style sheet or script."""
        return (bundled("templates") / "preview" / name).read_bytes()

    def banner(self, piece: Piece) -> str:
        """Return why visitors do not see a page; empty where they do."""
        why = visibility(piece, self.workshop.assets.standards, self.workshop.now())
        if why is Visibility.PUBLIC:
            return ""
        if why is Visibility.RETIRED:
            return _("Retired")
        if why is Visibility.DRAFT:
            return _("Draft")
        if why is Visibility.EXPIRED and piece.expires_at:
            return _("Expired on {day}").format(day=self._day(piece.expires_at))
        if why is Visibility.FUTURE and piece.go_live_at:
            return _("Public from {day}").format(day=self._day(piece.go_live_at))
        if piece.state is not WorkflowState.PUBLISHED:
            return _("Not published yet: {state}").format(state=piece.state)
        return _("Internal")

    def _day(self, moment: datetime) -> str:
        return long_date(self.workshop.views.local_date(moment), current_language())

    @cached_property
    def pieces(self) -> Pieces:
        """Everything that has a file, whatever its state."""
        with self.workshop.store.read() as session:
            everything = self.workshop.present(Pieces.load(session))
        known = self.workshop.assets.standards.kinds
        return Pieces(tuple(piece for piece in everything.all if piece.path and piece.kind in known))

    @cached_property
    def _maker(self) -> PageMaker:
        return self.workshop.maker(self.pieces)

    @cached_property
    def _own(self) -> Theme:
        return Theme("preview", self.workshop.folder, brand(self.workshop.settings))

    def _render(self, template: str, **context: object) -> str:
        language = current_language()
        return self._own.render(
            template, language, tag=language, name=self.workshop.settings.name, problem=self.problem, **context
        )

    def _specimens(self, language: str) -> dict[str, str]:
        from contentops.pages.specimen import specimens

        return specimens(self.workshop.theme, self.workshop.views.site(language))

    def _states(self, piece: Piece) -> Iterator[tuple[str, str]]:
        yield "page", _("Page")
        if piece.has_form:
            yield "errors", _("Mistakes")
            yield "thanks", _("Thank-you page")
            yield "expired", _("Expired link")

    def _mistakes(self, piece: Piece) -> FormState:
        """Return a form as somebody leaves it who makes every mistake."""
        gate = gate_of(piece)
        errors = {name: "invalid" if name in gate.contacts else "required" for name in gate.fields}
        values = {name: "13800" if name == "phone" else "name@" for name in gate.contacts}
        return FormState(values, {**errors, "consent_delivery": "consent"})

    def _with_bar(self, html: str, banner: str, piece: Piece | None = None) -> str:
        """Put the bar on top of a page, and what reloads it."""
        back = _("Preview")
        target = f"/_preview{page_path(piece.language, piece.slug)}" if piece else "/_preview/"
        words = f"<b>{escape(banner)}</b>" if banner else ""
        problem = f"<span>{escape(self.problem)}</span>" if self.problem else ""
        link = f'<a href="{target}">{escape(back)}</a>'
        bar = f'<aside class="preview-bar" aria-label="{escape(back)}">{link}{words}{problem}</aside>'
        head = '<link rel="stylesheet" href="/_preview/preview.css"><script src="/_preview/preview.js" defer></script>'
        html = html.replace("</head>", f"{head}</head>", 1)
        return _BODY.sub(lambda body: body[0] + bar, html, count=1)
