"""The desk for the domains of e-mail addresses: ``ws.leads.domains``. It works beside the worker, in rounds."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlmodel import Session, col, or_, select

from contentops.leads.domains.disposable import Disposables, domain_of
from contentops.models import Contact, EmailDomain, id_at
from contentops.settings import DomainSettings
from contentops.store import Store
from contentops.store.rows import Rows, insert_rows

log = logging.getLogger("contentops.domains")

PAGE, PAGES = 1_000, 20
"""Contacts read at once, and how many times in one round: a million are gone through in an hour."""
MOST_ASKED = 20
"""Domains whose DNS is asked in one round."""
SILENT_IN_A_ROW = 2
"""Questions without any answer after which the DNS is left alone for :data:`PAUSE_SECONDS`."""
PAUSE_SECONDS = 600.0
WHOLE_AGAIN = timedelta(days=1)
"""After this, all contacts are gone through again, not only those who did something."""
OVERLAP = timedelta(minutes=5)
"""Forms are stored in another order than they came."""
AFTER_SILENCE, AFTER_FAULT = timedelta(hours=1), timedelta(days=1)
"""When a domain is asked again for which there was no answer, and one whose own servers are out of order."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a round came to: domains seen first, domains that the DNS told something of, those it did not."""

    new: int = 0
    told: int = 0
    unanswered: int = 0


class MailDomains:
    """Finds out which domains are disposable or take no mail, a few in each round; nobody waits for it.

    What is known is kept when the DNS does not answer. Of all that, people see a flag; no form is refused for it.
    """

    def __init__(self, store: Store, settings: DomainSettings, now: Callable[[], datetime]) -> None:
        self._store, self._settings, self._now = store, settings, now
        self._is_compared = False
        self._mark: tuple[datetime, str] | None = None
        self._id_mark = ""
        self._whole_at: datetime | None = None
        self._silent_until = float("-inf")

    @property
    def is_on(self) -> bool:
        """Whether the settings want anything found out."""
        settings = self._settings
        return settings.dns or settings.disposable_list or bool(settings.disposable)

    @cached_property
    def _disposables(self) -> Disposables:
        return Disposables(self._settings)

    def check(self, stop: threading.Event | None = None) -> Checked:
        """Look at domains that are new, and ask the DNS about those that are due, if the settings say so.

        Args:
            stop: ends the round after the present question.

        Raises:
            StoreError: the database did not do it; the next round does.
        """
        if not self.is_on:
            return Checked()
        if not self._is_compared:
            self._compare()
            self._is_compared = True
        new = sum(self._keep_new(domains) for domains in self._seen(stop))
        told, unanswered = self._ask(stop) if self._settings.dns else (0, 0)
        return Checked(new, told, unanswered)

    def _compare(self) -> None:
        """Compare what is known with the list as it is now: settings and package may be others than before."""
        with self._store.read() as session:
            known = session.exec(select(EmailDomain.domain, EmailDomain.disposable)).all()
        other = [domain for domain, disposable in known if disposable != (domain in self._disposables)]
        for start in range(0, len(other), PAGE):
            with self._store.write() as session:
                for row in session.exec(
                    select(EmailDomain).where(col(EmailDomain.domain).in_(other[start : start + PAGE]))
                ):
                    row.disposable = row.domain in self._disposables
                    session.add(row)

    def _seen(self, stop: threading.Event | None) -> Iterator[set[str]]:
        """Yield the domains of contacts not looked at yet, page by page; of all contacts once a day."""
        now, second = self._now(), time.time()
        begin = id_at(second - OVERLAP.total_seconds())
        if self._whole_at is None or now - self._whole_at >= WHOLE_AGAIN:
            self._mark, self._id_mark, self._whole_at = None, begin, now
        yield from self._changed(now, stop)
        yield from self._made(begin, id_at(second + 1), stop)

    def _changed(self, now: datetime, stop: threading.Event | None) -> Iterator[set[str]]:
        for _number in range(PAGES):
            if stop and stop.is_set():
                return
            with self._store.read() as session:
                page = session.exec(_contacts(self._mark)).all()
            yield {domain_of(email) for email, _changed_at, _id in page if email}
            if len(page) < PAGE:
                self._mark = now - OVERLAP, ""  # whoever is stored next may bear an earlier moment
                return
            self._mark = page[-1][1], page[-1][2]

    def _made(self, begin: str, end: str, stop: threading.Event | None) -> Iterator[set[str]]:
        """Yield the domains of contacts by when they were made here: imported ones changed long ago.

        Args:
            begin, end: identifiers of the moment from which the next round reads again, and of now.
        """
        made = select(Contact.email, Contact.id).order_by(col(Contact.id)).limit(PAGE)
        for _number in range(PAGES):
            if stop and stop.is_set():
                return
            with self._store.read() as session:
                page = session.exec(made.where(col(Contact.id) > self._id_mark, col(Contact.id) < end)).all()
            yield {domain_of(email) for email, _id in page if email}
            if len(page) < PAGE:
                self._id_mark = begin
                return
            self._id_mark = page[-1][1]

    def _keep_new(self, domains: Iterable[str]) -> int:
        """Keep domains that are not known yet; returns how many."""
        wanted = sorted(set(domains) - {""})
        now = self._now()
        with self._store.read() as session:
            known = set(session.exec(select(EmailDomain.domain).where(col(EmailDomain.domain).in_(wanted))))
        rows = [
            {"domain": domain, "disposable": domain in self._disposables, "next_at": now}
            for domain in wanted
            if domain not in known
        ]
        if rows:
            with self._store.write() as session:  # another worker may be as fast
                insert_rows(session.connection(), Rows(EmailDomain, rows, "ON CONFLICT DO NOTHING"))
        return len(rows)

    def _ask(self, stop: threading.Event | None) -> tuple[int, int]:
        """Ask the DNS about domains that are due; returns how many it told something of, and how many not."""
        if time.monotonic() < self._silent_until:
            return 0, 0
        with self._store.read() as session:
            due = select(EmailDomain.domain).where(EmailDomain.next_at <= self._now())
            domains = session.exec(due.order_by(col(EmailDomain.next_at), "domain").limit(MOST_ASKED)).all()
        if not domains:
            return 0, 0
        findings = list(self._findings(domains, stop))
        now = self._now()
        with self._store.write() as session:
            for finding in findings:
                self._keep(session, finding, now)
        told = sum(finding.accepts_mail is not None for finding in findings)
        return told, len(findings) - told

    def _findings(self, domains: Sequence[str], stop: threading.Event | None) -> Iterator["_Finding"]:
        from contentops.leads.domains.asking import MailLookup, Unanswered

        silent = 0
        try:
            lookup = MailLookup(self._settings)
        except Unanswered:
            self._leave_alone("this machine names no DNS server; name some in domains.dns_servers")
            return
        for domain in domains:
            if stop and stop.is_set():
                return
            try:
                yield _Finding(domain, lookup.takes_mail(domain), timedelta(days=self._settings.again_days))
                silent = 0
            except Unanswered as error:
                silent = silent + 1 if error.is_silent else 0
                yield _Finding(domain, None, AFTER_SILENCE if error.is_silent else AFTER_FAULT)
            if silent >= SILENT_IN_A_ROW:
                self._leave_alone("the DNS does not answer")
                return

    def _leave_alone(self, reason: str) -> None:
        self._silent_until = time.monotonic() + PAUSE_SECONDS
        log.warning("%s; domains are asked again in %d s", reason, PAUSE_SECONDS)

    def _keep(self, session: Session, finding: "_Finding", now: datetime) -> None:
        row = session.get(EmailDomain, finding.domain)
        if row is None:  # nobody has an address there any more
            return
        row.next_at = now + finding.again
        if finding.accepts_mail is not None:
            row.accepts_mail, row.checked_at = finding.accepts_mail, now
        session.add(row)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What the DNS said of a domain, None where it did not, and after which time it is asked again."""

    domain: str
    accepts_mail: bool | None
    again: timedelta


def _contacts(mark: tuple[datetime, str] | None) -> Any:
    """Return the query for the next contacts by their last change."""
    query = select(Contact.email, Contact.changed_at, Contact.id).order_by(col(Contact.changed_at), col(Contact.id))
    if mark is not None:
        moment, last_id = mark
        later = or_(col(Contact.changed_at) > moment, col(Contact.id) > last_id)
        query = query.where(col(Contact.changed_at) >= moment, later)
    return query.limit(PAGE)
