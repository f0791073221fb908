"""calendar: plan back from a day, list what is due, export for Outlook."""

from typing import Annotated

import typer

from contentops.cli.console import AsJson, a_date, console, data, data_json, data_table, who, write_whole
from contentops.texts import gettext as _
from contentops.texts import ngettext, pick

calendar = typer.Typer(help=_("The content calendar."), no_args_is_help=True, rich_markup_mode=None)

Role = Annotated[str | None, typer.Option(help=_("Only this role."))]
Kind = Annotated[str | None, typer.Option(help=_("Only this kind."))]
Start = Annotated[str | None, typer.Option("--from", metavar="DATE", help=_("First day."))]
End = Annotated[str | None, typer.Option("--to", metavar="DATE", help=_("Last day."))]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(calendar, name="calendar")


@calendar.command(help=_("Plan an asset back from its day of publication, on working days."))
def plan(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(metavar="SLUG", help=_("The asset's address."))],
    publish_on: Annotated[
        str, typer.Option("--publish-on", metavar="DATE", help=_("Day of publication, as 2026-03-31."))
    ],
    as_json: AsJson = False,
) -> None:
    """Plan an asset."""
    shared, day = console(ctx), a_date(publish_on)
    with shared.open() as workspace:
        made = workspace.calendar.plan(slug, day, by=who())
    if as_json:
        steps = [{"step": m.step, "due_on": m.due_on, "role": m.role, "state": m.state} for m in made.milestones]
        data_json({"slug": made.asset.slug, "changed": made.changed, "notices": made.notices, "milestones": steps})
        return
    rows = [(m.due_on, m.due_on.strftime("%a"), m.role, pick(m.name), m.state) for m in made.milestones]
    data_table([_("Due"), "", _("Role"), _("Step"), _("State")], rows)
    shared.warn(made.notices)
    shared.say(ngettext("{n} milestone changed.", "{n} milestones changed.", made.changed).format(n=made.changed))


@calendar.command(help=_("Tick a step off."))
def done(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(metavar="SLUG", help=_("The asset's address."))],
    step: Annotated[str, typer.Argument(metavar="STEP", help=_("The step's key, as 'calendar list' shows it."))],
) -> None:
    """Tick a step off."""
    with console(ctx).open() as workspace:
        milestone = workspace.calendar.complete(slug, step)
    console(ctx).say(_("'{step}' is done.").format(step=pick(milestone.name)))


@calendar.command("list", help=_("List what is due."))
def list_milestones(
    ctx: typer.Context,
    role: Role = None,
    kind: Kind = None,
    start: Start = None,
    end: End = None,
    as_json: AsJson = False,
) -> None:
    """List milestones."""
    first, last = start and a_date(start), end and a_date(end)
    with console(ctx).open() as workspace:
        rows = workspace.calendar.agenda(role=role, kind=kind, start=first or None, end=last or None)
    if as_json:
        data_json(
            [
                {
                    "due_on": m.due_on,
                    "step": m.step,
                    "role": m.role,
                    "state": m.state,
                    "slug": a.slug,
                    "language": a.language,
                }
                for m, a in rows
            ]
        )
        return
    data_table(
        [_("Due"), _("Role"), _("Step"), _("Key"), _("State"), _("Asset")],
        [(m.due_on, m.role, pick(m.name), m.step, m.state, a.title) for m, a in rows],
    )


@calendar.command(help=_("Write the calendar as an .ics file for Outlook and others."))
def export(
    ctx: typer.Context,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help=_("The file; - for stdout."))],
    role: Role = None,
    kind: Kind = None,
    start: Start = None,
    end: End = None,
) -> None:
    """Export the calendar."""
    shared = console(ctx)
    first, last = start and a_date(start), end and a_date(end)
    with shared.open() as workspace:
        content = workspace.calendar.export(role=role, kind=kind, start=first or None, end=last or None)
        rows = workspace.calendar.agenda(role=role, kind=kind, start=first or None, end=last or None, with_dropped=True)
        years = workspace.calendar.working_days.provisional_years(milestone.due_on for milestone, _asset in rows)
        notice = workspace.calendar.provisional_notice(years)
    write_whole(output, [content])
    shared.warn([notice] if notice else [])
    if not rows:
        shared.warn([_("No milestone matches: the calendar is empty. 'contentops calendar plan' makes some.")])
    elif output != "-":
        data(ngettext("{n} event in {file}", "{n} events in {file}", len(rows)).format(n=len(rows), file=output))
