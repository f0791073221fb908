"""calendar feed: subscriptions."""

from typing import TYPE_CHECKING, Annotated

import typer

from contentops.cli.calendar_dates import calendar
from contentops.cli.console import AsJson, Console, console, data, data_json, data_table, fields_of, in_zone
from contentops.texts import gettext as _

if TYPE_CHECKING:
    from contentops.planning.feeds import Subscription

feed = typer.Typer(
    help=_("Subscriptions: a secret address for each subscriber."), no_args_is_help=True, rich_markup_mode=None
)
calendar.add_typer(feed, name="feed")

Label = Annotated[str, typer.Argument(metavar="LABEL", help=_("Whose it is, as 'feed list' shows it."))]


@feed.command(help=_("Make a subscription and print its address, once."))
def add(
    ctx: typer.Context,
    label: Annotated[str, typer.Argument(metavar="LABEL", help=_("Whose it is, or what for."))],
    role: Annotated[list[str] | None, typer.Option(help=_("Only this role; may be said several times."))] = None,
    person: Annotated[str, typer.Option(help=_("Only what the roles of this person owe."))] = "",
    kind: Annotated[list[str] | None, typer.Option(help=_("Only this kind; may be said several times."))] = None,
    lane: Annotated[list[str] | None, typer.Option(help=_("Only this lane; may be said several times."))] = None,
    as_json: AsJson = False,
) -> None:
    """Make a subscription."""
    with console(ctx).open() as workspace:
        address = workspace.settings.public_url
        if "://127.0.0.1" in address or "://localhost" in address:
            console(ctx).warn(
                [_("public_url is {url}: only programs on this machine reach this feed").format(url=address)]
            )
        made = workspace.calendar.feeds.add(label, roles=role or (), person=person, kinds=kind or (), lanes=lane or ())
    _show(console(ctx), made, as_json=as_json)


def _show(shared: Console, made: "Subscription", *, as_json: bool) -> None:
    if as_json:
        data_json({"label": made.feed.label, "url": made.url, "page": made.page, "links": made.links})
        return
    data(made.url)
    shared.say(
        _("Shown once and kept nowhere; 'feed rotate' makes a new one. As a page: {page}").format(page=made.page)
    )
    for name, link in made.links.items():
        shared.say(f"{name}: {link}")
    shared.say(
        _(
            "Subscribe to it (do not import it): Apple asks again within a day, Outlook on the web about every three "
            "hours, Google within a day; nothing here can speed that up."
        )
    )


@feed.command("list", help=_("List subscriptions; their secrets are not kept."))
def list_feeds(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List subscriptions."""
    with console(ctx).open() as workspace:
        feeds, shown = workspace.calendar.feeds.all(), in_zone(workspace)
    if as_json:
        fields = ("label", "roles", "person", "kinds", "lanes", "created_at", "revoked_at", "last_used_on")
        data_json([fields_of(row, fields) for row in feeds])
        return
    data_table(
        [_("Label"), _("Limits"), _("Made"), _("Used last"), _("Ended")],
        [
            (
                row.label,
                _(", ").join(filter(None, [*row.roles, row.person, *row.kinds, *row.lanes])),
                shown(row.created_at)[:10],
                row.last_used_on or "",
                shown(row.revoked_at)[:10] if row.revoked_at else "",
            )
            for row in feeds
        ],
    )


@feed.command(help=_("Give a subscription a new address; the old one stops at once."))
def rotate(ctx: typer.Context, label: Label, as_json: AsJson = False) -> None:
    """Renew a subscription's secret."""
    with console(ctx).open() as workspace:
        made = workspace.calendar.feeds.rotate(label)
    _show(console(ctx), made, as_json=as_json)


@feed.command(help=_("End a subscription; its address stops at once."))
def revoke(ctx: typer.Context, label: Label) -> None:
    """End a subscription."""
    with console(ctx).open() as workspace:
        ended = workspace.calendar.feeds.revoke(label)
    console(ctx).say(_("'{label}' has ended.").format(label=ended.label))
