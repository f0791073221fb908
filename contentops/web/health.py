"""For monitoring: does the process answer, and can it do its work. No names, no addresses, no secrets."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contentops.upkeep.readiness import DEAD, MANY_LEADS, OLDEST_DUE

if TYPE_CHECKING:
    from contentops.upkeep.readiness import Readiness
    from contentops.workspace import Workspace

log = logging.getLogger("contentops.web")
KEPT_SECONDS = 1.0
"""For how long an answer is given again: whoever asks a thousand times a second costs one look."""
WAIT_SECONDS = 3.0
_WARNINGS = (OLDEST_DUE, DEAD, MANY_LEADS)


async def health(_request: Request) -> Response:
    """Say that the process answers; nothing else is looked at."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


class ReadyEndpoint:
    """``GET /readyz``: 200 when forms are taken, else 503 with the names of what is wrong.

    Mail that does not leave is a warning: forms are taken all the same, and no other process would send it. So are more
    leads in an hour than usual: somebody may be making them up, and no visitor shall stand before a closed door for it.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self._found: Readiness | None = None
        self._until = 0.0
        self._asking: asyncio.Task[Readiness] | None = None
        self._thread: CapacityLimiter | None = None

    async def __call__(self, _request: Request) -> Response:
        """Answer."""
        found = await self._readiness()
        if found is None:
            return _json({"status": "failing", "failed": ["slow"], "warnings": []}, 503)
        failed = [name for name in found.failed if name not in _WARNINGS]
        warnings = [name for name in found.failed if name in _WARNINGS]
        content: dict[str, object] = {"status": "failing" if failed else "ok", "failed": failed, "warnings": warnings}
        if found.dead is not None:
            content |= {"oldest_due_seconds": found.oldest_due_seconds, "dead_messages": found.dead}
        last = found.last_backup_at
        content["last_backup_at"] = last.isoformat(timespec="seconds") if last else None
        return _json(content, 503 if failed else 200)

    async def _readiness(self) -> "Readiness | None":
        """Return what was found within the last second; None where the database lets us wait."""
        if self._found is not None and time.monotonic() < self._until:
            return self._found
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            return await asyncio.wait_for(asyncio.shield(self._asking), WAIT_SECONDS)
        except TimeoutError:
            return None

    async def _ask(self) -> "Readiness":
        # A thread of its own: when all others wait for the database, this is what people want to know.
        self._thread = self._thread or CapacityLimiter(1)
        found = await to_thread.run_sync(self.workspace.upkeep.readiness, limiter=self._thread)
        if found.failed and (self._found is None or self._found.failed != found.failed):
            log.warning("something is wrong: %s", ", ".join(found.failed))
        elif self._found is not None and self._found.failed and not found.failed:
            log.info("all is well again")
        self._found, self._until = found, time.monotonic() + KEPT_SECONDS
        return found


def _json(content: dict[str, object], status: int) -> JSONResponse:
    return JSONResponse(content, status, {"Cache-Control": "no-store"})
