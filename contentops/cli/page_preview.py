"""page preview: pages before they are out, reloaded when a file is saved."""

from typing import Annotated

import typer

from contentops.cli.console import console
from contentops.cli.pages import page
from contentops.cli.serving import serving_on
from contentops.texts import gettext as _


@page.command(help=_("Show pages before they are out; a saved file reloads its page. For your own machine only."))
def preview(
    ctx: typer.Context,
    slug: Annotated[str | None, typer.Argument(metavar="[SLUG]", help=_("Say this page's address."))] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help=_("Port; 0 takes a free one."))] = 8001,
) -> None:
    """Preview until interrupted."""
    from contentops.web.server import bind, make_preview_server

    shared = console(ctx)
    with shared.open() as workspace, bind("127.0.0.1", port) as listening:
        server = make_preview_server(workspace)
        path = workspace.pages.preview.path_of(slug) if slug is not None else "/"
        number = listening.getsockname()[1]
        shared.say(serving_on("127.0.0.1", number))
        if slug is not None:
            shared.say(f"http://127.0.0.1:{number}/_preview{path}")
        server.run(sockets=[listening])
