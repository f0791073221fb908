"""How a calendar or sheet that came back differs from the plan here. Pure rules."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from contentops.models import CalendarEvent, Lane, MilestoneState
from contentops.planning.agenda import AgendaItem
from contentops.planning.outgoing.ics import one_line
from contentops.texts import gettext as _
from contentops.texts import ngettext


class Kind(StrEnum):
    """What a difference is. The first five can be accepted."""

    MOVED = "moved"
    RENAMED = "renamed"
    CANCELLED = "cancelled"
    DONE = "done"
    NEW = "new"
    SAME = "same"
    OUTDATED = "outdated"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    UNUSABLE = "unusable"


ACCEPTABLE = frozenset({Kind.MOVED, Kind.RENAMED, Kind.CANCELLED, Kind.DONE, Kind.NEW})


@dataclass(frozen=True, slots=True)
class Incoming:
    """One entry as it came back.

    Attributes:
        uid: which entry it is. place: where it stands in the file, for people. day: None where it cannot be told.
        summary: its title line; None where the format has none. cancelled, done: what it says of its state.
            state_said: whether it says anything of it, so that neither means due.
        modified_at: when it was changed there last, UTC. sequence: its revision there. problem: why it is unusable.
        notes: what was understood by guess, such as a timed event taken for its day.
    """

    uid: str
    place: str
    day: date | None
    summary: str | None = None
    cancelled: bool = False
    done: bool = False
    modified_at: datetime | None = None
    sequence: int | None = None
    state_said: bool = False
    problem: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which the file differs from the plan here.

    Attributes:
        kind: what it is. place: where it stands in the file. uid: of the entry; empty for a new one.
        lane, key, address, title: what it is about; empty where it is unknown here.
        before, after: the day here and the day there. text: the new title of a renamed or new one.
        message: one sentence. values: of a new one: its fields.
    """

    kind: Kind
    place: str
    uid: str = ""
    lane: Lane | None = None
    key: str = ""
    address: str = ""
    title: str = ""
    before: date | None = None
    after: date | None = None
    text: str = ""
    message: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def can_be_accepted(self) -> bool:
        """Whether there is something to apply."""
        return self.kind in ACCEPTABLE


def compare(
    entries: Iterable[Incoming],
    known: Mapping[str, CalendarEvent],
    items: Mapping[str, AgendaItem],
    files: Mapping[str, str],
) -> Iterator[Difference]:
    """Yield how each entry differs from the plan. What the file does not have is no difference: files are often cut.

    Args:
        known: what has left the house, by UID. items: the agenda as it is now, by UID.
        files: the Markdown files of assets by asset id; titles of those are changed there.
    """
    seen: set[str] = set()
    titles: dict[str, str] = {}
    for entry in entries:
        event, item = known.get(entry.uid), items.get(entry.uid)
        if event is None and entry.problem and not entry.uid:
            yield Difference(Kind.UNUSABLE, entry.place, title=entry.summary or "", message=entry.problem)
            continue
        if event is None:
            yield Difference(
                Kind.UNKNOWN, entry.place, entry.uid, text=entry.summary or "", after=entry.day,
                message=_("not one of ours; it stays where it is"),
            )  # fmt: skip
            continue
        if entry.uid in seen:
            yield Difference(Kind.UNUSABLE, entry.place, entry.uid, message=_("stands in the file a second time"))
            continue
        seen.add(entry.uid)
        about = {
            "place": entry.place, "uid": entry.uid, "lane": event.lane, "key": event.key, "before": event.day,
            "address": item.address if item else "", "title": item.title if item else event.summary,
        }  # fmt: skip
        for difference in _of_one(entry, event, item, files, about):
            if (
                difference.kind is Kind.RENAMED
                and titles.setdefault(difference.address, difference.text) != difference.text
            ):
                message = _("another title there than in another event of the same asset")
                yield replace(difference, kind=Kind.CONFLICT, message=message)
            else:
                yield difference


def _of_one(
    entry: Incoming, event: CalendarEvent, item: AgendaItem | None, files: Mapping[str, str], about: dict[str, Any]
) -> Iterator[Difference]:
    if entry.problem or entry.day is None:
        yield Difference(Kind.UNUSABLE, **about, message=entry.problem or _("it has no date"))
        return
    about["after"] = entry.day
    notes = "; ".join(entry.notes)
    older = _is_older(entry, event)
    if item is None or item.is_dropped or event.cancelled:
        stale = entry.cancelled or older
        kind = Kind.SAME if entry.cancelled else Kind.OUTDATED if stale else Kind.CONFLICT
        yield Difference(kind, **about, message="" if entry.cancelled else _("it was cancelled here"))
        return
    if entry.cancelled:
        if item.state is MilestoneState.DONE:
            yield Difference(Kind.CONFLICT, **about, message=_("it is done here and stays where it was"))
        elif older:
            yield Difference(Kind.CONFLICT, **about, message=_("cancelled there, but changed here since"))
        else:
            yield Difference(Kind.CANCELLED, **about, message=notes)
        return
    found = [
        *_day(entry, event, item, about, notes, older=older),
        *_name(entry, event, item, files, about, older=older),
    ]
    found += _state(entry, item, {**about, "after": event.day})
    yield from found or [Difference(Kind.SAME, **about, message=notes)]


def _state(entry: Incoming, item: AgendaItem, about: dict[str, Any]) -> Iterator[Difference]:
    if entry.done and item.lane in (Lane.EXPIRY, Lane.REVIEW, Lane.SLOT):
        yield Difference(
            Kind.UNUSABLE, **about, message=_("only steps, publications and placements can be called done")
        )
    elif entry.done and item.state is MilestoneState.DUE and item.open_points:
        message = ngettext(
            "{n} point of its checklist is open", "{n} points of its checklist are open", len(item.open_points)
        )
        yield Difference(Kind.CONFLICT, **about, message=message.format(n=len(item.open_points)))
    elif entry.done and item.state is MilestoneState.DUE:
        yield Difference(Kind.DONE, **about)
    elif entry.state_said and not entry.done and item.state is MilestoneState.DONE:
        yield Difference(Kind.CONFLICT, **about, message=_("it is done here; what is done stays done"))


def _day(
    entry: Incoming, event: CalendarEvent, item: AgendaItem, about: dict[str, Any], notes: str, *, older: bool
) -> Iterator[Difference]:
    if entry.day == item.day:
        return
    former = {said["day"] for said in event.former}
    if item.state is MilestoneState.DONE:
        yield Difference(Kind.CONFLICT, **about, message=_("it is done here and stays where it was"))
    elif older and str(entry.day) in former:
        yield Difference(Kind.OUTDATED, **about, message=_("the file is older than the plan here"))
    elif not older or former <= {str(item.day)}:  # what changed here since is something else than the day
        yield Difference(Kind.MOVED, **about, message=notes)
    else:
        yield Difference(Kind.CONFLICT, **about, message=_("moved there, and moved here since"))


def _name(
    entry: Incoming,
    event: CalendarEvent,
    item: AgendaItem,
    files: Mapping[str, str],
    about: dict[str, Any],
    *,
    older: bool,
) -> Iterator[Difference]:
    if entry.summary is None:
        return
    ours, theirs = one_line(event.summary), one_line(entry.summary)
    if theirs == ours or theirs[:400] == ours or (older and theirs in {one_line(f["summary"]) for f in event.former}):
        return
    name, separator, title = theirs.partition(" · ")
    about = {**about, "text": title if separator else theirs}
    if "\ufffd" in theirs:
        yield Difference(Kind.CONFLICT, **about, message=_("its title was damaged on the way"))
    elif item.lane is Lane.SLOT:
        message = _("called '{there}' in the file; what a series is called stands in calendar/cadence.toml")
        yield Difference(Kind.CONFLICT, **about, message=message.format(there=theirs))
    elif not separator or name != one_line(item.name) or not title.strip():
        message = _("called '{there}' in the file; what a step is called stands in its standard").format(there=theirs)
        yield Difference(Kind.CONFLICT, **about, message=message)
    elif item.asset_id in files:
        message = _("called '{there}' there; change the title in {file}").format(there=title, file=files[item.asset_id])
        yield Difference(Kind.CONFLICT, **about, message=message)
    elif older:
        yield Difference(Kind.CONFLICT, **about, message=_("renamed there, and changed here since"))
    else:
        yield Difference(Kind.RENAMED, **about)


def _is_older(entry: Incoming, event: CalendarEvent) -> bool:
    """Return whether our event changed after the entry was last changed there."""
    if entry.modified_at is not None:
        return entry.modified_at < event.changed_at.replace(microsecond=0)
    return entry.sequence is not None and entry.sequence < event.revision
