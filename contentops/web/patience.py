"""Connections that send nothing whole are closed: uvicorn by itself waits for half a request for ever."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_DEADLINE_SECONDS = 15.0


class ImpatientProtocol(H11Protocol):
    """HTTP/1.1 with a deadline for the first request's headers.

    Bodies have a deadline of their own in :mod:`contentops.web.reading`; idle connections uvicorn's keep-alive time.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock with the connection."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEADER_DEADLINE_SECONDS, self._hang_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._deadline.cancel()
        super().connection_lost(exc)

    def _hang_up(self) -> None:
        cycle: Any = self.cycle
        if cycle is None:  # no request has begun: its headers never came to an end
            self.transport.close()
