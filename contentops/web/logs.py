"""The server's log: one line per event, without personal data, for people or for programs.

A visitor's words can neither begin a line nor colour a terminal; see :mod:`contentops.web.redaction` for what is
blotted out.
"""

import json
import logging
import time
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contentops.web.redaction import one_line, redacted

if TYPE_CHECKING:
    from contentops.settings import Settings

REQUEST_ID: ContextVar[str] = ContextVar("contentops_request_id", default="")
"""Number of the request that is being answered; empty outside of one."""
access = logging.getLogger("contentops.access")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class LogFormatter(logging.Formatter):
    """Writes records as lines.

    Args:
        as_json: JSON objects instead of words. secrets: texts that never stand in a line.
    """

    def __init__(self, *, as_json: bool, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._as_json = as_json
        self._secrets = sorted((secret for secret in set(secrets) if len(secret) >= 4), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or the lines where there is a traceback: those after the first begin with a bar."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = self._clean(_message(record))
        trace = [self._clean(line) for line in self._trace(record)]
        request_id = getattr(record, "request_id", "") or REQUEST_ID.get()
        facts: dict[str, object] = getattr(record, "facts", {})
        if self._as_json:
            line: dict[str, object] = {
                "time": moment,
                "level": record.levelname,
                "logger": record.name,
                "message": message,
            }
            line |= {"request_id": request_id} if request_id else {}
            line |= facts
            line |= {"traceback": trace} if trace else {}
            return one_line(json.dumps(line, ensure_ascii=False, default=str))
        words = [moment, record.levelname, record.name, f"[{request_id}]" if request_id else "", message]
        words += [f"{name}={one_line(str(value))}" for name, value in facts.items()]
        return "\n  | ".join([" ".join(filter(None, words)), *trace])

    def _trace(self, record: logging.LogRecord) -> list[str]:
        if not record.exc_info:
            return []
        return self.formatException(record.exc_info).split("\n")

    def _clean(self, text: str) -> str:
        return one_line(redacted(text, self._secrets))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # a wrong format of somebody's library must not cost us the line
        return str(record.msg)


def start_logging(settings: "Settings", stream: TextIO | None = None, secrets: Iterable[str] = ()) -> logging.Handler:
    """Send everything that any library logs to `stream` (stderr), cleaned; returns the handler, to be taken away.

    Args:
        secrets: texts that never stand in a line, besides those that the settings hold.
    """
    handler = logging.StreamHandler(stream)
    found = [*secrets, *known_secrets(settings)]
    handler.setFormatter(LogFormatter(as_json=settings.server.log == "json", secrets=found))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name, level in (("contentops", logging.INFO), ("uvicorn", logging.WARNING)):
        logging.getLogger(name).setLevel(level)
    # Who echoes SQL shows what visitors typed.
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    return handler


def known_secrets(settings: "Settings") -> list[str]:
    """Return the secrets that the settings themselves hold."""
    held = [settings.secret_key, settings.mail.password]
    found = [secret.get_secret_value() for secret in held if secret is not None]
    password = urlsplit(settings.database_url).password
    return [*found, unquote(password), password] if password else found


class AccessLog:
    """ASGI middleware, around everything: gives each request a number and logs how it was answered.

    The route is logged as it is written in the program (``/d/{token}/{name}``), never the path that was asked for.

    Args:
        enabled: whether requests are logged; they are numbered in any case.
    """

    def __init__(self, app: ASGIApp, *, enabled: bool = True) -> None:
        self.app, self.enabled = app, enabled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; an error that was answered and logged already ends here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, answer = time.monotonic(), _Answer(send, uuid4().hex[:16])
        token = REQUEST_ID.set(answer.request_id)
        try:
            await self.app(scope, receive, answer)
        except Exception:
            if not answer.is_complete:  # the connection must break off, and only the server can do that
                raise
        finally:
            if self.enabled and access.isEnabledFor(logging.INFO):
                self._log(scope, answer, begun)
            REQUEST_ID.reset(token)

    def _log(self, scope: Scope, answer: "_Answer", begun: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        facts = {
            "method": method,
            "route": getattr(scope.get("route"), "path", "") or "/",
            "status": answer.status,
            "ms": round((time.monotonic() - begun) * 1000, 1),
        }
        access.info("request", extra={"facts": facts})


class _Answer:
    """Watches an answer go out and writes the request's number on it."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self.request_id = send, request_id
        self.status, self.is_complete = 0, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["X-Request-ID"] = self.request_id
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.is_complete = True
