"""calendar: reminders and invitations."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.calendar_dates import calendar, json_items
from contentops.cli.console import AsJson, console, data, data_json
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.planning.digests import Digest


@calendar.command(
    help=_("Give everybody their digest of today: late, due this week, their turn, to be reviewed. Once a working day.")
)
def remind(
    ctx: typer.Context,
    mail: Annotated[bool, typer.Option("--mail", help=_("Send it by mail; otherwise it is printed."))] = False,
    person: Annotated[str | None, typer.Option(help=_("Only this person."))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only look: nothing is sent or marked."))] = False,
    again: Annotated[bool, typer.Option("--again", help=_("Even on a day off, and to those who had theirs."))] = False,
    as_json: AsJson = False,
) -> None:
    """Remind people."""
    shared = console(ctx)
    with shared.open() as workspace:
        desk = workspace.colleagues
        done = desk.remind(medium="mail" if mail else "stdout", person=person, dry_run=dry_run, again=again)
        texts = [desk.rendered(digest) for digest in done.digests]
    if as_json:
        data_json([_plain(digest) for digest in done.digests])
    elif not mail or dry_run:
        for text in texts:
            data(text)
    if done.day_off:
        shared.say(_("Today is no working day: nobody is reminded. --again does it all the same."))
    elif mail and not dry_run:
        count = len(done.digests)
        shared.say(ngettext("{n} digest sent.", "{n} digests sent.", count).format(n=count))
    if done.skipped:
        shared.say(_("Already had today's digest: {people}.").format(people=_(", ").join(done.skipped)))
    shared.warn(done.problems)
    if done.problems:
        raise typer.Exit(1)


def _plain(digest: "Digest") -> dict[str, Any]:
    lists = {name: json_items([*getattr(digest, name)]) for name in ("late", "due", "waiting", "reviews")}
    in_review = [f"{asset.language}/{asset.slug}" for asset in digest.in_review]
    return {"person": digest.person, "email": digest.email, "day": digest.day, **lists, "in_review": in_review}


@calendar.command(
    help=_("Send calendar invitations to those who owe steps; updates and cancellations too. Off by default.")
)
def invite(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only say what would be sent."))] = False,
    as_json: AsJson = False,
) -> None:
    """Invite people."""
    shared = console(ctx)
    with shared.open() as workspace:
        done = workspace.colleagues.invite(dry_run=dry_run)
    lists = {_("invited"): done.requested, _("updated"): done.updated, _("taken back"): done.cancelled}
    if as_json:
        data_json({"requested": done.requested, "updated": done.updated, "cancelled": done.cancelled,
                   "problems": [str(problem) for problem in done.problems]})  # fmt: skip
    else:
        for verb, texts in lists.items():
            for text in texts:
                data(_("{field}: {problem}").format(field=verb, problem=text))
    shared.warn(done.problems)
    if done.problems:
        raise typer.Exit(1)
