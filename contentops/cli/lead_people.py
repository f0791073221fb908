"""lead show, duplicates, merge, split, dismiss, companies, company: who is who."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.console import AsJson, Console, console, data_json, data_table, in_zone, who
from contentops.cli.lead_words import (
    action_word,
    because,
    channel_word,
    flag_words,
    persona_word,
    reason_word,
    stop_text,
    strength_word,
)
from contentops.cli.leads import Who, lead
from contentops.cli.words import word
from contentops.leads.words import purposes
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.leads.identity.companies import Company
    from contentops.leads.identity.person import Brief, PersonView
    from contentops.models import Merge

Row = tuple[str, str, str]
Other = Annotated[str, typer.Argument(metavar="OTHER", help=_("The other person, named in the same ways."))]


@lead.command(help=_("Show a person: all contacts, what they asked for, how they came, what they agreed to."))
def show(ctx: typer.Context, person: Who, as_json: AsJson = False) -> None:
    """Show a person."""
    with console(ctx).open() as workspace:
        view, shown = workspace.leads.people.find(person), in_zone(workspace)
    if as_json:
        data_json(_person_json(view))
        return
    data_table([_("What"), _("When"), _("Details")], _person_rows(view, shown))


@lead.command(help=_("List people who may be one person, what is surest first."))
def duplicates(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List possible duplicates."""
    shared = console(ctx)
    with shared.open() as workspace:
        found = workspace.leads.people.duplicates()
    if as_json:
        data_json(
            [
                {
                    "first": asdict(each.first),
                    "second": asdict(each.second),
                    "reasons": list(each.reasons),
                    "strength": each.strength.name.lower(),
                }
                for each in found
            ]
        )
        return
    columns = [_("How sure"), _("First"), _("Second"), _("Why")]
    rows = [
        (
            strength_word(each.strength),
            _line(each.first),
            _line(each.second),
            _(", ").join(map(reason_word, each.reasons)),
        )
        for each in found
    ]
    data_table(columns, rows)
    counted = ngettext(
        "{n} pair; 'contentops lead merge' makes one person of it, 'contentops lead dismiss' keeps two",
        "{n} pairs; 'contentops lead merge' makes one person of each, 'contentops lead dismiss' keeps two",
        len(found),
    )
    shared.say(counted.format(n=len(found)) if found else _("nobody seems to be there twice"))


@lead.command(help=_("Make two persons one; nothing is lost, and 'split' undoes it. The first one stands for both."))
def merge(ctx: typer.Context, person: Who, other: Other, as_json: AsJson = False) -> None:
    """Merge two persons."""
    shared = console(ctx)
    with shared.open() as workspace:
        made = workspace.leads.people.merge(person, other, by=who())
    if as_json:
        data_json(_merge_json(made))
        return
    data_table((), [(_("Merge"), made.id), (_("Stands for both"), made.kept_id)])
    shared.say(_("one person now; 'contentops lead split {id}' undoes it").format(id=made.id))


@lead.command(help=_("Undo one merge exactly: of the id that is given, or the newest one of a person."))
def split(
    ctx: typer.Context,
    which: Annotated[str, typer.Argument(metavar="MERGE|WHO", help=_("The id of a merge, or a person."))],
    distinct: Annotated[
        bool, typer.Option("--distinct", help=_("Keep that they are two, so that they are not proposed again."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Split a person."""
    shared = console(ctx)
    with shared.open() as workspace:
        undone = workspace.leads.people.split(which, by=who(), distinct=distinct)
    if as_json:
        data_json(_merge_json(undone))
        return
    data_table((), [(_("Merge"), undone.id), (_("Stands alone again"), undone.absorbed_id)])
    shared.say(_("two persons again"))


@lead.command(help=_("Keep that two persons are two: they are not proposed again."))
def dismiss(ctx: typer.Context, person: Who, other: Other) -> None:
    """Dismiss a proposal."""
    shared = console(ctx)
    with shared.open() as workspace:
        workspace.leads.people.dismiss(person, other, by=who())
    shared.say(_("kept: they are two persons"))


@lead.command("companies", help=_("List the companies people come from, and whom of the buying committee is missing."))
def list_companies(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List companies."""
    shared = console(ctx)
    with shared.open() as workspace:
        found = workspace.leads.people.companies()
        shared_domains = {} if as_json else workspace.leads.people.shared_domains()
    if as_json:
        data_json([_company_json(each) for each in found])
        return
    rows = [(each.name, len(each.members), " ".join(each.domains), _missing(each)) for each in found]
    data_table([_("Company"), _("People"), _("Domains"), _("Nobody known yet")], rows)
    if shared_domains:
        listed = _(", ").join(f"{domain} ({count})" for domain, count in shared_domains.items())
        shared.say(_("no company's own (leads.shared_domains), with people there: {domains}").format(domains=listed))
    _point_out_shared(shared, found)


def _point_out_shared(shared: Console, found: "list[Company]") -> None:
    from contentops.leads.identity.companies import looks_shared

    message = _(
        "people at {domains} state {n} names of companies and count as one: if that is no company's own domain, name "
        "it in leads.shared_domains"
    )
    for company in filter(looks_shared, found):
        shared.say(message.format(domains=_(", ").join(company.domains), n=len(company.names)))


@lead.command(help=_("Show the people of one company as a buying committee: personas, why, and who is missing."))
def company(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("Its name in any spelling, or an e-mail domain."))],
    as_json: AsJson = False,
) -> None:
    """Show a company."""
    shared = console(ctx)
    with shared.open() as workspace:
        found = workspace.leads.people.company(name)
    if as_json:
        data_json(_company_json(found))
        return
    rows = [
        (each.name, each.job_title, persona_word(each.seen.persona), because(each.seen), each.person_id)
        for each in found.members
    ]
    data_table([_("Name"), _("Job title"), _("Persona"), _("Because of"), _("Id")], rows)
    if found.missing:
        shared.say(_("nobody known yet: {personas}").format(personas=_missing(found)))


def _missing(company: "Company") -> str:
    return _(", ").join(map(persona_word, company.missing))


def _line(person: "Brief") -> str:
    return " · ".join(filter(None, (person.name, person.company, person.email or person.phone or person.person_id)))


def _person_rows(view: "PersonView", shown: Callable[[datetime], str]) -> Iterator[Row]:
    from contentops.leads.identity.keys import mail_key, phone_key
    from contentops.leads.identity.person import source_of

    facts = " · ".join(filter(None, (view.who.name, view.who.company, view.who.job_title)))
    yield _("Name"), shown(min(contact.created_at for contact in view.contacts)), facts
    yield _("Id"), "", view.id
    for value in filter(None, dict.fromkeys(each.email or "" for each in view.contacts)):
        remark = flag_words(**view.flags[value]._asdict()) if value in view.flags else ""
        yield _("E-mail"), "", " · ".join(filter(None, (value, stop_text(view.stops.get(mail_key(value), "")), remark)))
    for value in filter(None, dict.fromkeys(each.phone or "" for each in view.contacts)):
        yield _("Phone"), "", " · ".join(filter(None, (value, stop_text(view.stops.get(phone_key(value), "")))))
    for key in view.keys:
        yield _("Recognised by"), "", key
    for key in view.claims:
        yield _("Gave somebody else's"), "", key
    for interest in view.interests:
        counted = ngettext("{n} download", "{n} downloads", interest.downloads).format(n=interest.downloads)
        yield _("Lead"), shown(interest.since), f"{interest.language}/{interest.slug} · {interest.title} · {counted}"
    for touch in view.touches:
        yield _("Touch"), shown(touch.at), source_of(touch) or touch.landing_path
    for form in view.submissions:
        yield _("Form"), shown(form.at), form.page
    for consent in view.consents:
        words = (
            word(purposes(), consent.purpose),
            channel_word(consent.channel),
            action_word(consent.action),
            consent.page,
        )
        yield _("Consent"), shown(consent.at), " · ".join(filter(None, words))
    yield _("May be contacted"), "", _(", ").join(map(channel_word, view.may_be_contacted)) or _("No")
    for each in view.merges:
        yield from _merge_rows(each, shown)


def _merge_rows(merge: "Merge", shown: Callable[[datetime], str]) -> Iterator[Row]:
    message = _("{absorbed} became {kept}, by {by} ({id})")
    text = message.format(absorbed=merge.absorbed_id, kept=merge.kept_id, by=merge.by, id=merge.id)
    yield _("Merge"), shown(merge.at), text
    if merge.undone_at is not None:
        yield _("Split"), shown(merge.undone_at), _("by {by} ({id})").format(by=merge.undone_by, id=merge.id)


def _person_json(view: "PersonView") -> dict[str, Any]:
    return {
        **asdict(view.who),
        "keys": view.keys,
        "flags": {address: flags._asdict() for address, flags in view.flags.items()},
        "claims": view.claims,
        "stopped": view.stops,
        "may_be_contacted": view.may_be_contacted,
        "sources": view.sources,
        "leads": [asdict(each) for each in view.interests],
        "contacts": [each.model_dump() for each in view.contacts],
        "touches": [each.model_dump() for each in view.touches],
        "submissions": [each.model_dump() for each in view.submissions],
        "consents": [each.model_dump() for each in view.consents],
        "merges": [_merge_json(each) for each in view.merges],
    }


def _merge_json(merge: "Merge") -> dict[str, Any]:
    return merge.model_dump()


def _company_json(company: "Company") -> dict[str, Any]:
    return {
        "name": company.name,
        "names": company.names,
        "domains": company.domains,
        "missing": company.missing,
        "members": [
            {
                "person_id": each.person_id,
                "name": each.name,
                "job_title": each.job_title,
                "persona": each.seen.persona,
                "because": each.seen.because,
                "word": each.seen.word,
            }
            for each in company.members
        ],
    }
