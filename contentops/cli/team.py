"""role: who fills which role, and what passes over when that changes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from contentops.cli.console import AsJson, Console, console, data_json, data_table, fields_of
from contentops.errors import InvalidArgument, Problem
from contentops.texts import gettext as _
from contentops.texts import ngettext, pick

if TYPE_CHECKING:
    from contentops.assets.team import Handover

role = typer.Typer(help=_("Roles and the people who fill them."), no_args_is_help=True, rich_markup_mode=None)
_ROLE = _("The role, such as presales.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(role, name="role")


@role.command("list", help=_("List roles and who fills them."))
def list_roles(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List roles."""
    with console(ctx).open() as workspace:
        holders = workspace.team.holders()
    if as_json:
        data_json([fields_of(holder, ("role", "name", "email")) for holder in holders])
        return
    data_table([_("Role"), _("Name"), _("E-mail")], [(h.role, h.name, h.email or "") for h in holders])


@role.command(help=_("Let a person fill a role from now on, and list the work that passes over."))
def assign(
    ctx: typer.Context,
    role_key: Annotated[str, typer.Argument(metavar="ROLE", help=_ROLE)],
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("The person."))],
    email: Annotated[str | None, typer.Option(help=_("Their e-mail address."))] = None,
    as_json: AsJson = False,
) -> None:
    """Assign a role."""
    shared = console(ctx)
    with shared.open() as workspace:
        handover = workspace.team.assign(role_key, name, email=email, standards=workspace.assets.standards)
    _show(shared, [handover], as_json=as_json)


@role.command(help=_("Leave a role without a person, or take a person out of the team, and list the orphans."))
def remove(
    ctx: typer.Context,
    role_key: Annotated[str | None, typer.Argument(metavar="[ROLE]", help=_ROLE)] = None,
    person: Annotated[str | None, typer.Option(metavar="NAME", help=_("The person, out of every role."))] = None,
    as_json: AsJson = False,
) -> None:
    """Release a role or a person."""
    shared = console(ctx)
    if (role_key is None) == (person is None):
        raise InvalidArgument([Problem("ROLE", _("say either a role or --person NAME"))])
    with shared.open() as workspace:
        team, standards = workspace.team, workspace.assets.standards
        if person is not None:
            handovers = team.remove(person, standards=standards)
        else:
            handovers = [team.release(str(role_key), standards=standards)]
    _show(shared, handovers, as_json=as_json)


def _show(shared: Console, handovers: "list[Handover]", *, as_json: bool) -> None:
    if as_json:
        data_json(
            [
                {
                    "role": handover.role,
                    "before": handover.before,
                    "after": handover.after.name if handover.after else None,
                    "open_work": [
                        {"day": m.due_on, "step": m.step, "address": f"{a.language}/{a.slug}"}
                        for m, a in handover.open_work
                    ],
                    "reviews": [{"day": a.review_on, "address": f"{a.language}/{a.slug}"} for a in handover.reviews],
                }
                for handover in handovers
            ]
        )
        return
    rows: list[Sequence[object]] = [
        (m.due_on, handover.role, pick(m.name), a.title) for handover in handovers for m, a in handover.open_work
    ]
    rows += [(a.review_on, handover.role, _("Review"), a.title) for handover in handovers for a in handover.reviews]
    data_table([_("Due"), _("Role"), _("Step"), _("Asset")], rows)
    for handover in handovers:
        shared.say(_sentence(handover))


def _sentence(handover: "Handover") -> str:
    count, before = len(handover.open_work) + len(handover.reviews), handover.before
    if handover.after is None:
        sentence = ngettext(
            "Nobody fills {role} any more; {n} piece of work is an orphan.",
            "Nobody fills {role} any more; {n} pieces of work are orphans.",
            count,
        )
        return sentence.format(role=handover.role, n=count)
    if before is None or before == handover.after.name:
        return _("{name} fills {role}.").format(name=handover.after.name, role=handover.role)
    sentence = ngettext(
        "{name} fills {role} instead of {before}; {n} piece of work passes over.",
        "{name} fills {role} instead of {before}; {n} pieces of work pass over.",
        count,
    )
    return sentence.format(name=handover.after.name, role=handover.role, before=before, n=count)
