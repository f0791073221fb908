"""Retention at work: portions of 500, a commit each, so that forms come in meanwhile."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, delete, func
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from contentops.leads.domains.known import forget, unused
from contentops.leads.suppression import WITHDRAWN, hashing_key, key_hash
from contentops.models import Lead, Message, MessageState, RateCount, Submission
from contentops.privacy import retention
from contentops.privacy.erasing import hold, patiently, without_leads
from contentops.privacy.finding import expand
from contentops.privacy.holdings import AT_ONCE, Subject
from contentops.privacy.letters import delete_letters, letter_folder, letters_of, of_erased_people
from contentops.privacy.removal import Removed, remove, stop
from contentops.privacy.retention import Limits
from contentops.settings import Settings
from contentops.store import Store

_DEAD = (MessageState.DEAD,)
_ENDED = (MessageState.DONE, MessageState.CANCELLED)


class Purge:
    """One purge.

    Args:
        folder: of the workspace. limits: the moments by class.
    """

    def __init__(self, store: Store, settings: Settings, folder: Path, limits: Limits) -> None:
        self._store, self._folder, self._limits = store, folder, limits
        self._letters = letter_folder(settings, folder)
        self._queries: dict[str, SelectOfScalar[str]] = {
            retention.QUARANTINE: retention.old_quarantine(limits.quarantine),
            retention.MESSAGES: retention.old_messages(limits.messages, *_ENDED),
            retention.DEAD_MESSAGES: retention.old_messages(limits.dead_messages, *_DEAD),
        }
        self.removed = Removed()

    @cached_property
    def _secret(self) -> bytes:
        return hashing_key(self._folder)

    def counts(self) -> dict[str, int]:
        """Return what would go, by class. What hangs on a person or a lead goes with it, and is not counted apart."""
        limits = self._limits
        queries = {
            retention.PEOPLE: retention.stale_people(limits.people),
            retention.UNCONFIRMED: retention.unconfirmed_leads(limits.unconfirmed),
            **self._queries,
        }
        with self._store.read() as session:
            found = {name: _count(session, query) for name, query in queries.items()}
            counts = select(func.count()).select_from(RateCount).where(retention.old_rate_counts(limits.now))
            letters = set(of_erased_people(session, self._letters))
            if self._letters.is_dir():
                for name in (retention.MESSAGES, retention.DEAD_MESSAGES):
                    letters.update(letters_of(self._letters, session.exec(self._queries[name])))
            return {
                **found,
                retention.RATE_COUNTS: session.exec(counts).one(),
                retention.DOMAINS: len(unused(session)),
                retention.LETTERS: len(letters),
            }

    def run(self) -> dict[str, int]:
        """Delete it, and return what went by class. May be stopped and repeated at any time."""
        done = dict.fromkeys(retention.CLASSES, 0)
        done[retention.PEOPLE] = sum(self._people())
        done[retention.UNCONFIRMED] = sum(self._unconfirmed())
        done[retention.QUARANTINE] = sum(self._rows(Submission, self._queries[retention.QUARANTINE]))
        for name in (retention.MESSAGES, retention.DEAD_MESSAGES):
            done[name] = sum(self._rows(Message, self._queries[name]))
        with self._store.write() as session:
            old = delete(RateCount).where(retention.old_rate_counts(self._limits.now))
            done[retention.RATE_COUNTS] = _rowcount(session, old)
            self.removed.letters += delete_letters(of_erased_people(session, self._letters))
        with self._store.read() as session:
            domains = unused(session)
        with self._store.write() as session:
            done[retention.DOMAINS] = forget(session, domains)
        return {**done, retention.LETTERS: self.removed.letters}

    def _people(self) -> Iterator[int]:
        after = ""
        while person_ids := patiently(lambda after=after: self._some_people(after)):  # type: ignore[misc]
            after = person_ids[-1]
            yield len(person_ids)

    def _some_people(self, after: str) -> list[str]:
        with self._store.write() as session:
            person_ids = list(session.exec(retention.stale_people(self._limits.people, after).limit(AT_ONCE)))
            if person_ids:
                self._forget(session, person_ids)
        return person_ids

    def _unconfirmed(self) -> Iterator[int]:
        while count := patiently(self._some_unconfirmed):
            yield count

    def _some_unconfirmed(self) -> int:
        """Delete leads that were never confirmed; a person who has no other goes with the last one."""
        with self._store.write() as session:
            ids = list(session.exec(retention.unconfirmed_leads(self._limits.unconfirmed).limit(AT_ONCE)))
            contacts = list(session.exec(select(Lead.contact_id).where(col(Lead.id).in_(ids))))
            self.removed.add(remove(session, Subject(lead_ids=tuple(ids)), self._letters, self._limits.now))
            if alone := without_leads(session, contacts):
                self._forget(session, alone)
        return len(ids)

    def _rows(self, table: type[SQLModel], query: SelectOfScalar[str]) -> Iterator[int]:
        while True:
            with self._store.write() as session:
                ids = list(session.exec(query.limit(AT_ONCE)))
                if table is Message:
                    self.removed.letters += delete_letters(letters_of(self._letters, ids))
                _rowcount(session, delete(table).where(col(table.id).in_(ids)))  # type: ignore[attr-defined]
            if not ids:
                return
            yield len(ids)

    def _forget(self, session: Session, person_ids: list[str]) -> None:
        """Delete persons whose time is over. Who took marketing back leaves a keyed hash, against old lists."""
        hold(session, person_ids)
        subject = expand(session, person_ids, self._secret).subject
        withdrawn = retention.withdrawn_keys(session, subject.contact_ids)
        stop(session, (key_hash(self._secret, key) for key in withdrawn), WITHDRAWN, self._limits.now)
        self.removed.add(remove(session, subject, self._letters, self._limits.now))


def _count(session: Session, query: SelectOfScalar[str]) -> int:
    return session.exec(select(func.count()).select_from(query.order_by(None).subquery())).one()


def _rowcount(session: Session, statement: Any) -> int:
    result: CursorResult[Any] = session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[assignment]
    return int(result.rowcount)
