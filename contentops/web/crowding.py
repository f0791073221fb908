"""How much is answered at once: what comes beyond that is told so at once, and costs next to nothing."""

import time
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from contentops.web.answers import PRIVATE, language_of, page_policy, problem, wants_json

if TYPE_CHECKING:
    from contentops.workspace import Workspace

MOST_REQUESTS = 500
"""Requests that are answered at once, those included whose sender is slow."""
MOST_CONNECTIONS = 800
"""Open connections, idle ones included; a process may usually hold 1,024 files, and the database needs some."""
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
    """ASGI middleware: answers 503 where too much is being answered already.

    Monitoring is answered in any case: how full it is here is what it asks.

    Args:
        most: requests at once.
    """

    def __init__(self, app: ASGIApp, workspace: "Workspace", most: int) -> None:
        self.app, self._workspace, self._most = app, workspace, most
        self._inside = 0
        self._answers: dict[tuple[str, bool], tuple[float, Response]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in _WATCHED:
            await self.app(scope, receive, send)
            return
        if self._inside >= self._most:
            await self._refusal(Request(scope))(scope, receive, send)
            return
        self._inside += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._inside -= 1

    def _refusal(self, request: Request) -> Response:
        """Return the answer; a page is made once in a while, since there is no time for more."""
        language = language_of(request.url.path, self._workspace.settings.language)
        kind = (language, wants_json(request))
        until, answer = self._answers.get(kind, (0.0, None))
        if answer is None or time.monotonic() > until:
            answer = problem(request, self._workspace, 503, _CLOSED)
            self._answers[kind] = time.monotonic() + KEPT_SECONDS, answer
        return answer
