"""lead: who asked for what; lists and files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.console import (
    AsJson,
    a_date,
    console,
    data,
    data_json,
    data_table,
    in_zone,
    write_whole,
)
from contentops.cli.lead_words import remark_on
from contentops.cli.words import word
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from contentops.leads.sheets.desk import Limits

lead = typer.Typer(help=_("Leads."), no_args_is_help=True, rich_markup_mode=None)

Who = Annotated[
    str,
    typer.Argument(
        metavar="WHO",
        help=_("E-mail address, phone number in any spelling, WeCom id, id, or a name that only one person has."),
    ),
]
Since = Annotated[str, typer.Option(metavar="DATE", help=_("Only leads from this day on."))]
OfAsset = Annotated[str, typer.Option("--asset", metavar="SLUG", help=_("Only leads of this asset."))]
Campaign = Annotated[str, typer.Option(help=_("Only leads that came by this campaign at any time."))]
Consenting = Annotated[bool, typer.Option("--consent", help=_("Only people who may be contacted."))]
OfState = Annotated[
    str, typer.Option("--state", metavar="awaiting|ready", help=_("Only leads that must still confirm, or the others."))
]
Sorted = Annotated[str, typer.Option("--sort", metavar="newest|oldest|last|name|company", help=_("The order."))]
_SHOWN = ("created_at", "name", "company", "email", "phone", "asset", "first_campaign", "marketing_consent")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(lead, name="lead")


@lead.command("list", help=_("List leads, newest first."))
def list_leads(
    ctx: typer.Context,
    since: Since = "",
    asset: OfAsset = "",
    campaign: Campaign = "",
    consent: Consenting = False,
    state: OfState = "",
    sort: Sorted = "newest",
    limit: Annotated[int, typer.Option(min=0, help=_("How many are shown; 0: all."))] = 50,
    as_json: AsJson = False,
) -> None:
    """List leads."""
    from itertools import islice

    from contentops.leads.sheets.exports import moment_text

    limits = _limits(since, asset, campaign, consent, state, sort)
    with console(ctx).open() as workspace:
        found = workspace.leads.rows(**limits)
        rows = list(islice(found, limit or None))
        found.close()  # type: ignore[attr-defined]
        local = in_zone(workspace)
        more = workspace.leads.sheets.count(**limits) - len(rows) if limit and len(rows) == limit else 0
    if as_json:
        moments = ("created_at", "last_at")
        data_json([{**row, **{name: moment_text(row[name]) for name in moments}} for row in rows])
    else:
        columns = [
            _("Since"),
            _("Name"),
            _("Company"),
            _("E-mail"),
            _("Phone"),
            _("Asset"),
            _("Campaign"),
            _("May be contacted"),
            _("Remark"),
        ]
        data_table(columns, [[*_shown(row, local), remark_on(row)] for row in rows])
    if more > 0:
        sentence = ngettext("{n} more; --limit 0 shows all.", "{n} more; --limit 0 shows all.", more)
        console(ctx).say(sentence.format(n=more))


@lead.command(help=_("Write leads to a file: .xlsx for Excel, .csv, or .jsonl for programs."))
def export(
    ctx: typer.Context,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help=_("The file; - for stdout."))],
    form: Annotated[
        str,
        typer.Option("--format", metavar="xlsx|csv|jsonl", help=_("The kind of file; by default what FILE ends in.")),
    ] = "",
    encoding: Annotated[
        str, typer.Option(help=_("Encoding of CSV: utf-8-sig (for Excel), utf-8, gb18030 or another."))
    ] = "",
    headers: Annotated[
        str, typer.Option(metavar="en|zh|keys", help=_("Headers of columns; by default in the workspace's language."))
    ] = "",
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help=_("CSV for programs: times in UTC, and no apostrophe before what a spreadsheet takes for a formula."),
        ),
    ] = False,
    since: Since = "",
    asset: OfAsset = "",
    campaign: Campaign = "",
    consent: Consenting = False,
    state: OfState = "",
    sort: Sorted = "newest",
) -> None:
    """Export leads."""
    form = form or Path(output).suffix.lstrip(".").lower() or "xlsx"
    limits = _limits(since, asset, campaign, consent, state, sort)
    with console(ctx).open() as workspace:
        write_whole(output, workspace.leads.export(form, encoding=encoding, headers=headers, raw=raw, **limits))
    if output != "-":
        data(output)


def _limits(since: str, asset: str, campaign: str, consent: bool, state: str, sort: str) -> "Limits":
    return {
        "since": a_date(since) if since else None,
        "asset": asset,
        "campaign": campaign,
        "consent": consent,
        "state": state,
        "sort": sort,
    }


def _shown(row: dict[str, Any], local: "Callable[[datetime], str]") -> list[Any]:
    words = {"yes": _("Yes"), "no": _("No")}
    values = {**row, "created_at": local(row["created_at"])}
    values["marketing_consent"] = word(words, row["marketing_consent"])
    return [values[name] for name in _SHOWN]
