"""lead quarantine: forms that look like a machine's."""

from typing import Annotated

import typer

from contentops.cli.console import AsJson, console, data, data_json, data_table, in_zone
from contentops.cli.leads import lead
from contentops.cli.words import word
from contentops.leads.words import quarantine_reasons
from contentops.texts import gettext as _

quarantine = typer.Typer(help=_("Forms that look like a machine's."), no_args_is_help=True, rich_markup_mode=None)
lead.add_typer(quarantine, name="quarantine")


@quarantine.command("list", help=_("List the forms that are held back, newest first."))
def list_held(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the forms that are held back."""
    with console(ctx).open() as workspace:
        held, shown = workspace.leads.quarantine.list(), in_zone(workspace)
    if as_json:
        data_json([
            {"id": form.id, "at": form.at.isoformat(timespec="seconds"), "asset": form.asset, "reason": form.reason,
             "sent": form.sent}
            for form in held
        ])  # fmt: skip
        return
    rows = [
        [shown(form.at), form.asset, word(quarantine_reasons(), form.reason),
         form.sent.get("name", ""), form.sent.get("email", "") or form.sent.get("phone", ""), form.id]
        for form in held
    ]  # fmt: skip
    data_table([_("Since"), _("Asset"), _("Reason"), _("Name"), _("Contact"), "ID"], rows)


@quarantine.command(help=_("Make leads of forms that were held back, as of the day they came."))
def release(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help=_("Forms, as listed."))],
) -> None:
    """Make leads of forms that were held back."""
    shared, wanted = console(ctx), list(dict.fromkeys(ids))
    queued = _("form {form} is lead {lead} now; a letter to them is queued and leaves with 'contentops outbox run'")
    silent = _("form {form} is lead {lead} now; no letter to them is queued")
    with shared.open() as workspace:
        desk = workspace.leads.quarantine
        desk.check(wanted)
        for each in wanted:
            lead_id = desk.release(each)
            data(lead_id)
            shared.say((queued if desk.letters(lead_id) else silent).format(form=each, lead=lead_id))
