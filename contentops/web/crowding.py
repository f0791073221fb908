"""How much is answered at once: what comes beyond that is told so at once, and costs next to nothing."""

import time
from collections import Counter
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from contentops.settings import CaptureSettings
from contentops.web.answers import PRIVATE, language_of, page_policy, problem, wants_json
from contentops.web.reading import client_network

if TYPE_CHECKING:
    from contentops.workspace import Workspace

MOST_REQUESTS = 700
"""Requests that are answered at once, those included whose sender is slow; more than forms may wait for the database
(``capture.waiting``), so that pages are served while they do."""
MOST_CONNECTIONS = 800
"""Open connections, idle ones included; a process may usually hold 1,024 files, and the database needs some."""
PARTS = 5
"""One sender has a fifth of either, so that nobody closes the site for everybody by being slow."""
KEPT_SECONDS = 10.0
"""For how long a page that says so is given again."""
_CLOSED = {"Retry-After": "5", "Connection": "close"}
_WATCHED = {"/healthz", "/readyz"}

TOO_MANY_CONNECTIONS = PlainTextResponse(
    "Too many visitors at once. Nothing was saved; please try again in a moment.\n"
    "访问的人太多。未保存任何信息，请稍后再试。\n",
    503,
    {
        **PRIVATE,
        **_CLOSED,
        "Content-Security-Policy": page_policy(),
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    },
)
"""The whole application of a connection beyond :data:`MOST_CONNECTIONS`: no page is made, nothing is asked."""


class Crowd:
    """ASGI middleware: answers 503 where too much is being answered already, 429 where most of it is the sender's own.

    Monitoring is answered as long as there are connections (:data:`MOST_CONNECTIONS`): how full it is here is what it
    asks.

    Args:
        most: requests at once. share: those of one sender.
    """

    def __init__(self, app: ASGIApp, workspace: "Workspace", most: int, share: int) -> None:
        self.app, self._workspace, self._most, self._share = app, workspace, most, share
        self._proxies = workspace.settings.capture.trusted_proxies
        self._inside, self._by_sender = 0, Counter[str]()
        self._answers: dict[tuple[int, str, bool], tuple[float, Response]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in _WATCHED:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        sender = client_network(request, self._proxies)
        if self._inside >= self._most or self._by_sender[sender] >= self._share:
            status = 503 if self._inside >= self._most else 429
            await self._refusal(request, status)(scope, receive, send)
            return
        self._inside += 1
        self._by_sender[sender] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._inside -= 1
            self._by_sender[sender] -= 1
            if not self._by_sender[sender]:
                del self._by_sender[sender]

    def _refusal(self, request: Request, status: int) -> Response:
        """Return the answer; a page is made once in a while, since there is no time for more."""
        language = language_of(request.url.path, self._workspace.settings.language)
        kind = (status, language, wants_json(request))
        until, answer = self._answers.get(kind, (0.0, None))
        if answer is None or time.monotonic() > until:
            answer = problem(request, self._workspace, status, _CLOSED)
            self._answers[kind] = time.monotonic() + KEPT_SECONDS, answer
        return answer


def share_of(most: int, settings: CaptureSettings) -> int:
    """Return how much of that one sender may have at once.

    That is no less than the forms that they may send in a minute: who raises that limit, for an office behind one
    address, means it.
    """
    return min(most, max(most // PARTS, settings.per_minute))
