"""Who is meant, and what the ledger holds of them: the look-ups of the desk for consent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from contentops.leads.consent.agreements import newest_merges
from contentops.leads.consent.ledger import CHANNELS, Agreement, standing, unanswered
from contentops.leads.identity.finding import known_by
from contentops.leads.identity.keys import kind_of
from contentops.leads.wishes import CHANNEL_OF
from contentops.models import Consent, Contact, ContactKey, Lead, Submission


@dataclass(frozen=True, slots=True)
class Agreed:
    """What somebody agreed to.

    Attributes:
        contact: the one that was asked for. contact_ids: all contacts that are this person. agreement: what holds.
        history: every entry, oldest first. channels: ways by which the person can be reached. merged_at: when contacts
        were last found to be one person; None for a single one.
    """

    contact: Contact
    contact_ids: tuple[str, ...]
    agreement: Agreement
    history: tuple[Consent, ...]
    channels: tuple[str, ...]
    merged_at: datetime | None

    def moment(self, now: datetime) -> datetime:
        """Return when the next entry happens: now, but after all that was said before.

        Clocks of several machines differ. Without this, a yes or no could be older than what it answers.
        """
        before = [entry.at for entry in self.history] + ([self.merged_at] if self.merged_at else [])
        newest = max(before, default=now)
        return now if newest < now else newest + newest.resolution


def find(session: Session, who: str, region: str) -> Contact:
    """Return the contact that somebody means; see :func:`.identity.finding.known_by`.

    Args:
        region: of phone numbers without a country code.

    Raises:
        NotFound: nobody goes by it. Conflict: several people have this name.
    """
    return known_by(session, who, region)


def agreed(session: Session, contact: Contact, *, lock: bool = False) -> Agreed:
    """Return what a contact's person agreed to.

    Args:
        lock: nobody else may write to the person's ledger until the transaction ends.
    """
    same = select(Contact.id).where(Contact.person_id == contact.person_id).order_by(col(Contact.id))
    # SQLite has one writer at a time and needs no locks of rows; SQLAlchemy leaves them out there.
    ids = tuple(session.exec(same.with_for_update() if lock else same))
    ids = ids if contact.id in ids else (*ids, contact.id)
    entries = session.exec(
        select(Consent).where(col(Consent.contact_id).in_(ids)).order_by(col(Consent.at), col(Consent.id))
    ).all()
    merged_at = newest_merges(session, dict.fromkeys(ids, contact.person_id)).get(contact.person_id)
    return Agreed(contact, ids, standing(entries, merged_at), tuple(entries), _channels(session, ids), merged_at)


def _channels(session: Session, contact_ids: Sequence[str]) -> tuple[str, ...]:
    keys = session.exec(select(ContactKey.value).where(col(ContactKey.contact_id).in_(contact_ids)))
    known = {CHANNEL_OF.get(kind_of(key)) for key in keys}
    return tuple(channel for channel in CHANNELS if channel in known)


def questions(session: Session, lead: Lead, contact_id: str, person: Agreed) -> list[tuple[Consent, str]]:
    """Return the open questions that the confirmation mail of a lead to one contact asked, each with its channel."""
    forms = set(session.exec(select(Submission.id).where(Submission.lead_id == lead.id)))
    own = contact_id or lead.contact_id
    return [
        (asked, channel)
        for asked, channel in unanswered(person.history)
        if asked.submission_id in forms and asked.contact_id == own
    ]
