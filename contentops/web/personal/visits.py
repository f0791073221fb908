"""What the endpoints of personal links share: who may post, what they read, how they answer."""

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from contentops.models import Asset, Contact
from contentops.texts import gettext as _
from contentops.texts import use_language
from contentops.web.answers import PRIVATE, problem
from contentops.web.limiting import FloodGuard
from contentops.web.reading import URLENCODED, Refused, check_size, client_network, own_origins, read_body

if TYPE_CHECKING:
    from contentops.workspace import Workspace


class Visits:
    """One workspace's personal pages.

    Args:
        own_addresses: addresses besides public_url under which this very server is reached.
    """

    def __init__(self, workspace: "Workspace", own_addresses: Iterable[str]) -> None:
        self.workspace = workspace
        self.origins = own_origins(workspace.settings, own_addresses)
        self.guard = FloodGuard(workspace.settings.capture)

    async def answer(self, request: Request, work: Callable[[bytes], Response], *, anybody: bool = False) -> Response:
        """Answer a request by work that blocks; a POST is read first, and refused where another site sent it.

        Before it is read, the guard is asked.

        Args:
            work: gets the body of a POST, nothing for GET. anybody: programs may post from anywhere (RFC 8058), and as
                often as they like: a mail provider's servers do so for all whom they serve.
        """
        try:
            body = b""
            if request.method == "POST":
                check_size(request)
                if not anybody:
                    check_sender(request, self.origins)
                    if wait := self.guard.seconds_to_wait(self._sender(request)):
                        return problem(request, self.workspace, 429, {"Retry-After": str(wait)})
                body = await read_body(request)
            return await to_thread.run_sync(work, body)
        except Refused as refused:
            return problem(request, self.workspace, refused.status, {"Connection": "close"})

    def seconds_to_wait(self, request: Request) -> int:
        """Count one wish for mail, for all processes together; return 0, or after how many seconds to try again."""
        return self.workspace.leads.intake.seconds_to_wait(self._sender(request))

    def _sender(self, request: Request) -> str:
        return client_network(request, self.workspace.settings.capture.trusted_proxies)

    def page(self, html: str, status: int = 200) -> Response:
        """Return a page that is kept nowhere and tells no other site its address."""
        return HTMLResponse(html, status, PRIVATE)

    def message(
        self, language: str, words: tuple[str, str], link: str = "", link_text: str = "", status: int = 200
    ) -> Response:
        """Return a page that says one thing.

        Args:
            words: its heading and its text.
        """
        html = self.workspace.pages.visitor.message(language, *words, link, link_text)
        return self.page(html, status)

    def expired(self, language: str, what_to_do: str) -> Response:
        """Return the page of a link whose time is over."""
        with use_language(language):
            heading = _("This link has expired")
        return self.message(language, (heading, what_to_do), status=410)

    def language(self, contact: Contact | None = None, asset: Asset | None = None) -> str:
        """Return the language to speak: of the page they came by, else the one they read last, else the workspace's."""
        known = (asset.language if asset else "", contact.language if contact else "")
        return next(filter(None, known), self.workspace.settings.language)


def check_sender(request: Request, own: Collection[str]) -> None:
    """Refuse (403) what another site's page sent.

    The link itself is the proof; this is a second bolt. ``Origin: null`` passes: older browsers send it from a page
    that, like ours, tells nobody its address (``Referrer-Policy: no-referrer``).

    Args:
        own: origins of this site, as :func:`own_origins` returns them.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site == "same-origin":
        return
    if site == "cross-site" or (origin not in (None, "null") and str(origin).lower() not in own):
        raise Refused(403)


def is_form(request: Request) -> bool:
    """Return whether a POST has the type that browsers send forms with."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == URLENCODED
