"""One person as a whole: everything that hangs on their contacts, put together and read-only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, or_, select

from contentops.leads.consent.agreements import agreements
from contentops.leads.consent.ledger import Agreement
from contentops.leads.consent.reach import ways
from contentops.leads.domains.known import Flags, flags_of
from contentops.leads.identity.keys import WECOM, kind_of, mail_key, phone_key
from contentops.leads.suppression import stopped_keys
from contentops.models import (
    Asset,
    Consent,
    Contact,
    ContactKey,
    Download,
    KeyClaim,
    Lead,
    Merge,
    Submission,
    Touch,
)


class Facts(Protocol):
    """What one contact says of a person; rows of :class:`contentops.models.Contact` are such."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def person_id(self) -> str: ...  # noqa: D102
    @property
    def created_at(self) -> datetime: ...  # noqa: D102


class Stated(NamedTuple):
    """The facts of one contact without being a row: rows of everybody take several times longer."""

    id: str
    person_id: str
    name: str
    company: str
    job_title: str
    email: str | None
    phone: str | None
    created_at: datetime


F = TypeVar("F", bound=Facts)


@dataclass(frozen=True, slots=True)
class Brief:
    """Who somebody is, in a line: the standing contact's facts, completed by the others, the older first."""

    person_id: str
    name: str
    company: str
    job_title: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Interest:
    """One asset that a person asked for, by whichever of their contacts.

    Attributes:
        lead_id: the earliest lead. lead_ids: all of them, the earliest first. since, last_at: first and last asking.
        awaits_confirmation: all of them wait for the answer to a mail. downloads: without those of machines.
    """

    asset_id: str
    slug: str
    language: str
    title: str
    lead_id: str
    lead_ids: tuple[str, ...]
    since: datetime
    last_at: datetime
    awaits_confirmation: bool
    confirmed_at: datetime | None
    downloads: int


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person.

    Attributes:
        who: name, company, address. contacts: the standing one first, the others by age. keys: what they are
            recognised by. claims: keys of others that they gave. interests: what they asked for, newest first.
        touches, submissions, consents: of all contacts, in the order of time. agreement: what the consents come to;
            where contacts were merged, the stricter word wins. sources: where they came from, each once, the first
            first. merges: newest first, undone ones as well. flags: what speaks against an e-mail address, by address.
        stops: contact keys that nothing is sent to, and why.
    """

    who: Brief
    contacts: tuple[Contact, ...]
    keys: tuple[str, ...]
    claims: tuple[str, ...]
    interests: tuple[Interest, ...]
    touches: tuple[Touch, ...]
    submissions: tuple[Submission, ...]
    consents: tuple[Consent, ...]
    agreement: Agreement
    sources: tuple[str, ...]
    merges: tuple[Merge, ...]
    flags: Mapping[str, Flags]
    stops: Mapping[str, str]

    @property
    def id(self) -> str:
        """The person's id: that of the contact that stands for them."""
        return self.who.person_id

    @property
    def may_be_contacted(self) -> tuple[str, ...]:
        """Channels by which they may be contacted: they agreed, confirmed where needed, did not take it back.

        A channel of which every address is stopped (by hand, bounced, erased) is no way to reach them.
        """
        return ways(self.agreement, _reached_at(self.contacts, self.keys), self.stops)

    @property
    def first_touch(self) -> Touch | None:
        """How they came first."""
        return self.touches[0] if self.touches else None

    @property
    def last_touch(self) -> Touch | None:
        """How they came last."""
        return self.touches[-1] if self.touches else None


def in_order(contacts: Iterable[F]) -> list[F]:
    """Return a person's contacts, the one that stands for them first, the others by age."""
    return sorted(contacts, key=lambda each: (each.id != each.person_id, each.created_at, each.id))


def brief(contacts: Iterable[Facts]) -> Brief:
    """Return who a person is, from all of their contacts."""
    ordered = in_order(contacts)
    names = ("name", "company", "job_title", "email", "phone")
    found = {name: next(filter(None, (getattr(each, name) for each in ordered)), "") for name in names}
    return Brief(ordered[0].person_id, **found)


def source_of(touch: Touch) -> str:
    """Return where somebody came from as one text: the campaign, else the link, the printed code or the other site."""
    campaign = " / ".join(filter(None, (touch.source, touch.medium, touch.campaign)))
    return campaign or touch.code or touch.offline_code or touch.referrer_host


def _values(session: Session, table: type[ContactKey | KeyClaim], own: Any) -> tuple[str, ...]:
    query = select(table.value).where(col(table.contact_id).in_(own)).distinct().order_by(col(table.value))
    return tuple(session.exec(query))


def _reached_at(contacts: Sequence[Contact], keys: Iterable[str]) -> list[str]:
    """Return the contact keys of where somebody is written to or called, as lists of leads name it."""
    mails = [mail_key(each.email) for each in contacts if each.email]
    phones = [phone_key(each.phone) for each in contacts if each.phone]
    return [*mails, *phones, *(key for key in keys if kind_of(key) == WECOM)]


def load_person(session: Session, person_id: str, secret: bytes) -> PersonView | None:
    """Return a person with everything that hangs on their contacts; None where nobody has this id.

    Args:
        secret: keys the hashes of addresses that nothing is sent to; empty: there are none.
    """
    contacts = in_order(session.exec(select(Contact).where(Contact.person_id == person_id)))
    if not contacts:
        return None
    own = select(Contact.id).where(Contact.person_id == person_id)
    leads = session.exec(
        select(Lead, Asset)
        .join(Asset, col(Asset.id) == Lead.asset_id)
        .where(col(Lead.contact_id).in_(own))
        .order_by(col(Lead.created_at), col(Lead.id))
    ).all()
    lead_ids = select(Lead.id).where(col(Lead.contact_id).in_(own))
    touches = session.exec(
        select(Touch).where(col(Touch.lead_id).in_(lead_ids)).order_by(col(Touch.at), col(Touch.id))
    ).all()
    consents = session.exec(
        select(Consent).where(col(Consent.contact_id).in_(own)).order_by(col(Consent.at), col(Consent.id))
    ).all()
    person_of = {each.id: each.person_id for each in contacts}
    keys = _values(session, ContactKey, own)
    return PersonView(
        who=brief(contacts),
        contacts=tuple(contacts),
        keys=keys,
        claims=_values(session, KeyClaim, own),
        interests=_interests(leads, _downloads(session, [lead.id for lead, _asset in leads])),
        touches=tuple(touches),
        submissions=tuple(
            session.exec(
                select(Submission)
                .where(col(Submission.lead_id).in_(lead_ids))
                .order_by(col(Submission.at), col(Submission.id))
            )
        ),
        consents=tuple(consents),
        agreement=agreements(session, person_of, consents).get(person_id, {}),
        sources=tuple(dict.fromkeys(filter(None, map(source_of, touches)))),
        merges=tuple(sorted(merges_of(session, person_id), key=lambda merge: merge.at, reverse=True)),
        flags=flags_of(session, filter(None, (contact.email for contact in contacts))),
        stops=stopped_keys(session, _reached_at(contacts, keys), secret),
    )


def all_contacts(session: Session) -> list[Stated]:
    """Return the facts of every contact."""
    query = columns(*(getattr(Contact, name) for name in Stated._fields))
    return [Stated(*row) for row in session.connection().execute(query)]


def merges_of(session: Session, person_id: str) -> Sequence[Merge]:
    """Return all merges that the contacts of a person took part in, undone ones as well."""
    own = select(Contact.id).where(Contact.person_id == person_id)
    part = or_(col(Merge.kept_id).in_(own), col(Merge.absorbed_id).in_(own))
    return session.exec(select(Merge).where(part).order_by(col(Merge.at), col(Merge.id))).all()


def _downloads(session: Session, lead_ids: Sequence[str]) -> dict[str, int]:
    counted = select(Download.lead_id, func.count()).where(
        col(Download.lead_id).in_(lead_ids), col(Download.by_machine).is_(False)
    )
    return dict(session.exec(counted.group_by(Download.lead_id)).all())


def _interests(leads: Sequence[tuple[Lead, Asset]], downloads: Mapping[str, int]) -> tuple[Interest, ...]:
    by_asset: dict[str, list[tuple[Lead, Asset]]] = {}
    for lead, asset in leads:
        by_asset.setdefault(asset.id, []).append((lead, asset))
    made = [_interest([lead for lead, _asset in each], each[0][1], downloads) for each in by_asset.values()]
    return tuple(sorted(made, key=lambda each: (each.last_at, each.lead_id), reverse=True))


def _interest(leads: Sequence[Lead], asset: Asset, downloads: Mapping[str, int]) -> Interest:
    return Interest(
        asset_id=asset.id,
        slug=asset.slug,
        language=asset.language,
        title=asset.title,
        lead_id=leads[0].id,
        lead_ids=tuple(lead.id for lead in leads),
        since=leads[0].created_at,
        last_at=max(lead.last_at for lead in leads),
        awaits_confirmation=all(lead.awaits_confirmation for lead in leads),
        confirmed_at=min((lead.confirmed_at for lead in leads if lead.confirmed_at), default=None),
        downloads=sum(downloads.get(lead.id, 0) for lead in leads),
    )
