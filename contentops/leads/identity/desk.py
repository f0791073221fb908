"""The desk for persons: find one, see who may be one, merge and split, who works for the same company."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from contentops.errors import Conflict, NotFound, StoreConflict
from contentops.leads.identity.committee import persona_of
from contentops.leads.identity.companies import Company, Member, companies, company_key, people_at
from contentops.leads.identity.domains import is_within, registrable
from contentops.leads.identity.finding import known_by
from contentops.leads.identity.joining import Known, Reason, Strength, proposals
from contentops.leads.identity.keys import MAIL
from contentops.leads.identity.merging import going_back
from contentops.leads.identity.person import (
    Brief,
    PersonView,
    Stated,
    all_contacts,
    brief,
    in_order,
    load_person,
    merges_of,
)
from contentops.models import Asset, Contact, ContactKey, DistinctPair, KeyClaim, Lead, Merge
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two persons that may be one, why, and how much speaks for it."""

    first: Brief
    second: Brief
    reasons: tuple[Reason, ...]
    strength: Strength


class People:
    """Who is who: ``ws.leads.people``.

    Wherever a person is asked for, an e-mail address, a phone number in any spelling, a WeCom id, the id of a person,
    contact or lead, or a name that only one person has will do.
    """

    def __init__(
        self, store: Store, settings: Settings, now: Callable[[], datetime], secret: Callable[[], bytes]
    ) -> None:
        self._store, self._settings, self._now, self._secret = store, settings, now, secret

    def find(self, who: str) -> PersonView:
        """Return a person with everything that hangs on their contacts.

        Raises:
            NotFound: nobody is known by this. Conflict: several people have this name.
        """
        with self._store.read() as session:
            found = load_person(session, self._person_id(session, who), self._secret())
        if found is None:
            raise NotFound(_("person"), who)
        return found

    def duplicates(self) -> list[Candidate]:
        """Return the pairs of persons that may be one, what is surest first."""
        with self._store.read() as session:
            contacts = all_contacts(session)
            keys = _by_contact(session.exec(select(ContactKey.contact_id, ContactKey.value)))
            claims = _by_contact(session.exec(select(KeyClaim.contact_id, KeyClaim.value)))
            distinct = session.exec(select(DistinctPair.first_id, DistinctPair.second_id)).all()
        known = [
            Known(
                each.id, each.person_id, each.name, each.company,
                tuple(keys.get(each.id, ())), tuple(claims.get(each.id, ())),
            )
            for each in contacts
        ]  # fmt: skip
        found = proposals(known, [(first, second) for first, second in distinct])
        people = _by_person(contacts, {person for pair in found for person in (pair.first_id, pair.second_id)})
        return [
            Candidate(brief(people[pair.first_id]), brief(people[pair.second_id]), pair.reasons, pair.strength)
            for pair in found
        ]

    def merge(self, kept: str, absorbed: str, *, by: str) -> Merge:
        """Make two persons one. Every contact, touch, form, consent and source stays what it is and where it is.

        Args:
            kept: who stands for both from then on. absorbed: the other one. by: who says so.

        Raises:
            NotFound: one of them is not known. Conflict: they are one person already, or a name is not enough.
        """
        with self._store.write() as session:
            ids = self._person_id(session, kept), self._person_id(session, absorbed)
            if ids[0] == ids[1]:
                raise Conflict(_("'{first}' and '{second}' are one person already").format(first=kept, second=absorbed))
            contacts = _locked(session, ids)
            taken = [contact for contact in contacts if contact.person_id == ids[1]]
            if not taken or len(taken) == len(contacts):
                raise _meanwhile()
            for contact in taken:
                contact.person_id = ids[0]
                session.add(contact)
            values = {"kept_id": ids[0], "absorbed_id": ids[1], "contact_ids": sorted(each.id for each in taken)}
            merge = Merge.model_validate({**values, "at": self._now(), "by": by})
            session.add(merge)
            return merge

    def split(self, which: str, *, by: str, distinct: bool = False) -> Merge:
        """Undo one merge: both persons are again what they would be without it.

        Args:
            which: id of the merge, or a person, whose newest merge is undone. by: who says so.
            distinct: keep that they are two, so that they are neither proposed nor joined by a form again.

        Raises:
            NotFound: no such merge or person. Conflict: it was undone already, or nobody was merged into the person.
        """
        with self._store.write() as session:
            merge = self._merge(session, which)
            person_id = _person_of(session, merge)
            contacts = _locked(session, [person_id] if person_id else [])
            session.refresh(merge, with_for_update=True)
            if merge.undone_at is not None:
                raise Conflict(_("the merge {id} was undone already").format(id=merge.id))
            if person_id and not contacts:
                raise _meanwhile()
            back = going_back(
                merge,
                merges_of(session, person_id) if person_id else (),
                {contact.id: contact.person_id for contact in contacts},
            )
            for contact in contacts:
                if contact.id in back:
                    contact.person_id = merge.absorbed_id
                    session.add(contact)
            merge.undone_at, merge.undone_by = self._now(), by
            session.add(merge)
            if distinct and person_id:
                self._keep_apart(session, person_id, merge.absorbed_id, by)
            return merge

    def dismiss(self, first: str, second: str, *, by: str) -> DistinctPair:
        """Keep that two persons are two: they are not proposed again. Doing so twice changes nothing.

        Raises:
            NotFound: one of them is not known. Conflict: they are one person; split them first.
        """
        with self._store.write() as session:
            ids = self._person_id(session, first), self._person_id(session, second)
            if ids[0] == ids[1]:
                message = _("'{first}' and '{second}' are one person; 'contentops lead split' undoes a merge")
                raise Conflict(message.format(first=first, second=second))
            return self._keep_apart(session, *ids, by)

    def companies(self) -> list[Company]:
        """Return the companies people come from, the one with most people first.

        Domains in ``leads.shared_domains`` join nobody.
        """
        return companies(self._members(), self._shared)

    def shared_domains(self) -> dict[str, int]:
        """Return how many people have an address at each domain in ``leads.shared_domains``."""
        return people_at(self._members(), self._shared) if self._shared else {}

    @property
    def _shared(self) -> tuple[str, ...]:
        return self._settings.leads.shared_domains

    def _members(self) -> Iterator[Member]:
        with self._store.read() as session:
            contacts = all_contacts(session)
            keys = _by_contact(
                session.exec(
                    select(ContactKey.contact_id, ContactKey.value).where(col(ContactKey.value).startswith(f"{MAIL}:"))
                )
            )
            asked = _by_contact(
                session.exec(select(Lead.contact_id, Asset.personas).join(Asset, col(Asset.id) == Lead.asset_id))
            )
        return (_member(each, keys, asked) for each in _by_person(contacts).values())

    def company(self, name: str) -> Company:
        """Return one company, by any spelling of its name or by a domain of its addresses.

        Raises:
            NotFound: nobody comes from there. Conflict: it is a domain that the settings say is no company's own.
        """
        written = name.rpartition("@")[2].strip().lower()
        if any(is_within(written, each) for each in self._shared):
            raise Conflict(_("{domain} is no company's own: leads.shared_domains names it").format(domain=written))
        found = self.companies()
        wanted, domain = company_key(name), registrable(written)
        for company in found:
            if domain in company.domains or (wanted and wanted in map(company_key, company.names)):
                return company
        raise NotFound(_("company"), name, [known for company in found for known in (*company.names, *company.domains)])

    def _keep_apart(self, session: Session, first: str, second: str, by: str) -> DistinctPair:
        first, second = sorted((first, second))
        same = (DistinctPair.first_id == first) & (DistinctPair.second_id == second)
        pair = session.exec(select(DistinctPair).where(same)).first()
        if pair is None:
            values = {"first_id": first, "second_id": second, "at": self._now(), "by": by}
            pair = DistinctPair.model_validate(values)
            session.add(pair)
        return pair

    def _merge(self, session: Session, which: str) -> Merge:
        merge = session.get(Merge, which.strip().lower())
        if merge is not None:
            return merge
        person_id = self._person_id(session, which)
        standing = [each for each in merges_of(session, person_id) if each.undone_at is None]
        if not standing:
            raise Conflict(_("nobody was merged into '{who}'; there is nothing to undo").format(who=which))
        return standing[-1]

    def _person_id(self, session: Session, who: str) -> str:
        return known_by(session, who, self._settings.capture.default_region).person_id


def _person_of(session: Session, merge: Merge) -> str | None:
    """Return the person that a merge is part of now; None where all of its contacts were erased."""
    ids = [merge.absorbed_id, merge.kept_id, *merge.contact_ids]
    found = dict(session.exec(select(Contact.id, Contact.person_id).where(col(Contact.id).in_(ids))).all())
    return next((found[each] for each in ids if each in found), None)


def _locked(session: Session, person_ids: Iterable[str]) -> list[Contact]:
    """Return the contacts of persons; nobody else changes them before this transaction ends."""
    query = select(Contact).where(col(Contact.person_id).in_(list(person_ids))).order_by(col(Contact.id))
    return list(session.exec(query.with_for_update()))


def _meanwhile() -> StoreConflict:
    return StoreConflict(_("somebody stored the same at the same moment; nothing was saved, try again"))


def _by_contact(rows: Iterable[tuple[str, V]]) -> dict[str, list[V]]:
    found: dict[str, list[V]] = {}
    for contact_id, value in rows:
        found.setdefault(contact_id, []).append(value)
    return found


def _by_person(contacts: Iterable[Stated], only: set[str] | None = None) -> dict[str, list[Stated]]:
    found: dict[str, list[Stated]] = {}
    for contact in contacts:
        if only is None or contact.person_id in only:
            found.setdefault(contact.person_id, []).append(contact)
    return found


def _member(contacts: list[Stated], keys: dict[str, list[str]], asked: dict[str, list[Sequence[str]]]) -> Member:
    who, ordered = brief(contacts), in_order(contacts)
    return Member(
        person_id=who.person_id,
        name=who.name,
        job_title=who.job_title,
        affiliations=tuple((each.company, tuple(sorted(keys.get(each.id, ())))) for each in ordered),
        seen=persona_of(who.job_title, [personas for each in ordered for personas in asked.get(each.id, ())]),
    )
