"""The desk for what personal links hand over: making and opening them, counting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from contentops.errors import LinkEmpty, LinkRefused, LinkUnconfirmed
from contentops.leads.grants import DOWNLOAD_LINK, Grant, Links
from contentops.leads.scanners import Visit, is_machine
from contentops.models import Asset, Attachment, Download, Gate, Lead, Message, MessageState
from contentops.models.message import ASSET, LINK
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _

PARTS_TIME = timedelta(hours=1)
"""Where downloads are limited: so long after one began, its parts may still come, of files that are read in parts."""


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
        grant = self._links.read(DOWNLOAD_LINK, token, self._now())
        with self._store.read() as session:
            lead, asset = granted(session, grant)
            if lead.awaits_confirmation:
                raise LinkUnconfirmed(_("please confirm your address first"))
            wanted = select(Attachment).where(Attachment.asset_id == asset.id, Attachment.role == "download")
            attachment = session.exec(wanted).first()
        if attachment is None and asset.gate is Gate.GATED:
            raise LinkEmpty(asset.id)
        return Handed(lead.id, asset, attachment, grant.until - timedelta(days=self._settings.capture.link_days))

    def take(self, handed: Handed, visit: Visit | None, *, begins: bool) -> bool:
        """Return whether a link still hands over; with a limit, a download that begins takes its place at once.

        Whoever hangs up has had it, and of many at once no more begin than are allowed. Machines take no place, and
        without a limit nobody does: see :meth:`record`.

        Args:
            visit: None: nothing would be handed over (HEAD). begins: whether another download begins; False: a further
                part, which comes soon after the beginning of one, by whomever: what a person opened in the first
                seconds after the mail was taken for a machine's.
        """
        most, counts = self._settings.capture.downloads_per_link, begins and visit is not None
        if not most:
            return True
        this_link = select(Download.by_machine, Download.at).where(
            Download.lead_id == handed.lead_id, col(Download.at) >= handed.since
        )
        with self._store.write() if counts else self._store.read() as session:
            if counts:  # on PostgreSQL others wait here until this one has its place
                session.exec(select(Lead.id).where(Lead.id == handed.lead_id).with_for_update()).first()
            begun = session.exec(this_link).all()
            if not begins:
                return any(self._now() - at <= PARTS_TIME for _by_machine, at in begun)
            if sum(not by_machine for by_machine, _at in begun) >= most:
                return False
            if visit is not None:
                _add(session, handed, visit)
        return True

    def is_waiting(self, grant: Grant) -> bool:
        """Return whether the owner of a link must confirm their address before anything is handed over."""
        with self._store.read() as session:
            lead = lead_of(session, grant)
            return lead is not None and lead.awaits_confirmation

    def link_for(self, lead: Lead) -> str:
        """Return the token of a new personal link for a lead."""
        until = self._now() + timedelta(days=self._settings.capture.link_days)
        return self._links.sign(DOWNLOAD_LINK, Grant(lead.id, lead.asset_id, until))

    def record(self, handed: Handed, visit: Visit) -> None:
        """Keep that something was handed over, and whether a person or a machine took it.

        Where the settings limit that, :meth:`take` has done so when it began.
        """
        if self._settings.capture.downloads_per_link:
            return
        with self._store.write() as session:
            _add(session, handed, visit)


def granted(session: Session, grant: Grant) -> tuple[Lead, Asset]:
    """Return the lead and the asset of a personal link.

    Raises:
        LinkRefused: one of them is gone.
    """
    lead, asset = lead_of(session, grant), session.get(Asset, grant.asset_id)
    if lead is None or asset is None:
        raise LinkRefused(_("this link is not valid"))
    return lead, asset


def lead_of(session: Session, grant: Grant) -> Lead | None:
    """Return the lead that a personal link was made for; None where it is gone."""
    wanted = select(Lead).where(Lead.id == grant.subject_id, Lead.asset_id == grant.asset_id)
    return session.exec(wanted).first()


def _mailed(session: Session, lead_id: str) -> list[datetime | None]:
    """Return when mails with a lead's link left; None for one that is leaving."""
    query = select(Message.state, Message.done_at).where(
        Message.lead_id == lead_id,
        col(Message.kind).in_((ASSET, LINK)),
        col(Message.state).in_((MessageState.DONE, MessageState.LEASED)),
    )
    return [at if state is MessageState.DONE else None for state, at in session.exec(query)]


def _add(session: Session, handed: Handed, visit: Visit) -> None:
    if session.get(Lead, handed.lead_id) is None:
        return  # erased while the file was on its way
    by_machine = is_machine(visit, _mailed(session, handed.lead_id))
    attachment_id = handed.attachment.id if handed.attachment else ""
    values = {"lead_id": handed.lead_id, "attachment_id": attachment_id, "by_machine": by_machine}
    session.add(Download.model_validate({**values, "at": visit.at}))
