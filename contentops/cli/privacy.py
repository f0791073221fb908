"""privacy: a copy for somebody, erasing them, retention, the data map."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.console import (
    AsJson,
    Console,
    ask,
    console,
    data,
    data_json,
    data_table,
    fields_of,
    in_zone,
    who,
    write_whole,
)
from contentops.cli.words import privacy_actions, word
from contentops.errors import InvalidArgument, NotFound, Problem
from contentops.leads.words import stop_reasons
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.privacy.desk import Erased
    from contentops.workspace import Workspace

privacy = typer.Typer(
    help=_("People's rights: a copy of their data, erasure, retention, the data map."),
    no_args_is_help=True,
    rich_markup_mode=None,
)
Who = Annotated[
    str,
    typer.Argument(metavar="WHO", help=_("E-mail address, phone number in any spelling, or id of a contact or lead.")),
]
_FORMS = ("json", "html", "txt")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(privacy, name="privacy")


@privacy.command(help=_("Write everything that is kept of somebody, for them."))
def export(
    ctx: typer.Context,
    person: Who,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help=_("The file; - for stdout."))] = "-",
    form: Annotated[
        str,
        typer.Option("--format", metavar="json|html|txt", help=_("The kind of file; by default what FILE ends in.")),
    ] = "",
    language: Annotated[
        str,
        typer.Option("--language", metavar="zh|en", help=_("Language of its headings; by default the person's own.")),
    ] = "",
) -> None:
    """Make a copy."""
    form = _form(form or Path(output).suffix.lstrip(".").lower() or "json", _FORMS)
    with console(ctx).open() as workspace:
        desk = workspace.privacy
        dossier = desk.export(person, by=who(), form=form)
        write_whole(output, [desk.readable(dossier, form, language=language or None).encode("utf-8", "replace")])
    if output != "-":
        data(output)
        console(ctx).say(_("It holds personal data: hand it over by a safe way, then delete the file."))


@privacy.command(help=_("Erase somebody everywhere, for good."))
def erase(
    ctx: typer.Context,
    person: Who,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only say what would go."))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask."))] = False,
    as_json: AsJson = False,
) -> None:
    """Erase."""
    shared = console(ctx)
    with shared.open() as workspace:
        found = workspace.privacy.erase(person, dry_run=True)
        if dry_run:
            _report(found, as_json)
            return
        if not yes:
            nobody = _("nobody is here to ask; add --yes to erase this for good")
            ask(_("Erase this for good?"), nobody, lambda: _who_and_what(shared, workspace, person, found))
        done = workspace.privacy.erase(person, by=who())
    _report(done, as_json)
    shared.say(_("Erased. Files that you exported, old backups and the .bak files of a restore are yours to delete."))
    if done.told:
        shared.say(_("Being told to forget it: {targets}.").format(targets=_(", ").join(done.told)))
    if not done.log_emptied:
        text = _("The database's log is in use and still holds old pages; it is emptied when the server is restarted.")
        shared.warn([text])


def _who_and_what(shared: Console, workspace: "Workspace", person: str, found: "Erased") -> None:
    shared.say(_person(workspace, person))
    _report(found, False)


def _person(workspace: "Workspace", words: str) -> str:
    """Return who is meant, so that nobody erases the wrong one."""
    try:
        found = workspace.leads.people.find(words).who
    except NotFound:  # only in a form that is held back
        return words
    return _(", ").join(filter(None, (found.name, found.company, found.email, found.phone)))


@privacy.command(help=_("Send nothing to somebody any more; WHO may be an address that nobody came by yet."))
def stop(ctx: typer.Context, person: Who) -> None:
    """Stop."""
    shared = console(ctx)
    with shared.open() as workspace:
        count = workspace.privacy.stop(person, by=who())
    text = ngettext(
        "Nothing is sent to {n} address any more; 'contentops privacy allow' lifts it.",
        "Nothing is sent to {n} addresses any more; 'contentops privacy allow' lifts it.",
        count,
    )
    shared.say(text.format(n=count))


@privacy.command(help=_("Lift what stops mail to somebody, whatever its reason: at their own wish only."))
def allow(ctx: typer.Context, person: Who) -> None:
    """Allow."""
    shared = console(ctx)
    with shared.open() as workspace:
        count = workspace.privacy.allow(person, by=who())
    if not count:
        shared.say(_("Nothing was stopped."))
        return
    text = ngettext("{n} address may be written to again.", "{n} addresses may be written to again.", count)
    shared.say(text.format(n=count))


@privacy.command(help=_("Delete what has been kept long enough, by the settings in [privacy]."))
def purge(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only say what would go."))] = False,
    as_json: AsJson = False,
) -> None:
    """Purge."""
    shared = console(ctx)
    with shared.open() as workspace:
        counts = workspace.privacy.purge(by=who(), dry_run=dry_run)
    if as_json:
        data_json(counts)
        return
    data_table([_("What"), _("Number")], [[_classes()[name], count] for name, count in counts.items()])
    total = sum(counts.values())
    if not dry_run:
        shared.say(ngettext("{n} entry deleted.", "{n} entries deleted.", total).format(n=total))


@privacy.command("map", help=_("Print the data map: what is kept where, of whom, how long, and what erasing does."))
def print_map(
    ctx: typer.Context,
    form: Annotated[str, typer.Option("--format", metavar="md|json", help=_("Markdown or JSON."))] = "md",
) -> None:
    """Print the data map."""
    from dataclasses import asdict

    _form(form, ("md", "json"))
    with console(ctx).open() as workspace:
        if form == "json":
            data_json([asdict(entry) for entry in workspace.privacy.map()])
        else:
            data(workspace.privacy.map_markdown())


@privacy.command(
    "log", help=_("Show who made copies, erased, purged, stopped or allowed, when and how much; newest first.")
)
def show_log(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the log."""
    with console(ctx).open() as workspace:
        rows, shown = workspace.privacy.log(), in_zone(workspace)
    names = ("at", "action", "by", "count", "detail")
    if as_json:
        data_json([fields_of(row, names) for row in rows])
        return
    actions = privacy_actions()
    cells: list[list[Any]] = [
        [shown(row.at), word(actions, row.action), row.by, row.count, _detail(row.detail)] for row in rows
    ]
    data_table([_("When"), _("What"), _("Who"), _("Number"), _("Details")], cells)


def _detail(text: str) -> str:
    """Return the details of an entry in words: which classes were purged, why nothing was sent to them."""
    named, words = [part.partition("=") for part in text.split()], {**_classes(), **stop_reasons()}
    if not all(equals and number.isdigit() for _name, equals, number in named):
        return text
    return _(", ").join(f"{word(words, name)} {number}" for name, _equals, number in named)


def _report(found: "Erased", as_json: bool) -> None:
    if as_json:
        data_json({"people": found.people, "rows": dict(found.rows), "letters": found.letters, "told": found.told})
        return
    from contentops.privacy.wording import tables

    rows: list[list[Any]] = [[name, tables()[name][0], count] for name, count in found.rows.items()]
    data_table([_("Table"), _("What"), _("Number")], [*rows, ["*.eml", _("Letters"), found.letters]])


def _form(form: str, known: tuple[str, ...]) -> str:
    if form not in known:
        message = _("'{form}' is none of {known}").format(form=form, known=_(", ").join(known))
        raise InvalidArgument([Problem("--format", message)])
    return form


def _classes() -> dict[str, str]:
    return {
        "people": _("people, with all that hangs on them"),
        "unconfirmed": _("leads that were never confirmed"),
        "quarantine": _("forms in quarantine"),
        "messages": _("messages that were sent or cancelled"),
        "dead_messages": _("messages that never arrived"),
        "rate_counts": _("counts of forms"),
        "domains": _("e-mail domains at which nobody has an address"),
        "letters": _("letters kept as files"),
    }
