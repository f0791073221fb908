"""What must be true when everything is over: nothing lost, nothing doubled, nothing undelivered."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlmodel import SQLModel, select

from contentops.leads.grants import DOWNLOAD_LINK
from contentops.models import (
    ASSET,
    Asset,
    Consent,
    Contact,
    ContactKey,
    Lead,
    Message,
    MessageState,
    Submission,
    Touch,
)
from contentops.store.engine import sqlite_file
from contentops.workspace import Workspace

from .crowd import Form


@dataclass(slots=True)
class Verdict:
    """What was found; every list is empty when all is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """All of them, the kind first."""
        kinds = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return [f"{name}: {what}" for name, found in kinds.items() for what in found]


class Books:
    """What the database holds after everything."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        with workspace.store.read() as session:

            def rows(table: type[SQLModel]) -> list[Any]:
                return list(session.exec(select(table)).all())

            self.slugs = {asset.id: asset.slug for asset in rows(Asset)}
            self.contacts = {contact.id: contact for contact in rows(Contact)}
            self.keys = {key.value: key.contact_id for key in rows(ContactKey)}
            self.leads = {lead.id: lead for lead in rows(Lead)}
            self.submissions, self.consents = rows(Submission), rows(Consent)
            self.touches, self.messages = rows(Touch), rows(Message)

    def person(self, contact_id: str) -> str:
        return str(self.contacts[contact_id].person_id)


def judge(workspace: Workspace, forms: Iterable[Form], letters: dict[str, list[str]], sender: str) -> Verdict:
    """Compare what visitors were told with what is in the database, and that with what came by mail.

    Args:
        letters: Message-ID → whom it was handed over for, each time. sender: the address that mail is from.
    """
    books, verdict, forms = Books(workspace), Verdict(), list(forms)
    _lost(books, forms, verdict)
    _doubled(books, forms, verdict)
    _undelivered(books, letters, sender.rpartition("@")[2], verdict)
    _incomplete(books, forms, verdict)
    _damaged(workspace, verdict)
    return verdict


def _lost(books: Books, forms: list[Form], verdict: Verdict) -> None:
    """Each acknowledged form is the lead that its link names, of that person, for that asset."""
    links, now = books.workspace.leads.links, books.workspace.now()
    for form in forms:
        if not form.token:
            continue
        lead = books.leads.get(links.read(DOWNLOAD_LINK, form.token, now).subject_id)
        if lead is None:
            verdict.lost.append(f"visitor {form.visitor} was told yes, but there is no such lead")
            continue
        person = books.person(lead.contact_id)
        if any(key not in books.keys or books.person(books.keys[key]) != person for key in form.keys):
            verdict.lost.append(f"visitor {form.visitor}: lead {lead.id} is somebody else's")
        if books.slugs[lead.asset_id] != form.slug:
            verdict.lost.append(f"visitor {form.visitor}: lead {lead.id} is for something else")


def _doubled(books: Books, forms: list[Form], verdict: Verdict) -> None:
    """One lead per person and asset, one person per visitor, one submission per key, nobody that never came."""
    pairs = Counter((books.person(lead.contact_id), lead.asset_id) for lead in books.leads.values())
    verdict.doubled += [
        f"{count} leads of one person for one asset: {pair}" for pair, count in pairs.items() if count > 1
    ]
    visitor_of = {key: form.visitor for form in forms for key in form.keys}
    persons = defaultdict(set)
    for key, contact_id in books.keys.items():
        persons[visitor_of.get(key, 0)].add(books.person(contact_id))
    verdict.doubled += [f"visitor {each} is {len(found)} persons" for each, found in persons.items() if len(found) > 1]
    verdict.doubled += ["keys of nobody who came"] if 0 in persons else []
    if len({person for found in persons.values() for person in found}) != len(books.contacts):
        verdict.doubled.append(f"{len(books.contacts)} contacts of {len(persons)} visitors")
    wanted = {(visitor_of[key], form.slug) for form in forms for key in form.keys if key in books.keys}
    if len(books.leads) > len(wanted):
        verdict.doubled.append(f"{len(books.leads)} leads, {len(wanted)} were asked for")
    keyed = Counter(row.idempotency_key for row in books.submissions if row.idempotency_key)
    verdict.doubled += [f"{count} forms with the key {key}" for key, count in keyed.items() if count > 1]


def _undelivered(books: Books, letters: dict[str, list[str]], domain: str, verdict: Verdict) -> None:
    """Each lead with an address has one message, which was sent, once or more often, as one and the same mail."""
    messages = defaultdict(list)
    for message in books.messages:
        messages[message.lead_id].append(message)
        if message.state is not MessageState.DONE or message.kind != ASSET:
            verdict.undelivered.append(
                f"message {message.id} ({message.kind}) is {message.state.value}: {message.last_error}"
            )
    expected = {}
    for lead in books.leads.values():
        address = books.contacts[lead.contact_id].email
        ids = {_message_id(message.id, domain) for message in messages.pop(lead.id, [])}
        if len(ids) != bool(address):
            verdict.undelivered.append(f"lead {lead.id} has {len(ids)} messages")
        expected |= dict.fromkeys(ids, address)
        verdict.undelivered += [f"lead {lead.id}: {each} never came" for each in ids if each not in letters]
    verdict.undelivered += [f"messages of no lead: {sorted(map(str, messages))}"] if messages else []
    for message_id, addresses in letters.items():
        if set(addresses) != {expected.get(message_id)}:
            verdict.doubled.append(f"{message_id} went to {set(addresses)}")


def _message_id(message_id: str, domain: str) -> str:
    """The Message-ID of a message, as RFC 5322 has it: the same for all tries."""
    return f"<{sha256(f'message {message_id}'.encode()).hexdigest()[:40]}@{domain}>"


def _incomplete(books: Books, forms: list[Form], verdict: Verdict) -> None:
    """All that belongs to a lead is there: what came in one commit came whole."""
    submitted = Counter(row.lead_id for row in books.submissions)
    touched = Counter(row.lead_id for row in books.touches)
    delivery = {row.submission_id for row in books.consents if row.purpose == "delivery"}
    marketing = Counter(row.submission_id for row in books.consents if row.purpose == "marketing")
    acknowledged = Counter((_person_of(books, form), form.slug) for form in forms if form.token and not form.key)
    for lead in books.leads.values():
        least = max(1, acknowledged[books.person(lead.contact_id), books.slugs[lead.asset_id]])
        if submitted[lead.id] < least or touched[lead.id] != submitted[lead.id]:
            verdict.incomplete.append(
                f"lead {lead.id}: {submitted[lead.id]} forms, {touched[lead.id]} touches, {least} acknowledged"
            )
    ticked = {number for form in forms if "consent_marketing" in form.values for number in [form.visitor]}
    visitor_of = {key: form.visitor for form in forms for key in form.keys}
    visitor_by_contact = {contact: visitor_of.get(key) for key, contact in books.keys.items()}
    for row in books.submissions:
        wanted = len({"email", "phone"} & row.fields.keys())
        number = visitor_by_contact.get(books.leads[row.lead_id].contact_id) if row.lead_id in books.leads else None
        if row.id not in delivery or marketing[row.id] != (wanted if number in ticked else 0):
            verdict.incomplete.append(f"form {row.id}: its consents are not all there")


def _person_of(books: Books, form: Form) -> str:
    return books.person(books.keys[form.keys[0]]) if form.keys[0] in books.keys else ""


def _damaged(workspace: Workspace, verdict: Verdict) -> None:
    file = sqlite_file(workspace.store.url)
    if file is None:
        return  # PostgreSQL was not killed, and holds its foreign keys at each commit
    database = sqlite3.connect(file)
    try:
        if (said := database.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
            verdict.damaged.append(f"integrity_check: {said[:3]}")
        if orphans := database.execute("PRAGMA foreign_key_check").fetchall():
            verdict.damaged.append(f"foreign_key_check: {orphans[:3]}")
    finally:
        database.close()
