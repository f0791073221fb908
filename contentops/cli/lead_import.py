"""lead import: lists of people that come in."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.console import AsJson, Console, console, data_json, data_table, read_whole, who
from contentops.cli.leads import lead
from contentops.errors import InvalidArgument, Problem
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.leads.sheets.incoming.desk import Applied, Found
    from contentops.leads.sheets.incoming.looking import Seen


@lead.command(
    "import",
    help="\n\n".join(
        (
            _("Read a list of people (.csv, .xlsx)."),
            _(
                "Of an event, of WeCom, of another system. Shows what would come of each row; --apply stores them. The "
                "same file again changes nothing."
            ),
        )
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
    names, often = _verdicts(), _often(found.rows)
    rows = [_line(seen, names, often) for seen in found.rows[:_MOST_SHOWN]]
    rows += [
        _line(seen, names, often)
        for seen in found.rows[_MOST_SHOWN:]
        if seen.verdict == "refused" or any(text not in often for text in seen.row.problems)
    ]
    data_table([_("Row"), _("Result"), _("Name"), _("Company"), _("Contact"), _("Asset"), _("Remark")], rows)
    if len(found.rows) > _MOST_SHOWN:
        text = _("Of {n} rows: the first {most}, and those that are not stored.")
        shared.say(text.format(n=len(found.rows), most=_MOST_SHOWN))
    counted = [
        _("{n} {what}").format(n=found.counts[key], what=name) for key, name in names.items() if found.counts[key]
    ]
    shared.say(_(", ").join(counted) or _("The file holds nothing."))
    shared.warn(found.notes)
    for problem, n in often.items():
        text = ngettext("{n} row: {problem}", "{n} rows: {problem}", n)
        shared.warn([text.format(n=n, problem=problem)])


_MOST_SHOWN = 50
_OFTEN = 3
"""What is wrong with more rows than this is said once, below the list."""


def _often(rows: Sequence["Seen"]) -> dict[str, int]:
    """Return what is wrong with many rows, and with how many."""
    counts = Counter(text for seen in rows for text in seen.row.problems)
    return {text: n for text, n in counts.items() if n > _OFTEN}


def _line(seen: "Seen", names: dict[Any, str], often: dict[str, int]) -> tuple[object, ...]:
    row, form = seen.row, seen.row.form
    contact = "" if form is None else _(", ").join(point.shown for point in form.points)
    about = (row.who, "") if form is None else (form.name, form.company)
    own = [text for text in row.problems if text not in often]
    if len(own) < len(row.problems):
        own.append(_("see below"))
    return (row.number, names[seen.verdict], *about, contact, row.asset, "; ".join(own) or seen.remark)


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
