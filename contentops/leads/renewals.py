"""The desk for new links: mailed to whom the old one belongs, and to whoever asked for the asset before."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, col, select

from contentops.leads.consent.ledger import EMAIL, WITHDRAWN
from contentops.leads.consent.people import agreed
from contentops.leads.downloads import granted
from contentops.leads.grants import DOWNLOAD_LINK, Links
from contentops.leads.identity.keys import NotAContact, read_email
from contentops.models import Asset, Contact, ContactKey, Lead, Message
from contentops.models.message import CONFIRM, LINK, MAIL, UNDELIVERED
from contentops.pages.notice import DELIVERY
from contentops.store import Store


class Renewals:
    """New links for those who asked before: ``ws.leads.renewals``. None is shown; all go by mail."""

    def __init__(self, store: Store, links: Links, now: Callable[[], datetime]) -> None:
        self._store, self._links, self._now = store, links, now

    def ended(self, token: str) -> tuple[Asset, bool]:
        """Return what an expired link led to, and whether its owner can be sent a new one by mail.

        Raises:
            LinkRefused: forged, or for somebody or something that is gone.
        """
        grant = self._links.read_ended(DOWNLOAD_LINK, token)
        with self._store.read() as session:
            lead, asset = granted(session, grant)
            return asset, _mailbox(session, lead) is not None

    def renew(self, token: str) -> Asset:
        """Queue a mail with a new link for the owner of an (expired) one, to the address known of them and no other.

        Raises:
            LinkRefused: forged, or for somebody or something that is gone.
        """
        grant = self._links.read_ended(DOWNLOAD_LINK, token)
        with self._store.write() as session:
            lead, asset = granted(session, grant)
            self._queue(session, lead, _mailbox(session, lead), asset.id)
            return asset

    def ask_again(self, asset: Asset, address: str) -> None:
        """Queue a mail with a new link for whoever asked for an asset before; do nothing for anybody else.

        The caller learns nothing from it, and the database does the same work either way: so nobody can find out who
        asked for what.

        Args:
            address: as typed. Text that is no address is as good as an unknown one.
        """
        try:
            key = read_email(address).key
        except NotAContact:
            key = "mail:"
        with self._store.write() as session:
            row = session.get(ContactKey, key)
            contact = session.get(Contact, row.contact_id if row else "")
            same = select(Contact.id).where(Contact.person_id == (contact.person_id if contact else ""))
            wanted = select(Lead).where(Lead.asset_id == asset.id, col(Lead.contact_id).in_(same))
            # Of several contacts of one person, one may have confirmed its address: then nobody is asked once more.
            lead = session.exec(wanted.order_by(col(Lead.awaits_confirmation), col(Lead.created_at))).first()
            self._queue(session, lead, contact, asset.id)

    def _queue(self, session: Session, lead: Lead | None, contact: Contact | None, asset_id: str) -> None:
        kind = CONFIRM if lead is not None and lead.awaits_confirmation else LINK
        now = self._now()
        values = {"kind": kind, "lead_id": lead.id if lead else None, "contact_id": contact.id if contact else None}
        message = Message.model_validate({**values, "asset_id": asset_id, "next_at": now, "created_at": now})
        session.add(message)
        session.flush()
        # Asked about nobody as well, and made and taken away: as much work as for somebody who is known (C12).
        nobody = {"id": "", "person_id": "", "created_at": now, "changed_at": now}
        superfluous = self._is_superfluous(session, message, contact or Contact.model_validate(nobody))
        if lead is None or contact is None or superfluous:
            session.delete(message)

    def _is_superfluous(self, session: Session, message: Message, contact: Contact) -> bool:
        """Return whether such a mail is on its way already, or they took back that we may hand it to them."""
        same = select(Message.id).where(
            Message.lead_id == message.lead_id,
            Message.kind == message.kind,
            Message.target == MAIL,
            Message.id != message.id,
            col(Message.state).in_(UNDELIVERED),
        )
        is_queued = session.exec(same).first() is not None
        said_no = agreed(session, contact).agreement.get((DELIVERY, EMAIL)) is WITHDRAWN
        return is_queued or said_no


def _mailbox(session: Session, lead: Lead) -> Contact | None:
    """Return the contact whose address a lead's mail goes to: its own, else another one of the same person."""
    own = session.get(Contact, lead.contact_id)
    if own is None or own.email:
        return own
    with_address = select(Contact).where(Contact.person_id == own.person_id, col(Contact.email).is_not(None))
    return session.exec(with_address.order_by(col(Contact.created_at))).first()
