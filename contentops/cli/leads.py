"""lead: who asked for what; lists, files, and lists of people that come in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.console import (
    AsJson,
    Console,
    a_date,
    console,
    data,
    data_json,
    data_table,
    read_whole,
    who,
    write_whole,
)
from contentops.cli.lead_words import remark_on
from contentops.errors import InvalidArgument, Problem
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.leads.sheets.desk import Limits
    from contentops.leads.sheets.incoming.desk import Applied, Found

lead = typer.Typer(help=_("Leads."), no_args_is_help=True, rich_markup_mode=None)

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
        zone = _zone(workspace.settings.time_zone)
        shown = ({**row, "created_at": f"{row['created_at'].astimezone(zone):%Y-%m-%d %H:%M}"} for row in rows)
        data_table(columns, [[*(row[name] for name in _SHOWN), remark_on(row)] for row in shown])
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


@lead.command(
    "import",
    help=_(
        "Read a list of people: of an event, of WeCom, of another system (.csv, .xlsx). Shows what would come of each "
        "row; --apply stores them. The same file again changes nothing."
    ),
)
def import_leads(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The list."))],
    apply: Annotated[bool, typer.Option("--apply", help=_("Store the rows."))] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help=_("Store the rows that are right though others are not."))
    ] = False,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="HEADER=FIELD", help=_("What a column means, over what its header says.")),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("The same from a TOML file with a table [columns]."))
    ] = None,
    asset: Annotated[str, typer.Option(metavar="SLUG", help=_("The asset of all rows that name none."))] = "",
    source: Annotated[str, typer.Option(help=_("Where the people came from, such as fair."))] = "",
    medium: Annotated[str, typer.Option(help=_("By what, such as event or wecom."))] = "",
    campaign: Annotated[str, typer.Option(help=_("The campaign."))] = "",
    offline_code: Annotated[str, typer.Option(help=_("Code of the event or of a printed piece."))] = "",
    consent: Annotated[
        list[str] | None,
        typer.Option(metavar="PURPOSE=CHANNELS", help=_("What people agreed to, such as marketing=email,phone.")),
    ] = None,
    consent_source: Annotated[
        str, typer.Option(metavar="TEXT", help=_("Where the proof of that is; without it no consent is recorded."))
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Import leads."""
    from contentops.leads.sheets.incoming.options import Options

    shared = console(ctx)
    said = _mapping(mapping) | _pairs("--map", columns)
    agreed = {purpose: _words(channels) for purpose, channels in _pairs("--consent", consent).items()}
    options = Options(said, asset, source, medium, campaign, offline_code, agreed, consent_source)
    content = read_whole(file)
    with shared.open() as workspace:
        found = workspace.leads.incoming.look(content, name=file.name, options=options)
        if not as_json:
            _show(shared, found)
        can_apply = apply and (partial or not found.problems)
        done = workspace.leads.incoming.apply(found, partial=partial, by=who()) if can_apply else None
    if as_json:
        data_json(_as_json(found, done))
    elif done is not None:
        shared.say(_stored(done))
    elif found.problems:
        shared.warn([_("Nothing was stored: mend these rows, or say --partial for the others.")])
    else:
        shared.say(_("Nothing was stored yet; --apply stores it."))
    if found.problems:
        raise typer.Exit(4)


def _limits(since: str, asset: str, campaign: str, consent: bool, state: str, sort: str) -> "Limits":
    return {
        "since": a_date(since) if since else None,
        "asset": asset,
        "campaign": campaign,
        "consent": consent,
        "state": state,
        "sort": sort,
    }


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    # From the right: a header may hold an equals sign, a field does not.
    pairs = [text.rpartition("=") for text in given or ()]
    if not all(left.strip() and equals and right.strip() for left, equals, right in pairs):
        raise InvalidArgument([Problem(option, _("write it as {form}").format(form="NAME=VALUE"))])
    return {left.strip(): right.strip() for left, _equals, right in pairs}


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("，", ",").split(",") if word.strip())


def _mapping(path: Path | None) -> dict[str, str]:
    from contentops.leads.sheets.incoming.columns import read_mapping

    return read_mapping(read_whole(path), path.name) if path is not None else {}


def _show(shared: Console, found: "Found") -> None:
    for table, fields in found.columns.items():
        columns = _(", ").join(f"{name} = {header}" for name, header in fields.items())
        shared.say(_("{table}: columns {columns}").format(table=table, columns=columns))
        if found.unused[table]:
            shared.say(_("   not read: {columns}").format(columns=_(", ").join(found.unused[table])))
    names = _verdicts()
    rows = []
    for seen in found.rows:
        form = seen.row.form
        contact = "" if form is None else _(", ").join(point.shown for point in form.points)
        about = ("", "") if form is None else (form.name, form.company)
        remark = "; ".join(seen.row.problems) or seen.remark
        rows.append((seen.row.number, names[seen.verdict], *about, contact, seen.row.asset, remark))
    columns_shown = [_("Row"), _("Result"), _("Name"), _("Company"), _("Contact"), _("Asset"), _("Remark")]
    wanted = [row for row, seen in zip(rows, found.rows, strict=True) if seen.verdict in ("wrong", "refused")]
    data_table(columns_shown, rows if len(rows) <= _MOST_SHOWN else [*rows[:_MOST_SHOWN], *wanted])
    if len(rows) > _MOST_SHOWN:
        shared.say(
            _("Of {n} rows: the first {most}, and those that are not stored.").format(n=len(rows), most=_MOST_SHOWN)
        )
    counted = [
        _("{n} {what}").format(n=found.counts[key], what=name) for key, name in names.items() if found.counts[key]
    ]
    shared.say(_(", ").join(counted) or _("The file holds nothing."))
    shared.warn(found.notes)


_MOST_SHOWN = 50


def _verdicts() -> dict[Any, str]:
    from contentops.leads.sheets.incoming.looking import Verdict

    return {
        Verdict.NEW: _("new"),
        Verdict.KNOWN: _("known"),
        Verdict.JOINED: _("joined"),
        Verdict.SAME: _("same"),
        Verdict.REFUSED: _("refused"),
        Verdict.WRONG: _("wrong"),
    }


def _stored(done: "Applied") -> str:
    parts = [
        ngettext("{n} row stored", "{n} rows stored", done.stored).format(n=done.stored),
        *([_("{n} were there already").format(n=done.same)] if done.same else []),
        *([_("{n} refused").format(n=done.refused)] if done.refused else []),
        *([_("{n} left out").format(n=done.left_out)] if done.left_out else []),
    ]
    return _(", ").join(parts)


def _as_json(found: "Found", done: "Applied | None") -> dict[str, Any]:
    rows = [
        {
            "place": seen.row.place,
            "row": seen.row.number,
            "result": str(seen.verdict),
            "remark": seen.remark,
            "problems": list(seen.row.problems),
        }
        for seen in found.rows
    ]
    counts = {str(verdict): count for verdict, count in found.counts.items()}
    columns = {table: dict(fields) for table, fields in found.columns.items()}
    return {"rows": rows, "counts": counts, "columns": columns, "notes": list(found.notes),
            "stored": done.stored if done else 0}  # fmt: skip
