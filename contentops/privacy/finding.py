"""Whom is it about: from an address in any spelling, or an id, to everything that hangs on the person."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from contentops.errors import InvalidArgument, NotFound, Problem
from contentops.leads.identity.finding import person_of, read_id, read_key
from contentops.leads.identity.keys import NotAContact, read_email, read_phone
from contentops.leads.suppression import key_hash
from contentops.models import Contact, ContactKey, KeyClaim, Submission
from contentops.privacy.holdings import Subject
from contentops.texts import gettext as _

_NUMBER = re.compile(r"\+?\d[\d\s().-]{5,28}\d")
_FEWEST_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Found:
    """One or more persons.

    Attributes:
        person_ids: who; empty where only forms in quarantine name the address. keys: their contact keys.
        subject: what hangs on them.
    """

    person_ids: tuple[str, ...]
    keys: tuple[str, ...]
    subject: Subject


def find(session: Session, who: str, default_region: str, secret: bytes) -> Found:
    """Find the person that an address or an id leads to, with all their contacts.

    Args:
        who: as for :func:`contentops.leads.identity.finding.contact_of`. secret: keys the hashes.

    Raises:
        InvalidArgument: it is none of these. NotFound: nobody was ever seen by it.
    """
    key = _key_of(who, default_region)
    person_id = person_of(session, who, default_region) or _claimant(session, key)
    person_ids = (person_id,) if person_id else ()
    found = expand(session, person_ids, secret)
    keys = found.keys if person_ids else tuple(filter(None, [key]))
    mentioned = in_quarantine(session, keys, default_region)
    if not person_ids and not mentioned:
        raise NotFound(_("person"), who)
    hashes = tuple(key_hash(secret, key) for key in keys)
    return Found(person_ids, keys, replace(found.subject, submission_ids=mentioned, hashes=hashes))


def hashes_of(session: Session, who: str, default_region: str, secret: bytes) -> tuple[str, ...]:
    """Return the keyed hashes of all addresses of the person that an address or an id leads to.

    Of an address that is nobody's own (unknown, or only claimed by others) its hash alone.

    Raises:
        InvalidArgument: it is neither address nor id. NotFound: nobody has this id.
    """
    key = _key_of(who, default_region)
    person_id = person_of(session, who, default_region)
    keys = expand(session, (person_id,) if person_id else (), secret).keys
    if key is not None:
        keys = keys if key in keys else (key,)
    elif not keys:
        raise NotFound(_("person"), who)
    return tuple(key_hash(secret, key) for key in keys)


def _key_of(who: str, default_region: str) -> str | None:
    """Return a text as a contact key, or None for an id.

    Raises:
        InvalidArgument: it is neither.
    """
    key = read_key(who, default_region)
    if key is None and not read_id(who):
        message = _("'{who}' is no e-mail address, phone number or id of a contact or lead")
        raise InvalidArgument([Problem("WHO", message.format(who=who))])
    return key


def expand(session: Session, person_ids: Iterable[str], secret: bytes) -> Found:
    """Return persons with all that belongs to them now; forms in quarantine are not looked for."""
    wanted = tuple(person_ids)
    contact_ids = tuple(session.exec(select(Contact.id).where(col(Contact.person_id).in_(wanted))))
    query = select(ContactKey.value).where(col(ContactKey.contact_id).in_(contact_ids)).order_by(ContactKey.value)
    keys = tuple(session.exec(query))
    return Found(wanted, keys, Subject(contact_ids, hashes=tuple(key_hash(secret, key) for key in keys)))


def _claimant(session: Session, key: str | None) -> str | None:
    """Return the person who gave an address that nobody owns: its owner was erased."""
    claim = select(Contact.person_id).join(KeyClaim, col(KeyClaim.contact_id) == col(Contact.id))
    return session.exec(claim.where(KeyClaim.value == key)).first() if key else None


def in_quarantine(session: Session, keys: Iterable[str], default_region: str) -> tuple[str, ...]:
    """Return the ids of forms that became nobody's lead and name one of these addresses."""
    wanted = frozenset(keys)
    if not wanted:
        return ()
    query = select(Submission.id, Submission.fields).where(col(Submission.lead_id).is_(None))
    rows = session.exec(query.execution_options(yield_per=1000))
    return tuple(row_id for row_id, fields in rows if mentions(fields, wanted, default_region))


def mentions(fields: Mapping[str, str], keys: frozenset[str], default_region: str) -> bool:
    """Return whether answers name one of some contact keys, however they are written."""
    mails = [_address(key.removeprefix("mail:")) for key in keys if key.startswith("mail:")]
    phones = {key for key in keys if key.startswith("tel:")}
    others = {key.partition(":")[2] for key in keys if not key.startswith(("mail:", "tel:"))}
    for value in (*fields, *fields.values()):  # of a machine's form, both are what was sent
        text = unicodedata.normalize("NFKC", str(value)).strip()
        if text in others or any(mail.search(text) for mail in mails):
            return True
        if phones and any(_is_one_of(number, phones, default_region) for number in (text, *_NUMBER.findall(text))):
            return True
    return False


def _address(mail: str) -> re.Pattern[str]:
    """Return what finds an address in a text, and not in a longer address that ends or begins like it."""
    return re.compile(rf"(?<![a-z0-9_.+%-]){re.escape(mail)}(?![a-z0-9_-]|\.[a-z0-9])", re.IGNORECASE | re.ASCII)


def _is_one_of(text: str, phones: set[str], default_region: str) -> bool:
    digits = "".join(char for char in text if char.isdecimal())
    if not 6 <= len(digits) <= 24:
        return False
    # Numbers with an extension are compared exactly: the rest of a switchboard is other people.
    if len(digits) >= _FEWEST_DIGITS and any(
        phone.endswith(digits.lstrip("0")) for phone in phones if ";" not in phone
    ):
        return True
    try:
        return read_phone(text, default_region).key in phones
    except NotAContact:
        return False


def keys_in(fields: Mapping[str, str], default_region: str) -> set[str]:
    """Return the contact keys of answers that are an address or a number, whichever field they stand in."""
    keys = set()
    for value in fields.values():
        try:
            keys.add((read_email(str(value)) if "@" in str(value) else read_phone(str(value), default_region)).key)
        except NotAContact:
            continue
    return keys
