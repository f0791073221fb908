"""Leads as rows, however many there are: one snapshot of the database, read in pages of a thousand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from contentops.leads.sheets.choices import Choice, Sort, State
from contentops.leads.sheets.details import Details
from contentops.models import Asset, Contact, Lead, Submission, Touch
from contentops.pages.gate import USUAL_FIELDS, gate_of
from contentops.store import Store

PAGE = 1_000
"""Leads whose touches, consents and answers are fetched together."""

_NO_QUESTIONS = {*USUAL_FIELDS, "job_title"}


@contextmanager
def snapshot(store: Store, secret: bytes) -> Iterator["Snapshot"]:
    """Open the leads as they are at one moment; what is written meanwhile is not seen.

    Args:
        secret: keys the hashes of addresses that nothing is sent to; empty: there are none.
    """
    with store.read() as session:
        if session.get_bind().dialect.name == "postgresql":
            # There, each statement sees what was committed before it; SQLite's transactions are snapshots anyway.
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield Snapshot(session, secret)


class Snapshot:
    """The leads at one moment.

    A row is one person's interest in one asset: leads of contacts that are one person are one row, the earliest.
    """

    def __init__(self, session: Session, secret: bytes) -> None:
        self._session, self._secret = session, secret

    def rows(self, choice: Choice) -> Iterator[dict[str, Any]]:
        """Yield the leads chosen, as :data:`contentops.leads.sheets.columns.COLUMNS`, with ``answers`` by question.

        Moments are aware UTC, counts whole numbers, ``sources`` a list, ``click_ids`` and ``answers`` mappings,
        everything else text.
        """
        found = self._session.execute(_ordered(_chosen(choice), choice.sort), execution_options={"yield_per": PAGE})
        for page in found.partitions():
            for row in Details(self._session, page, self._secret).rows():
                if not choice.consent or row["marketing_consent"] == "yes":
                    yield row

    def count(self, choice: Choice) -> int:
        """Return how many leads are chosen."""
        if choice.consent:  # what holds is a rule over all that somebody said, not a column
            return sum(1 for _row in self.rows(choice))
        leads = _chosen(choice).with_only_columns(func.count())
        return int(self._session.execute(leads).scalar_one())

    def questions(self) -> dict[str, str]:
        """Return the questions of one's own that anybody answered: key → what stood above it, where that is one."""
        answers = self._session.execute(
            select(col(Submission.fields)).where(col(Submission.lead_id).is_not(None)),
            execution_options={"yield_per": PAGE},
        )
        keys: dict[str, None] = {}
        for fields in answers.scalars():
            keys.update((key, None) for key in fields if key not in _NO_QUESTIONS)
        labels: dict[str, set[str]] = {key: set() for key in sorted(keys)}
        if labels:
            for asset in self._session.execute(select(Asset)).scalars():
                for key, own in gate_of(asset).own.items():
                    if key in labels and own.label:
                        labels[key].add(own.label)
        return {key: found.pop() if len(found) == 1 else key for key, found in labels.items()}


def _chosen(choice: Choice) -> Any:
    other, fellow = aliased(Lead), aliased(Contact)
    earlier = or_(
        col(other.created_at) < col(Lead.created_at),
        and_(col(other.created_at) == col(Lead.created_at), col(other.id) < col(Lead.id)),
    )
    # By the contacts of the person, and by both columns of a lead's index: an asset alone has very many leads.
    people = select(col(fellow.id)).where(col(fellow.person_id) == col(Contact.person_id)).correlate(Contact)
    same = and_(col(other.asset_id) == col(Lead.asset_id), col(other.contact_id).in_(people))
    others = select(col(other.id)).where(same).correlate(Contact, Lead)
    leads: Any = (
        select(
            col(Lead.id), col(Lead.asset_id), col(Lead.created_at), col(Contact.person_id),
            col(Asset.slug), col(Asset.title), col(Asset.language),
        )
        .join(Contact, col(Contact.id) == col(Lead.contact_id))
        .join(Asset, col(Asset.id) == col(Lead.asset_id))
        .where(~exists(others.where(earlier)))
    )  # fmt: skip
    if choice.since is not None:
        leads = leads.where(col(Lead.created_at) >= choice.since)
    if choice.asset_id:
        leads = leads.where(col(Lead.asset_id) == choice.asset_id)
    if choice.campaign:
        came = others.join(Touch, col(Touch.lead_id) == col(other.id)).where(col(Touch.campaign) == choice.campaign)
        leads = leads.where(exists(came))
    if choice.state is not None:
        ready = exists(others.where(~col(other.awaits_confirmation)))
        leads = leads.where(~ready if choice.state is State.AWAITING else ready)
    return leads


def _ordered(leads: Any, sort: Sort) -> Any:
    orders: dict[Sort, tuple[Any, ...]] = {
        Sort.NEWEST: (col(Lead.created_at).desc(), col(Lead.id).desc()),
        Sort.OLDEST: (col(Lead.created_at), col(Lead.id)),
        Sort.LAST: (col(Lead.last_at).desc(), col(Lead.id).desc()),
        Sort.NAME: (col(Contact.name), col(Lead.id)),
        Sort.COMPANY: (col(Contact.company), col(Contact.name), col(Lead.id)),
    }
    return leads.order_by(*orders[sort])
