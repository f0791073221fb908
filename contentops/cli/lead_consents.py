"""lead consents, lead withdraw: what somebody agreed to, and taking it back."""

from typing import TYPE_CHECKING, Annotated

import typer

from contentops.cli.console import AsJson, console, data_json, data_table, fields_of, in_zone, who
from contentops.cli.lead_words import action_word, channel_word
from contentops.cli.leads import Who, lead
from contentops.cli.words import key_of, word
from contentops.leads.words import purposes, ways_of_saying
from contentops.texts import gettext as _

if TYPE_CHECKING:
    from contentops.leads.consent.people import Agreed

_HISTORY = (
    "at",
    "purpose",
    "channel",
    "action",
    "how",
    "page",
    "locale",
    "wording",
    "wording_sha256",
    "notice",
    "evidence",
)


@lead.command(help=_("Show what somebody agreed to, and every word they said about it."))
def consents(ctx: typer.Context, person: Who, as_json: AsJson = False) -> None:
    """Show the consents of a person."""
    with console(ctx).open() as workspace:
        found, shown = workspace.leads.consents.of(person), in_zone(workspace)
    if as_json:
        data_json(_as_json(found))
        return
    rows = [
        (shown(each.at), word(purposes(), each.purpose), channel_word(each.channel), action_word(each.action),
         word(ways_of_saying(), each.how), each.page)
        for each in found.history
    ]  # fmt: skip
    data_table([_("When"), _("Purpose"), _("Channel"), _("Word"), _("How"), _("Page")], rows)
    console(ctx).say(_summary(found))


@lead.command(help=_("Keep that somebody wants no more of this; what was on its way is stopped."))
def withdraw(
    ctx: typer.Context,
    person: Who,
    purpose: Annotated[str, typer.Option(metavar="marketing|delivery", help=_("What they take back."))] = "marketing",
    channel: Annotated[
        str, typer.Option(metavar="any|email|phone|wecom", help=_("By which way; any: by all of them."))
    ] = "any",
) -> None:
    """Take a consent back."""
    with console(ctx).open() as workspace:
        wanted = key_of(purposes(), purpose)
        found = workspace.leads.consents.withdraw(person, wanted, channel=channel, evidence=who())
    console(ctx).say(_summary(found))


def _as_json(found: "Agreed") -> dict[str, object]:
    holds = [
        {"purpose": purpose, "channel": channel, "word": word}
        for (purpose, channel), word in sorted(found.agreement.items())
    ]
    history = [fields_of(entry, _HISTORY) for entry in found.history]
    return {"contact_id": found.contact.id, "person_id": found.contact.person_id, "holds": holds, "history": history}


def _summary(found: "Agreed") -> str:
    if not found.agreement:
        return _("Nothing was ever asked or said.")
    words = {"given": _("Yes"), "pending": _("not confirmed yet"), "withdrawn": _("No")}
    return "\n".join(
        _("{field}: {problem}").format(
            field=f"{word(purposes(), purpose)} / {channel_word(channel)}", problem=words[said]
        )
        for (purpose, channel), said in sorted(found.agreement.items())
    )
