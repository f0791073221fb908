"""Connections that lead nowhere are closed: uvicorn by itself waits for half a request for ever.

More of them than a process can hold are answered at once, without the application; more of one sender than their
share are closed without an answer.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from contentops.web.crowding import MOST_CONNECTIONS, TOO_MANY_CONNECTIONS
from contentops.web.reading import peer_network

HEADER_DEADLINE_SECONDS = 15.0
"""For the headers of a request, and for the rest of a body that nobody wants: it was answered before it ended."""
READER_DEADLINE_SECONDS = 60.0
"""For a visitor to take 64 KiB of an answer."""
_TEXT = b"malformed request\n"
_MALFORMED = b"\r\n".join((
    b"HTTP/1.1 400 Bad Request",
    b"Content-Type: text/plain; charset=utf-8",
    b"Content-Length: %d" % len(_TEXT),
    b"Cache-Control: no-store",
    b"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    b"Referrer-Policy: no-referrer",
    b"X-Content-Type-Options: nosniff",
    b"Connection: close",
    b"",
    _TEXT,
))  # fmt: skip


class ImpatientProtocol(H11Protocol):
    """HTTP/1.1 with deadlines.

    Bodies that are wanted have a deadline of their own in :mod:`contentops.web.reading`; idle connections uvicorn's
    keep-alive time.

    Args:
        share: connections of one sender. proxies: networks of those who bring everybody's.
    """

    sender = ""
    _deadline: asyncio.TimerHandle | None = None
    _reader_deadline: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, share: int = MOST_CONNECTIONS, proxies: Iterable[str] = (), **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._share, self._proxies = share, proxies

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock with the connection."""
        super().connection_made(transport)
        self.sender = peer_network(self.client[0] if self.client else "", self._proxies)
        if self._is_beyond_share():
            transport.close()
            return
        if len(self.connections) > MOST_CONNECTIONS:
            self.app = TOO_MANY_CONNECTIONS
        self._deadline = self.loop.call_later(HEADER_DEADLINE_SECONDS, self._hang_up)

    def data_received(self, data: bytes) -> None:
        """Stop the clock where a request has begun; start it where something else comes in."""
        super().data_received(data)
        if not self._nothing_begun():
            self._stop_deadline()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEADER_DEADLINE_SECONDS, self._hang_up)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words are not sent
        """Say that this is no HTTP, unless another answer was begun: in the middle of that it would be read as part."""
        if repr(self.conn.our_state) in ("IDLE", "SEND_RESPONSE"):  # h11's names
            self.transport.write(_MALFORMED)
        self.transport.close()

    def pause_writing(self) -> None:
        """Start the clock for a visitor who does not read on."""
        super().pause_writing()
        self._reader_deadline = self.loop.call_later(READER_DEADLINE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that clock."""
        super().resume_writing()
        if self._reader_deadline is not None:
            self._reader_deadline.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        super().connection_lost(exc)  # which resumes writing
        self._stop_deadline()

    def _should_upgrade(self) -> bool:
        return False  # without uvicorn's two warnings in the log for each that asks

    def _is_beyond_share(self) -> bool:
        if not self.sender or len(self.connections) <= self._share:
            return False
        own = [each for each in self.connections if isinstance(each, ImpatientProtocol) and each.sender == self.sender]
        return len(own) > self._share

    def _nothing_begun(self) -> bool:
        cycle: Any = self.cycle
        return cycle is None or bool(cycle.response_complete)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _hang_up(self) -> None:
        self._deadline = None
        if self._nothing_begun():
            self.transport.close()
