"""calendar: capacity, balance, series."""

from datetime import timedelta
from typing import Annotated

import typer

from contentops.cli.calendar_dates import Address, End, Role, Start, calendar, maybe_date
from contentops.cli.console import AsJson, a_date, console, data_json, data_table, fields_of, who
from contentops.cli.words import slot_states, word
from contentops.texts import gettext as _
from contentops.texts import ngettext

series = typer.Typer(
    help=_("Recurring content by the rules of calendar/cadence.toml."), no_args_is_help=True, rich_markup_mode=None
)
calendar.add_typer(series, name="series")

Key = Annotated[str, typer.Argument(metavar="SERIES", help=_("The key of the series."))]


@calendar.command(help=_("Show the hours due against the capacity of each role and week; overloaded weeks are marked."))
def capacity(
    ctx: typer.Context,
    start: Start = None,
    end: End = None,
    role: Role = None,
    over: Annotated[bool, typer.Option("--over", help=_("Only overloaded weeks."))] = False,
    as_json: AsJson = False,
) -> None:
    """Show the workload."""
    with console(ctx).open() as workspace:
        desk = workspace.calendar
        first = maybe_date(start) or desk.today
        desk.filters(role=role, start=maybe_date(start), end=maybe_date(end))
        rows = desk.workload.report(start=first, end=maybe_date(end), role=role)
        people = {holder.role: holder.name for holder in workspace.team.holders()}
    rows = [row for row in rows if row.over_hours or not over]
    if as_json:
        fields = ("role", "week", "due_hours", "capacity_hours", "over_hours", "keys")
        data_json([{**fields_of(row, fields), "person": people.get(row.role)} for row in rows])
        return
    data_table(
        [_("Week"), _("Role"), _("Person"), _("Due, h"), _("Capacity, h"), _("Over, h"), _("Steps")],
        [
            (
                row.week, row.role, people.get(row.role, ""), f"{row.due_hours:g}", f"{row.capacity_hours:g}",
                f"{row.over_hours:g}" if row.over_hours else "", len(row.keys),
            )
            for row in rows
        ],
    )  # fmt: skip


@calendar.command(help=_("Propose moves out of overloaded weeks, within each step's slack; --apply makes them."))
def balance(
    ctx: typer.Context,
    start: Start = None,
    apply: Annotated[bool, typer.Option("--apply", help=_("Do it."))] = False,
    as_json: AsJson = False,
) -> None:
    """Balance the workload."""
    shared = console(ctx)
    with shared.open() as workspace:
        desk = workspace.calendar
        proposals = desk.workload.balance(start=maybe_date(start))
        items = {item.uid: item for item in desk.agenda()}
        if apply:
            desk.workload.apply(proposals, by=who())
        left = [row for row in desk.workload.report(start=maybe_date(start) or desk.today) if row.over_hours]
    if as_json:
        moves = [{"address": items[p.key].address, "step": items[p.key].key, **p._asdict()} for p in proposals]
        over = [fields_of(row, ("role", "week", "over_hours")) for row in left]
        data_json({"applied": apply, "moves": moves, "overloaded": over})
        return
    data_table(
        [_("Was"), _("Becomes"), _("Role"), _("Hours"), _("Step"), _("Asset")],
        [(p.before, p.after, p.role, f"{p.hours:g}", items[p.key].name, items[p.key].title) for p in proposals],
    )
    if apply:
        shared.say(ngettext("{n} date changed.", "{n} dates changed.", len(proposals)).format(n=len(proposals)))
    elif proposals:
        shared.say(_("Nothing was changed yet; --apply applies it."))
    else:
        shared.say(_("Nothing to move: no week is overloaded, or no step has slack into a week with room."))
    for row in left if apply or not proposals else ():
        sentence = _("{role} stays {hours:g} h over in the week of {week}")
        shared.say(sentence.format(role=row.role, hours=row.over_hours, week=row.week))


@series.command("list", help=_("List series and their slots."))
def list_series(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List series."""
    with console(ctx).open() as workspace:
        reports = workspace.calendar.series.reports()
    rows = [
        (report.series.key, slot.day, slot.state, report.titles.get(slot.asset_id or "", ""), report.series.name)
        for report in reports
        for slot in report.slots
    ]
    if as_json:
        data_json([dict(zip(("series", "day", "state", "title", "name"), row, strict=True)) for row in rows])
        return
    states = slot_states()
    shown = [(key, day, word(states, state), title, name) for key, day, state, title, name in rows]
    data_table([_("Series"), _("Day"), _("State"), _("Asset"), _("What")], shown)
    empty = [report.series.key for report in reports if not report.slots]
    if empty:
        console(ctx).say(
            _("Without slots yet: {keys}; 'calendar series extend' makes them.").format(keys=_(", ").join(empty))
        )
    if not reports:
        console(ctx).say(_("There is no series; write one into calendar/cadence.toml."))


@series.command(help=_("Make the slots of every series up to a day; those there are stay."))
def extend(
    ctx: typer.Context,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help=_("Last day; by default half a year from now."))
    ] = None,
) -> None:
    """Make slots."""
    with console(ctx).open() as workspace:
        desk = workspace.calendar
        made = desk.series.extend(maybe_date(until) or desk.today + timedelta(days=182))
    data_table([_("Series"), _("Day")], [(slot.series, slot.day) for slot in made])
    console(ctx).say(ngettext("{n} new slot.", "{n} new slots.", len(made)).format(n=len(made)))


@series.command(help=_("Put an asset into a free slot and plan it for that day."))
def fill(
    ctx: typer.Context,
    key: Key,
    slug: Address,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help=_("Which slot; by default the next."))] = None,
) -> None:
    """Fill a slot."""
    with console(ctx).open() as workspace:
        slot = workspace.calendar.series.fill(key, slug, on=maybe_date(on), by=who())
    console(ctx).say(_("'{slug}' is planned for {day}.").format(slug=slug, day=slot.day))


@series.command("skip", help=_("Give a free slot up."))
def skip_slot(
    ctx: typer.Context, key: Key, on: Annotated[str, typer.Option("--on", metavar="DATE", help=_("The slot's day."))]
) -> None:
    """Give a slot up."""
    with console(ctx).open() as workspace:
        slot = workspace.calendar.series.skip(key, a_date(on))
    console(ctx).say(_("{day} is given up.").format(day=slot.day))
