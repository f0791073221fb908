"""The web application: which address leads where."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from contentops.errors import ContentOpsError, SettingsInvalid, StoreError, WorkspaceError
from contentops.web.answers import SecurityHeaders, fault_name, page_policy, problem
from contentops.web.capture import CaptureEndpoint
from contentops.web.crowding import MOST_REQUESTS, Crowd, share_of
from contentops.web.downloads import DownloadEndpoint, ThanksEndpoint
from contentops.web.feeds import CalendarEndpoints
from contentops.web.health import ReadyEndpoint, health
from contentops.web.logs import AccessLog
from contentops.web.pages import LandingEndpoint, SitePages
from contentops.web.personal import Visits, personal_routes
from contentops.web.short_links import ShortLinkEndpoint

if TYPE_CHECKING:
    from contentops.workspace import Workspace

log = logging.getLogger("contentops.web")

# The form's address answers 405 itself; otherwise the site's files would be asked for it.
ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(workspace: "Workspace", own_addresses: Iterable[str] = ()) -> ASGIApp:
    """Return the ASGI application of a workspace.

    Args:
        own_addresses: addresses besides public_url under which it is reached, such as http://localhost:8000.

    Raises:
        SettingsInvalid: there is no key to sign links with. StoreError: the database cannot be used.
    """
    workspace.store.check()
    _ = workspace.leads.links

    async def failed(request: Request, error: Exception) -> Response:
        # What went wrong is in the log; a visitor learns nothing about the inside.
        route = getattr(request.scope.get("route"), "path", "unknown route")
        log.error("unhandled error at %s", route, exc_info=error)
        return problem(request, workspace, 500)

    async def not_stored(request: Request, error: StoreError) -> Response:
        log.error("the database cannot be used: %s", fault_name(error))
        return problem(request, workspace, 503, {"Retry-After": "5"})

    async def not_kept(request: Request, error: ContentOpsError) -> Response:
        # A list of wishes or its key: what was asked was not done, and can be when somebody has mended it.
        log.error("%s", error)
        return problem(request, workspace, 503, {"Retry-After": "60"})

    async def refused(request: Request, error: HTTPException) -> Response:
        return problem(request, workspace, error.status_code, dict(error.headers or {}))

    unusable = dict.fromkeys((WorkspaceError, SettingsInvalid), not_kept)
    app = Starlette(
        routes=_routes(workspace, own_addresses),
        exception_handlers={HTTPException: refused, StoreError: not_stored, **unusable, Exception: failed},  # type: ignore[dict-item]
    )
    app.router.redirect_slashes = False  # pages.py does it, without believing the Host header
    policy = page_policy(workspace.settings.site.form_origin)
    # Around everything: the last resort's answers carry the headers as well, and are logged.
    crowd = Crowd(app, workspace, MOST_REQUESTS, share_of(MOST_REQUESTS, workspace.settings.capture))
    return AccessLog(SecurityHeaders(crowd, policy), enabled=workspace.settings.server.access_log)


def _routes(workspace: "Workspace", own_addresses: Iterable[str]) -> list[BaseRoute]:
    files, calendars = SitePages(workspace, own_addresses), CalendarEndpoints(workspace)
    visits, capture = Visits(workspace, own_addresses), CaptureEndpoint(workspace, own_addresses)
    short_link = ShortLinkEndpoint(workspace, files).__call__
    return [
        # First, since it is asked most where speed counts.
        Route("/{prefix}/{slug}/form", capture.__call__, methods=ANY_METHOD),
        Route("/t", capture.token, methods=["GET"]),
        Route("/healthz", health, methods=["GET"]),
        Route("/readyz", ReadyEndpoint(workspace).__call__, methods=["GET"]),
        Route("/calendar/{token}.ics", calendars.feed, methods=["GET"]),
        Route("/calendar/{token}/", calendars.page, methods=["GET"]),
        Route("/calendar/{token}", calendars.with_slash, methods=["GET"]),
        Route("/calendar/{token}/{uid}.ics", calendars.event, methods=["GET"]),
        Route("/d/{token}/{name}", DownloadEndpoint(visits).__call__, methods=["GET", "POST"]),
        *personal_routes(visits),
        Route("/s/{code}", short_link, methods=["GET"]),
        Route("/s/{code}/", short_link, methods=["GET"]),
        Route("/{prefix}/{slug}/thanks/", ThanksEndpoint(visits).__call__, methods=["GET"]),
        Route("/{prefix}/{slug}/", LandingEndpoint(workspace, files).__call__, methods=["GET"]),
        Mount("/", files),
    ]
