"""The preview as an application: pages before they are out, reloaded when a file is saved. For one's own machine."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from html import escape
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from watchfiles import awatch

from contentops.assets.sync.files import MEDIA_TYPES
from contentops.errors import ContentOpsError, SubmissionInvalid
from contentops.leads.intake.submission import check, kept_values
from contentops.pages.gate import FormState, gate_of
from contentops.pages.material.pieces import Piece
from contentops.pages.preview import STATES
from contentops.settings import FILE_NAME
from contentops.texts import current_language, set_language
from contentops.web.answers import SecurityHeaders
from contentops.web.reading import URLENCODED, Refused, check_size, parse_body, read_body

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from contentops.workspace import Workspace

log = logging.getLogger("contentops.web")

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
STOP_MS = 500
"""How soon the watch notices that it is no longer wanted."""
QUIET_MS = 50
"""A burst of saves is over when nothing was written for this long."""
_TYPES = {**MEDIA_TYPES, ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".xml": "text/xml"}

_FAILED = (
    '<!doctype html><html lang="en"><title>!</title><link rel="stylesheet" href="/_preview/preview.css">'
    '<script src="/_preview/preview.js" defer></script><body class="preview"><p class="problem">{text}</p>'
)


class PreviewServer:
    """Answers for a preview and watches the files.

    Args:
        workspace: opened anew when its settings change.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self.version = 0
        self._language = current_language()
        self._changed = anyio.Event()
        self._lock = anyio.Lock()

    async def watch(self) -> None:
        """Look again at everything whenever a file is saved."""
        folder = self.workspace.folder
        sources = [folder / source.path for source in self.workspace.settings.sources]
        places = [*sources, folder / "templates", folder / "calendar", folder / FILE_NAME]
        async for changes in awatch(
            *(p for p in places if p.exists()), debounce=400, step=QUIET_MS, rust_timeout=STOP_MS
        ):
            settings = any(path.endswith(FILE_NAME) for _kind, path in changes)
            await self._in_thread(self._look_again, settings)
            self.version += 1
            self._changed.set()
            self._changed = anyio.Event()

    def read_files(self) -> None:
        """Read the content folders; what cannot be read is said on every page."""
        problems = [str(problem) for problem in self.workspace.assets.sync(by="preview").problems]
        self.workspace.pages.preview.refresh()
        self.workspace.pages.preview.problem = "\n".join(problems)

    def _look_again(self, settings_changed: bool) -> None:
        try:
            if settings_changed:
                opened = type(self.workspace).open(self.workspace.folder, now=self.workspace.now)
                self.workspace.close()
                self.workspace = opened
            self.read_files()
        except (ContentOpsError, OSError) as error:
            self.workspace.pages.preview.problem = str(error)  # what was good stays on show

    async def _in_thread(self, call: Callable[..., object], *arguments: object) -> object:
        """Call in a thread, one at a time: rendering and reading share what they keep."""

        def speak() -> object:
            set_language(self._language)
            return call(*arguments)

        async with self._lock:
            return await to_thread.run_sync(speak)

    async def events(self, _request: Request) -> Response:
        """Tell a browser each version of the files (server-sent events)."""

        async def told() -> AsyncIterator[str]:
            while True:
                changed = self._changed
                yield f"event: version\ndata: {self.version}\n\n"
                with anyio.move_on_after(15):  # a line now and then shows which browsers are gone
                    await changed.wait()

        return StreamingResponse(told(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def answer(self, request: Request) -> Response:
        """Answer everything else."""
        pairs = None
        if request.method == "POST":
            try:
                check_size(request)
                pairs = parse_body(await read_body(request), URLENCODED)
            except Refused as refused:
                return Response(status_code=refused.status)
        try:
            found = await self._in_thread(self._answer, request.url.path, request.query_params.get("state", ""), pairs)
        except ContentOpsError as error:
            return HTMLResponse(_FAILED.format(text=escape(str(error))), 500)
        assert isinstance(found, Response)  # noqa: S101 - what _answer returns
        found.headers["Cache-Control"] = "no-store"
        return found

    def _answer(self, path: str, state: str, pairs: "list[tuple[str, str | None]] | None") -> Response:
        preview = self.workspace.pages.preview
        words = path.strip("/").split("/")
        if path == "/":
            return RedirectResponse("/_preview/", 307)
        if words[0] == "_preview":
            return self._own(words[1:], state if state in STATES else "page")
        piece = preview.find(words[0], words[1]) if len(words) in (2, 3) else None
        if piece is not None and pairs is not None:
            return self._form(piece, pairs)
        if piece is not None and (len(words) == 2 or words[2] == "thanks"):
            shown = "thanks" if words[2:] == ["thanks"] else state
            return HTMLResponse(preview.page(piece, shown if shown in STATES else "page"))
        content = preview.file(path.lstrip("/"))
        if content is None:
            shop = preview.workshop
            return HTMLResponse(shop.frame(preview.pieces).not_found(shop.settings.language), 404)
        return Response(content, media_type=_media_type(path))

    def _own(self, words: list[str], state: str) -> Response:
        """Answer with a page or file of the preview itself."""
        preview = self.workspace.pages.preview
        match words:
            case []:
                return HTMLResponse(preview.index())
            case [("preview.css" | "preview.js") as name]:
                return Response(preview.asset_file(name), media_type=_media_type(name))
            case ["specimens"]:
                return HTMLResponse(preview.specimen_list())
            case ["specimens", language, name]:
                html = preview.specimen(language, name)
                return HTMLResponse(html) if html else Response(status_code=404)
            case ["findings", prefix, slug] if piece := preview.find(prefix, slug):
                check_desk = self.workspace.pages.check
                address = f"{piece.language}/{piece.slug}"
                return HTMLResponse(preview.findings(check_desk.run(address).findings, check_desk.keywords(address)))
            case [prefix, slug] if piece := preview.find(prefix, slug):
                return HTMLResponse(preview.bench(piece, state))
        return RedirectResponse("/_preview/", 307)

    def _form(self, piece: Piece, pairs: "list[tuple[str, str | None]]") -> Response:
        """Check a form as the site would, and store nothing."""
        gate = gate_of(piece)
        try:
            check(pairs, gate, self.workspace.settings.capture.default_region)
        except SubmissionInvalid as invalid:
            values, ticked, tracked = kept_values(pairs, gate)
            state = FormState(values, invalid.codes, ticked, tracked)
            return HTMLResponse(self.workspace.pages.preview.page(piece, given=state), 422)
        return RedirectResponse("thanks/", 303)


def create_preview(workspace: "Workspace") -> "ASGIApp":
    """Return the ASGI application of a workspace's preview."""
    server = PreviewServer(workspace)
    server.read_files()

    @asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.watch)
            yield
            tasks.cancel_scope.cancel()

    app = Starlette(
        routes=[
            Route("/_preview/events", server.events, methods=["GET"]),
            Route("/{path:path}", server.answer, methods=["GET", "POST"]),
        ],
        lifespan=running,
    )
    # Another site's page must not reach it under a name of its own (DNS rebinding).
    return SecurityHeaders(TrustedHostMiddleware(app, ["127.0.0.1", "localhost"]), POLICY)


def _media_type(path: str) -> str:
    ending = path.rpartition(".")[2]
    return _TYPES.get(f".{ending}", "text/html") if "." in path.rpartition("/")[2] else "text/html"
