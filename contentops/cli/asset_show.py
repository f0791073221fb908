"""asset show: one asset with its file, versions, plan and history."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import typer

from contentops.cli.assets import FIELDS, Address, asset
from contentops.cli.console import AsJson, console, data, data_json, fields_of, in_zone
from contentops.cli.words import gates, word, workflow_states
from contentops.texts import gettext as _


@asset.command(help=_("Show one asset with its file, versions, plan and history."))
def show(ctx: typer.Context, slug: Address, as_json: AsJson = False) -> None:
    """Show one asset."""
    with console(ctx).open() as workspace:
        found = workspace.assets.get(slug)
        details = {
            **fields_of(found, FIELDS),
            "owner": found.owner or _owner(workspace.assets.standards, found.kind),
            "description": found.description,
            "file": workspace.assets.path(found),
            "attachments": [a.path for a in workspace.assets.attachments(found)],
            "versions": [f"{other.language}/{other.slug}" for other in workspace.assets.translations(found)],
            "plan": [
                {"step": m.key, "day": m.day, "role": m.role, "state": m.state}
                for m in workspace.calendar.agenda()
                if m.asset_id == found.id
            ],
            "dates": [
                fields_of(change, ("at", "what", "from_on", "to_on", "by", "reason"))
                for change in workspace.calendar.history(found)
            ],
            "history": [
                {
                    "at": t.at.isoformat(timespec="seconds"),
                    "from": t.from_state,
                    "to": t.to_state,
                    "action": t.action,
                    "by": t.by,
                    "reason": t.reason,
                }
                for t in workspace.assets.history(found)
            ],
        }
        shown = in_zone(workspace)
    if as_json:
        data_json(details)
        return
    for line in _lines(details, shown):
        data(line)


def _lines(details: Mapping[str, Any], shown: Callable[[datetime], str]) -> Iterator[str]:
    states, labels = workflow_states(), _labels()
    words = {**details, "state": word(states, details["state"]), "gate": word(gates(), details["gate"])}
    lists = {
        "plan": list(_plan(details["plan"])),
        "dates": list(_dates(details["dates"], shown)),
        "history": list(_history(details["history"], states, shown)),
    }
    for key, value in words.items():
        if key not in lists:
            text = _(", ").join(value) if isinstance(value, list) else "" if value is None else str(value)
            yield _("{field}: {problem}").format(field=labels[key], problem=text)
        elif lists[key]:
            yield _("{field}: {problem}").format(field=labels[key], problem="").rstrip()
            yield from (f"  {line}" for line in lists[key])


def _plan(steps: list[dict[str, Any]]) -> Iterator[str]:
    from contentops.planning.columns import state_name

    for step in steps:
        yield f"{step['day']}  {step['role']}  {step['step']}  {state_name(step['state'])}"


def _dates(changes: list[Mapping[str, Any]], shown: Callable[[datetime], str]) -> Iterator[str]:
    for each in changes:
        if each["from_on"] is not None:  # first plans are no news
            move = f"{each['from_on']} → {each['to_on'] or '-'}"
            yield f"{shown(each['at'])}  {each['what']}  {move}  {each['by']}  {each['reason']}"


def _history(
    changes: list[dict[str, Any]], states: Mapping[str, str], shown: Callable[[datetime], str]
) -> Iterator[str]:
    for each in changes:
        what = f"{word(states, each['from'] or '-')} → {word(states, each['to'])}"
        if each["action"] == "comment":
            what = _("comment")
        yield f"{shown(datetime.fromisoformat(each['at']))}  {what}  {each['by']}  {each['reason']}"


def _labels() -> Mapping[str, str]:
    return {
        "slug": _("Address"),
        "language": _("Language"),
        "kind": _("Kind"),
        "title": _("Title"),
        "state": _("State"),
        "gate": _("Handed over"),
        "dated_on": _("Date of the text"),
        "planned_on": _("Planned for"),
        "review_on": _("Next review"),
        "standard_version": _("Version of the standard"),
        "id": _("Id"),
        "owner": _("Owner"),
        "description": _("Description"),
        "file": _("File"),
        "attachments": _("Attachments"),
        "versions": _("Other languages"),
        "plan": _("Plan"),
        "dates": _("Dates that moved"),
        "history": _("History"),
    }


def _owner(standards: Any, kind: str) -> str | None:
    return standards[kind].duties.owner if kind in standards.kinds else None
