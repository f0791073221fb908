"""Who works on what: messages are leased in short transactions; only the holder may say what became of them.

A worker that breaks down lets its lease run out; what it held is then claimed one by one, so that a message that
breaks workers takes no others with it, and comes to its end by the tries that were counted when it was claimed.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, text, update
from sqlmodel import Session, col, or_, select

from contentops.followup.outbox.schedule import LONGEST_PAUSE, Schedule
from contentops.followup.outbox.targets import Outcome, Target, Verdict
from contentops.models import Contact, DeliveryPause, Message, MessageState, new_id
from contentops.store import Store
from contentops.texts import gettext as _

log = logging.getLogger("contentops.outbox")
BATCH = 20
"""Most messages that one worker holds."""
LEEWAY = timedelta(minutes=2)
"""By how much clocks of several machines may differ."""
_STRAY = "no_target"
# Any number that no other program is likely to lock on the same PostgreSQL server.
_MINUTE_LOCK = 4_171_920_004


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages that one worker holds until a moment.

    Attributes:
        probe: the target was left alone, and this one message asks whether it works again.
    """

    messages: tuple[Message, ...]
    token: str
    until: datetime
    probe: bool = False


class Claims:
    """Leases messages and keeps what became of them.

    Args:
        lease: how long a worker may hold them. chance: returns numbers from 0 to 1.
    """

    def __init__(self, store: Store, schedule: Schedule, lease: timedelta, chance: Callable[[], float]) -> None:
        self._store, self._schedule, self._lease, self._chance = store, schedule, lease, chance

    def anything(self, target: str, now: datetime) -> bool:
        """Return whether there is something to claim: a read, so that idle workers keep nobody waiting."""
        with self._store.read() as session:
            pause = session.get(DeliveryPause, target)
            if pause is not None and pause.until > now:
                return False
            due = (col(Message.state) == MessageState.DUE) & (col(Message.next_at) <= now)
            wanted = select(Message.id).where(Message.target == target, or_(due, _run_out(now)))
            return session.exec(wanted.limit(1)).first() is not None

    def claim(self, target: Target, now: datetime, most: int = BATCH) -> Claim:
        """Lease what is due for a target, the oldest first; an empty claim where there is nothing, or not now."""
        token, until = new_id(), now + self._lease
        nothing = Claim((), token, until)
        with self._store.write() as session:
            pause = session.exec(
                select(DeliveryPause).where(DeliveryPause.target == target.name).with_for_update()
            ).first()
            if pause is not None:
                if pause.until > now:
                    return nothing
                most = 1
            most = min(most, _left_this_minute(session, target, now))
            rows = self._take(session, target.name, now, most) if most > 0 else []
            if pause is not None and rows:
                pause.until = until  # the others wait for what this one finds
            addresses = _addresses(session, rows)
            for row in rows:
                row.state, row.claim_token, row.lease_until = MessageState.LEASED, token, until
                row.attempts, row.tried_at = row.attempts + 1, row.tried_at or now
                email = addresses.get(row.contact_id or "")
                row.recipient_hash = target.recipient(email) if email else None
        return Claim(tuple(rows), token, until, probe=pause is not None)

    def _take(self, session: Session, target: str, now: datetime, most: int) -> list[Message]:
        of_target = select(Message).where(Message.target == target)
        left = of_target.where(_run_out(now)).order_by(col(Message.lease_until), col(Message.id))
        for row in session.exec(left.limit(BATCH).with_for_update(skip_locked=True)):
            if row.attempts < self._schedule.tries:
                return [row]
            _end(row, MessageState.DEAD, _("the worker broke down each time it was tried"), now)
            log.error("message %s is dead: its workers broke down", row.id)
        due = of_target.where(Message.state == MessageState.DUE, col(Message.next_at) <= now)
        due = due.order_by(col(Message.next_at), col(Message.created_at), col(Message.id))
        return list(session.exec(due.limit(most).with_for_update(skip_locked=True)))

    def settle(
        self, claim: Claim, target: str, results: Sequence[tuple[Message, Outcome]], now: datetime
    ) -> Counter[str]:
        """Keep what became of messages, and return it; what this claim no longer holds is left as it is."""
        counts: Counter[str] = Counter()
        with self._store.write() as session:
            done = [message.id for message, outcome in results if outcome.verdict is Verdict.DONE]
            if done:
                counts["done"] = _mark(session, claim, done, state=MessageState.DONE, done_at=now, last_error="")
            for message, outcome in results:
                if outcome.verdict is not Verdict.DONE:
                    values = self._values(message, outcome, now)
                    counts[_word(outcome, values["state"])] += _mark(session, claim, [message.id], **values)
            if any(outcome.reached for _message, outcome in results):
                session.exec(delete(DeliveryPause).where(col(DeliveryPause.target) == target))
        if counts.total() < len(results):
            log.warning("%d messages were taken over or cancelled meanwhile", len(results) - counts.total())
        return counts

    def _values(self, message: Message, outcome: Outcome, now: datetime) -> dict[str, Any]:
        verdict, error = outcome.verdict, {"last_error": outcome.reason}
        if verdict is Verdict.WAIT:
            return error | {
                "state": MessageState.DUE,
                "attempts": message.attempts - 1,
                "next_at": outcome.until or now,
            }
        if verdict is Verdict.RETRY:
            again = self._schedule.next_try(message.attempts, now, self._chance())
            if again is not None:
                return error | {"state": MessageState.DUE, "next_at": again}
        if verdict is Verdict.PARKED:
            return error | {"state": MessageState.PARKED}
        state = MessageState.CANCELLED if verdict is Verdict.CANCELLED else MessageState.DEAD
        if state is MessageState.DEAD:
            log.error("message %s is dead", message.id)
        return error | {"state": state, "done_at": now}

    def pause(self, target: str, reason: str, now: datetime) -> datetime:
        """Leave a target alone, the longer the more often it failed; returns until when."""
        with self._store.write() as session:
            row = session.exec(select(DeliveryPause).where(DeliveryPause.target == target).with_for_update()).first()
            if row is None:
                row = DeliveryPause.model_validate({"target": target, "until": now})
            row.failures, row.reason = row.failures + 1, reason[:500]
            row.until = self._schedule.pause(row.failures, now)
            session.add(row)
        return row.until

    def end_probe(self, target: str, now: datetime) -> None:
        """Let the next message ask, where the one that should have asked was not sent."""
        with self._store.write() as session:
            session.exec(update(DeliveryPause).where(col(DeliveryPause.target) == target).values(until=now))

    def mend(self, names: Iterable[str], now: datetime) -> None:
        """Put right what a jump of the clock left, park what has no target, and bring back what has one again (H1)."""
        longest, known = now + self._schedule.longest, list(names)
        due, leased, parked = (col(Message.state) == state for state in _WAITING)
        early, stray = col(Message.created_at) > now + LEEWAY, col(Message.target).not_in(known)
        reason = f"{_STRAY}: {_('there is no target of this name')}"
        changes: list[tuple[Any, dict[str, Any]]] = [
            (due & (col(Message.next_at) > longest) & (col(Message.attempts) > 0), {"next_at": longest}),
            (due & early & (col(Message.next_at) > now), {"next_at": now}),
            (leased & (col(Message.lease_until) > now + self._lease + LEEWAY), {"lease_until": now + self._lease}),
            (due & stray, {"state": MessageState.PARKED, "last_error": reason}),
            (
                parked & ~stray & col(Message.last_error).startswith(f"{_STRAY}:", autoescape=True),
                {"state": MessageState.DUE, "last_error": ""},
            ),
        ]
        far = col(DeliveryPause.until) > now + max(self._lease, LONGEST_PAUSE) + LEEWAY
        with self._store.read() as session:
            needed = [(which, values) for which, values in changes if _any(session, which)]
            far_pause = session.exec(select(DeliveryPause.target).where(far)).first()
        if not needed and not far_pause:
            return
        with self._store.write() as session:
            for which, values in needed:
                session.exec(update(Message).where(which).values(**values))
            session.exec(update(DeliveryPause).where(far).values(until=now))


_WAITING = (MessageState.DUE, MessageState.LEASED, MessageState.PARKED)


def _word(outcome: Outcome, state: MessageState) -> str:
    """Return what a try came to: one that failed for the last time is dead."""
    return outcome.verdict.value if state is MessageState.DUE else state.value


def _any(session: Session, which: Any) -> bool:
    return session.exec(select(Message.id).where(which).limit(1)).first() is not None


def _run_out(now: datetime) -> Any:
    return (col(Message.state) == MessageState.LEASED) & (col(Message.lease_until) <= now)


def _left_this_minute(session: Session, target: Target, now: datetime) -> int:
    """Return how many more may go in this minute; workers that ask at once wait for each other."""
    if not target.per_minute:
        return BATCH
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MINUTE_LOCK})
    sent = (col(Message.state) == MessageState.DONE) & (col(Message.done_at) > now - timedelta(minutes=1))
    held = (col(Message.state) == MessageState.LEASED) & (col(Message.lease_until) > now)
    count = select(func.count()).select_from(Message).where(Message.target == target.name)
    # One statement: between two, a message could go from held to sent and be counted by neither.
    return target.per_minute - session.exec(count.where(or_(sent, held))).one()


def _addresses(session: Session, rows: Iterable[Message]) -> dict[str, str | None]:
    ids = {row.contact_id for row in rows if row.contact_id}
    if not ids:
        return {}
    return dict(session.exec(select(Contact.id, Contact.email).where(col(Contact.id).in_(ids))).all())


def _end(row: Message, state: MessageState, reason: str, now: datetime) -> None:
    row.state, row.last_error, row.done_at = state, reason, now
    row.claim_token, row.lease_until = None, None


def _mark(session: Session, claim: Claim, ids: Sequence[str], **values: Any) -> int:
    held = (col(Message.claim_token) == claim.token) & (col(Message.state) == MessageState.LEASED)
    change = update(Message).where(col(Message.id).in_(ids), held)
    return session.execute(change.values(claim_token=None, lease_until=None, **values)).rowcount  # type: ignore[attr-defined, no-any-return]
