"""The desk for leads: take a form, and the desks for what becomes of it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Unpack

from contentops.leads.consent.desk import Consents
from contentops.leads.domains.desk import MailDomains
from contentops.leads.downloads import Downloads
from contentops.leads.grants import Links
from contentops.leads.identity.desk import People
from contentops.leads.intake.desk import Captured, Intake
from contentops.leads.intake.quarantine import Quarantine
from contentops.leads.intake.submission import Pair
from contentops.leads.keyring import Keyring
from contentops.leads.renewals import Renewals
from contentops.leads.sheets.desk import LeadSheets, Limits
from contentops.leads.sheets.incoming.desk import Incoming
from contentops.leads.suppression import held_key
from contentops.models import Asset
from contentops.settings import Settings
from contentops.store import Store

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
        return People(self._store, self._settings, self._now, partial(held_key, self._folder))

    @cached_property
    def consents(self) -> Consents:
        """The desk for what people agreed to."""
        return Consents(self._store, self._settings, self._folder, self._now)

    @cached_property
    def downloads(self) -> Downloads:
        """The desk for what personal links hand over."""
        return Downloads(self._store, self._settings, self.links, self._now)

    @cached_property
    def renewals(self) -> Renewals:
        """The desk for new links in place of old ones."""
        return Renewals(self._store, self.links, self._now)

    @cached_property
    def domains(self) -> MailDomains:
        """The desk for the domains of e-mail addresses: disposable ones, and those that take no mail."""
        return MailDomains(self._store, self._settings.domains, self._now)

    @cached_property
    def sheets(self) -> LeadSheets:
        """Lists and files of leads."""
        return LeadSheets(self._store, self._settings, self._folder, self._now)

    @cached_property
    def incoming(self) -> Incoming:
        """Reads lists of people that others wrote: events, WeCom, other systems."""
        return Incoming(self._store, self._settings, self._folder, self._now)

    def capture(self, asset: Asset, pairs: Iterable[Pair], *, page: str, trusted: bool = True) -> Captured:
        """Check a visitor's form and store it; when this returns, the lead is on disk.

        Args:
            asset: the gated asset. pairs: names and values as sent. page: path of the page with the form.
            trusted: whether the browser said where the form came from.

        Raises:
            SubmissionInvalid: with a code per field; nothing was stored. StoreError: it could not be saved.
        """
        return self.intake.take(asset, pairs, page=page, trusted=trusted)

    def rows(self, **limits: Unpack[Limits]) -> Iterator[dict[str, Any]]:
        """Yield the leads that match, newest first; see :meth:`LeadSheets.rows`."""
        return self.sheets.rows(**limits)

    def export(
        self, form: str, *, encoding: str = "", headers: str = "", raw: bool = False, **limits: Unpack[Limits]
    ) -> Iterator[bytes]:
        """Yield the file of the leads that match, piece by piece; see :meth:`LeadSheets.export`."""
        return self.sheets.export(form, encoding=encoding, headers=headers, raw=raw, **limits)
