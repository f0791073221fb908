"""keys: the keys that sign personal links."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from contentops.cli.console import AsJson, ask, console, data, data_json, data_table
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.leads.keyring import Ending

keys = typer.Typer(help=_("The keys that sign personal links."), no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(keys, name="keys")


@keys.command("list", help=_("List the keys, never their secrets; the first one signs, all of them verify."))
def list_keys(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the keys."""
    here = console(ctx)
    with here.open() as workspace:
        found = workspace.leads.keys.all()
        today = workspace.now().date()
        here.warn(workspace.leads.keys.warnings())
    if as_json:
        data_json([{"id": key.id, "made_on": key.made_on, "signs": key is found[0]} for key in found])
        return
    rows = [
        (
            key.id,
            key.made_on or _("not known"),
            (today - key.made_on).days if key.made_on else "",
            _("signs") if key is found[0] else _("verifies"),
        )
        for key in found
    ]
    data_table([_("Key"), _("Made on"), _("Age in days"), _("Use")], rows)


@keys.command(help=_("Make a new key that signs from now on; links that older keys signed go on working."))
def rotate(ctx: typer.Context) -> None:
    """Make a new key."""
    here = console(ctx)
    with here.open() as workspace:
        new = workspace.leads.keys.rotate()
        here.warn(workspace.leads.keys.warnings())
    data(new.id)
    here.say(_("Running servers sign with it from now on. Drop an old key when its links have ended."))


@keys.command(help=_("Take a key out of use: every link that it signed stops working at once."))
def drop(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID", help=_("As keys list shows it."))],
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask."))] = False,
) -> None:
    """Take a key out of use."""
    here = console(ctx)
    with here.open() as workspace:
        ending = workspace.leads.keys.ending(key)
        for line in _what_ends(ending):
            here.say(line)
        if not yes:
            question = _("Take the key {id} out of use?").format(id=ending.key.id)
            ask(question, _("nobody is here to ask; add --yes to end these links"))
        data(workspace.leads.keys.drop(ending.key.id).id)


def _what_ends(ending: "Ending") -> Iterator[str]:
    yield _("Key {id} signed until {day}. Without it, these links end at once:").format(
        id=ending.key.id, day=ending.signed_until
    )
    for name, days in (
        (_("material, confirmations"), ending.link_days),
        (_("preferences"), ending.preferences_days),
    ):
        left = ngettext("{n} more day at most", "{n} more days at most", days).format(n=days)
        yield "  " + _("{links}: {left}").format(links=name, left=left if days else _("all have ended already"))
    yield "  " + _("unsubscribing, in all those letters: these would have no end. Say another way in your next mail.")
