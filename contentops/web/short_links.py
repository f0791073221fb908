"""Short addresses: ``/s/<code>`` leads to an asset's page with its campaign."""

from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contentops.errors import StoreError
from contentops.web.pages import SitePages

if TYPE_CHECKING:
    from contentops.workspace import Workspace

# Asked for each time: a code may lead somewhere else tomorrow. No Referrer-Policy of its own: a stricter one would take
# away where the visitor came from, which the page's form carries.
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class ShortLinkEndpoint:
    """``GET /s/<code>``, with or without a slash behind it, as the pages for static hosts have it."""

    def __init__(self, workspace: "Workspace", files: SitePages) -> None:
        self.workspace, self.files = workspace, files

    async def __call__(self, request: Request) -> Response:
        """Lead on; for an unknown code, the site's page that says there is none."""
        target = await to_thread.run_sync(self._target, request)
        if target is not None:
            return RedirectResponse(target, 302, HEADERS)
        # Also what a visitor gets while the database cannot be read: the built page of this code, where there is one.
        response = await self.files.get_response(request.url.path.lstrip("/"), request.scope)
        response.headers.update(HEADERS)
        return response

    def _target(self, request: Request) -> str | None:
        try:
            return self.workspace.pages.links.open(request.path_params["code"], request.query_params.multi_items())
        except StoreError:
            return None
