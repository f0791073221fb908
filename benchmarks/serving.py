"""Servers for `capture_lead`, each in a process of its own: ``python -m benchmarks.serving NAME FOLDER``.

All run with the settings of :func:`contentops.web.server.make_server`; only the application differs:

* ``contentops``: the real one;
* ``checked``: the same reading and checking of the form and the same signed link, without a database;
* ``bare``: the same parsing of the form, then 303.

The port is printed on the first line.
"""

import sys
from datetime import timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from contentops.leads.grants import DOWNLOAD, Grant
from contentops.leads.intake.submission import check
from contentops.pages.gate import gate_of
from contentops.web.reading import check_origin, check_size, content_type, parse_body, read_body
from contentops.web.server import bind, make_server
from contentops.workspace import Workspace


def bare_app() -> Starlette:
    """Return an application that parses a form and answers 303."""

    async def take(request: Request) -> Response:
        parse_body(await read_body(request), content_type(request))
        return RedirectResponse("thanks/", 303)

    return Starlette(routes=[Route("/{prefix}/{slug}/form", take, methods=["POST"])])


def checked_app(workspace: Workspace) -> Starlette:
    """Return an application that does everything but store."""
    gate = gate_of(next(asset for asset in workspace.assets.find() if asset.gate == "gated"))

    async def take(request: Request) -> Response:
        kind = content_type(request)
        check_size(request)
        check_origin(request, (workspace.settings.public_url,))
        check(parse_body(await read_body(request), kind), gate, "CN")
        until = workspace.now() + timedelta(days=14)
        token = workspace.leads.links.sign(DOWNLOAD, Grant("0" * 32, "0" * 32, until))
        return RedirectResponse(f"thanks/?g={token}", 303)

    return Starlette(routes=[Route("/{prefix}/{slug}/form", take, methods=["POST"])])


def main(name: str, folder: Path) -> None:
    """Serve until the process is ended."""
    with Workspace.open(folder) as workspace:
        listening = bind("127.0.0.1", 0)
        server = make_server(workspace, listening)
        if name == "bare":
            server.config.app = bare_app()
        elif name == "checked":
            server.config.app = checked_app(workspace)
        print(listening.getsockname()[1], flush=True)
        server.run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
