"""calendar: plan back from a day, move, list, find conflicts."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.console import AsJson, Console, a_date, console, data, data_json, data_table, fields_of, who
from contentops.cli.words import word, workflow_states
from contentops.texts import gettext as _
from contentops.texts import ngettext, pick

if TYPE_CHECKING:
    from contentops.planning.agenda import AgendaItem
    from contentops.planning.desk import Plan

calendar = typer.Typer(help=_("The content calendar."), no_args_is_help=True, rich_markup_mode=None)

Address = Annotated[str, typer.Argument(metavar="SLUG", help=_("The asset's address."))]
Role = Annotated[str | None, typer.Option(help=_("Only this role."))]
Person = Annotated[str | None, typer.Option(help=_("Only what the roles of this person owe."))]
Kind = Annotated[str | None, typer.Option(help=_("Only this kind."))]
Lane = Annotated[
    str | None,
    typer.Option(help=_("Only this lane: step, publication, expiry, review, placement, promotion or slot.")),
]
Start = Annotated[str | None, typer.Option("--from", metavar="DATE", help=_("First day."))]
End = Annotated[str | None, typer.Option("--to", metavar="DATE", help=_("Last day."))]
_ITEM = (
    "uid", "day", "lane", "key", "name", "title", "address", "kind", "role", "person", "hours", "state", "asset_state",
    "open_points", "channel", "format", "url",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(calendar, name="calendar")


def maybe_date(text: str | None) -> date | None:
    """Read a date that may be left out."""
    return a_date(text) if text else None


@calendar.command(help=_("Plan an asset back from its day of publication, on working days, or forward from a start."))
def plan(
    ctx: typer.Context,
    slug: Address,
    publish_on: Annotated[
        str | None, typer.Option("--publish-on", metavar="DATE", help=_("Day of publication, as 2026-03-31."))
    ] = None,
    start_on: Annotated[
        str | None,
        typer.Option("--start-on", metavar="DATE", help=_("In place of --publish-on: no step is due before this day.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Plan an asset."""
    shared = console(ctx)
    with shared.open() as workspace:
        made = workspace.calendar.plan(slug, maybe_date(publish_on), start_on=maybe_date(start_on), by=who())
    show_plan(shared, made, as_json=as_json)


@calendar.command(
    help=_("Move an asset's publication, with everything that is not done, and say what becomes too late.")
)
def reschedule(
    ctx: typer.Context,
    slug: Address,
    publish_on: Annotated[str, typer.Option("--publish-on", metavar="DATE", help=_("The new day of publication."))],
    reason: Annotated[str, typer.Option(help=_("Why."))] = "",
    as_json: AsJson = False,
) -> None:
    """Reschedule an asset."""
    shared = console(ctx)
    with shared.open() as workspace:
        made = workspace.calendar.reschedule(slug, a_date(publish_on), by=who(), reason=reason)
    show_plan(shared, made, as_json=as_json)


@calendar.command(help=_("Move one date of an asset: a step by its key, publication, expiry or review."))
def move(
    ctx: typer.Context,
    slug: Address,
    what: Annotated[str, typer.Argument(metavar="WHAT", help=_("A step's key, or: publication, expiry, review."))],
    day: Annotated[str, typer.Argument(metavar="DATE", help=_("The new day."))],
    with_steps: Annotated[bool, typer.Option("--with-steps", help=_("The steps of a publication move along."))] = False,
    as_json: AsJson = False,
) -> None:
    """Move one date."""
    shared = console(ctx)
    with shared.open() as workspace:
        made = workspace.calendar.move(slug, what, a_date(day), with_steps=with_steps, by=who())
    show_plan(shared, made, as_json=as_json)


@calendar.command(help=_("Take an asset back into the backlog; what is open of its plan is cancelled."))
def unplan(ctx: typer.Context, slug: Address, reason: Annotated[str, typer.Option(help=_("Why."))] = "") -> None:
    """Unplan an asset."""
    with console(ctx).open() as workspace:
        asset = workspace.calendar.unplan(slug, by=who(), reason=reason)
    console(ctx).say(_("'{slug}' is in the backlog.").format(slug=asset.slug))


def show_plan(shared: Console, made: "Plan", *, as_json: bool) -> None:
    """Print a plan, what changed, and what is wrong with it."""
    moved = [move for move in made.moves if move.is_move]
    if as_json:
        steps = [
            {"step": m.step, "due_on": m.due_on, "role": m.role, "state": m.state, "lane": m.lane}
            for m in made.milestones
        ]
        moves = [{"step": m.milestone.step, "from": m.before, "to": m.after} for m in moved]
        found = [fields_of(finding, ("code", "step", "day", "message")) for finding in made.findings]
        address = f"{made.asset.language}/{made.asset.slug}"
        data_json({"address": address, "planned_on": made.asset.planned_on, "moves": moves, "findings": found,
                   "milestones": steps})  # fmt: skip
        return
    from contentops.planning.columns import state_name

    old = {move.milestone.step: move.before for move in moved}
    data_table(
        [_("Due"), "", _("Was"), _("Role"), _("Step"), _("Key"), _("State")],
        [
            (m.due_on, weekday(m.due_on), old.get(m.step) or "", m.role, pick(m.name), m.step, state_name(m.state))
            for m in made.milestones
        ],
    )
    shared.warn(finding.message for finding in made.findings)
    shared.say(ngettext("{n} date changed.", "{n} dates changed.", len(moved)).format(n=len(moved)))


def weekday(day: date) -> str:
    """Return the short name of a day's weekday."""
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))[day.weekday()]


@calendar.command("list", help=_("List what stands on the calendar."))
def list_agenda(
    ctx: typer.Context,
    role: Role = None,
    person: Person = None,
    kind: Kind = None,
    lane: Lane = None,
    start: Start = None,
    end: End = None,
    week: Annotated[
        str | None, typer.Option(metavar="DATE", help=_("In place of --from and --to: the week of this day."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the agenda."""
    first, last = maybe_date(start), maybe_date(end)
    with console(ctx).open() as workspace:
        items = workspace.calendar.agenda(
            role=role, person=person, kind=kind, lane=lane, start=first, end=last, week=maybe_date(week)
        )
        today, notice = workspace.calendar.today, workspace.calendar.provisional_sentence(item.day for item in items)
    if notice:
        console(ctx).warn([notice])
    if as_json:
        data_json([{**fields_of(item, _ITEM), "late": item.is_late(today)} for item in items])
        return
    if not items:
        console(ctx).say(_("Nothing matches."))
    data_table(
        [_("Due"), "", _("Role"), _("Person"), _("Step"), _("Key"), _("State"), _("Asset")],
        [
            (item.day, weekday(item.day), item.role, item.person, item.name, item.key, _state(item, today), item.title)
            for item in items
        ],
    )


def _state(item: "AgendaItem", today: date) -> str:
    from contentops.planning.columns import state_name

    return _("late") if item.is_late(today) else state_name(item.state)


@calendar.command(help=_("List what has no date yet: ideas and unplanned work."))
def backlog(ctx: typer.Context, kind: Kind = None, as_json: AsJson = False) -> None:
    """List the backlog."""
    with console(ctx).open() as workspace:
        found = workspace.calendar.backlog(kind=kind)
    if as_json:
        data_json([fields_of(asset, ("slug", "language", "kind", "title", "state", "created_at")) for asset in found])
        return
    if not found:
        console(ctx).say(_("The backlog is empty; 'contentops asset idea' puts something into it."))
    columns = [_("Address"), _("Language"), _("Kind"), _("State"), _("Title")]
    states = workflow_states()
    data_table(columns, [(a.slug, a.language, a.kind, word(states, a.state), a.title) for a in found])


@calendar.command(help=_("Find conflicts: late steps, absences, holidays, steps after publication (exit 4 if any)."))
def check(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Find conflicts."""
    with console(ctx).open() as workspace:
        found = workspace.calendar.findings()
    if as_json:
        data_json([fields_of(finding, ("code", "address", "step", "day", "message")) for finding in found])
    else:
        for finding in found:
            data(str(finding))
    if any(finding.code != "provisional" for finding in found):
        raise typer.Exit(4)


@calendar.command(help=_("Show what changed standards and newly announced holidays would move; --apply moves it."))
def replan(
    ctx: typer.Context,
    kind: Kind = None,
    apply: Annotated[bool, typer.Option("--apply", help=_("Do it."))] = False,
    as_json: AsJson = False,
) -> None:
    """Plan anew."""
    shared = console(ctx)
    with shared.open() as workspace:
        workspace.calendar.filters(kind=kind)
        desk = workspace.calendar.replanning
        moves = desk.apply(kind=kind, by=who()) if apply else desk.compare(kind=kind)
    if as_json:
        fields = ("address", "step", "role", "before", "after")
        data_json({"applied": apply, "moves": [fields_of(move, fields) for move in moves]})
        return
    data_table(
        [_("Was"), _("Becomes"), _("Role"), _("Step"), _("Asset")],
        [(m.before or _("new"), m.after or _("dropped"), m.role, m.name, m.title) for m in moves],
    )
    said = ngettext("{n} date changed.", "{n} dates changed.", len(moves)) if apply else ngettext(
        "{n} date would change; --apply does it.", "{n} dates would change; --apply does it.", len(moves)
    )  # fmt: skip
    shared.say(said.format(n=len(moves)))


def json_items(items: list["AgendaItem"]) -> list[Any]:
    """Return entries of the agenda for JSON."""
    return [fields_of(item, _ITEM) for item in items]
