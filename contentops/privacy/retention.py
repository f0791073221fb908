"""What is kept too long: by class, as queries. The desk deletes what they find, portion by portion."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from contentops.leads.consent.agreements import agreements
from contentops.leads.consent.ledger import WITHDRAWN
from contentops.leads.identity.keys import kind_of
from contentops.leads.sheets.incoming.moments import months_before
from contentops.leads.wishes import CHANNEL_OF
from contentops.models import (
    Consent,
    ConsentAction,
    Contact,
    ContactKey,
    Download,
    Lead,
    Message,
    MessageState,
    RateCount,
    Submission,
    Touch,
)
from contentops.models.message import MAIL
from contentops.pages.notice import MARKETING
from contentops.settings import PrivacySettings

PEOPLE, UNCONFIRMED, QUARANTINE, MESSAGES, DEAD_MESSAGES, RATE_COUNTS, DOMAINS, LETTERS = CLASSES = (
    "people", "unconfirmed", "quarantine", "messages", "dead_messages", "rate_counts", "domains", "letters",
)  # fmt: skip
"""Classes of what a purge deletes: persons, leads, forms, messages, undelivered ones, counts, domains, files."""

_DAY = 86_400
# Spans are numbered from 1970: how many there have been says how long they are.
_SPANS = ((1, 10**8, 2**31 - 1), (60, 10**6, 10**8), (3600, 10**5, 10**6), (_DAY, 0, 10**5))


@dataclass(frozen=True, slots=True)
class Limits:
    """The moments before which each class is over."""

    people: datetime
    unconfirmed: datetime
    quarantine: datetime
    messages: datetime
    dead_messages: datetime
    now: datetime

    @classmethod
    def at(cls, now: datetime, settings: PrivacySettings) -> "Limits":
        """Return the limits of a moment by the settings."""
        return cls(
            months_before(now, settings.retention_months),
            now - timedelta(days=settings.unconfirmed_days),
            now - timedelta(days=settings.quarantine_days),
            now - timedelta(days=settings.message_days),
            now - timedelta(days=settings.dead_message_days),
            now,
        )


def stale_people(before: datetime, after: str = "") -> SelectOfScalar[str]:
    """Return the query for persons none of whose contacts did anything since: no form, download, yes or change.

    What was only sent to them, what a machine fetched, and a withdrawal keep nobody longer.

    Args:
        after: only ids behind this one, to go through them by portions.
    """
    other = aliased(Contact)
    lead = col(Lead.contact_id) == other.id
    signs = (
        other.changed_at >= before,
        exists().where(lead, or_(col(Lead.last_at) >= before, col(Lead.confirmed_at) >= before)),
        exists().where(lead, col(Touch.lead_id) == Lead.id, col(Touch.at) >= before),
        exists().where(lead, col(Download.lead_id) == Lead.id, ~col(Download.by_machine), col(Download.at) >= before),
        exists().where(
            col(Consent.contact_id) == other.id,
            col(Consent.action) == ConsentAction.GIVEN,
            col(Consent.at) >= before,
        ),
    )
    alive = exists().where(other.person_id == Contact.person_id, or_(*signs))  # type: ignore[arg-type]
    query = select(Contact.person_id).where(col(Contact.changed_at) < before, col(Contact.person_id) > after, ~alive)
    return query.distinct().order_by(col(Contact.person_id))


def unconfirmed_leads(before: datetime) -> SelectOfScalar[str]:
    """Return the query for leads that wait for a confirmation that did not come."""
    waits = and_(col(Lead.awaits_confirmation), col(Lead.confirmed_at).is_(None), col(Lead.last_at) < before)
    return select(Lead.id).where(waits).order_by(col(Lead.id))


def old_quarantine(before: datetime) -> SelectOfScalar[str]:
    """Return the query for forms that became nobody's lead."""
    return select(Submission.id).where(col(Submission.lead_id).is_(None), col(Submission.at) < before)


def old_messages(before: datetime, *states: MessageState) -> SelectOfScalar[str]:
    """Return the query for messages that ended long ago.

    What targets besides mail may have got stays as long as its lead: an erasure must be told to them.
    """
    is_gone = ~exists().where(col(Lead.id) == Message.lead_id)
    ended = func.coalesce(col(Message.done_at), col(Message.created_at)) < before
    query = select(Message.id).where(col(Message.state).in_(states), ended)
    return query.where(or_(col(Message.target) == MAIL, col(Message.lead_id).is_(None), is_gone))


def old_rate_counts(now: datetime) -> ColumnElement[bool]:
    """Return the condition for counts whose span ended a day ago or earlier."""
    ended = now.timestamp() - _DAY
    span = col(RateCount.span)
    return or_(*(and_(span >= least, span < most, span < int(ended / length)) for length, least, most in _SPANS))


def withdrawn_keys(session: Session, contact_ids: Iterable[str]) -> list[str]:
    """Return by which addresses persons, given by all their contacts, said that they may not be contacted."""
    ids = list(contact_ids)
    persons = dict(session.exec(select(Contact.id, Contact.person_id).where(col(Contact.id).in_(ids))).all())
    wanted = select(Consent).where(col(Consent.contact_id).in_(ids), col(Consent.purpose) == MARKETING)
    said = session.exec(wanted).all()
    stops = {
        (person_id, channel)
        for person_id, agreement in agreements(session, persons, said).items()
        for (_purpose, channel), word in agreement.items()
        if word is WITHDRAWN
    }
    keys = session.exec(select(ContactKey.value, ContactKey.contact_id).where(col(ContactKey.contact_id).in_(ids)))
    return sorted(key for key, contact_id in keys if (persons[contact_id], CHANNEL_OF.get(kind_of(key))) in stops)
