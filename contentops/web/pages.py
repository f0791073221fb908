"""The built site over HTTP: files as they are, and the form filled with what the address and the browser tell."""

import re
from collections.abc import Iterable, Mapping
from html import escape
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
from contentops.leads.intake.submission import kept_values
from contentops.pages.gate import NOTICE, REFERRER, UTM, FormState, GateForm
from contentops.web.answers import PRIVATE, language_of
from contentops.web.reading import normal_origin, own_origins

if TYPE_CHECKING:
    from contentops.workspace import Workspace

_PLAIN = re.compile(r"[a-z0-9-]{1,90}")
_NOTICE_FIELD = re.compile(rf'<input type="hidden" name="{NOTICE}" value="[^"]*">')
ONE_YEAR, FIVE_MINUTES = "public, max-age=31536000, immutable", "public, max-age=300"


class SitePages(StaticFiles):
    """The files of the newest release."""

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(directory=workspace.pages.output, html=True, check_dir=False)
        self.workspace = workspace

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file, or with the page that says there is none, in the right language."""
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
    """``GET /zh/<slug>/``: the built file; for a visitor with a campaign, the same page with the campaign in its form.

    The values travel in hidden fields that the server fills, so that they arrive without scripts and cookies.

    Args:
        own_addresses: addresses besides public_url under which this very server is reached.
    """

    def __init__(self, workspace: "Workspace", files: SitePages, own_addresses: Iterable[str]) -> None:
        self.workspace, self.files = workspace, files
        self.own_origins = {normal_origin(url) for url in own_origins(workspace.settings, own_addresses)}

    async def __call__(self, request: Request) -> Response:
        """Answer with the page."""
        tracked = self._tracked(request)
        if tracked:
            page = await to_thread.run_sync(self._page, request, tracked)
            if page is not None:
                return page
        return await self.files.get_response(request.url.path.lstrip("/"), request.scope)

    def _tracked(self, request: Request) -> list[tuple[str, str]]:
        pairs = [(name, request.query_params[name]) for name in UTM if request.query_params.get(name)]
        referrer = request.headers.get("referer", "")
        origin = normal_origin(referrer) if referrer.startswith(("http://", "https://")) else ""
        if origin and origin not in self.own_origins:
            pairs.append((REFERRER, origin.partition("://")[2]))
        return pairs

    def _page(self, request: Request, tracked: list[tuple[str, str]]) -> Response | None:
        """Return the page with its form filled; None where the built file must do."""
        _typed, _ticked, cleaned = kept_values(tracked, GateForm())
        html = self._built(request, cleaned) or self._rendered(request, cleaned)
        return HTMLResponse(html, headers={"Cache-Control": PRIVATE["Cache-Control"]}) if html else None

    def _built(self, request: Request, tracked: Mapping[str, str]) -> str | None:
        """Return the page as it was built, the campaign behind the field that each form has; None without one."""
        words = [request.path_params[name] for name in ("prefix", "slug")]
        if not all(map(_PLAIN.fullmatch, words)):
            return None
        try:
            html = self.workspace.pages.output.joinpath(*words, "index.html").read_text(encoding="utf-8")
        except OSError:
            return None
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(tracked[name])}">' for name in tracked if tracked[name]
        )
        html, found = _NOTICE_FIELD.subn(lambda field: field[0] + fields, html, count=1)
        return html if found else None

    def _rendered(self, request: Request, tracked: Mapping[str, str]) -> str | None:
        """Return the page made anew, for themes that write the field in another way."""
        given = request.path_params
        try:
            asset = self.workspace.pages.visitor.gated_asset(given["prefix"], given["slug"])
            return self.workspace.pages.visitor.landing(asset, FormState(tracked=tracked)) if asset else None
        except StoreError:
            return None  # a visitor can read the page while the database cannot be read
