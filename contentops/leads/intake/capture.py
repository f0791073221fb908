"""Store a checked form: the statements of one transaction, plain because they are the hot path."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlmodel import SQLModel, col

from contentops.leads.intake.submission import Submitted
from contentops.models import Asset, Consent, ConsentAction, Contact, ContactKey, Lead, Submission, Touch, new_id
from contentops.pages.notice import Notice

_TOUCH = {
    "source": "utm_source",
    "medium": "utm_medium",
    "campaign": "utm_campaign",
    "term": "utm_term",
    "content": "utm_content",
    "referrer_host": "referrer_host",
}


def store(
    connection: Connection, form: Submitted, asset: Asset, notice: Notice, page: str, *, trusted: bool, now: datetime
) -> str | None:
    """Write a form into the caller's transaction: submission, and for a person contact, lead, touch and consents.

    The same person (by any key) asking for the same asset again is the same lead with one more touch.

    Returns:
        The lead's id, or None for a machine's form, which is only kept apart.
    """
    lead_id = None if form.is_machine else _lead(connection, form, asset, now)
    submission_id = new_id()
    _insert(
        connection,
        Submission,
        id=submission_id,
        asset_id=asset.id,
        lead_id=lead_id,
        at=now,
        fields=_answers(form),
        trusted=trusted,
        quarantined=form.is_machine,
    )
    if lead_id is None:
        return None
    tracked = {column: form.tracked.get(name, "") for column, name in _TOUCH.items()}
    _insert(connection, Touch, id=new_id(), lead_id=lead_id, at=now, landing_path=page, **tracked)
    contact_id = connection.execute(select(col(Lead.contact_id)).where(col(Lead.id) == lead_id)).scalar_one()
    for purpose in (purpose for purpose, ticked in form.granted.items() if ticked):
        _insert(
            connection,
            Consent,
            id=new_id(),
            contact_id=contact_id,
            submission_id=submission_id,
            purpose=purpose,
            action=ConsentAction.GIVEN,  # an empty box is no withdrawal of an earlier yes: it leaves no row
            wording=notice.wording(purpose),
            wording_sha256=notice.version(purpose),
            locale=notice.language,
            page=page,
            at=now,
        )
    return lead_id


def _lead(connection: Connection, form: Submitted, asset: Asset, now: datetime) -> str:
    contact_id = _contact(connection, form, now)
    same = (col(Lead.asset_id) == asset.id) & (col(Lead.contact_id) == contact_id)
    lead_id = connection.execute(select(col(Lead.id)).where(same)).scalar()
    if lead_id is not None:
        connection.execute(update(Lead).where(col(Lead.id) == lead_id).values(last_at=now))
        return str(lead_id)
    lead_id = new_id()
    _insert(connection, Lead, id=lead_id, asset_id=asset.id, contact_id=contact_id, created_at=now, last_at=now)
    return lead_id


def _contact(connection: Connection, form: Submitted, now: datetime) -> str:
    """Find the person, or make one.

    An e-mail address says who somebody is. A phone number says so only of somebody without another address: a whole
    company may share a switchboard. What is known of a person is never replaced by what a form says, only completed:
    anybody can type anybody's address.
    """
    keys = [point.key for point in form.points]
    rows = connection.execute(
        select(col(ContactKey.value), col(ContactKey.contact_id)).where(col(ContactKey.value).in_(keys))
    )
    known: dict[str, str] = {row.value: row.contact_id for row in rows}
    contact_id = known.get(form.email.key) if form.email else None
    if contact_id is None and form.phone is not None:
        by_phone = known.get(form.phone.key)
        contact_id = by_phone if by_phone and not (form.email and _has_email(connection, by_phone)) else None
    details: dict[str, Any] = {
        "name": form.name,
        "company": form.company,
        "email": form.email.shown if form.email else None,
        "phone": form.phone.shown if form.phone else None,
    }
    if contact_id is None:
        contact_id = new_id()
        _insert(connection, Contact, id=contact_id, person_id=contact_id, created_at=now, changed_at=now, **details)
    else:
        _complete(connection, contact_id, details, now)
    for key in keys:
        if key not in known:
            _insert(connection, ContactKey, value=key, contact_id=contact_id)
    return contact_id


def _has_email(connection: Connection, contact_id: str) -> bool:
    keys = select(col(ContactKey.value)).where(col(ContactKey.contact_id) == contact_id)
    return any(value.startswith("mail:") for value in connection.execute(keys).scalars())


def _complete(connection: Connection, contact_id: str, details: dict[str, Any], now: datetime) -> None:
    columns = [col(getattr(Contact, name)) for name in details]
    held = connection.execute(select(*columns).where(col(Contact.id) == contact_id)).mappings().one()
    missing = {name: value for name, value in details.items() if value and not held[name]}
    if missing:
        connection.execute(update(Contact).where(col(Contact.id) == contact_id).values(changed_at=now, **missing))


def _answers(form: Submitted) -> Mapping[str, str]:
    answers = {
        "name": form.name,
        "company": form.company,
        "email": form.email.shown if form.email else "",
        "phone": form.phone.shown if form.phone else "",
    }
    return {name: value for name, value in answers.items() if value} | dict(form.answers)


def _insert(connection: Connection, table: type[SQLModel], **values: Any) -> None:
    # Values apart from the statement: then it is compiled once and not once a row.
    connection.execute(insert(table.__table__), values)  # type: ignore[attr-defined]
