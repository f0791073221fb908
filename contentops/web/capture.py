"""The endpoint that takes forms. Its law: acknowledged means committed.

The order is cheap before dear and pure before the one transaction: method and type, size, origin, limit per sender,
body with size and deadline, strict decoding, the form itself, then one transaction, then the answer.
"""

import logging
import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contentops.errors import Conflict, NotFound, StoreError, SubmissionInvalid, TooManyForms
from contentops.leads.intake.desk import Captured, OpenForm
from contentops.leads.intake.submission import Pair, kept_values
from contentops.pages.gate import FORM_TOKEN, FormState
from contentops.store.group_commit import GroupCommit
from contentops.texts import gettext as _
from contentops.web.answers import PRIVATE, fault_name, no_store_json, problem, wants_json
from contentops.web.limiting import FloodGuard
from contentops.web.multipart import boundary_of, parse_multipart
from contentops.web.reading import (
    MULTIPART,
    Refused,
    check_origin,
    check_size,
    client_network,
    content_type,
    normal_origin,
    own_origins,
    parse_body,
    read_body,
)

if TYPE_CHECKING:
    from contentops.workspace import Workspace

log = logging.getLogger("contentops.web")

PAGE = re.compile(r"/[a-z0-9-]{1,20}/[a-z0-9-]{1,90}/")
KNOWN_FOR_SECONDS = 1.0
"""For how long a form is used without a look at its asset; whether that has changed is checked when it is stored."""
MOST_KNOWN = 1000

Pairs = list[Pair]


class CaptureEndpoint:
    """``POST /zh/<slug>/form``.

    Args:
        own_addresses: addresses besides public_url under which this very server is reached.
    """

    def __init__(self, workspace: "Workspace", own_addresses: Iterable[str]) -> None:
        self.workspace = workspace
        self.settings = workspace.settings.capture
        self.guard = FloodGuard(self.settings)
        others = frozenset(map(normal_origin, self.settings.allowed_origins))
        self.origins = own_origins(workspace.settings, own_addresses) | others
        self.intake = workspace.leads.intake
        self.commits = GroupCommit(workspace.store, self.intake.apply, self.settings.waiting)
        self._known: dict[tuple[str, str], tuple[float, OpenForm]] = {}

    async def __call__(self, request: Request) -> Response:
        """Take one form."""
        response = await self._answer(request)
        response.headers["Vary"] = "Accept, Origin"
        return response

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return problem(request, self.workspace, 405, {"Allow": "POST"})
        try:
            return await self._take(request)
        except Refused as refused:
            return problem(request, self.workspace, refused.status, refused.headers)
        except TooManyForms as limited:
            return problem(request, self.workspace, 429, {"Retry-After": str(limited.seconds)})
        except NotFound:
            return problem(request, self.workspace, 404)
        except Conflict:
            return problem(request, self.workspace, 409)
        except StoreError as error:
            log.error("a form could not be opened: %s", fault_name(error))
            return problem(request, self.workspace, 503, {"Retry-After": "5"})

    async def token(self, request: Request) -> Response:
        """``GET /t?page=/zh/slug/``: what says when a page was shown, for pages that lie on another host.

        Pages of this server carry it already; those elsewhere need a script to ask for it, or do without.
        """
        page = request.query_params.get("page", "")
        if not PAGE.fullmatch(page):
            return problem(request, self.workspace, 404)
        answer = no_store_json({FORM_TOKEN: self.intake.form_token(page)})
        origin = request.headers.get("origin", "").lower()
        if origin in self.origins:
            answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Vary"] = "Origin"
        return answer

    async def _take(self, request: Request) -> Response:
        kind = content_type(request)
        boundary = boundary_of(request) if kind == MULTIPART else b""
        check_size(request)
        trusted = check_origin(request, self.origins)
        sender = client_network(request, self.settings.trusted_proxies)
        wait = self.guard.seconds_to_wait(sender)
        if wait:
            raise TooManyForms(wait)
        body, files = await read_body(request), frozenset[str]()
        if kind == MULTIPART:
            pairs, files = parse_multipart(body, boundary)
        else:
            pairs = parse_body(body, kind)
        key = request.headers.get("idempotency-key", "")[:200]
        for fresh in (False, True):
            form = await self._form(request, fresh=fresh)
            try:
                if files:
                    raise SubmissionInvalid(dict.fromkeys(files & set(form.gate.fields) or {"form"}, "file"))
                entry = self.intake.entry(form, pairs, trusted=trusted, sender=sender, key=key)
                outcome = await self.commits.run(entry)
            except SubmissionInvalid as invalid:
                return await to_thread.run_sync(self._again, request, form, pairs, invalid.codes, 422)
            except StoreError as error:
                log.error("a form could not be saved: %s", fault_name(error))
                return await to_thread.run_sync(self._again, request, form, pairs, {"form": "not_saved"}, 503)
            if outcome.what != "stale":
                break
        return self._accepted(request, form, self.intake.captured(entry, outcome))

    async def _form(self, request: Request, *, fresh: bool) -> OpenForm:
        """Return the form at an address of the site.

        Raises:
            NotFound: there is none, or its asset is not public.
        """
        address = request.path_params["prefix"], request.path_params["slug"]
        until, form = self._known.get(address, (0.0, None))
        if form is not None and not fresh:
            if time.monotonic() < until:
                return form
            # One visitor looks, the others go on with what is known: hundreds at once would ask the same.
            self._known[address] = time.monotonic() + KNOWN_FOR_SECONDS, form
        try:
            form = await to_thread.run_sync(self._open, *address)
        except NotFound:
            self._known.pop(address, None)
            raise
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[address] = time.monotonic() + KNOWN_FOR_SECONDS, form
        return form

    def _open(self, prefix: str, slug: str) -> OpenForm:
        asset = self.workspace.pages.visitor.gated_asset(prefix, slug)
        if asset is None:
            raise NotFound(_("page"), f"/{prefix}/{slug}/")
        return self.intake.open(asset)

    def _accepted(self, request: Request, form: OpenForm, captured: Captured) -> Response:
        if captured.by_mail:  # for those who confirmed long ago as well: the answer tells nobody who is known
            return no_store_json({"confirm": "mail"}) if wants_json(request) else _see(f"{form.page}thanks/?confirm=1")
        if wants_json(request):
            link = self.workspace.settings.public_url + download_path(captured.token, form.asset.slug)
            return no_store_json({"download": link, "expires_at": captured.until.isoformat(timespec="seconds")})
        return _see(f"{form.page}thanks/?g={quote(captured.token)}")

    def _again(self, request: Request, form: OpenForm, pairs: Pairs, codes: dict[str, str], status: int) -> Response:
        """Show the form again with what was typed and what to mend."""
        if wants_json(request) and status == 422:
            return no_store_json({"errors": codes}, status)
        if wants_json(request):
            return problem(request, self.workspace, status, {"Retry-After": "5"})
        values, ticked, tracked = kept_values(pairs, form.gate)
        token = next((value for name, value in pairs if name == FORM_TOKEN and value), "")
        state = FormState(values, codes, ticked, tracked, "" if codes.get("form") == "token" else token)
        html = self.workspace.pages.visitor.landing(form.asset, state)
        # With no-referrer, browsers send "Origin: null" from this page, and its form would be taken for a foreign one.
        headers = {**PRIVATE, "Referrer-Policy": "same-origin"}
        if status == 503:
            headers["Retry-After"] = "5"
        return HTMLResponse(html, status, headers)


def _see(address: str) -> Response:
    return RedirectResponse(address, 303, PRIVATE)


def download_path(token: str, name: str) -> str:
    """Return the path of a personal link; the name at its end is for people only."""
    return f"/d/{quote(token)}/{quote(name)}"
