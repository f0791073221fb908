"""Withdrawals, stops and their lifting that a backup does not know of, written into the database that came back."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from contentops.leads.consent.ledger import WITHDRAWN, channels_of
from contentops.leads.identity.keys import kind_of
from contentops.leads.suppression import BY_HAND, ERASED, key_hash, stops, suppress
from contentops.leads.wishes import CHANNEL_OF
from contentops.models import Consent, Contact, ContactKey
from contentops.pages.notice import MARKETING

_AT_ONCE = 500


def stop_again(
    session: Session, erased: Mapping[str, datetime], stopped: Mapping[str, datetime], lifted: Mapping[str, datetime]
) -> None:
    """Stop mail to whom it was stopped since, and lift what was allowed since; of each address the newest word counts.

    Args:
        erased, stopped: keyed hash → moment, of erasures and of stops by hand that nobody lifted.
        lifted: of what was allowed and not stopped by hand since.
    """
    allowed = {each: at for each, at in lifted.items() if each not in erased or erased[each] <= at}
    for reason, listed in ((ERASED, erased), (BY_HAND, stopped)):
        for hashed, at in listed.items():
            if hashed not in allowed:
                suppress(session, hashed, reason, at)
    session.flush()
    hashes = list(allowed)
    for start in range(0, len(hashes), _AT_ONCE):
        for hashed, row in stops(session, hashes[start : start + _AT_ONCE]).items():
            # Whoever was just erased again has a stop of this moment, which stands for the erasure of then.
            if row.reason == ERASED or row.at <= allowed[hashed]:
                session.delete(row)


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
