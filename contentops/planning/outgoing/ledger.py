"""The ledger of events: what has left, as which revision, ready to be joined into a file or a feed.

Triggers note every asset whose rows changed; a refresh makes the events of those assets anew and raises the revision
of each that says something else. Done when a calendar leaves the house and not with each change, so that ten edits are
one update in Outlook.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from contentops.models import Asset, CalendarDirty, CalendarEvent, CalendarLedger, Milestone, Slot
from contentops.planning.agenda import Agenda, AgendaItem
from contentops.planning.context import PlanningContext
from contentops.planning.outgoing.events import entry_of
from contentops.planning.outgoing.ics import CalendarEntry, one_line, render
from contentops.store.pause import collector_paused
from contentops.texts import gettext as _
from contentops.texts import use_language

CANCELLED_FOR = timedelta(days=90)
"""How long a cancelled event stays in the calendar, in calendar days."""

_SLICE = 500  # keys in one IN list
_FORMER = 20  # revisions remembered of one event


@dataclass(frozen=True, slots=True)
class Filters:
    """Which events a calendar has. Empty: no limit.

    Attributes:
        roles, kinds, lanes: only these. start, end: first and last day. uid: only this event.
    """

    roles: Sequence[str] = ()
    kinds: Sequence[str] = ()
    lanes: Sequence[str] = ()
    start: date | None = None
    end: date | None = None
    uid: str = ""


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What the ledger holds now; equal states give equal calendars on the same day.

    Attributes:
        version: grows whenever any event changed. changed_at: when that was, UTC.
    """

    version: int
    changed_at: datetime


class Ledger:
    """Keeps calendar events up to date and hands them out."""

    def __init__(self, context: PlanningContext) -> None:
        self._context = context

    def refresh(self) -> LedgerState:
        """Bring the events to what the plan says now, and return the state."""
        self._context.look_again()
        quoted, now = self._context.quoted(), self._context.now()
        with self._context.store.read() as session:
            state = session.exec(select(CalendarLedger)).one()
            clean = session.connection().execute(sa_select(col(CalendarDirty.id)).limit(1)).first() is None
        if not clean or state.context_sha256 != quoted:
            with self._context.store.write() as session, collector_paused():
                state = self._refresh(session, quoted, now)
        return LedgerState(state.version, state.changed_at or datetime.fromtimestamp(0, UTC))

    def _refresh(self, session: Session, quoted: str, now: datetime) -> CalendarLedger:
        # One at a time: two that found the same old state would both raise the same revisions.
        state = session.exec(select(CalendarLedger).with_for_update()).one()
        # What is noted is taken away before the rows are read: a change in between is noted again.
        taken = session.connection().execute(delete(CalendarDirty).returning(col(CalendarDirty.asset_id)))
        noted = {asset_id for (asset_id,) in taken}
        only = None if None in noted or state.context_sha256 != quoted else sorted(filter(None, noted))
        with use_language(self._context.settings.language):
            changed = self._write(session, only, now)
        state.context_sha256 = quoted
        if changed:
            state.version += 1
            state.changed_at = max(now, state.changed_at or now)
        session.add(state)
        return state

    def _write(self, session: Session, only: list[str] | None, now: datetime) -> bool:
        context = self._context
        agenda = Agenda(context.standards, context.people(), context.settings.public_url, context.zone)
        changed = False
        for assets, milestones, known in _batches(session, only):
            items = [item for asset in assets for item in agenda.items(asset, milestones.get(asset.id, ()))]
            changed |= self._compare(session, items, known, now)
        slots = [agenda.slot(slot) for slot in session.exec(select(Slot))]
        return self._compare(session, slots, _known(session, [""]), now) or changed

    def _compare(
        self, session: Session, items: Iterable[AgendaItem], known: dict[str, CalendarEvent], now: datetime
    ) -> bool:
        rows = []
        for item in items:
            before = known.pop(item.uid, None)
            if before is None and item.is_dropped:
                continue  # nobody has heard of it
            entry = entry_of(item, self._context.standards)
            # What is cancelled says no more: a new title does not bring it back to everybody's attention.
            fingerprint = f"dropped {item.day}" if item.is_dropped else entry.fingerprint()
            if before is None or before.fingerprint != fingerprint or not before.rendered:
                about: dict[str, Any] = {"key": item.key, "lane": item.lane, "role": item.role, "kind": item.kind}
                about |= {"asset_id": item.asset_id, "summary": item.summary[:400], "cancelled": item.is_dropped}
                rows.append(_row(entry, about, fingerprint, before, now))
        for gone in known.values():  # what it was about is no more
            if not gone.cancelled:
                about = gone.model_dump(include={"key", "lane", "role", "kind", "asset_id", "summary"})
                rows.append(_row(_cancelled(gone), {**about, "cancelled": True}, f"dropped {gone.day}", gone, now))
        uids = [row["uid"] for row in rows]
        for start in range(0, len(uids), _SLICE):
            session.connection().execute(
                delete(CalendarEvent).where(col(CalendarEvent.uid).in_(uids[start : start + _SLICE]))
            )
        if rows:
            session.connection().execute(insert(CalendarEvent), rows)
        return bool(rows)

    def events(self, filters: Filters) -> list[bytes]:
        """Return the rendered events by day and UID. :meth:`refresh` first."""
        query = sa_select(col(CalendarEvent.rendered)).where(*self._conditions(filters))
        query = query.order_by(col(CalendarEvent.day), col(CalendarEvent.uid))
        with self._context.store.read() as session, collector_paused():
            return list(session.connection().execute(query).scalars())

    def days(self, filters: Filters) -> list[date]:
        """Return the days on which there are events."""
        query = sa_select(col(CalendarEvent.day)).where(*self._conditions(filters)).distinct()
        with self._context.store.read() as session:
            return sorted(session.connection().execute(query).scalars())

    def known(self, uids: Iterable[str]) -> dict[str, CalendarEvent]:
        """Return events by UID, those of the given ones that there are."""
        found: dict[str, CalendarEvent] = {}
        wanted = sorted(set(uids))
        with self._context.store.read() as session:
            for start in range(0, len(wanted), _SLICE):
                query = select(CalendarEvent).where(col(CalendarEvent.uid).in_(wanted[start : start + _SLICE]))
                found |= {event.uid: event for event in session.exec(query)}
        return found

    def _conditions(self, filters: Filters) -> Iterator[Any]:
        yield or_(col(CalendarEvent.cancelled).is_(False), col(CalendarEvent.changed_at) >= self._cutoff())
        for column, values in (
            (CalendarEvent.role, filters.roles),
            (CalendarEvent.kind, filters.kinds),
            (CalendarEvent.lane, filters.lanes),
        ):
            if values:
                yield col(column).in_(list(values))
        if filters.start is not None:
            yield col(CalendarEvent.day) >= filters.start
        if filters.end is not None:
            yield col(CalendarEvent.day) <= filters.end
        if filters.uid:
            yield col(CalendarEvent.uid) == filters.uid

    def _cutoff(self) -> datetime:
        return datetime.combine(self._context.now().astimezone(UTC).date() - CANCELLED_FOR, time(), UTC)


_Batch = tuple[list[Asset], dict[str, list[Milestone]], dict[str, CalendarEvent]]


def _batches(session: Session, only: list[str] | None) -> Iterator[_Batch]:
    """Yield assets with their milestones and known events, a few hundred assets at a time."""
    if only is None:
        ids = set(session.exec(select(Asset.id)).all()) | set(session.exec(select(CalendarEvent.asset_id)).all())
        only = sorted(ids - {""})
    for start in range(0, len(only), _SLICE):
        ids_here = only[start : start + _SLICE]
        assets = list(session.exec(select(Asset).where(col(Asset.id).in_(ids_here))))
        milestones: dict[str, list[Milestone]] = {}
        for milestone in session.exec(select(Milestone).where(col(Milestone.asset_id).in_(ids_here))):
            milestones.setdefault(milestone.asset_id, []).append(milestone)
        yield assets, milestones, _known(session, ids_here)
        session.expunge_all()


def _known(session: Session, asset_ids: list[str]) -> dict[str, CalendarEvent]:
    query = select(CalendarEvent).where(col(CalendarEvent.asset_id).in_(asset_ids))
    return {event.uid: event for event in session.exec(query)}


def _row(
    entry: CalendarEntry, about: dict[str, Any], fingerprint: str, before: CalendarEvent | None, now: datetime
) -> dict[str, Any]:
    revision, changed_at, former = 0, now, []
    if before is not None:
        said = {"day": str(before.day), "summary": before.summary, "revision": before.revision}
        moved_on = before.fingerprint != fingerprint
        revision = before.revision + moved_on
        changed_at = max(now, before.changed_at) if moved_on else before.changed_at
        former = [*before.former, said][-_FORMER:] if moved_on else before.former
    return {
        **about,
        "uid": entry.uid,
        "day": entry.day,
        "revision": revision,
        "fingerprint": fingerprint,
        "changed_at": changed_at,
        "rendered": render(entry, revision, changed_at),
        "former": former,
    }


def _cancelled(event: CalendarEvent) -> CalendarEntry:
    summary = _("Cancelled: {summary}").format(summary=one_line(event.summary))
    return CalendarEntry(event.uid, event.day, summary, "", (), "", "CANCELLED")
