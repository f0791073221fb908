"""The desk for what personal links hand over: opening them, counting, and sending a new one where the old has ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from contentops.errors import LinkEmpty, LinkRefused, LinkUnconfirmed
from contentops.leads.consent.ledger import EMAIL, WITHDRAWN
from contentops.leads.consent.people import agreed
from contentops.leads.grants import DOWNLOAD, Grant, Links
from contentops.leads.identity.keys import NotAContact, read_email
from contentops.leads.scanners import Visit, is_machine
from contentops.models import Asset, Attachment, Contact, ContactKey, Download, Gate, Lead, Message, MessageState
from contentops.models.message import ASSET, CONFIRM, LINK, MAIL, UNDELIVERED
from contentops.pages.notice import DELIVERY
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _

PARTS_TIME = timedelta(hours=1)
"""So long after the last download that a link allows, its parts may still come: of files that are read in parts."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What a personal link hands over.

    Attributes:
        lead_id: whose link it is. asset: what they asked for, as it is now. attachment: the newest file; None: the
        whole text of a partly gated asset, or of one that is open by now. since: when the link was made.
    """

    lead_id: str
    asset: Asset
    attachment: Attachment | None
    since: datetime


class Downloads:
    """What personal links hand over: ``ws.leads.downloads``."""

    def __init__(self, store: Store, settings: Settings, links: Links, now: Callable[[], datetime]) -> None:
        self._store, self._settings, self._links, self._now = store, settings, links, now

    def open(self, token: str) -> Handed:
        """Return what a personal link hands over. Whether the asset may be seen now is the caller's to ask.

        Raises:
            LinkRefused: forged, or for somebody or something that is gone. LinkExpired: its time is over.
            LinkUnconfirmed: the address was not confirmed yet. LinkEmpty: the asset has nothing to hand over now.
        """
        grant = self._links.read(DOWNLOAD, token, self._now())
        with self._store.read() as session:
            lead = _lead(session, grant)
            asset = session.get(Asset, grant.asset_id)
            if lead is None or asset is None:
                raise LinkRefused(_("this link is not valid"))
            if lead.awaits_confirmation:
                raise LinkUnconfirmed(_("please confirm your address first"))
            wanted = select(Attachment).where(Attachment.asset_id == asset.id, Attachment.role == "download")
            attachment = session.exec(wanted).first()
        if attachment is None and asset.gate is Gate.GATED:
            raise LinkEmpty(asset.id)
        return Handed(lead.id, asset, attachment, grant.until - timedelta(days=self._settings.capture.link_days))

    def is_used_up(self, handed: Handed, *, begins: bool) -> bool:
        """Return whether people have downloaded by a link as often as the settings allow.

        Args:
            begins: whether another download begins; False: a further part of one that has begun.
        """
        most = self._settings.capture.downloads_per_link
        if not most:
            return False
        taken = select(Download.at).where(
            Download.lead_id == handed.lead_id, col(Download.by_machine).is_(False), col(Download.at) >= handed.since
        )
        with self._store.read() as session:
            times = session.exec(taken.order_by(col(Download.at))).all()
        return len(times) >= most and (begins or self._now() - times[-1] > PARTS_TIME)

    def is_waiting(self, grant: Grant) -> bool:
        """Return whether the owner of a link must confirm their address before anything is handed over."""
        with self._store.read() as session:
            lead = _lead(session, grant)
            return lead is not None and lead.awaits_confirmation

    def link_for(self, lead: Lead) -> str:
        """Return the token of a new personal link for a lead."""
        until = self._now() + timedelta(days=self._settings.capture.link_days)
        return self._links.sign(DOWNLOAD, Grant(lead.id, lead.asset_id, until))

    def record(self, handed: Handed, visit: Visit) -> None:
        """Keep that something was handed over, and whether a person or a machine took it."""
        with self._store.write() as session:
            if session.get(Lead, handed.lead_id) is None:
                return  # erased while the file was on its way
            by_machine = is_machine(visit, _mailed(session, handed.lead_id))
            attachment_id = handed.attachment.id if handed.attachment else ""
            values = {"lead_id": handed.lead_id, "attachment_id": attachment_id, "by_machine": by_machine}
            session.add(Download.model_validate({**values, "at": visit.at}))

    def ended(self, token: str) -> tuple[Asset, bool]:
        """Return what an expired link led to, and whether its owner can be sent a new one by mail.

        Raises:
            LinkRefused: forged, or for somebody or something that is gone.
        """
        grant = self._links.read_ended(DOWNLOAD, token)
        with self._store.read() as session:
            lead, asset = _lead(session, grant), session.get(Asset, grant.asset_id)
            if lead is None or asset is None:
                raise LinkRefused(_("this link is not valid"))
            return asset, _mailbox(session, lead) is not None

    def renew(self, token: str) -> Asset:
        """Queue a mail with a new link for the owner of an (expired) one, to the address known of them and no other.

        Raises:
            LinkRefused: forged, or for somebody or something that is gone.
        """
        grant = self._links.read_ended(DOWNLOAD, token)
        with self._store.write() as session:
            lead, asset = _lead(session, grant), session.get(Asset, grant.asset_id)
            if lead is None or asset is None:
                raise LinkRefused(_("this link is not valid"))
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


def _lead(session: Session, grant: Grant) -> Lead | None:
    wanted = select(Lead).where(Lead.id == grant.subject_id, Lead.asset_id == grant.asset_id)
    return session.exec(wanted).first()


def _mailbox(session: Session, lead: Lead) -> Contact | None:
    """Return the contact whose address a lead's mail goes to: its own, else another one of the same person."""
    own = session.get(Contact, lead.contact_id)
    if own is None or own.email:
        return own
    with_address = select(Contact).where(Contact.person_id == own.person_id, col(Contact.email).is_not(None))
    return session.exec(with_address.order_by(col(Contact.created_at))).first()


def _mailed(session: Session, lead_id: str) -> list[datetime | None]:
    """Return when mails with a lead's link left; None for one that is leaving."""
    query = select(Message.state, Message.done_at).where(
        Message.lead_id == lead_id,
        col(Message.kind).in_((ASSET, LINK)),
        col(Message.state).in_((MessageState.DONE, MessageState.LEASED)),
    )
    return [at if state is MessageState.DONE else None for state, at in session.exec(query)]
