"""Right rows into the database: the statements of one batch."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session

from contentops.leads.consent.ledger import (
    ANY,
    CHANNELS,
    EMAIL,
    GIVEN,
    PHONE,
    WECOM,
    WITHDRAWN,
    Agreement,
    changed,
)
from contentops.leads.intake.capture import store_batch
from contentops.leads.intake.entries import IMPORT, Entry, Outcome, Shown
from contentops.leads.intake.known import Known, load
from contentops.leads.sheets.incoming.rows import Row
from contentops.leads.suppression import BOUNCED, ERASED, key_hash, stops, suppressed
from contentops.leads.wishes import ErasureList
from contentops.models import Consent, ConsentAction, Suppression, new_id
from contentops.pages.notice import MARKETING
from contentops.store.rows import Rows, insert_rows

BATCH = 500
"""Rows of one transaction: forms of visitors go in between."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A right row with what it needs to be stored.

    Attributes:
        row: what the file says. asset_id, language: of the asset. key: hash of all that the row says, see
            ``content_key``. consents: purposes and channels that they agreed to. refused: those that they did
            not agree to, or took back. source: how they were asked.
    """

    row: Row
    asset_id: str
    language: str
    key: str
    consents: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    source: str = ""


def entry_of(arrival: Arrival, now: datetime) -> Entry:
    """Return a row as a form that came at its time; it queues no mail, and its page is none of ours."""
    assert arrival.row.form is not None  # noqa: S101 - an arrival is a row that is right
    form = replace(arrival.row.form, key=arrival.key)
    shown = Shown("", arrival.language, "", {})  # no page showed anything
    return Entry(form, arrival.asset_id, arrival.language, "", shown, arrival.row.at or now, origin=IMPORT)


def erased(session: Session, arrivals: Sequence[Arrival], secret: bytes, listed: ErasureList) -> set[str]:
    """Return the keys of arrivals whose people were erased and must not come back.

    Args:
        listed: knows them also where the database is an older one, which came back from a backup.
    """
    hashes = {key_hash(secret, key): key for arrival in arrivals for key in _keys(arrival)}
    gone = {hashes[hashed] for hashed, reason in suppressed(session, hashes).items() if reason == ERASED}
    gone |= listed.gone(session, hashes)
    return {arrival.key for arrival in arrivals if not gone.isdisjoint(_keys(arrival))}


def _keys(arrival: Arrival) -> list[str]:
    return [point.key for point in arrival.row.form.points] if arrival.row.form else []


def store_leads(
    session: Session, arrivals: Sequence[Arrival], secret: bytes, listed: ErasureList, *, by: str, now: datetime
) -> list[Outcome | None]:
    """Write rows into the caller's transaction and return what came of each; None: the person was erased.

    Args:
        secret: that erased addresses are hashed with. listed: whom we erased. by: who imports, for the consent ledger.
    """
    gone = erased(session, arrivals, secret, listed)
    wanted = [arrival for arrival in arrivals if arrival.key not in gone]
    entries = [entry_of(arrival, now) for arrival in wanted]
    connection = session.connection()
    before = _before(connection, wanted, entries)
    outcomes, stopped = store_batch(connection, entries), _stops(session, wanted, secret)
    ledger = []
    for arrival, outcome in zip(wanted, outcomes, strict=True):
        if outcome.what == "accepted" and outcome.contact_id is not None:
            person_id = before.person_of.get(outcome.contact_id, "")
            words = _words(arrival, before.agreement(person_id), stopped)
            ledger += [_entry(arrival, outcome.contact_id, *word, by, now) for word in words]
    insert_rows(connection, Rows(Consent, ledger))
    found = dict(zip((arrival.key for arrival in wanted), outcomes, strict=True))
    return [found.get(arrival.key) for arrival in arrivals]


def _before(connection: Connection, arrivals: Sequence[Arrival], entries: Sequence[Entry]) -> Known:
    """Return what people had said before, if it is asked for; of all rows, so that all are locked in their order."""
    asked = any(arrival.refused or (arrival.consents and not arrival.row.at) for arrival in arrivals)
    return load(connection, entries if asked else (), ())


def _stops(session: Session, arrivals: Sequence[Arrival], secret: bytes) -> dict[str, Suppression]:
    """Return the stops on addresses of rows that bring consents, by contact key."""
    hashes = {key_hash(secret, key): key for arrival in arrivals if arrival.consents for key in _keys(arrival)}
    return {hashes[hashed]: row for hashed, row in stops(session, hashes).items()}


def _words(
    arrival: Arrival, agreement: Agreement, stopped: Mapping[str, Suppression]
) -> Iterator[tuple[str, str, ConsentAction]]:
    """Yield what a person said, as purpose, channel and word.

    A row that does not say when it was cannot undo a withdrawal, nor what stops their address: nobody knows which of
    them came later. It can withdraw.
    """
    row = arrival.row
    pairs = [(purpose, each) for purpose, channel in arrival.consents for each in _reached(row, channel)]
    for purpose, channel in dict.fromkeys(pairs):
        undoes = row.at is None and agreement.get((purpose, channel)) is WITHDRAWN
        if not undoes and not _is_stopped(arrival, purpose, channel, stopped):
            yield purpose, channel, GIVEN
    for purpose, channel in changed(agreement, dict.fromkeys(arrival.refused, False)):
        yield purpose, channel, WITHDRAWN


def _entry(
    arrival: Arrival, contact_id: str, purpose: str, channel: str, action: ConsentAction, by: str, now: datetime
) -> dict[str, Any]:
    row, wording = arrival.row, arrival.source if action is GIVEN else ""
    return {
        "id": new_id(),
        "contact_id": contact_id,
        "submission_id": None,
        "purpose": purpose,
        "channel": channel,
        "action": action,
        "how": IMPORT,
        "wording": wording,
        "wording_sha256": hashlib.sha256(wording.encode()).hexdigest() if wording else "",
        "notice": "",
        "locale": arrival.language,
        "page": row.place[:300],
        "evidence": f"{row.place}; {by}"[:200],
        "at": row.at or now,
    }


def _reached(row: Row, channel: str) -> list[str]:
    """Return the channels of those meant by which the row says how to reach the person."""
    form = row.form
    assert form is not None  # noqa: S101 - an arrival is a row that is right
    own = {EMAIL: form.email, PHONE: form.phone, WECOM: form.wecom}
    return [each for each in CHANNELS if channel in (each, ANY) and own[each] is not None]


def _is_stopped(arrival: Arrival, purpose: str, channel: str, stopped: Mapping[str, Suppression]) -> bool:
    """Return whether an address of theirs was stopped since; one that bounced says nothing of other channels."""
    at = arrival.row.at
    found = [stopped[key] for key in _keys(arrival) if key in stopped]
    return purpose == MARKETING and any(
        (at is None or at <= stop.at) and (stop.reason != BOUNCED or channel == EMAIL) for stop in found
    )
