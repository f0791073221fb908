"""What the database knows of the people in a batch of forms: a few statements for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Executable, Row, Select, bindparam, func, select, text
from sqlmodel import SQLModel, col

from contentops.leads.consent.ledger import Agreement, standing
from contentops.leads.identity.arriving import Owner
from contentops.leads.identity.keys import kind_of
from contentops.leads.intake.counts import counts_of
from contentops.leads.intake.entries import IMPORT, Entry
from contentops.leads.intake.limits import Counts, Window
from contentops.models import (
    Asset,
    Consent,
    ConsentAction,
    Contact,
    ContactKey,
    DistinctPair,
    Lead,
    Merge,
    Message,
    Submission,
    Touch,
)
from contentops.pages.notice import MARKETING
from contentops.store.among import among

MAIL_PAUSE = timedelta(hours=24)
"""One mail of a kind per lead in this time, however often somebody asks (or is made to seem to ask)."""
MOST_TOUCHES = 100
"""Touches and forms kept of one lead: who posts for ever fills no disk. The last time they came is kept in any case."""
DETAILS = ("name", "company", "job_title", "email", "phone", "language")


@dataclass(slots=True)
class LeadFacts:
    """What is known of a lead.

    Attributes:
        touches: how many it has. mailed: kinds of mail queued for it in the last 24 hours.
    """

    id: str
    contact_id: str
    awaits_confirmation: bool
    created_at: datetime
    touches: int = 0
    mailed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Said:
    """One entry of the consent ledger, as far as it decides."""

    contact_id: str
    purpose: str
    channel: str
    action: ConsentAction
    at: datetime


@dataclass(slots=True)
class Known:
    """What the database knows, and what a batch adds to it before anything is written.

    Attributes:
        contact_of: by contact key. person_of: by contact. kinds: of a person's keys. details: of contacts.
        leads: by person and asset. distinct: pairs of persons that somebody found to be two.
        repeated: by asset and idempotency key: hash, lead and moment of the first form. said: consents by person;
            only where a page of the batch asks for confirmation. merged_at: by person, the newest merge.
        counts: forms of senders, see limits. changed_at: of assets.
    """

    contact_of: dict[str, str] = field(default_factory=dict)
    person_of: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    distinct: set[tuple[str, str]] = field(default_factory=set)
    leads: dict[tuple[str, str], LeadFacts] = field(default_factory=dict)
    repeated: dict[tuple[str, str], tuple[str, str | None, datetime]] = field(default_factory=dict)
    said: dict[str, list[Said]] = field(default_factory=dict)
    merged_at: dict[str, datetime] = field(default_factory=dict)
    counts: Counts = field(default_factory=dict)
    changed_at: dict[str, datetime] = field(default_factory=dict)

    def owners(self, keys: Iterable[str]) -> dict[str, Owner]:
        """Return whose some keys are; those nobody has are left out."""
        found = {key: self.contact_of[key] for key in keys if key in self.contact_of}
        persons = {contact: self.person_of[contact] for contact in found.values()}
        return {
            key: Owner(contact, persons[contact], frozenset(self.kinds[persons[contact]]))
            for key, contact in found.items()
        }

    def agreement(self, person_id: str) -> Agreement:
        """Return what a person agreed to."""
        return standing(self.said.get(person_id, ()), self.merged_at.get(person_id))

    def merge(self, kept: str, absorbed: str, at: datetime) -> list[str]:
        """Note that two persons are one, as the next look at the database would find it; return the contacts moved."""
        moved = [contact for contact, person in self.person_of.items() if person == absorbed]
        self.person_of.update(dict.fromkeys(moved, kept))
        self.kinds[kept] |= self.kinds.pop(absorbed)
        self.said[kept] = [*self.said.get(kept, ()), *self.said.pop(absorbed, ())]
        self.merged_at[kept] = max(at, self.merged_at.get(kept, at), self.merged_at.pop(absorbed, at))
        for person, asset in [key for key in self.leads if key[0] == absorbed]:
            lead = self.leads.pop((person, asset))
            self.leads[kept, asset] = _both(lead, self.leads.get((kept, asset), lead))
        return moved


def _both(one: LeadFacts, other: LeadFacts) -> LeadFacts:
    """Of two leads that a merge brings together, the earlier one goes on, with what is known of both."""
    if one is other:
        return one
    first, second = sorted((one, other), key=lambda lead: (lead.created_at, lead.id))
    first.touches += second.touches
    first.mailed |= second.mailed
    return first


def load(connection: Connection, entries: Sequence[Entry], windows: Sequence[Window]) -> Known:
    """Load what is known about the people, assets and senders of some forms.

    On PostgreSQL the keys are locked until the end of the transaction, in their order: of two processes that store the
    same person at the same moment, the second one waits and then finds them. So are the persons, since two keys may be
    those of two contacts that are one person.
    """
    known = Known()
    keys = sorted({point.key for entry in entries if not entry.held for point in entry.form.points})
    locks = keys if connection.dialect.name == "postgresql" else []
    _lock(connection, locks)
    _people(connection, keys, known)
    if locks and known.person_of:
        _lock(connection, {f"person:{person}" for person in known.person_of.values()})
        known = Known()
        _people(connection, keys, known)  # as they are now that nobody else writes about them
    _assets(connection, entries, known)
    senders = {(entry.sender, entry.at) for entry in entries if entry.sender}
    known.counts = counts_of(connection, senders, windows)
    _repetitions(connection, entries, known)
    if known.person_of:
        _distinct(connection, known)
        _leads(connection, entries, known)
        _agreements(connection, entries, known)
    return known


def _lock(connection: Connection, names: Iterable[str]) -> None:
    if names := list(names):
        connection.execute(_LOCK, {"names": names})


_LOCK = text(
    "SELECT pg_advisory_xact_lock(number) FROM (SELECT DISTINCT hashtextextended(value, 4171920002) AS number"
    " FROM unnest(CAST(:names AS text[])) AS value ORDER BY number) AS numbers"
)


def _assets(connection: Connection, entries: Sequence[Entry], known: Known) -> None:
    wanted = {entry.asset_id for entry in entries if entry.changed_at is not None}
    known.changed_at = {row.id: row.changed_at for row in _rows(connection, _ASSETS, wanted)}


def _repetitions(connection: Connection, entries: Sequence[Entry], known: Known) -> None:
    keyed = [entry for entry in entries if entry.form.key]
    assets = {entry.asset_id for entry in keyed}
    for row in _rows(connection, _REPEATED, {entry.form.key for entry in keyed}, assets=assets):
        known.repeated[row.asset_id, row.idempotency_key] = (row.content_sha256, row.lead_id, row.at)


def _people(connection: Connection, keys: Iterable[str], known: Known) -> None:
    found = _rows(connection, _OWNERS, keys)
    persons = {row.person_id for row in found}
    if not persons:
        return
    for row in _rows(connection, _CONTACTS, persons):
        known.person_of[row.id] = row.person_id
        known.details[row.id] = {name: getattr(row, name) for name in DETAILS}
    known.contact_of = {row.value: row.contact_id for row in found}
    for row in _rows(connection, _KEYS, persons):
        known.kinds.setdefault(row.person_id, set()).add(kind_of(row.value))


def _distinct(connection: Connection, known: Known) -> None:
    # A pair names the persons of the day somebody looked; the contacts that stood for them may be others' by now.
    person_of = known.person_of
    for row in _rows(connection, _DISTINCT, person_of):
        if row.second_id in person_of:
            known.distinct.add((person_of[row.first_id], person_of[row.second_id]))


def _leads(connection: Connection, entries: Sequence[Entry], known: Known) -> None:
    person_of = known.person_of
    by_id: dict[str, LeadFacts] = {}
    for row in _rows(connection, _LEADS, person_of, assets={entry.asset_id for entry in entries}):
        facts = LeadFacts(row.id, row.contact_id, row.awaits_confirmation, row.created_at)
        # Of two leads that a merge brought together, the earlier one goes on.
        by_id[row.id] = known.leads.setdefault((person_of[row.contact_id], row.asset_id), facts)
    for row in _rows(connection, _TOUCHES, by_id):
        by_id[row.lead_id].touches += row.touches
    since = min(entry.at for entry in entries) - MAIL_PAUSE
    for row in _rows(connection, _MAILS, by_id, since=since):
        by_id[row.lead_id].mailed.add(row.kind)


def _agreements(connection: Connection, entries: Sequence[Entry], known: Known) -> None:
    is_full = any(lead.touches >= MOST_TOUCHES for lead in known.leads.values())
    # Imports have words of their own about consent, which are compared with what was said before.
    asked = any(entry.form.granted.get(MARKETING) or entry.origin == IMPORT for entry in entries)
    if not is_full and not asked:
        return
    person_of = known.person_of
    for row in _rows(connection, _CONSENTS, person_of):
        known.said.setdefault(person_of[row.contact_id], []).append(
            Said(row.contact_id, row.purpose, row.channel, row.action, row.at)
        )
    for row in _rows(connection, _MERGES, person_of):  # all that made the person, as in consent/agreements.py
        person_id = person_of[row.kept_id]
        known.merged_at[person_id] = max(row.at, known.merged_at.get(person_id, row.at))


def _rows(connection: Connection, query: Executable, wanted: Iterable[str], **others: object) -> Sequence[Row[Any]]:
    """Return what a query finds for some values; nothing, without asking, where there are none."""
    values = list(wanted)
    return connection.execute(query, {"wanted": values, **others}).all() if values else ()


def _select(model: type[SQLModel], *names: str, wanted: str) -> Select[Any]:
    columns: list[Any] = [col(getattr(model, name)) for name in names]
    return select(*columns).where(among(col(getattr(model, wanted)), "wanted"))


# Each is composed once, for all batches: that costs as much as running it.
_ASSETS = _select(Asset, "id", "changed_at", wanted="id")
_REPEATED = _select(
    Submission, "asset_id", "idempotency_key", "content_sha256", "lead_id", "at", wanted="idempotency_key"
).where(among(col(Submission.asset_id), "assets"))
_OWNER = select(col(ContactKey.value), col(ContactKey.contact_id), col(Contact.person_id)).join(
    Contact, col(Contact.id) == col(ContactKey.contact_id)
)
_OWNERS = _OWNER.where(among(col(ContactKey.value), "wanted"))
_KEYS = _OWNER.where(among(col(Contact.person_id), "wanted"))
_CONTACTS = _select(Contact, "id", "person_id", *DETAILS, wanted="person_id")
_DISTINCT = _select(DistinctPair, "first_id", "second_id", wanted="first_id")
_LEADS = (
    _select(Lead, "id", "asset_id", "contact_id", "awaits_confirmation", "created_at", wanted="contact_id")
    .where(among(col(Lead.asset_id), "assets"))
    .order_by(col(Lead.created_at), col(Lead.id))
)
_TOUCHES = _select(Touch, "lead_id", wanted="lead_id").add_columns(func.count().label("touches"))
_TOUCHES = _TOUCHES.group_by(col(Touch.lead_id))
_MAILS = _select(Message, "lead_id", "kind", wanted="lead_id").where(col(Message.created_at) > bindparam("since"))
_CONSENTS = _select(Consent, "contact_id", "purpose", "channel", "action", "at", wanted="contact_id")
_MERGES = _select(Merge, "kept_id", "at", wanted="kept_id").where(col(Merge.undone_at).is_(None))
