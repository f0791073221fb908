"""Personal links: the thank-you page that shows one, and the file behind it."""

from pathlib import Path
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from contentops.assets.slugs import page_path
from contentops.errors import LinkExpired, LinkRefused
from contentops.leads.grants import DOWNLOAD, Grant
from contentops.models import Asset, Attachment, Gate
from contentops.web.answers import PRIVATE, disposition, problem
from contentops.web.capture import download_path

if TYPE_CHECKING:
    from contentops.workspace import Workspace

MAX_RANGES = 5


class DownloadEndpoint:
    """``GET /d/<token>/<name>``: multi-use until it expires, since link scanners open links before people do."""

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace

    async def __call__(self, request: Request) -> Response:
        """Hand the file over."""
        return await to_thread.run_sync(self._answer, request)

    def _answer(self, request: Request) -> Response:
        workspace = self.workspace
        try:
            grant, attachment = workspace.leads.open_link(request.path_params["token"])
        except LinkExpired:
            return problem(request, workspace, 410)
        except LinkRefused:
            return problem(request, workspace, 404)
        if attachment is None:
            return self._whole_text(request, grant)
        # The request never names a file: the row does, by the hash of its content.
        file = workspace.assets.kept_files / attachment.sha256
        if not file.is_file() or file.stat().st_size != attachment.size_bytes:
            return problem(request, workspace, 503, {"Retry-After": "300"})
        ranges = request.headers.get("range", "")
        if ranges.count(",") >= MAX_RANGES:
            _drop_header(request, b"range")
        begins = not ranges or ranges.strip().startswith("bytes=0-")
        record = BackgroundTask(workspace.leads.record_download, grant, attachment)
        return FileResponse(
            file,
            media_type=attachment.media_type,
            headers={**PRIVATE, "Content-Disposition": file_header(attachment), "Content-Security-Policy": "sandbox"},
            background=record if request.method == "GET" and begins else None,
        )

    def _whole_text(self, request: Request, grant: Grant) -> Response:
        workspace = self.workspace
        asset = workspace.assets.by_id(grant.asset_id)
        if asset.gate is Gate.OPEN:  # it was gated when they asked for it; now everybody may read it
            return RedirectResponse(page_path(asset.language, asset.slug), 303, PRIVATE)
        record = BackgroundTask(workspace.leads.record_download, grant, None)
        html = workspace.pages.visitor.whole_text(asset)
        return HTMLResponse(html, headers=PRIVATE, background=record if request.method == "GET" else None)


class ThanksEndpoint:
    """``GET /zh/<slug>/thanks/?g=<token>``: the thank-you page with a visitor's own link."""

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace

    async def __call__(self, request: Request) -> Response:
        """Show it; without a valid link, the way back to the form."""
        return await to_thread.run_sync(self._answer, request)

    def _answer(self, request: Request) -> Response:
        workspace, slug = self.workspace, request.path_params["slug"]
        asset = workspace.pages.visitor.gated_asset(request.path_params["prefix"], slug)
        if asset is None:
            return problem(request, workspace, 404)
        token = request.query_params.get("g", "")
        try:
            grant = workspace.leads.links.read(DOWNLOAD, token, workspace.now())
        except LinkRefused:
            return self._plain(asset)
        if grant.asset_id != asset.id:
            return self._plain(asset)
        attachment = workspace.pages.visitor.download(asset)
        name = attachment.file_name if attachment else slug
        html = workspace.pages.visitor.thanks(asset, download_path(token, name), grant.until)
        return HTMLResponse(html, headers=PRIVATE)

    def _plain(self, asset: Asset) -> Response:
        file = self.workspace.pages.output / page_path(asset.language, asset.slug).lstrip("/") / "thanks" / "index.html"
        return HTMLResponse(file.read_bytes(), headers=PRIVATE) if file.is_file() else HTMLResponse("", 404)


def file_header(attachment: Attachment) -> str:
    """Return Content-Disposition for an attachment."""
    return disposition(attachment.file_name, f"download{Path(attachment.file_name).suffix.lower()}")


def _drop_header(request: Request, name: bytes) -> None:
    request.scope["headers"] = [(key, value) for key, value in request.scope["headers"] if key != name]
