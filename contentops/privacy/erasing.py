"""The statements of an erasure, inside the caller's transaction. What they do is the data map's word."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, CursorResult, case, delete, func, or_, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel, col, select

from contentops.errors import StoreConflict
from contentops.models import Contact, ContactKey, KeyClaim, Lead, Message, MessageState
from contentops.models.message import MAIL
from contentops.privacy.holdings import Erasure, Subject
from contentops.privacy.inventory import erased_in_order
from contentops.texts import gettext as _

LEAD_ERASED = "lead.erased"
"""Kind of the messages that tell targets to forget a lead (GDPR art. 19)."""

Counts = Counter[str]
"""Rows by table."""

T = TypeVar("T")
_LOCKED = "55P03"
"""PostgreSQL's lock_not_available."""
_TRIES, _PAUSE_SECONDS = 10, 0.1


def hold(session: Session, person_ids: Iterable[str]) -> None:
    """Keep others from hanging new rows on these persons until the transaction ends (PostgreSQL; SQLite's is alone).

    It never waits: forms lock the same rows in an order of their own, and two that wait for each other would both fail.

    Raises:
        StoreConflict: a form of theirs is being stored at this moment; try again.
    """
    contacts = select(Contact.id).where(col(Contact.person_id).in_(list(person_ids)))
    try:
        session.exec(select(Lead.id).where(col(Lead.contact_id).in_(contacts)).with_for_update(nowait=True)).all()
        session.exec(contacts.with_for_update(nowait=True)).all()
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") == _LOCKED:
            message = _("somebody stored the same at the same moment; nothing was saved, try again")
            raise StoreConflict(message) from error
        raise


def patiently(step: Callable[[], T]) -> T:
    """Do a step, again after a moment where somebody else was faster.

    Raises:
        StoreConflict: somebody was faster ten times.
    """
    for number in range(_TRIES):
        try:
            return step()
        except StoreConflict:
            if number == _TRIES - 1:
                raise
            time.sleep(_PAUSE_SECONDS * (number + 1))
    raise AssertionError  # the last try returned or raised


def count_rows(session: Session, subject: Subject) -> Counts:
    """Return what an erasure would delete or empty."""
    counts: Counts = Counter()
    for part in subject.parts():
        for table, condition in _touched(part):
            counts[_name(table)] += session.exec(select(func.count()).select_from(table).where(condition)).one()
    return +counts


def erase_rows(session: Session, subject: Subject, now: datetime) -> Counts:
    """Delete or empty everything of somebody, children first; returns how many rows of which table.

    What was not sent yet is cancelled, also where a worker holds it: its claim is worth nothing any more.
    """
    counts: Counts = Counter()
    emptied = {holding.name: holding.blank for holding in erased_in_order() if holding.erasure is Erasure.BLANK}
    for part in subject.parts():
        for table, condition in _touched(part):
            blank = emptied.get(_name(table))
            if blank is None:
                counts[_name(table)] += _rows(session, delete(table).where(condition))
            else:
                values = {**blank, **_cancelled(now)}
                counts[_name(table)] += _rows(session, update(table).where(condition).values(values))
    return +counts


def targets_of(session: Session, subject: Subject) -> list[tuple[str, str]]:
    """Return target and lead for every target that may have got one of the leads; before the rows go.

    A try that failed may have arrived all the same.
    """
    found: set[tuple[str, str]] = set()
    got = or_(col(Message.state) == MessageState.DONE, col(Message.attempts) > 0)
    for part in subject.parts():
        query = select(Message.target, Message.lead_id).where(
            col(Message.target) != MAIL, col(Message.kind) != LEAD_ERASED, got, part.leads(Message.lead_id)
        )
        found.update((target, str(lead_id)) for target, lead_id in session.exec(query.distinct()))
    return sorted(found)


def tell(session: Session, told: Iterable[tuple[str, str]], now: datetime) -> None:
    """Queue a message for each target and lead: forget it. It holds nothing but the lead's id."""
    for target, lead_id in told:
        values = {"kind": LEAD_ERASED, "target": target, "lead_id": lead_id, "next_at": now, "created_at": now}
        session.add(Message.model_validate(values))


def _touched(part: Subject) -> Iterator[tuple[type[SQLModel], ColumnElement[bool]]]:
    """Yield the tables an erasure touches and which of their rows."""
    keys = select(ContactKey.value).where(part.contacts(ContactKey.contact_id))
    # That somebody else gave an address of theirs was kept to propose both as one person; one of them is gone.
    claims = col(KeyClaim.value).in_(keys) & col(KeyClaim.contact_id).not_in(part.contact_ids)
    yield KeyClaim, claims
    for holding in erased_in_order():
        if holding.reach is not None:
            yield holding.table, holding.reach(part)


def _cancelled(now: datetime) -> dict[str, Any]:
    ended = col(Message.state).in_([MessageState.DONE, MessageState.DEAD, MessageState.CANCELLED])
    return {
        "state": case((ended, col(Message.state)), else_=MessageState.CANCELLED),
        "done_at": func.coalesce(col(Message.done_at), now),
    }


def without_leads(session: Session, contact_ids: Iterable[str]) -> list[str]:
    """Return which persons, of some contacts, have no lead left at any of their contacts."""
    persons = set(session.exec(select(Contact.person_id).where(col(Contact.id).in_(list(contact_ids)))))
    query = select(Contact.person_id).join(Lead, col(Lead.contact_id) == Contact.id)
    held = session.exec(query.where(col(Contact.person_id).in_(persons))).all()
    return sorted(persons.difference(held))


def _rows(session: Session, statement: Any) -> int:
    result: CursorResult[Any] = session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[assignment]
    return int(result.rowcount)


def _name(table: type[SQLModel]) -> str:
    return str(table.__tablename__)
