"""The rows of a batch of forms, and the statements that write them: a few for each table, however many forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, update
from sqlmodel import col

from contentops.leads.consent.notices import notice_row
from contentops.leads.intake.counts import more
from contentops.leads.intake.entries import Entry
from contentops.models import (
    MAIL,
    Consent,
    ConsentAction,
    Contact,
    ContactKey,
    KeyClaim,
    Lead,
    Merge,
    Message,
    MessageState,
    NoticeText,
    Submission,
    Touch,
    new_id,
)
from contentops.pages.gate import COMPANY, NAME, NOTICE
from contentops.store.rows import Rows, insert_rows

Row = dict[str, Any]
BY_FORM = "form"
"""Who merged two contacts whose keys stood in one form."""
_AS_IT_WAS = "ON CONFLICT DO NOTHING"


@dataclass(slots=True)
class Written:
    """Rows to be written, by table, in an order that foreign keys allow."""

    contacts: dict[str, Row] = field(default_factory=dict)
    keys: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    merges: list[Row] = field(default_factory=list)
    leads: list[Row] = field(default_factory=list)
    submissions: list[Row] = field(default_factory=list)
    touches: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    notices: dict[str, Row] = field(default_factory=dict)
    messages: list[Row] = field(default_factory=list)
    changed: dict[str, Row] = field(default_factory=dict)
    again: dict[str, datetime] = field(default_factory=dict)

    def new_contact(self, contact_id: str, details: Mapping[str, Any], at: datetime) -> None:
        """Add somebody new."""
        self.contacts[contact_id] = {
            "id": contact_id, "person_id": contact_id, **details, "created_at": at, "changed_at": at,
        }  # fmt: skip

    def changed_contact(self, contact_id: str, values: Mapping[str, Any], at: datetime) -> None:
        """Complete somebody known, in this batch or before."""
        row = self.contacts[contact_id] if contact_id in self.contacts else self.changed.setdefault(contact_id, {})
        row |= {**values, "changed_at": max(at, row.get("changed_at", at))}

    def lead_again(self, lead_id: str, at: datetime) -> None:
        """Note that somebody asked again."""
        self.again[lead_id] = max(at, self.again.get(lead_id, at))

    def merge(self, kept: str, absorbed: str, contact_ids: list[str], at: datetime) -> None:
        """Note that two persons are one."""
        for contact_id in contact_ids:
            self.changed_contact(contact_id, {"person_id": kept}, at)
        self.merges.append({
            "id": new_id(), "kept_id": kept, "absorbed_id": absorbed, "contact_ids": list(contact_ids), "at": at,
            "by": BY_FORM, "undone_by": "",
        })  # fmt: skip

    def submission(self, entry: Entry, lead_id: str | None) -> str:
        """Add the form itself: the answers of a person, everything that was sent of a machine."""
        submission_id = new_id()
        sent = {**entry.sent, NOTICE: entry.shown.version}
        if entry.held:  # what it would be a yes to is what was shown on that day, whenever it is released
            self._notice(entry)
        self.submissions.append({
            "id": submission_id, "asset_id": entry.asset_id, "lead_id": lead_id, "at": entry.at,
            "fields": sent if entry.held else answers(entry), "page": entry.page, "trusted": entry.trusted,
            "idempotency_key": entry.form.key or None, "content_sha256": entry.content_sha256,
            "quarantined": bool(entry.held), "reason": entry.held,
        })  # fmt: skip
        return submission_id

    def consent(
        self,
        entry: Entry,
        contact_id: str,
        submission_id: str | None,
        purpose: str,
        channel: str,
        action: ConsentAction,
    ) -> None:
        """Add one word to the ledger, with the wording that was shown."""
        wording, sha256 = entry.shown.wordings[purpose]
        self._notice(entry)
        self.consents.append({
            "id": new_id(), "contact_id": contact_id, "submission_id": submission_id, "purpose": purpose,
            "channel": channel, "action": action, "how": entry.origin, "wording": wording, "wording_sha256": sha256,
            "notice": entry.shown.version, "locale": entry.shown.locale, "page": entry.page, "evidence": "",
            "at": entry.at,
        })  # fmt: skip

    def _notice(self, entry: Entry) -> None:
        self.notices.setdefault(entry.shown.version, notice_row(entry.shown, entry.at))

    def message(self, kind: str, entry: Entry, lead_id: str, contact_id: str) -> None:
        """Queue a mail; ids only, what it says is made when it is sent."""
        self.messages.append({
            "id": new_id(), "kind": kind, "target": MAIL, "contact_id": contact_id, "lead_id": lead_id,
            "asset_id": entry.asset_id, "state": MessageState.DUE, "attempts": 0, "next_at": entry.at,
            "last_error": "", "created_at": entry.at,
        })  # fmt: skip

    def to(self, connection: Connection, counts: Mapping[tuple[str, int], int]) -> None:
        """Write everything.

        Args:
            counts: forms by key of a sender and number of the span, to be added to what is there.
        """
        insert_rows(
            connection,
            more(counts),
            Rows(NoticeText, list(self.notices.values()), _AS_IT_WAS),
            Rows(Contact, list(self.contacts.values())),
            Rows(ContactKey, self.keys),
            Rows(KeyClaim, self.claims, _AS_IT_WAS),
            Rows(Merge, self.merges),
            Rows(Lead, self.leads),
            Rows(Submission, self.submissions),
            Rows(Touch, self.touches),
            Rows(Consent, self.consents),
            Rows(Message, self.messages),
        )
        self._complete(connection)

    def _complete(self, connection: Connection) -> None:
        """Write what became of contacts and leads that were there before."""
        alike: dict[frozenset[str], list[Row]] = {}
        for contact_id, values in sorted(self.changed.items()):
            new = {f"new_{name}": value for name, value in values.items()}
            alike.setdefault(frozenset(values), []).append({**new, "known_id": contact_id})
        for names, rows in alike.items():
            changed: Row = {name: bindparam(f"new_{name}") for name in names}
            # What an import brings may have been long ago: the last time somebody did something never moves back.
            held, at = col(Contact.changed_at), changed["changed_at"]
            changed["changed_at"] = case((held < at, at), else_=held)
            connection.execute(update(Contact).where(col(Contact.id) == bindparam("known_id")).values(**changed), rows)
        if self.again:
            known = update(Lead).where(col(Lead.id) == bindparam("known_id"), col(Lead.last_at) < bindparam("now"))
            pairs = [{"known_id": lead_id, "now": at} for lead_id, at in sorted(self.again.items())]
            connection.execute(known.values(last_at=bindparam("now")), pairs)


def answers(entry: Entry) -> dict[str, str]:
    """Return a person's answers as they are kept with the form: addresses and numbers as they were typed."""
    form = entry.form
    given = {NAME: form.name, COMPANY: form.company, **form.typed}
    return {name: value for name, value in given.items() if value} | dict(form.answers)
