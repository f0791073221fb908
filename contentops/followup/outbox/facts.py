"""What must be known of a message at the moment it goes: read again under its lease, for much may have changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from contentops.followup.outbox.kinds import Kind
from contentops.leads.consent.ledger import Agreement
from contentops.leads.consent.people import agreed, questions
from contentops.leads.identity.keys import NotAContact, read_email
from contentops.leads.suppression import suppressed
from contentops.models import (
    Asset,
    Attachment,
    Contact,
    Lead,
    Message,
    MessageState,
)

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known now.

    Attributes:
        held: whether the message is still this worker's. contact, lead, asset: None where they are gone.
        download: the file that the asset hands over. suppressed: why nothing may be sent to them; empty: it may.
        agreement: what they agreed to. is_asked: whether a question of ours waits for their answer.
        others: messages to the same person that went in the last 24 hours, or that another worker holds.
    """

    held: bool
    contact: Contact | None
    lead: Lead | None
    asset: Asset | None
    download: Attachment | None
    suppressed: str
    agreement: Agreement
    is_asked: bool
    others: tuple[Message, ...]


def read_facts(session: Session, message: Message, kind: Kind, now: datetime, hashed: Callable[[str], str]) -> Facts:
    """Read what must be known of a message.

    Args:
        kind: of mail it is. hashed: returns the keyed hash of a contact key.
    """
    row = session.get(Message, message.id)
    contact = session.get(Contact, message.contact_id) if message.contact_id else None
    asset = session.get(Asset, message.asset_id) if message.asset_id else None
    said = agreed(session, contact) if contact else None
    lead = session.get(Lead, message.lead_id) if message.lead_id else None
    return Facts(
        held=row is not None and row.state is MessageState.LEASED and row.claim_token == message.claim_token,
        contact=contact,
        lead=lead,
        asset=asset,
        download=_download(session, asset.id) if asset else None,
        suppressed=_suppressed(session, contact, hashed, marketing=kind.marketing) if contact else "",
        agreement=said.agreement if said else {},
        is_asked=bool(said and lead and contact and questions(session, lead, contact.id, said)),
        others=tuple(session.exec(_to_the_same(message, now))) if message.recipient_hash else (),
    )


def _download(session: Session, asset_id: str) -> Attachment | None:
    return session.exec(
        select(Attachment).where(Attachment.asset_id == asset_id, Attachment.role == "download")
    ).first()


def _suppressed(session: Session, contact: Contact, hashed: Callable[[str], str], *, marketing: bool) -> str:
    """Return why nothing may be sent to the address; what is said of their telephone is another matter."""
    try:
        key = read_email(contact.email or "").key
    except NotAContact:
        return ""  # nothing is sent to it anyway
    return next(iter(suppressed(session, [hashed(key)], marketing=marketing).values()), "")


def _to_the_same(message: Message, now: datetime) -> SelectOfScalar[Message]:
    sent = (col(Message.state) == MessageState.DONE) & (col(Message.done_at) > now - DAY)
    held = (col(Message.state) == MessageState.LEASED) & (col(Message.lease_until) > now)
    return select(Message).where(
        Message.recipient_hash == message.recipient_hash,
        Message.target == message.target,
        Message.id != message.id,
        or_(sent, held),
    )
