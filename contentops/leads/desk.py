"""The desk for leads: take a form, hand out the link, list, export."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

from sqlmodel import Session, select

from contentops.errors import LinkRefused
from contentops.leads.grants import DOWNLOAD, Grant, Links, signing_keys
from contentops.leads.intake.desk import Captured, Intake
from contentops.leads.intake.quarantine import Quarantine
from contentops.leads.intake.submission import Pair
from contentops.leads.sheets.desk import LeadSheets, Limits
from contentops.leads.sheets.incoming.desk import Incoming
from contentops.models import Asset, Attachment, Download, Gate, Lead
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _


class Leads:
    """Everything about leads: ``ws.leads``."""

    def __init__(self, store: Store, settings: Settings, folder: Path, now: Callable[[], datetime]) -> None:
        self._store, self._settings, self._folder, self._now = store, settings, folder, now

    @cached_property
    def links(self) -> Links:
        """Makes and reads personal links.

        Raises:
            SettingsInvalid: there is no signing key, or a weak one.
        """
        return Links(signing_keys(self._settings, self._folder))

    @cached_property
    def intake(self) -> Intake:
        """Takes forms, many at once."""
        return Intake(self._store, self._settings, lambda: self.links, self._now)

    @cached_property
    def quarantine(self) -> Quarantine:
        """Forms that look like a machine's."""
        return Quarantine(self._store, self.intake, self._now)

    def capture(self, asset: Asset, pairs: Iterable[Pair], *, page: str, trusted: bool = True) -> Captured:
        """Check a visitor's form and store it; when this returns, the lead is on disk.

        Args:
            asset: the gated asset. pairs: names and values as sent. page: path of the page with the form.
            trusted: whether the browser said where the form came from.

        Raises:
            SubmissionInvalid: with a code per field; nothing was stored. StoreError: it could not be saved.
        """
        return self.intake.take(asset, pairs, page=page, trusted=trusted)

    def open_link(self, token: str) -> tuple[Grant, Attachment | None]:
        """Return what a personal link hands over: a file, or None for the whole text of a partly gated asset.

        Raises:
            LinkRefused: forged or for something that is gone. LinkExpired: its time is over.
        """
        grant = self.links.read(DOWNLOAD, token, self._now())
        with self._store.read() as session:
            lead = session.exec(
                select(Lead).where(Lead.id == grant.subject_id, Lead.asset_id == grant.asset_id)
            ).first()
            wanted = select(Attachment).where(Attachment.asset_id == grant.asset_id, Attachment.role == "download")
            attachment = session.exec(wanted).first()
            is_text = attachment is None and _gate(session, grant.asset_id) in (Gate.PARTIAL, Gate.OPEN)
        if lead is None or (attachment is None and not is_text):
            raise LinkRefused(_("this link is not valid"))
        return grant, attachment

    def record_download(self, grant: Grant, attachment: Attachment | None) -> None:
        """Keep that the file, or the whole text, was handed over."""
        with self._store.write() as session:
            values = {
                "lead_id": grant.subject_id,
                "attachment_id": attachment.id if attachment else "",
                "at": self._now(),
            }
            session.add(Download.model_validate(values))

    @cached_property
    def sheets(self) -> LeadSheets:
        """Lists and files of leads."""
        return LeadSheets(self._store, self._settings, self._folder, self._now)

    @cached_property
    def incoming(self) -> Incoming:
        """Reads lists of people that others wrote: events, WeCom, other systems."""
        return Incoming(self._store, self._settings, self._folder, self._now)

    def rows(self, **limits: Unpack[Limits]) -> Iterator[dict[str, Any]]:
        """Yield the leads that match, newest first; see :meth:`LeadSheets.rows`."""
        return self.sheets.rows(**limits)

    def export(
        self, form: str, *, encoding: str = "", headers: str = "", raw: bool = False, **limits: Unpack[Limits]
    ) -> Iterator[bytes]:
        """Yield the file of the leads that match, piece by piece; see :meth:`LeadSheets.export`."""
        return self.sheets.export(form, encoding=encoding, headers=headers, raw=raw, **limits)


def _gate(session: Session, asset_id: str) -> Gate | None:
    asset = session.get(Asset, asset_id)
    return asset.gate if asset else None
