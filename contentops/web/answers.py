"""Answers: the headers every one carries, pages that say one thing, JSON for programs."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contentops.errors import StoreError
from contentops.texts import gettext as _
from contentops.texts import use_language
from contentops.web.logs import REQUEST_ID

if TYPE_CHECKING:
    from contentops.workspace import Workspace


def page_policy(form_origin: str = "") -> str:
    """Return the Content-Security-Policy of pages.

    Own style sheets and pictures only; no scripts at all (connect-src lets auditors read robots.txt); forms go to this
    site, or to the one that settings name; nobody else frames it.
    """
    forms = f"'self' {form_origin}".rstrip()
    return (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action {forms}; base-uri 'none'; frame-ancestors 'self'"
    )


PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
"""For answers that carry a personal link or what somebody typed."""


class SecurityHeaders:
    """ASGI middleware: the headers that belong on every answer, unless the answer set its own.

    A request that gives the length of its body in two ways is refused, whatever it asks for.

    Args:
        policy: see :func:`page_policy`.
    """

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app, self.policy = app, policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        app = _AMBIGUOUS if {name for name, _value in scope["headers"]} >= _LENGTHS else self.app

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", self.policy)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
                headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
            await send(message)

        await app(scope, receive, complete)


_LENGTHS = {b"content-length", b"transfer-encoding"}
_AMBIGUOUS = PlainTextResponse("two lengths", 400, {"Connection": "close", "Cache-Control": "no-store"})
"""A proxy before us may have believed the other length: what comes behind is nobody's request (RFC 9112, 6.3)."""


def wants_json(request: Request) -> bool:
    """Return whether a program asks, not a browser: it says so, or sends JSON and does not ask for a page."""
    accept = request.headers.get("accept", "").lower()
    sends_json = request.headers.get("content-type", "").lower().startswith("application/json")
    return "application/json" in accept or (sends_json and "text/html" not in accept)


def language_of(path: str, default: str) -> str:
    """Return the language of the site's page at a path."""
    prefix = path.lstrip("/").split("/", 1)[0]
    return {"zh": "zh-CN", "en": "en"}.get(prefix, default)


def problem(request: Request, workspace: "Workspace", status: int, headers: dict[str, str] | None = None) -> Response:
    """Answer that something did not work: a page in the visitor's language, or JSON."""
    all_headers = {**PRIVATE, "Vary": "Accept", **(headers or {})}
    if wants_json(request):
        content = {"error": _CODES.get(status, "error")}
        return JSONResponse(content | ({"id": REQUEST_ID.get()} if status == 500 else {}), status, all_headers)
    language = language_of(request.url.path, workspace.settings.language)
    with use_language(language):
        heading, text = _sentences(status)
        if status == 404 and request.url.path.startswith(("/d/", "/c/", "/p/", "/u/")):
            heading, text = (
                _("This link does not work"),
                _("It is not complete, or what it led to is gone. Please ask again."),
            )
        if status == 500 and REQUEST_ID.get():  # by it the lines in the log are found; it says nothing else
            text = _("Please try again later. If you write to us about it, name this number: {id}").format(
                id=REQUEST_ID.get()
            )
    return HTMLResponse(workspace.pages.visitor.message(language, heading, text), status, all_headers)


def fault_name(error: StoreError) -> str:
    """Return what kind of fault it was, for the log: the database's own words may quote what a visitor typed."""
    cause = getattr(error.__cause__, "orig", None) or error.__cause__
    return f"{type(error).__name__} ({type(cause).__name__})" if cause else type(error).__name__


def disposition(file_name: str, fallback: str) -> str:
    """Return the header that makes a browser save a file under its own name, in any script (RFC 6266).

    Args:
        fallback: ASCII name for programs that do not know ``filename*``.
    """
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(file_name, safe='')}"


_CODES = {
    400: "malformed", 403: "foreign_origin", 404: "not_found", 405: "method_not_allowed", 408: "too_slow",
    409: "key_reused", 410: "expired", 413: "too_large", 415: "unsupported_type", 429: "too_many", 500: "internal",
    503: "not_saved",
}  # fmt: skip


def _sentences(status: int) -> tuple[str, str]:
    known: dict[int, tuple[str, str]] = {
        400: (_("This form could not be read"), _("Please go back and send it again.")),
        403: (_("This form came from another site"), _("Please open the page itself and fill in the form there.")),
        404: (_("This page does not exist"), _("It may have moved or been withdrawn.")),
        405: (_("This address only takes forms"), _("Please open the page itself.")),
        408: (_("That took too long"), _("Please go back and send the form again.")),
        409: (_("This was sent before"), _("Another form was sent under the same key. Please load the page again.")),
        410: (_("This link has expired"), _("Please fill in the form again to get a new one.")),
        413: (_("That is too much"), _("The form is larger than it can be.")),
        415: (_("This form could not be read"), _("It was sent in a way that is not understood here.")),
        429: (_("Too many tries from here"), _("Please wait a minute and try again.")),
        503: (_("This did not work just now"), _("Nothing was saved. Please try again in a moment.")),
    }
    return known.get(status, (_("Something went wrong"), _("Please try again later.")))


def no_store_json(content: Any, status: int = 200) -> JSONResponse:
    """Return JSON that is kept nowhere."""
    return JSONResponse(content, status, PRIVATE)
