"""Whom a text means: the one rule for every place where a person is asked for."""

import re
import unicodedata
from collections.abc import Callable

from sqlmodel import Session, col, or_, select

from contentops.errors import Conflict, NotFound
from contentops.leads.identity.keys import MAIL, TEL, WECOM, NotAContact, read_email, read_phone, read_wecom
from contentops.models import Contact, ContactKey, Lead
from contentops.texts import gettext as _

_ID = re.compile(r"[0-9a-f]{32}")


def read_id(who: str) -> str:
    """Return a text as the id of a person, contact or lead (32 hexadecimal digits, any case); empty: it is none."""
    text = unicodedata.normalize("NFKC", who).strip().lower()
    return text if _ID.fullmatch(text) else ""


def read_key(who: str, region: str) -> str | None:
    """Return a text as a contact key; None: it is none.

    An e-mail address, a phone number in any spelling, or an id of WeCom will do, bare or as a key (``mail:``,
    ``tel:``, ``wecom:``). What can be an id is one, and a number is a telephone's.

    Args:
        region: of phone numbers without a country code.
    """
    if read_id(who):
        return None
    readers: dict[str, Callable[[str], str]] = {
        MAIL: lambda text: read_email(text).key,
        TEL: lambda text: read_phone(text, region).key,
        WECOM: lambda text: read_wecom(text).key,
    }
    kind, _colon, rest = unicodedata.normalize("NFKC", who).strip().partition(":")
    if kind in readers:
        readers, who = {kind: readers[kind]}, rest
    for read in readers.values():
        try:
            return read(who)
        except NotAContact:
            continue
    return None


def contact_of(session: Session, who: str, region: str) -> Contact | None:
    """Return the contact that a text means, of all of a person's; None: nobody goes by it.

    Args:
        who: as for :func:`read_key`, or the id of a contact, lead or person. region: as there.
    """
    if an_id := read_id(who):
        # The contact that stands for a person may have been erased; the others still have its id.
        mine = or_(col(Contact.id) == an_id, col(Contact.person_id) == an_id)
        ordered = select(Contact).where(mine).order_by(col(Contact.id) != an_id, col(Contact.created_at))
        by_lead = select(Contact).join(Lead, col(Lead.contact_id) == col(Contact.id)).where(Lead.id == an_id)
        return session.exec(ordered).first() or session.exec(by_lead).first()
    key = read_key(who, region)
    owner = session.get(ContactKey, key) if key else None
    return session.get(Contact, owner.contact_id) if owner else None


def known_by(session: Session, who: str, region: str) -> Contact:
    """Return the contact that somebody means who types an address, an id, or a name that only one person has.

    Args:
        who, region: as for :func:`contact_of`; where a name is meant, the contact that stands for the person.

    Raises:
        NotFound: nobody is known by it. Conflict: several people have this name.
    """
    found = contact_of(session, who, region)
    if found is not None:
        return found
    text = who.strip()
    by_name = session.exec(select(Contact.person_id).where(Contact.name == text).distinct()).all() if text else ()
    if len(by_name) > 1:
        message = _("{n} people are called '{name}'; say an e-mail address, a phone number or an id")
        raise Conflict(message.format(n=len(by_name), name=text))
    named = contact_of(session, by_name[0], region) if by_name else None
    if named is None:
        message = _("'{who}' is no e-mail address, phone number, id or name of anybody")
        raise NotFound(_("person"), who, message=message.format(who=who))
    return named


def person_of(session: Session, who: str, region: str) -> str | None:
    """Return the id of the person that a text means; None: nobody goes by it. Arguments as of :func:`contact_of`."""
    contact = contact_of(session, who, region)
    return contact.person_id if contact else None
