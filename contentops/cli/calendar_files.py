"""calendar: out as .ics, workbook, CSV or page; back in from Outlook and Excel."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.calendar_dates import End, Kind, Lane, Person, Role, Start, calendar, maybe_date
from contentops.cli.console import (
    AsJson,
    Console,
    console,
    data,
    data_json,
    data_table,
    fields_of,
    read_whole,
    who,
    write_whole,
)
from contentops.errors import InvalidArgument, Problem
from contentops.texts import gettext as _
from contentops.texts import ngettext, use_language

if TYPE_CHECKING:
    from contentops.planning.incoming.desk import Comparison
    from contentops.planning.incoming.differences import Difference
    from contentops.workspace import Workspace

_VIEWS = ("month", "week", "agenda")
_FORMS = ("ics", "xlsx", "csv", "html")
_SHOWN = ("kind", "place", "uid", "lane", "key", "address", "title", "before", "after", "text", "message")


@calendar.command(help=_("Write the calendar: .ics for Outlook and others, .xlsx or .csv for Excel, .html to print."))
def export(
    ctx: typer.Context,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help=_("The file, its ending says the format; - for stdout.")),
    ],
    role: Role = None,
    person: Person = None,
    kind: Kind = None,
    lane: Lane = None,
    start: Start = None,
    end: End = None,
    uid: Annotated[str, typer.Option(help=_("Only this one event (.ics)."))] = "",
    view: Annotated[
        str,
        typer.Option(metavar="month|week|agenda", help=_("How an .html shows it: months, weeks, or a list of days.")),
    ] = "month",
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="|".join(_FORMS), help=_("The format, where FILE does not say it.")),
    ] = None,
) -> None:
    """Export the calendar."""
    shared, form = console(ctx), _form(output, form)
    if view not in _VIEWS:
        known = _(", ").join(_VIEWS)
        raise InvalidArgument(
            [Problem("--view", _("'{view}' is no view; there are: {known}").format(view=view, known=known))]
        )
    limits = {"role": role, "person": person, "kind": kind, "lane": lane}
    limits |= {"start": maybe_date(start), "end": maybe_date(end)}  # type: ignore[dict-item]
    with shared.open() as workspace:
        content, count, notice = _content(workspace, form, limits, uid, view)
    write_whole(output, [content])
    shared.warn([notice] if notice else [])
    if not count:
        shared.warn([_("Nothing matches: the calendar is empty. 'contentops calendar plan' makes a plan.")])
    elif output != "-":
        data(ngettext("{n} entry in {file}", "{n} entries in {file}", count).format(n=count, file=output))


def _form(output: str, form: str | None) -> str:
    form = form or (Path(output).suffix.removeprefix(".").lower() if output != "-" else "ics")
    if form not in _FORMS:
        message = _("'{form}' is no format; there are: {known}").format(form=form, known=_(", ").join(_FORMS))
        raise InvalidArgument([Problem("--format", message)])
    return form


def _content(workspace: "Workspace", form: str, limits: dict[str, Any], uid: str, view: str) -> tuple[bytes, int, str]:
    desk = workspace.calendar
    if form == "ics":
        filters = desk.filters(**limits, uid=uid)
        content = desk.export(filters)
        return content, content.count(b"\r\nBEGIN:VEVENT\r\n"), desk.provisional_notice(filters)
    with use_language(workspace.settings.language):  # what a file says is in one language
        items = desk.agenda(**limits)
    notice = desk.provisional_sentence(item.day for item in items)
    if form == "html":
        return workspace.pages.agenda(items, view), len(items), notice
    return (desk.sheets.xlsx(**limits) if form == "xlsx" else desk.sheets.csv(**limits)), len(items), notice


@calendar.command(
    "import",
    help="\n\n".join(
        (
            _("Read back what was moved in Outlook (.ics) or Excel, or a foreign plan (.xlsx, .csv)."),
            _("Shows the differences; --apply applies them."),
        )
    ),
)
def import_back(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=_("The file; several plans are joined."))],
    apply: Annotated[bool, typer.Option("--apply", help=_("Apply what is accepted."))] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Only show the differences, the same as leaving --apply out."))
    ] = False,
    accept: Annotated[
        str, typer.Option(metavar="KINDS", help=_("What to accept, with commas between."))
    ] = "moved,renamed,cancelled,done,new",
    with_steps: Annotated[
        bool | None,
        typer.Option("--with-steps/--without-steps", help=_("Whether the steps of a moved publication move along.")),
    ] = None,
    kind: Annotated[str, typer.Option(help=_("Kind of pieces whose row names none."))] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=HEADER", help=_("Which column means what, over what is proposed.")),
    ] = None,
    value: Annotated[
        list[str] | None, typer.Option(metavar="WORD=KIND", help=_("What a word in the column of kinds means."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a calendar or plan back in."""
    shared = console(ctx)
    if apply and dry_run:
        raise InvalidArgument([Problem("--apply", _("say --apply or --dry-run, not both"))])
    with shared.open() as workspace:
        found = _compared(workspace, files, kind, _pairs("--column", column), _pairs("--value", value))
        kinds = _kinds(workspace, accept)
        count = 0
        if not as_json:
            _show(shared, found)
        if apply:
            with_steps = _ask_about_steps(found, kinds, with_steps)
            count = _apply(workspace, found, kinds, with_steps)
    if as_json:
        mapped = {table: {"fields": {**m.fields}, "values": {**m.values}} for table, m in found.mapped.items()}
        shown = [fields_of(difference, _SHOWN) for difference in found.differences]
        data_json({"differences": shown, "columns": mapped, "applied": count})
    elif apply:
        shared.say(ngettext("{n} difference applied.", "{n} differences applied.", count).format(n=count))
    elif any(difference.can_be_accepted for difference in found.differences):
        shared.say(_("Nothing was changed yet; --apply applies it."))


def _compared(
    workspace: "Workspace", files: list[Path], kind: str, columns: dict[str, str], values: dict[str, str]
) -> "Comparison":
    contents = [(path.name, read_whole(path)) for path in files]
    calendars = [name for name, _content in contents if name.lower().endswith((".ics", ".ical", ".ifb"))]
    desk = workspace.calendar.incoming
    if not calendars:
        return desk.sheets(contents, kind=kind, columns=columns, values=values)
    if len(contents) > 1:
        raise InvalidArgument([Problem("FILE", _("one calendar at a time"))])
    return desk.calendar(contents[0][1], name=contents[0][0])


def _pairs(option: str, given: Iterable[str] | None) -> dict[str, str]:
    pairs = [text.partition("=") for text in given or ()]
    wrong = [left for left, equals, right in pairs if not (left and equals and right)]
    if wrong:
        raise InvalidArgument([Problem(option, _("write it as {form}").format(form="NAME=VALUE"))])
    return {left.strip(): right.strip() for left, _equals, right in pairs}


def _kinds(workspace: "Workspace", accept: str) -> list[str]:
    kinds = [word.strip() for word in accept.replace("，", ",").split(",") if word.strip()]
    known = [str(kind) for kind in workspace.calendar.incoming.ACCEPTABLE]
    wrong = [kind for kind in kinds if kind not in known]
    if wrong:
        message = _("'{kind}' cannot be accepted; there are: {known}")
        problem = message.format(kind=wrong[0], known=_(", ").join(sorted(known)))
        raise InvalidArgument([Problem("--accept", problem)])
    return kinds


def _apply(workspace: "Workspace", found: "Comparison", kinds: list[str], with_steps: bool | None) -> int:
    return workspace.calendar.incoming.apply(found, accept=kinds, with_steps=with_steps, by=who())


def _ask_about_steps(found: "Comparison", kinds: list[str], with_steps: bool | None) -> bool | None:
    if with_steps is None and "moved" in kinds and found.moves_publications and sys.stdin.isatty():
        return typer.confirm(_("Publications move. Shall their steps move along?"), err=True)
    return with_steps


def _show(shared: Console, found: "Comparison") -> None:
    for table, mapped in found.mapped.items():
        columns = _(", ").join(f"{name} = {header}" for name, header in mapped.fields.items())
        shared.say(_("{table}: columns {columns}").format(table=table, columns=columns))
        if mapped.unused:
            shared.say(_("   not read: {columns}").format(columns=_(", ").join(mapped.unused)))
    shown = [difference for difference in found.differences if difference.kind != "same"]
    data_table(
        [_("Difference"), _("In the plan"), _("In the file"), _("What"), _("Asset"), _("Remark"), _("Place")],
        [
            (_name(d), d.before or "", d.after or "", d.key, d.title or d.text or d.uid, _remark(d), d.place)
            for d in shown
        ],
    )
    counts: dict[str, int] = {}
    for difference in found.differences:
        counts[_name(difference)] = counts.get(_name(difference), 0) + 1
    shared.say(
        _(", ").join(_("{n} {what}").format(n=count, what=name) for name, count in counts.items())
        or _("The file holds nothing.")
    )


def _remark(difference: "Difference") -> str:
    renamed = _("now '{title}'").format(title=difference.text) if difference.kind == "renamed" else ""
    return renamed or difference.message


def _name(difference: "Difference") -> str:
    return {
        "moved": _("moved"),
        "renamed": _("renamed"),
        "cancelled": _("cancelled"),
        "done": _("done"),
        "new": _("new"),
        "same": _("same"),
        "outdated": _("outdated"),
        "conflict": _("conflict"),
        "unknown": _("unknown"),
        "unusable": _("unusable"),
    }[difference.kind]
