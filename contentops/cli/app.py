"""The commands, put together."""

from pathlib import Path
from typing import Annotated

import typer

from contentops.cli import (
    asset_show,  # noqa: F401 - it hangs its command on `asset`
    assets,
    calendar_dates,
    calendar_feeds,  # noqa: F401 - this and the next hang their commands on `calendar`
    calendar_files,  # noqa: F401
    calendar_load,  # noqa: F401
    calendar_mail,  # noqa: F401
    calendar_steps,  # noqa: F401
    demo,
    keys,
    lead_consents,  # noqa: F401 - this and the next hang their commands on `lead`
    lead_import,  # noqa: F401
    lead_people,  # noqa: F401
    lead_quarantine,  # noqa: F401
    leads,
    outbox,
    page_check,  # noqa: F401 - this and the next hang their commands on `page`
    page_links,  # noqa: F401
    page_preview,  # noqa: F401
    pages,
    privacy,
    serving,
    team,
    upkeep,
    workspaces,
)
from contentops.cli.console import Console
from contentops.texts import gettext as _

app = typer.Typer(
    name="contentops",
    help=_("From content plan to qualified lead: assets, a calendar for Outlook, gated landing pages."),
    epilog=_("Begin with: contentops demo · or: contentops init DIR, then contentops sync"),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from contentops import __version__

        typer.echo(f"contentops {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", help=_("The workspace; by default the nearest one above this folder."))
    ] = Path(),
    lang: Annotated[str, typer.Option("--lang", metavar="zh|en", help=_("Language of these words."))] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help=_("Say only what is wrong."))] = False,
    debug: Annotated[bool, typer.Option("--debug", help=_("Show where in the program an error arose."))] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=_("Print the version and exit."))
    ] = False,
) -> None:
    """Keep the options that every command shares. Language and debugging are read before, in main()."""
    ctx.obj = Console(workspace, quiet)


for room in (
    workspaces, assets, team, calendar_dates, pages, serving, leads, outbox, keys, privacy, upkeep, demo,
):  # fmt: skip
    room.register(app)
