"""Run the application: one socket, sane limits, an end that loses nothing.

uvicorn's own access log stays off, since addresses are personal data; ours is in :mod:`contentops.web.logs`.
"""

import contextlib
import gc
import logging
import signal
import socket
import time
from collections.abc import Iterator
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from contentops.errors import WorkspaceError
from contentops.texts import gettext as _

if TYPE_CHECKING:
    import uvicorn

    from contentops.web.companion import Companion
    from contentops.workspace import Workspace

log = logging.getLogger("contentops.web")
STOP_SECONDS = 10
"""For requests that are being answered, and for the worker, once we were told to stop."""
COLLECT_AFTER = 20_000
"""New objects after which the garbage collector looks at the youngest: those of some hundred forms."""


def bind(host: str, port: int) -> socket.socket:
    """Take a port before anything is promised to anybody; port 0 takes a free one.

    Raises:
        WorkspaceError: it is taken, or not ours to take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise WorkspaceError(
            _("cannot listen on {host}:{port}: {reason}; choose another with --port").format(
                host=host, port=port, reason=error.strerror
            )
        ) from error
    return taken


def make_server(workspace: "Workspace", listening: socket.socket) -> "uvicorn.Server":
    """Return the server of a workspace; run it with ``run(sockets=[listening])``.

    Args:
        listening: the socket from :func:`bind`; on loopback its own addresses may send forms too.
    """
    import uvicorn

    from contentops.web.app import create_app
    from contentops.web.crowding import MOST_CONNECTIONS, share_of
    from contentops.web.patience import ImpatientProtocol

    capture = workspace.settings.capture
    protocol = partial(ImpatientProtocol, share=share_of(MOST_CONNECTIONS, capture), proxies=capture.trusted_proxies)
    config = uvicorn.Config(
        create_app(workspace, own_addresses(listening)),
        http=protocol,  # type: ignore[arg-type] # uvicorn only calls it
        ws="none",  # nothing here speaks it, and its refusals would have none of our headers and limits
        access_log=False,
        log_config=None,  # whoever runs us says where lines go, see web.logs.start_logging
        log_level="warning",
        proxy_headers=False,  # see web.reading.client_network
        server_header=False,
        # How much at once is our own affair, see web.crowding: uvicorn's refusal has none of our headers.
        limit_concurrency=None,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=STOP_SECONDS,
        lifespan="off",
    )
    return uvicorn.Server(config)


def serve(workspace: "Workspace", listening: socket.socket, companion: "Companion | None" = None) -> None:
    """Serve until SIGTERM or SIGINT, then answer what was begun and stop the worker, in ten seconds at most.

    A second signal ends the process at once, by that signal. Must run in the main thread, where signals arrive.

    Args:
        companion: the worker that runs beside; it is started here.
    """
    server = make_server(workspace, listening)
    told: list[int] = []
    until = [0.0]

    def stop(number: int, _frame: FrameType | None) -> None:
        if told:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        told.append(number)
        until[0] = time.monotonic() + STOP_SECONDS
        server.should_exit = True
        if companion is not None:
            companion.ask_to_stop()

    # Ours instead of uvicorn's, which ends a process that stopped in good order by the signal once more.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        if companion is not None:
            companion.start()
        with calm_collector():
            server.run(sockets=[listening])
    finally:
        if companion is not None:
            companion.ask_to_stop()
            while not companion.wait(0.2):  # short waits, in between which Python hears a second signal
                if time.monotonic() > until[0]:
                    log.warning("the worker did not stop in time; what it held is due again when its lease is over")
                    break
        for number, handler in before.items():
            signal.signal(number, handler)
    if signal.SIGINT in told:
        raise KeyboardInterrupt


@contextlib.contextmanager
def calm_collector() -> Iterator[None]:
    """Keep Python's garbage collector from looking again and again through what was made for the start and stays.

    That takes a sixth of a second each time, several times a minute under load, and nobody is answered meanwhile.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def own_addresses(listening: socket.socket) -> list[str]:
    """Return the addresses under which a browser on this machine reaches a socket that listens on loopback only."""
    host, port = listening.getsockname()[:2]
    loopback = {"127.0.0.1": "127.0.0.1", "::1": "[::1]"}
    return [f"http://{name}:{port}" for name in (loopback[host], "localhost")] if host in loopback else []


def make_preview_server(workspace: "Workspace") -> "uvicorn.Server":
    """Return the server of a workspace's preview; run it with ``run(sockets=[listening])``."""
    import uvicorn

    from contentops.web.preview import create_preview

    config = uvicorn.Config(
        create_preview(workspace),
        ws="none",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=1,  # browsers keep the line open on which they are told of changes
    )
    return uvicorn.Server(config)
