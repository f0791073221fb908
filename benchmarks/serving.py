"""Servers for `capture_lead`, each in a process of its own: ``python -m benchmarks.serving NAME FOLDER``.

All run with the settings of :func:`contentops.web.server.make_server`; only the application differs:

* ``contentops``: the real one;
* ``checked``: the same application, which forgets forms instead of storing them: the same handler without a database;
* ``bare``: the same parsing of the form, then 303.

The port is printed on the first line.
"""

import sys
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from contentops.leads.intake.entries import Entry, Outcome
from contentops.store.group_commit import GroupCommit
from contentops.web.reading import content_type, parse_body, read_body
from contentops.web.server import bind, calm_collector, make_server
from contentops.workspace import Workspace


def bare_app() -> Starlette:
    """Return an application that parses a form and answers 303."""

    async def take(request: Request) -> Response:
        parse_body(await read_body(request), content_type(request))
        return RedirectResponse("thanks/", 303)

    return Starlette(routes=[Route("/{prefix}/{slug}/form", take, methods=["POST"])])


def forget_instead_of_storing() -> None:
    """Make the real application answer without its database: every form counts as stored at once."""

    async def at_once(_commits: Any, entry: Entry) -> Outcome:
        return Outcome("accepted", "0" * 32, entry.at)

    GroupCommit.run = at_once  # type: ignore[method-assign, assignment]


def main(name: str, folder: Path) -> None:
    """Serve until the process is ended."""
    with Workspace.open(folder) as workspace:
        listening = bind("127.0.0.1", 0)
        server = make_server(workspace, listening)
        if name == "bare":
            server.config.app = bare_app()
        elif name == "checked":
            forget_instead_of_storing()
        print(listening.getsockname()[1], flush=True)
        with calm_collector():
            server.run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
