"""Store a batch of checked forms in one transaction: what is known, what follows from each form, what is written.

All that a form brings (contact, lead, submission, touch, consents, messages) is in the same commit: either it is all
there, or the visitor was told that nothing was saved.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from contentops.leads.consent.ledger import ANY, EMAIL, GIVEN, PENDING, PHONE, WITHDRAWN, may
from contentops.leads.identity.arriving import Decision, decide
from contentops.leads.identity.keys import kind_of
from contentops.leads.intake.entries import FORM, Entry, Outcome
from contentops.leads.intake.known import MOST_TOUCHES, Known, LeadFacts, Said, load
from contentops.leads.intake.limits import SenderLimit, Window
from contentops.leads.intake.tracking import touch_columns
from contentops.leads.intake.writing import Written
from contentops.models import ASSET, CONFIRM, ConsentAction, new_id
from contentops.pages.notice import DELIVERY, MARKETING
from contentops.store.moments import reached


def store_batch(connection: Connection, entries: Sequence[Entry], windows: Sequence[Window] = ()) -> list[Outcome]:
    """Write forms into the caller's transaction and return what came of each, in their order.

    The same person (by any key) asking for the same asset again is the same lead with one more touch.

    Args:
        windows: how many forms one sender may send.
    """
    known = load(connection, entries, windows)
    batch = _Batch(known, SenderLimit(windows, known.counts))
    outcomes = [batch.add(entry) for entry in entries]
    reached("before-insert")
    batch.written.to(connection, batch.limit.grown)
    reached("after-insert")
    return outcomes


class _Batch:
    """Decides form by form; each sees what the forms before it in the batch brought."""

    def __init__(self, known: Known, limit: SenderLimit) -> None:
        self.known, self.limit, self.written = known, limit, Written()

    def add(self, entry: Entry) -> Outcome:
        """Take one form in."""
        if entry.changed_at is not None and self.known.changed_at.get(entry.asset_id) != entry.changed_at:
            return Outcome("stale")
        before = self.known.repeated.get((entry.asset_id, entry.form.key)) if entry.form.key else None
        if before is not None:
            sha256, lead_id, at = before
            return Outcome("repeated", lead_id, at) if sha256 == entry.content_sha256 else Outcome("key_reused")
        wait = self.limit.seconds_to_wait(entry.sender, entry.at, trusted=entry.trusted) if entry.sender else 0
        if wait:
            return Outcome("limited", wait=wait)
        if entry.form.key:
            self.known.repeated[entry.asset_id, entry.form.key] = (entry.content_sha256, None, entry.at)
        if entry.held:
            self.written.submission(entry, None)
            return Outcome("held", at=entry.at)
        contact_id, person_id = self._person(entry)
        lead, is_new = self._lead(entry, contact_id, person_id)
        if entry.form.key:
            self.known.repeated[entry.asset_id, entry.form.key] = (entry.content_sha256, lead.id, entry.at)
        submission_id = None
        if lead.touches < MOST_TOUCHES:
            lead.touches += 1
            submission_id = self.written.submission(entry, lead.id)
            self.written.touches.append({
                "id": new_id(), "lead_id": lead.id, "at": entry.at, "flags": entry.form.flags,
                **touch_columns(entry.form.tracked, entry.page),
            })  # fmt: skip
        pending = self._consents(entry, contact_id, person_id, submission_id)
        self._messages(entry, lead, contact_id, pending=pending)
        return Outcome("accepted", lead.id, entry.at, contact_id=contact_id, is_new=is_new)

    def _person(self, entry: Entry) -> tuple[str, str]:
        """Find who it is, or make somebody; keep what the form shows about who is one person."""
        form, known = entry.form, self.known
        decision = decide(form.points, known.owners(point.key for point in form.points), known.distinct)
        details: dict[str, Any] = {
            "name": form.name,
            "company": form.company,
            "job_title": form.answers.get("job_title", ""),
            "email": form.email.shown if form.email else None,
            "phone": form.phone.shown if form.phone else None,
            "language": entry.language,
        }
        if decision.contact_id is None:
            contact_id = new_id()
            self.written.new_contact(contact_id, details, entry.at)
            known.details[contact_id], known.person_of[contact_id], known.kinds[contact_id] = details, contact_id, set()
        else:
            contact_id = decision.contact_id
            held = known.details[contact_id]
            # What is known of a person is never replaced by what a form says, only completed: anybody can type
            # anybody's address.
            missing = {name: value for name, value in details.items() if value and not held[name]}
            held.update(missing)
            # The page they came by last says in which language to write; a list says nothing of that.
            last = {"language": entry.language} if entry.origin == FORM else {}
            self.written.changed_contact(contact_id, {**missing, **last}, entry.at)
        self._keys(entry, decision, contact_id)
        return contact_id, known.person_of[contact_id]

    def _keys(self, entry: Entry, decision: Decision, contact_id: str) -> None:
        """Keep new keys, claims and merges."""
        known = self.known
        for key in decision.new_keys:
            known.contact_of[key] = contact_id
            known.kinds[known.person_of[contact_id]].add(kind_of(key))
            self.written.keys.append({"value": key, "contact_id": contact_id})
        for key in decision.claims:
            self.written.claims.append({"value": key, "contact_id": contact_id, "at": entry.at})
        for kept, absorbed in decision.merges:
            self.written.merge(kept, absorbed, known.merge(kept, absorbed, entry.at), entry.at)

    def _lead(self, entry: Entry, contact_id: str, person_id: str) -> tuple[LeadFacts, bool]:
        lead = self.known.leads.get((person_id, entry.asset_id))
        if lead is not None:
            self.written.lead_again(lead.id, entry.at)
            return lead, False
        waits = entry.double_opt_in == "all" and entry.origin == FORM
        lead = LeadFacts(new_id(), contact_id, waits, entry.at)
        self.known.leads[person_id, entry.asset_id] = lead
        self.written.leads.append({
            "id": lead.id, "asset_id": entry.asset_id, "contact_id": contact_id, "origin": entry.origin,
            "awaits_confirmation": lead.awaits_confirmation, "created_at": entry.at, "last_at": entry.at,
        })  # fmt: skip
        return lead, True

    def _consents(self, entry: Entry, contact_id: str, person_id: str, submission_id: str | None) -> bool:
        """Keep what was agreed to; an empty box is no withdrawal of an earlier yes and leaves no row.

        Returns:
            Whether something has to be confirmed by mail.
        """
        form = entry.form
        words: list[tuple[str, str, ConsentAction]] = []
        if form.granted.get(DELIVERY):
            words.append((DELIVERY, ANY, GIVEN))
        if form.granted.get(MARKETING):
            agreement = self.known.agreement(person_id)
            asks = entry.double_opt_in != "off" and form.email is not None and not may(agreement, MARKETING, EMAIL)
            for channel, point in ((EMAIL, form.email), (PHONE, form.phone)):
                # Who took it back is asked, whatever the page says: anybody can type anybody's address.
                is_asked = asks or agreement.get((MARKETING, channel)) is WITHDRAWN
                if point is not None:
                    words.append((MARKETING, channel, PENDING if is_asked else GIVEN))
        if submission_id is None:  # they have asked a hundred times: only news is kept
            agreement = self.known.agreement(person_id)
            held = {(purpose, channel): agreement.get((purpose, EMAIL if channel == ANY else channel))
                    for purpose, channel, _action in words}  # fmt: skip
            words = [word for word in words if word[2] is GIVEN and held[word[:2]] is not GIVEN]
        for purpose, channel, action in words:
            self.written.consent(entry, contact_id, submission_id, purpose, channel, action)
            self.known.said.setdefault(person_id, []).append(Said(contact_id, purpose, channel, action, entry.at))
        return any(action is PENDING for _purpose, _channel, action in words)

    def _messages(self, entry: Entry, lead: LeadFacts, contact_id: str, *, pending: bool) -> None:
        """Queue what must follow: in this same commit, or it could be forgotten."""
        if entry.form.email is None or entry.origin != FORM:
            return
        kinds = {CONFIRM: pending or lead.awaits_confirmation, ASSET: not lead.awaits_confirmation}
        for kind in (kind for kind, wanted in kinds.items() if wanted and kind not in lead.mailed):
            lead.mailed.add(kind)
            self.written.message(kind, entry, lead.id, contact_id)
