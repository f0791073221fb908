"""Run the application: one socket, sane limits, no access log (addresses are personal data)."""

import socket
from typing import TYPE_CHECKING

from contentops.errors import WorkspaceError
from contentops.texts import gettext as _

if TYPE_CHECKING:
    import uvicorn

    from contentops.workspace import Workspace


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
    from contentops.web.patience import ImpatientProtocol

    config = uvicorn.Config(
        create_app(workspace, own_addresses(listening)),
        http=ImpatientProtocol,
        access_log=False,
        log_level="warning",
        proxy_headers=False,  # see web.reading.client_network
        server_header=False,
        limit_concurrency=500,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        lifespan="off",
    )
    return uvicorn.Server(config)


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
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=1,  # browsers keep the line open on which they are told of changes
    )
    return uvicorn.Server(config)
