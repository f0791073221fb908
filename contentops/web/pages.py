"""The built site over HTTP: files as they are, pages with how the visitor came written into form and links."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from contentops.errors import StoreError
from contentops.pages.gate import FormState
from contentops.web.answers import PRIVATE, language_of
from contentops.web.reading import own_origins
from contentops.web.visits import has_form, visit_of, with_visit

if TYPE_CHECKING:
    from contentops.workspace import Workspace

_PLAIN = re.compile(r"(?:/[a-z0-9-]{1,90}){0,3}/")
_NOT_KEPT = {"Cache-Control": PRIVATE["Cache-Control"]}
Anew = Callable[[Request, dict[str, str]], str | None]
"""Makes a page anew from the request and how its visitor came; None where the built one will do."""
ONE_YEAR, FIVE_MINUTES = "public, max-age=31536000, immutable", "public, max-age=300"


class SitePages(StaticFiles):
    """The files of the newest release.

    Args:
        own_addresses: addresses besides public_url under which this very server is reached.
    """

    def __init__(self, workspace: "Workspace", own_addresses: Iterable[str] = ()) -> None:
        super().__init__(directory=workspace.pages.output, html=True, check_dir=False)
        self.workspace = workspace
        self.own_origins = own_origins(workspace.settings, own_addresses)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file, or with the page that says there is none, in the right language.

        A page with a form, and any page of a visitor with a campaign, is handed out with that written into it.
        """
        return await self.answer(path, scope)

    async def answer(self, path: str, scope: Scope, anew: Anew | None = None) -> Response:
        """Answer as :meth:`get_response` does.

        Args:
            anew: makes a page anew, asked where the built one has no field that a campaign can be written behind.
        """
        if scope["method"] == "GET" and _PLAIN.fullmatch(scope["path"]):
            html = await to_thread.run_sync(self._with_visit, Request(scope), anew)
            if html is not None:
                return HTMLResponse(html, headers=_NOT_KEPT)
        release = self._release()
        response = await self._found(path, scope)
        if response.status_code == 404 and self._release() != release:
            response = await self._found(path, scope)  # a new release came out between finding the file and opening it
        if response.status_code == 404:
            return self._not_found(scope["path"])
        if isinstance(response, RedirectResponse):
            # Only the missing slash is added, to a path that cannot be taken for another host.
            query = scope.get("query_string", b"").decode("latin-1")
            target = "/" + quote(scope["path"].strip("/")) + "/"
            return RedirectResponse(target + (f"?{query}" if query else ""), 308)
        fixed = scope["path"].startswith("/static/style.")
        response.headers.setdefault("Cache-Control", ONE_YEAR if fixed else FIVE_MINUTES)
        return response

    def _with_visit(self, request: Request, anew: Anew | None) -> str | None:
        """Return a built page with how its visitor came; None where the file goes out as it is."""
        path, html = request.url.path, self._built(request.url.path)
        if html is None:
            return None
        visit, form = visit_of(request, self.own_origins), has_form(html)
        if not visit and not form:
            return None
        if not form and anew is not None:
            html = anew(request, visit) or html
        token = self.workspace.leads.intake.form_token(path) if form else ""
        return with_visit(html, visit, token, self.workspace.settings.public_url)

    def _built(self, path: str) -> str | None:
        """Return a page of the newest release, or None where there is none at a path."""
        try:
            return (Path(self.workspace.pages.output) / path.strip("/") / "index.html").read_text(encoding="utf-8")
        except OSError:
            return None

    async def _found(self, path: str, scope: Scope) -> Response:
        try:
            return await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404:
                raise
            return Response(status_code=404)

    def _release(self) -> str:
        try:
            return str(self.workspace.pages.output.readlink())
        except OSError:
            return ""

    def _not_found(self, path: str) -> Response:
        language = language_of(path, self.workspace.settings.language)
        root = Path(self.workspace.pages.output)
        for page in (root / ("zh" if language == "zh-CN" else language) / "404.html", root / "404.html"):
            if page.is_file():
                return FileResponse(page, 404)
        return HTMLResponse("<!doctype html><title>404</title>", 404)


class LandingEndpoint:
    """``GET /zh/<slug>/`` where a theme writes its form in a way of its own: rendered with the campaign in it."""

    def __init__(self, workspace: "Workspace", files: SitePages) -> None:
        self.workspace, self.files = workspace, files

    async def __call__(self, request: Request) -> Response:
        """Answer with the page."""
        return await self.files.answer(request.url.path.lstrip("/"), request.scope, self._anew)

    def _anew(self, request: Request, visit: dict[str, str]) -> str | None:
        """Return the page made anew, with how its visitor came and when it was shown; None where it has no form."""
        try:
            asset = self.workspace.pages.visitor.gated_asset(request.path_params["prefix"], request.path_params["slug"])
            if asset is None:
                return None
            token = self.workspace.leads.intake.form_token(request.url.path)
            return self.workspace.pages.visitor.landing(asset, FormState(tracked=visit, token=token))
        except StoreError:
            return None  # a visitor can read the page while the database cannot be read
