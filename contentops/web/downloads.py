"""Personal links: the thank-you page that shows one, and the file behind it."""

import logging
import os
import re
import stat
from hashlib import file_digest
from pathlib import Path
from urllib.parse import quote

from anyio import to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from contentops.assets.slugs import page_path
from contentops.errors import LinkEmpty, LinkExpired, LinkRefused, LinkUnconfirmed
from contentops.leads.downloads import Handed
from contentops.leads.grants import DOWNLOAD_LINK
from contentops.leads.scanners import Visit
from contentops.models import Asset, Attachment, Gate
from contentops.pages.contract import Link, Question
from contentops.texts import gettext as _
from contentops.texts import use_language
from contentops.web.answers import PRIVATE, disposition, problem
from contentops.web.capture import download_path
from contentops.web.personal.asking import mail_comes
from contentops.web.personal.visits import Visits
from contentops.web.ranges import asked

log = logging.getLogger("contentops.web")
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


class DownloadEndpoint:
    """``GET /d/<token>/<name>``: multi-use until it expires, since link scanners open links before people do.

    ``POST`` asks for a new link where the old one has expired: by mail, to the address that is known.
    """

    def __init__(self, visits: Visits) -> None:
        self.visits, self.workspace = visits, visits.workspace
        self.files = KeptFiles(visits.workspace.assets.kept_files)

    async def __call__(self, request: Request) -> Response:
        """Hand the file over."""
        return await self.visits.answer(request, lambda _body: self._answer(request))

    def _answer(self, request: Request) -> Response:
        token, workspace = request.path_params["token"], self.workspace
        try:
            if request.method == "POST":
                return self._renew(request, token)
            handed = workspace.leads.downloads.open(token)
        except LinkExpired:
            return self._expired(token, request.path_params["name"])
        except LinkUnconfirmed:
            return self._unconfirmed(token)
        except LinkEmpty as error:
            return self._gone(workspace.assets.by_id(error.asset_id))
        except LinkRefused:
            return problem(request, workspace, 404)
        if not workspace.pages.visitor.is_out(handed.asset):
            return self._gone(handed.asset)
        if handed.attachment is None:
            return self._whole_text(request, handed)
        return self._file(request, handed, handed.attachment)

    def _used_up(
        self, request: Request, handed: Handed, visit: Visit | None, *, begins: bool = True
    ) -> Response | None:
        if self.workspace.leads.downloads.take(handed, visit, begins=begins):
            return None
        return self._expired(request.path_params["token"], request.path_params["name"])

    def _file(self, request: Request, handed: Handed, attachment: Attachment) -> Response:
        # The request never names a file: the row does, by the hash of its content.
        found = self.files.find(attachment)
        if found is None:
            log.error("the kept file of asset %s is missing or changed: run contentops sync", attachment.asset_id)
            return self._unavailable(handed.asset)
        etag = f'"{attachment.sha256}"'
        headers = {**PRIVATE, "Content-Disposition": file_header(attachment), "Content-Security-Policy": "sandbox"}
        headers["ETag"] = etag
        wanted = request.headers.get("range", "") if request.method == "GET" else ""
        size = attachment.size_bytes
        parts = asked(wanted, size, if_range=request.headers.get("if-range"), etag=etag)
        if parts.is_outside:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        _set_range(request, parts.header if parts.spans else "")
        begins = not parts.spans or any(first == 0 for first, _last in parts.spans)
        visit = self._visit(request)
        if (refused := self._used_up(request, handed, visit, begins=begins)) is not None:
            return refused
        path, described = found
        return FileResponse(
            path,
            media_type=attachment.media_type,
            headers=headers,
            stat_result=described,
            background=self._record(handed, visit) if begins else None,
        )

    def _whole_text(self, request: Request, handed: Handed) -> Response:
        asset = handed.asset
        if asset.gate is Gate.OPEN:  # it was gated when they asked for it; now everybody may read it
            return RedirectResponse(page_path(asset.language, asset.slug), 303, PRIVATE)
        visit = self._visit(request)
        if (refused := self._used_up(request, handed, visit)) is not None:
            return refused
        html = self.workspace.pages.visitor.whole_text(asset)
        return HTMLResponse(html, headers=PRIVATE, background=self._record(handed, visit))

    def _visit(self, request: Request) -> Visit | None:
        if request.method != "GET":
            return None
        headers = request.headers
        purpose = " ".join(headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz"))
        return Visit(
            at=self.workspace.now(),
            user_agent=headers.get("user-agent", ""),
            from_own_page=headers.get("sec-fetch-site") == "same-origin",
            is_prefetch="prefetch" in purpose or "preview" in purpose,
        )

    def _record(self, handed: Handed, visit: Visit | None) -> BackgroundTask | None:
        return BackgroundTask(self.workspace.leads.downloads.record, handed, visit) if visit else None

    def _expired(self, token: str, name: str) -> Response:
        asset, has_address = self.workspace.leads.renewals.ended(token)
        if not self.workspace.pages.visitor.is_out(asset):
            return self._gone(asset)
        form = page_path(asset.language, asset.slug)
        with use_language(asset.language):
            heading, back = _("This link has expired"), _("Back to the form")
            if not has_address:
                words = (heading, _("Please fill in the form again to get a new one."))
                return self.visits.message(asset.language, words, form, back, status=410)
            text = (asset.title, _("We send you a new one by mail, to the address that you left here."))
            question = Question(f"/d/{quote(token)}/{quote(name)}", _("Send me a new link"), link=Link(back, form))
        return self.visits.page(self.workspace.pages.visitor.ask(asset.language, heading, text, question), 410)

    def _renew(self, request: Request, token: str) -> Response:
        asset, has_address = self.workspace.leads.renewals.ended(token)
        if not self.workspace.pages.visitor.is_out(asset):
            return self._gone(asset)
        if not has_address:
            return self._expired(token, request.path_params["name"])
        wait = self.visits.seconds_to_wait(request)
        if wait:
            return problem(request, self.workspace, 429, {"Retry-After": str(wait)})
        self.workspace.leads.renewals.renew(token)
        return mail_comes(self.visits, asset)

    def _gone(self, asset: Asset) -> Response:
        with use_language(asset.language):
            words = (_("This is no longer available"), _("“{title}” has been withdrawn.").format(title=asset.title))
        return self.visits.message(asset.language, words, status=410)

    def _unconfirmed(self, token: str) -> Response:
        grant = self.workspace.leads.links.read(DOWNLOAD_LINK, token, self.workspace.now())
        return wait_for_mail(self.visits, self.workspace.assets.by_id(grant.asset_id), 403)

    def _unavailable(self, asset: Asset) -> Response:
        with use_language(asset.language):
            text = _("Something is wrong with the file on our side. Your link stays good: please try again later.")
            words = (_("This cannot be downloaded just now"), text)
        answer = self.visits.message(asset.language, words, page_path(asset.language, asset.slug), status=503)
        answer.headers["Retry-After"] = "300"
        return answer


class KeptFiles:
    """Copies of attachments by their hash; each is read through once before it is handed out, and when it changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sound: dict[str, tuple[int, int, int]] = {}

    def find(self, attachment: Attachment) -> tuple[Path, os.stat_result] | None:
        """Return where the copy is and what the file system says of it; None where it is gone or not the same."""
        path = self._folder / attachment.sha256
        try:
            found = path.lstat()
            if not stat.S_ISREG(found.st_mode) or found.st_size != attachment.size_bytes:
                return None
            seen = (found.st_ino, found.st_size, found.st_mtime_ns)
            if self._sound.get(attachment.sha256) != seen:
                if _hash(path) != attachment.sha256:
                    return None
                self._sound[attachment.sha256] = seen
        except OSError:
            return None
        return path, found


def wait_for_mail(visits: Visits, asset: Asset, status: int = 200, *, must_confirm: bool = True) -> Response:
    """Return the page of somebody to whom nothing is handed over here: it comes by mail.

    Args:
        must_confirm: their address; False: perhaps, or the mail is the material itself, and who asks is not told which.
    """
    with use_language(asset.language):
        if must_confirm:
            heading = _("One more step: please confirm your address")
            text = _("We have sent you a mail. Open it and press the button; then this is yours.")
        else:
            heading = _("One more step: please look into your mail")
            text = _("We have sent you a mail. Please open it: it has the way on.")
        words, button = (heading, text), _("The mail did not come")
    form = page_path(asset.language, asset.slug)
    return visits.message(asset.language, words, f"{form}again/", button, status=status)


class ThanksEndpoint:
    """``GET /zh/<slug>/thanks/?g=<token>``: the thank-you page with a visitor's own link."""

    def __init__(self, visits: Visits) -> None:
        self.visits, self.workspace = visits, visits.workspace

    async def __call__(self, request: Request) -> Response:
        """Show it; without a valid link, the way back to the form."""
        return await to_thread.run_sync(self._answer, request)

    def _answer(self, request: Request) -> Response:
        workspace, slug = self.workspace, request.path_params["slug"]
        asset = workspace.pages.visitor.gated_asset(request.path_params["prefix"], slug)
        if asset is None:
            return problem(request, workspace, 404)
        if request.query_params.get("confirm"):
            return wait_for_mail(self.visits, asset, must_confirm=False)
        token = request.query_params.get("g", "")
        try:
            grant = workspace.leads.links.read(DOWNLOAD_LINK, token, workspace.now())
        except LinkRefused:
            return self._plain(asset)
        if grant.asset_id != asset.id:
            return self._plain(asset)
        if workspace.leads.downloads.is_waiting(grant):
            return wait_for_mail(self.visits, asset)
        attachment = workspace.pages.visitor.download(asset)
        name = attachment.file_name if attachment else slug
        html = workspace.pages.visitor.thanks(asset, download_path(token, name), grant.until)
        return HTMLResponse(html, headers=PRIVATE)

    def _plain(self, asset: Asset) -> Response:
        file = self.workspace.pages.output / page_path(asset.language, asset.slug).lstrip("/") / "thanks" / "index.html"
        return HTMLResponse(file.read_bytes(), headers=PRIVATE) if file.is_file() else HTMLResponse("", 404)


def file_header(attachment: Attachment) -> str:
    """Return Content-Disposition for an attachment."""
    ending = Path(attachment.file_name).suffix.lower()
    return disposition(attachment.file_name, f"download{ending if _ENDING.fullmatch(ending) else ''}")


def _set_range(request: Request, header: str) -> None:
    kept = [(key, value) for key, value in request.scope["headers"] if key not in (b"range", b"if-range")]
    request.scope["headers"] = kept + ([(b"range", header.encode("ascii"))] if header else [])


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
