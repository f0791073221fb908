"""What a calendar event says of an entry of the agenda."""

from contentops.assets.standards import Standards
from contentops.models import Lane, MilestoneState, WorkflowState
from contentops.planning.agenda import AgendaItem, lane_name
from contentops.planning.outgoing.ics import CalendarEntry
from contentops.texts import gettext as _

_SETTLED = {WorkflowState.APPROVED, WorkflowState.PUBLISHED}


def entry_of(item: AgendaItem, standards: Standards) -> CalendarEntry:
    """Return what the event of an item says, in the current language; its revision is the ledger's to add."""
    kind = standards.label(item.kind)
    lines = [f"{kind}: {item.title}"]
    if item.lane is Lane.SLOT:
        lines.append(_("Kept free: 'contentops calendar series fill' puts an asset here."))
    else:
        lines.append(_("Step: {name}, {hours:g} h").format(name=item.name, hours=item.hours))
    if item.role:
        person = f" ({item.person})" if item.person else ""
        lines.append(_("Role: {role}").format(role=item.role) + person)
    lines += [f"☐ {point}" for point in item.open_points]
    settled = item.state is MilestoneState.DONE or item.asset_state in _SETTLED
    return CalendarEntry(
        uid=item.uid,
        day=item.day,
        summary=_("Cancelled: {summary}").format(summary=item.summary) if item.is_dropped else item.summary,
        description="\n".join([*lines, item.url] if item.url else lines),
        categories=(kind, lane_name(item.lane)),
        url=item.url,
        status="CANCELLED" if item.is_dropped else "CONFIRMED" if settled else "TENTATIVE",
    )
