"""The desk for leads: take a form, hand out the link, list, export."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from contentops.errors import InvalidArgument, Problem
from contentops.leads.consent.desk import Consents
from contentops.leads.downloads import Downloads
from contentops.leads.grants import Links
from contentops.leads.identity.desk import People
from contentops.leads.intake.desk import Captured, Intake
from contentops.leads.intake.quarantine import Quarantine
from contentops.leads.intake.submission import Pair
from contentops.leads.keyring import Keyring
from contentops.leads.sheets.exports import COLUMNS, FORMATS, export
from contentops.models import (
    Asset,
    Consent,
    ConsentAction,
    Contact,
    Download,
    Lead,
    Submission,
    Touch,
)
from contentops.pages.gate import USUAL_FIELDS
from contentops.pages.notice import MARKETING
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _

log = logging.getLogger("contentops.leads")


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
        self.keys.current()
        for problem in self.keys.warnings():
            log.warning("%s", problem)
        return Links(self.keys.current)

    @cached_property
    def keys(self) -> Keyring:
        """The keys that sign links."""
        return Keyring(self._settings, self._folder, self._now)

    @cached_property
    def intake(self) -> Intake:
        """Takes forms, many at once."""
        return Intake(self._store, self._settings, lambda: self.links, self._now)

    @cached_property
    def quarantine(self) -> Quarantine:
        """Forms that look like a machine's."""
        return Quarantine(self._store, self.intake, self._now)

    @cached_property
    def people(self) -> People:
        """The desk for persons: who is who, merged and split, by company."""
        return People(self._store, self._settings, self._now)

    def capture(self, asset: Asset, pairs: Iterable[Pair], *, page: str, trusted: bool = True) -> Captured:
        """Check a visitor's form and store it; when this returns, the lead is on disk.

        Args:
            asset: the gated asset. pairs: names and values as sent. page: path of the page with the form.
            trusted: whether the browser said where the form came from.

        Raises:
            SubmissionInvalid: with a code per field; nothing was stored. StoreError: it could not be saved.
        """
        return self.intake.take(asset, pairs, page=page, trusted=trusted)

    @cached_property
    def consents(self) -> Consents:
        """The desk for what people agreed to."""
        return Consents(self._store, self._settings, self._now)

    @cached_property
    def downloads(self) -> Downloads:
        """The desk for what personal links hand over."""
        return Downloads(self._store, self._settings, self.links, self._now)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield every lead with its person, first touch and counts, newest first, as :data:`COLUMNS`."""
        with self._store.read() as session:
            touches, downloads = (
                dict(session.exec(select(table.lead_id, func.count()).group_by(table.lead_id)).all())
                for table in (Touch, Download)
            )
            first, answers = _first_touches(session), _answers(session)
            agreed = _marketing(session)
            query = (
                select(Lead, Contact, Asset)
                .join(Contact, col(Contact.id) == Lead.contact_id)
                .join(Asset, col(Asset.id) == Lead.asset_id)
                .order_by(col(Lead.created_at).desc(), col(Lead.id))
            )
            found = session.exec(query).all()
        for lead, contact, asset in found:
            touch = first.get(lead.id)
            values = (
                lead.id, asset.slug, asset.language, contact.name, contact.company,
                contact.email or "", contact.phone or "",
                lead.created_at.isoformat(timespec="seconds"), lead.last_at.isoformat(timespec="seconds"),
                "yes" if agreed.get(contact.id) else "no",
                touch.source if touch else "", touch.medium if touch else "", touch.campaign if touch else "",
                touch.referrer_host if touch else "", touches.get(lead.id, 0), downloads.get(lead.id, 0),
                answers.get(lead.id, ""),
            )  # fmt: skip
            yield dict(zip(COLUMNS, values, strict=True))

    def export(self, form: str, *, encoding: str = "utf-8-sig") -> Iterator[bytes]:
        """Yield the file of all leads.

        Args:
            form: ``xlsx``, ``csv`` or ``jsonl``. encoding: of CSV.

        Raises:
            InvalidArgument: another form, or a character that the encoding does not have.
        """
        if form not in FORMATS:
            raise InvalidArgument(
                [Problem("format", _("'{form}' is none of {known}").format(form=form, known=", ".join(FORMATS)))]
            )
        try:
            yield from export(self.rows(), form, encoding=encoding)
        except (UnicodeEncodeError, LookupError) as error:
            raise InvalidArgument(
                [Problem("encoding", _("the leads cannot be written in it: {reason}").format(reason=error))]
            ) from error


def _first_touches(session: Session) -> dict[str, Touch]:
    first: dict[str, Touch] = {}
    for touch in session.exec(select(Touch).order_by(col(Touch.at), col(Touch.id))):
        first.setdefault(touch.lead_id, touch)
    return first


def _marketing(session: Session) -> dict[str, bool]:
    """Return the newest word of each person on being contacted."""
    query = select(Consent.contact_id, Consent.action).where(Consent.purpose == MARKETING)
    newest = session.exec(query.order_by(col(Consent.at), col(Consent.id))).all()
    return {contact_id: action is ConsentAction.GIVEN for contact_id, action in newest}


def _answers(session: Session) -> dict[str, str]:
    """Return what each lead answered to questions besides who they are, the last word on each."""
    known: dict[str, dict[str, str]] = {}
    query = select(Submission.lead_id, Submission.fields).where(col(Submission.lead_id).is_not(None))
    for lead_id, fields in session.exec(query.order_by(col(Submission.at))):
        own = {key: value for key, value in fields.items() if key not in USUAL_FIELDS}
        if own:
            known.setdefault(str(lead_id), {}).update(own)
    return {lead_id: "; ".join(f"{key}: {value}" for key, value in own.items()) for lead_id, own in known.items()}
