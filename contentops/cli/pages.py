"""page, serve: the site."""

from typing import Annotated

import typer

from contentops.cli.console import AsJson, console, data, data_json
from contentops.texts import gettext as _
from contentops.texts import ngettext

page = typer.Typer(help=_("Pages and the site."), no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(page, name="page")
    app.command(help=_("Serve the site and take its forms."))(serve)


@page.command(help=_("Build the site: every published asset, at once or not at all."))
def build(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Build the site."""
    shared = console(ctx)
    with shared.open() as workspace:
        report = workspace.pages.build()
    if as_json:
        problems, notices = (
            [{"path": p.where, "line": p.line, "reason": p.message} for p in found]
            for found in (report.problems, report.notices)
        )
        data_json(
            {
                "output": report.output,
                "pages": report.pages,
                "files": report.files,
                "changed": report.changed,
                "problems": problems,
                "notices": notices,
            }
        )
    else:
        shared.warn(report.problems)
        if not shared.quiet:
            shared.warn(report.notices)
        counted = ngettext("{n} page in {path}", "{n} pages in {path}", report.pages).format(
            n=report.pages, path=report.output
        )
        data(counted if report.changed else counted + _(" (nothing changed)"))
    if report.problems:
        raise typer.Exit(4)


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help=_("Address to listen on."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help=_("Port to listen on; 0 takes a free one."))] = 8000,
) -> None:
    """Serve until interrupted."""
    from contentops.web.server import bind, make_server

    shared = console(ctx)
    with shared.open() as workspace, bind(host, port) as listening:
        server = make_server(workspace, listening)
        if not workspace.pages.output.is_dir():
            workspace.pages.build()
        shown = f"[{host}]" if ":" in host else host
        shared.say(
            _("Serving on http://{host}:{port} – Ctrl-C ends it.").format(host=shown, port=listening.getsockname()[1])
        )
        server.run(sockets=[listening])
