"""What belongs to a page of leads: their persons, touches, downloads, answers, consents. One query for each kind."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from contentops.leads.consent.agreements import agreements
from contentops.leads.consent.ledger import CHANNELS, Agreement
from contentops.leads.consent.reach import stop_word, ways
from contentops.leads.domains.known import Flags, flags_of
from contentops.leads.identity.keys import WECOM, mail_key, phone_key
from contentops.leads.identity.person import in_order
from contentops.leads.sheets.columns import KEYS
from contentops.leads.suppression import stopped_keys
from contentops.models import Consent, Contact, ContactKey, Download, Lead, Submission, Touch
from contentops.pages.gate import USUAL_FIELDS
from contentops.pages.notice import MARKETING

_JOB_TITLE = "job_title"
_PREFIX = f"{WECOM}:"
_DETAILS = ("name", "company", _JOB_TITLE, "email", "phone")
_KEYS = {"email": mail_key, "phone": phone_key}

Rows = Sequence[Any]
Pair = tuple[str, str]
"""Person and asset: what a row stands for."""


class Details:
    """A page of leads with everything that is said of them.

    Args:
        page: rows of the statement in :mod:`contentops.leads.sheets.listing`. secret: keys the hashes of addresses
            that nothing is sent to; empty: there are none.
    """

    def __init__(self, session: Session, page: Rows, secret: bytes) -> None:
        self._session, self._page, self._secret = session, page, secret

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each lead of the page, in its order."""
        for lead in self._page:
            values = self._row(lead)
            yield {key: values[key] for key in KEYS} | {"answers": values["answers"], "person_id": lead.person_id}

    def _row(self, lead: Any) -> dict[str, Any]:
        pair = (lead.person_id, lead.asset_id)
        same, people = self._leads[pair], self._people[lead.person_id]
        touches = _of(self._touches, same)
        answers: dict[str, str] = {}
        for submission in _of(self._submissions, same):
            answers.update((key, text) for key, text in submission.fields.items() if key not in USUAL_FIELDS)
        person = {name: self._detail(name, people) for name in _DETAILS}
        person[_JOB_TITLE] = person[_JOB_TITLE] or answers.get(_JOB_TITLE, "")
        answers.pop(_JOB_TITLE, None)
        waits = all(each.awaits_confirmation for each in same)
        is_confirmed = any(each.confirmed_at for each in same)
        flags = self._flags.get(person["email"], Flags())
        return {
            **person,
            **_agreed(self._agreements.get(lead.person_id, {})),
            **self._reached(lead.person_id, person),
            **_came(touches),
            "lead_id": lead.id,
            "asset": lead.slug,
            "title": lead.title,
            "language": lead.language,
            "wecom": "; ".join(key for each in people for key in self._wecom[each.id]),
            "created_at": lead.created_at,
            "last_at": max(each.last_at for each in same),
            "origin": next(each.origin for each in same if each.id == lead.id),
            "confirmed": "waiting" if waits else "yes" if is_confirmed else "",
            "disposable": "yes" if flags.disposable else "",
            "no_mail": "yes" if flags.no_mail else "",
            "mixed_letters": "yes" if flags.mixed_letters else "",
            "touches": len(touches),
            "downloads": sum(self._downloads[each.id] for each in same),
            "answers": answers,
        }

    def _detail(self, name: str, people: Rows) -> str:
        """Return the first that is known; of addresses and numbers, the first that is not stopped, if any is."""
        known: list[str] = [value for each in people if (value := getattr(each, name))]
        key = _KEYS.get(name)
        left = (value for value in known if key and key(value) not in self._stops)
        return next(left, known[0] if known else "")

    def _reached(self, person_id: str, person: Mapping[str, str]) -> dict[str, str]:
        """Return whether somebody may be contacted at what the row says, and why nothing is sent there."""
        own = [key(person[name]) for name, key in _KEYS.items() if person[name]]
        keys = [*own, *self._wecom_keys(self._people[person_id])]
        found = ways(self._agreements.get(person_id, {}), keys, self._stops)
        reason = next((self._stops[key] for key in keys if key in self._stops), "")
        return {"marketing_consent": "yes" if found else "no", "stopped": stop_word(reason)}

    def _wecom_keys(self, people: Rows) -> list[str]:
        return [_PREFIX + value for each in people for value in self._wecom[each.id]]

    @cached_property
    def _stops(self) -> Mapping[str, str]:
        """The keys that nothing is sent to, of everybody on the page, and why."""
        keys = {key for people in self._people.values() for key in self._wecom_keys(people)}
        everybody = [each for people in self._people.values() for each in people]
        for name, key in _KEYS.items():
            keys |= {key(value) for each in everybody if (value := getattr(each, name))}
        return stopped_keys(self._session, keys, self._secret)

    @cached_property
    def _people(self) -> Mapping[str, Rows]:
        """The contacts of each person, the one that stands for them first, then the earliest."""
        columns = (*(getattr(Contact, name) for name in _DETAILS), Contact.id, Contact.person_id, Contact.created_at)
        wanted = {lead.person_id for lead in self._page}
        found = _by("person_id", self._ask(select(*map(col, columns)), col(Contact.person_id), wanted))
        return {person_id: in_order(people) for person_id, people in found.items()}

    @cached_property
    def _flags(self) -> Mapping[str, Flags]:
        """What is known of addresses' domains."""
        addresses = {each.email for people in self._people.values() for each in people}
        return flags_of(self._session, filter(None, addresses))

    @cached_property
    def _contact_ids(self) -> list[str]:
        return [each.id for people in self._people.values() for each in people]

    @cached_property
    def _leads(self) -> Mapping[Pair, Rows]:
        """All leads that a row stands for: of one person in one asset."""
        wanted = {(lead.person_id, lead.asset_id) for lead in self._page}
        columns = (Lead.id, Lead.asset_id, Lead.last_at, Lead.origin, Lead.awaits_confirmation, Lead.confirmed_at)
        query = select(*map(col, columns), col(Contact.person_id))
        query = query.join(Contact, col(Contact.id) == col(Lead.contact_id))
        found: dict[Pair, list[Any]] = {pair: [] for pair in wanted}
        for row in self._ask(query, col(Lead.contact_id), self._contact_ids):
            if (row.person_id, row.asset_id) in found:
                found[row.person_id, row.asset_id].append(row)
        return found

    @cached_property
    def _lead_ids(self) -> list[str]:
        return [each.id for same in self._leads.values() for each in same]

    @cached_property
    def _touches(self) -> Mapping[str, Rows]:
        return _by("lead_id", self._ask(select(*Touch.__table__.columns), col(Touch.lead_id), self._lead_ids))  # type: ignore[attr-defined]

    @cached_property
    def _submissions(self) -> Mapping[str, Rows]:
        query = select(col(Submission.id), col(Submission.lead_id), col(Submission.at), col(Submission.fields))
        return _by("lead_id", self._ask(query, col(Submission.lead_id), self._lead_ids))

    @cached_property
    def _downloads(self) -> Mapping[str, int]:
        """How often people took it; what machines looked at counts for nobody."""
        query = select(col(Download.lead_id), func.count()).where(~col(Download.by_machine))
        query = query.group_by(col(Download.lead_id))
        counts = self._ask(query, col(Download.lead_id), self._lead_ids)
        return defaultdict(int, ((lead_id, count) for lead_id, count in counts))

    @cached_property
    def _agreements(self) -> Mapping[str, Agreement]:
        columns = (Consent.contact_id, Consent.purpose, Consent.channel, Consent.action, Consent.at)
        query = select(*map(col, columns)).where(col(Consent.purpose) == MARKETING)
        entries = self._ask(query, col(Consent.contact_id), self._contact_ids)
        person_of = {each.id: each.person_id for people in self._people.values() for each in people}
        return agreements(self._session, person_of, entries)

    @cached_property
    def _wecom(self) -> Mapping[str, list[str]]:
        query = select(col(ContactKey.contact_id), col(ContactKey.value))
        query = query.where(col(ContactKey.value).startswith(_PREFIX)).order_by(col(ContactKey.value))
        found: dict[str, list[str]] = defaultdict(list)
        for contact_id, value in self._ask(query, col(ContactKey.contact_id), self._contact_ids):
            found[contact_id].append(value.removeprefix(_PREFIX))
        return found

    def _ask(self, query: Any, column: Any, values: Iterable[str]) -> Rows:
        found: Rows = self._session.execute(query.where(column.in_(list(values)))).all()
        return found


def _by(name: str, rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _of(rows: Mapping[str, Rows], leads: Rows) -> list[Any]:
    """Return the rows of some leads, oldest first."""
    found = [row for lead in leads for row in rows[lead.id]]
    return sorted(found, key=lambda row: (row.at, row.id))


def _agreed(agreement: Agreement) -> dict[str, str]:
    return {f"consent_{channel}": str(agreement.get((MARKETING, channel), "")) for channel in CHANNELS}


def _came(touches: Sequence[Any]) -> dict[str, Any]:
    """Return how somebody came: first, last, and everything in between, each once."""
    found: dict[str, Any] = {
        f"{when}_{name}": "" for when in ("first", "last") for name in ("source", "medium", "campaign")
    }
    names = {"term": "term", "content": "content", "referrer": "referrer_host", "landing": "landing_path"}
    for when, touch in (("first", touches[:1]), ("last", touches[-1:])):
        for each in touch:
            found |= {f"{when}_{name}": getattr(each, name) for name in ("source", "medium", "campaign")}
    found |= {f"first_{key}": getattr(touches[0], name) if touches else "" for key, name in names.items()}
    sources = (" / ".join(filter(None, (each.source, each.medium, each.campaign))) for each in touches)
    clicks: dict[str, str] = {}
    for each in touches:
        clicks |= {key: text for key, text in each.click_ids.items() if key not in clicks}
    return {
        **found,
        "sources": list(dict.fromkeys(filter(None, sources))),
        "click_ids": clicks,
        "code": _all(each.code for each in touches),
        "offline_code": _all(each.offline_code for each in touches),
    }


def _all(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, texts)))
