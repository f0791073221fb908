"""Withdrawals that a backup does not know of, written into the ledger of the database that came back."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from contentops.leads.consent.ledger import WITHDRAWN, channels_of
from contentops.leads.erasure_list import CHANNEL_OF
from contentops.leads.identity.keys import kind_of
from contentops.leads.suppression import key_hash
from contentops.models import Consent, Contact, ContactKey
from contentops.pages.notice import MARKETING


def withdraw_again(session: Session, listed: Mapping[str, datetime], secret: bytes) -> int:
    """Add a withdrawal of marketing for each listed address that said nothing later; returns how many.

    Args:
        listed: keyed hash of a contact key → when marketing by its channel was withdrawn. secret: keys the hashes.
    """
    if not listed:
        return 0
    keys = select(ContactKey.value, Contact.id, Contact.language).join(
        Contact, col(ContactKey.contact_id) == Contact.id
    )
    added = 0
    for value, contact_id, language in session.exec(keys).all():
        at, channel = listed.get(key_hash(secret, value)), CHANNEL_OF.get(kind_of(value))
        if at is None or channel is None:
            continue
        said_at = _newest(session, contact_id, channel)
        if said_at is None or said_at < at:
            session.add(_withdrawal(contact_id, channel, language, at))
            session.flush()  # somebody may have two addresses of one kind
            added += 1
    return added


def _newest(session: Session, contact_id: str, channel: str) -> datetime | None:
    said = session.exec(select(Consent).where(Consent.contact_id == contact_id, Consent.purpose == MARKETING))
    return max((entry.at for entry in said if channel in channels_of(entry)), default=None)


def _withdrawal(contact_id: str, channel: str, language: str, at: datetime) -> Consent:
    values = {"contact_id": contact_id, "purpose": MARKETING, "channel": channel, "action": WITHDRAWN, "at": at}
    said = {"how": "command", "evidence": "restored", "wording": "", "wording_sha256": "", "locale": language}
    return Consent.model_validate({**values, **said, "page": ""})
