"""page: the site."""

from typing import TYPE_CHECKING, Annotated

import typer

from contentops.cli.console import AsJson, console, data, data_json
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.errors import Problem
    from contentops.workspace import Workspace

page = typer.Typer(help=_("Pages and the site."), no_args_is_help=True, rich_markup_mode=None)
NoSync = Annotated[bool, typer.Option("--no-sync", help=_("Do not read the content folders first."))]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(page, name="page")


def read_content(workspace: "Workspace", *, no_sync: bool) -> "tuple[Problem, ...]":
    """Read the content folders, so that a command shows the files as they are; return what could not be read."""
    return () if no_sync else workspace.assets.sync().problems


@page.command(help=_("Build the site: every published asset, at once or not at all. What did not change stays."))
def build(
    ctx: typer.Context,
    clean: Annotated[bool, typer.Option("--clean", help=_("Make everything anew."))] = False,
    no_sync: NoSync = False,
    as_json: AsJson = False,
) -> None:
    """Build the site."""
    shared = console(ctx)
    with shared.open() as workspace:
        unread = read_content(workspace, no_sync=no_sync)
        report = workspace.pages.build(clean=clean)
    problems = (*unread, *report.problems)
    if as_json:
        rows = {
            name: [{"path": p.where, "line": p.line, "reason": p.message} for p in found]
            for name, found in (("problems", problems), ("notices", report.notices))
        }
        counts = {"pages": report.pages, "made": report.made, "files": report.files, "changed": report.changed}
        data_json({"output": report.output, **counts, **rows})
    else:
        shared.warn(problems)
        if not shared.quiet:
            shared.warn(report.notices)
        counted = ngettext("{n} page in {path}", "{n} pages in {path}", report.pages).format(
            n=report.pages, path=report.output
        )
        made = ngettext(" ({n} made anew)", " ({n} made anew)", report.made).format(n=report.made)
        data(counted + (made if report.changed else _(" (nothing changed)")))
    if problems:
        raise typer.Exit(4)
