"""The endpoint that takes forms. Its law: acknowledged means committed.

The order is cheap before dear and pure before the one transaction: method and type, size, origin, limit per sender,
body with size and deadline, strict decoding, the form itself, then one transaction, then the answer.
"""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contentops.assets.slugs import page_path
from contentops.errors import StoreError, SubmissionInvalid
from contentops.leads.desk import Captured
from contentops.leads.intake.submission import Pair, kept_values
from contentops.models import Asset
from contentops.pages.gate import FormState, gate_of
from contentops.web.answers import PRIVATE, fault_name, no_store_json, problem, wants_json
from contentops.web.limiting import SenderLimit
from contentops.web.reading import (
    Refused,
    check_origin,
    check_size,
    client_network,
    content_type,
    own_origins,
    parse_body,
    read_body,
)

if TYPE_CHECKING:
    from contentops.workspace import Workspace

log = logging.getLogger("contentops.web")

THREADS = 8
MAX_WAITING = 200
"""Forms waiting for the database; more are told to come back (503) while the earlier ones are still served."""

Pairs = list[Pair]


class CaptureEndpoint:
    """``POST /zh/<slug>/form``.

    Args:
        own_addresses: addresses besides public_url under which this very server is reached.
    """

    def __init__(self, workspace: "Workspace", own_addresses: Iterable[str]) -> None:
        self.workspace = workspace
        self.settings = workspace.settings.capture
        self.limit = SenderLimit(self.settings)
        self.origins = (*own_origins(workspace.settings, own_addresses), *self.settings.allowed_origins)
        self._threads: CapacityLimiter | None = None

    async def __call__(self, request: Request) -> Response:
        """Take one form."""
        if request.method != "POST":
            return problem(request, self.workspace, 405, {"Allow": "POST"})
        try:
            return await self._take(request)
        except Refused as refused:
            return problem(request, self.workspace, refused.status, {"Connection": "close"})

    async def _take(self, request: Request) -> Response:
        kind = content_type(request)
        check_size(request)
        trusted = check_origin(request, self.origins)
        wait = self.limit.seconds_to_wait(client_network(request, self.settings.trusted_proxies))
        if wait:
            return problem(request, self.workspace, 429, {"Retry-After": str(wait)})
        pairs = parse_body(await read_body(request), kind)
        threads = self._threads = self._threads or CapacityLimiter(THREADS)
        if threads.statistics().tasks_waiting > MAX_WAITING:
            return problem(request, self.workspace, 503, {"Retry-After": "5"})
        return await to_thread.run_sync(self._store, request, pairs, trusted, limiter=threads)

    def _store(self, request: Request, pairs: Pairs, trusted: bool) -> Response:
        """Find the asset, store the form, answer. Runs in a thread: the database blocks."""
        given = request.path_params
        asset = self.workspace.pages.visitor.gated_asset(given["prefix"], given["slug"])
        if asset is None:
            return problem(request, self.workspace, 404)
        path = page_path(asset.language, asset.slug)
        try:
            captured = self.workspace.leads.capture(asset, pairs, page=path, trusted=trusted)
        except SubmissionInvalid as invalid:
            return self._again(request, asset, pairs, invalid.codes, 422)
        except StoreError as error:
            log.error("a form could not be saved: %s", fault_name(error))
            return self._again(request, asset, pairs, {"form": "not_saved"}, 503)
        return self._accepted(request, asset, captured)

    def _accepted(self, request: Request, asset: Asset, captured: Captured) -> Response:
        base = page_path(asset.language, asset.slug)
        if wants_json(request):
            link = self.workspace.settings.public_url + download_path(captured.token, asset.slug)
            return no_store_json({"download": link, "expires_at": captured.until.isoformat(timespec="seconds")})
        return RedirectResponse(f"{base}thanks/?g={quote(captured.token)}", 303, PRIVATE)

    def _again(self, request: Request, asset: Asset, pairs: Pairs, codes: dict[str, str], status: int) -> Response:
        """Show the form again with what was typed and what to mend."""
        if wants_json(request) and status == 422:
            return no_store_json({"errors": codes}, status)
        if wants_json(request):
            return problem(request, self.workspace, status, {"Retry-After": "5"})
        values, ticked, tracked = kept_values(pairs, gate_of(asset))
        html = self.workspace.pages.visitor.landing(asset, FormState(values, codes, ticked, tracked))
        # With no-referrer, browsers send "Origin: null" from this page, and its form would be taken for a foreign one.
        headers = {**PRIVATE, "Referrer-Policy": "same-origin"}
        if status == 503:
            headers["Retry-After"] = "5"
        return HTMLResponse(html, status, headers)


def download_path(token: str, name: str) -> str:
    """Return the path of a personal link; the name at its end is for people only."""
    return f"/d/{quote(token)}/{quote(name)}"
