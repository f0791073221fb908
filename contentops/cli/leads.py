"""lead: who asked for what."""

from pathlib import Path
from typing import Annotated

import typer

from contentops.cli.console import AsJson, console, data, data_json, data_table, write_whole
from contentops.texts import gettext as _

lead = typer.Typer(help=_("Leads."), no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(lead, name="lead")


@lead.command("list", help=_("List leads, newest first."))
def list_leads(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List leads."""
    with console(ctx).open() as workspace:
        rows = list(workspace.leads.rows())
    if as_json:
        data_json(rows)
        return
    columns = [
        _("Since"),
        _("Name"),
        _("Company"),
        _("E-mail"),
        _("Phone"),
        _("Asset"),
        _("Campaign"),
        _("May be contacted"),
    ]
    shown = ("created_at", "name", "company", "email", "phone", "asset", "first_campaign", "marketing_consent")
    data_table(columns, [[row[name] for name in shown] for row in rows])


@lead.command(help=_("Write all leads to a file."))
def export(
    ctx: typer.Context,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help=_("The file; - for stdout."))],
    form: Annotated[
        str,
        typer.Option("--format", metavar="xlsx|csv|jsonl", help=_("The kind of file; by default what FILE ends in.")),
    ] = "",
    encoding: Annotated[
        str, typer.Option(help=_("Encoding of CSV: utf-8-sig (for Excel), utf-8 or gb18030."))
    ] = "utf-8-sig",
) -> None:
    """Export leads."""
    form = form or Path(output).suffix.lstrip(".").lower() or "xlsx"
    with console(ctx).open() as workspace:
        write_whole(output, workspace.leads.export(form, encoding=encoding))
    if output != "-":
        data(output)
