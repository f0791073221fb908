"""calendar: tick off, leave out, place, review."""

from typing import Annotated

import typer

from contentops.cli.calendar_dates import Address, calendar, maybe_date
from contentops.cli.console import a_date, console, who
from contentops.texts import gettext as _
from contentops.texts import pick

Step = Annotated[str, typer.Argument(metavar="STEP", help=_("The step's key, as 'calendar list' shows it."))]


@calendar.command(help=_("Tick points of a step's checklist off."))
def tick(
    ctx: typer.Context,
    slug: Address,
    step: Step,
    points: Annotated[
        list[int] | None, typer.Argument(metavar="[NUMBER]...", help=_("Which points, from 1; by default all."))
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help=_("Take the ticks back."))] = False,
) -> None:
    """Tick points off."""
    with console(ctx).open() as workspace:
        milestone = workspace.calendar.steps.tick(slug, step, points or None, by=who(), on=not undo)
    for number, point in enumerate(milestone.checklist, 1):
        mark = "☑" if point["at"] else "☐"
        console(ctx).say(f"{mark} {number}. {pick(point['text'])}")


@calendar.command(help=_("Call a step done. Open points and earlier steps block it; 'publish' publishes the asset."))
def done(
    ctx: typer.Context,
    slug: Address,
    step: Step,
    tick_all: Annotated[bool, typer.Option("--tick-all", help=_("Tick its own points off first."))] = False,
) -> None:
    """Call a step done."""
    with console(ctx).open() as workspace:
        if tick_all:
            workspace.calendar.steps.tick(slug, step, by=who())
        milestone = workspace.calendar.steps.complete(slug, step, by=who())
    console(ctx).say(_("'{step}' is done.").format(step=pick(milestone.name)))


@calendar.command(help=_("Leave a step out for one asset; planning does not bring it back."))
def skip(ctx: typer.Context, slug: Address, step: Step, reason: Annotated[str, typer.Option(help=_("Why."))]) -> None:
    """Leave a step out."""
    with console(ctx).open() as workspace:
        milestone = workspace.calendar.steps.skip(slug, step, by=who(), reason=reason)
    console(ctx).say(_("'{step}' is left out.").format(step=pick(milestone.name)))


@calendar.command(help=_("Place an asset in a channel on a day of its own."))
def place(
    ctx: typer.Context,
    slug: Address,
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help=_("Such as wechat, zhihu or newsletter."))],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help=_("The day."))],
    form: Annotated[str, typer.Option("--format", help=_("Such as article or short_video."))] = "article",
    role: Annotated[str | None, typer.Option(help=_("Who does it; by default the compiler."))] = None,
    hours: Annotated[float, typer.Option(min=0, max=400, help=_("Effort."))] = 1,
) -> None:
    """Place an asset."""
    with console(ctx).open() as workspace:
        made = workspace.calendar.steps.place(slug, channel, a_date(on), by=who(), role=role, format=form, hours=hours)
    console(ctx).say(_("'{step}' is due on {day}.").format(step=pick(made.name), day=made.due_on))


@calendar.command(help=_("Call a placement done and keep its address."))
def placed(
    ctx: typer.Context,
    slug: Address,
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help=_("The channel."))],
    url: Annotated[str, typer.Argument(metavar="URL", help=_("Where it stands there."))],
) -> None:
    """Call a placement done."""
    with console(ctx).open() as workspace:
        made = workspace.calendar.steps.placed(slug, channel, url, by=who())
    console(ctx).say(_("'{step}' is done.").format(step=pick(made.name)))


@calendar.command(help=_("Keep that a published asset was reviewed today, and set its next review."))
def review(
    ctx: typer.Context,
    slug: Address,
    following: Annotated[
        str | None,
        typer.Option("--next", metavar="DATE", help=_("Day of the next one; by default as the standard says.")),
    ] = None,
) -> None:
    """Keep a review."""
    with console(ctx).open() as workspace:
        asset = workspace.calendar.steps.review(slug, by=who(), next_on=maybe_date(following))
    console(ctx).say(_("'{slug}' is reviewed next on {day}.").format(slug=asset.slug, day=asset.review_on))
