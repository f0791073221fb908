"""keys: the keys that sign personal links."""

from typing import Annotated

import typer

from contentops.cli.console import AsJson, console, data, data_json, data_table
from contentops.texts import gettext as _

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
    ctx: typer.Context, key: Annotated[str, typer.Argument(metavar="ID", help=_("As keys list shows it."))]
) -> None:
    """Take a key out of use."""
    with console(ctx).open() as workspace:
        data(workspace.leads.keys.drop(key).id)
