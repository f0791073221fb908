"""Whether this process should be given visitors: what monitoring asks every few seconds."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, func, or_
from sqlmodel import col, select

from contentops.errors import ContentOpsError, SchemaMismatch
from contentops.models import Lead, Message, MessageState
from contentops.settings import ServerSettings
from contentops.store import Store
from contentops.store.probing import check_writable
from contentops.texts import gettext as _

DATABASE, SCHEMA, WRITABLE, DISK = "database", "schema", "database_writable", "disk_space"
OLDEST_DUE, DEAD, MANY_LEADS = "oldest_due_message", "dead_messages", "many_leads"
DEAD_DAYS, HOUR = timedelta(days=7), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found. Names and numbers only: it is read by machines, and perhaps by strangers.

    Attributes:
        failed: names of what is wrong; empty when all is well. oldest_due_seconds: how long the message that should
            have left first has waited, 0 where none has. dead: messages given up in the last seven days. Both None
            where the database could not be asked. last_backup_at: for information only.
    """

    failed: tuple[str, ...]
    oldest_due_seconds: int | None = None
    dead: int | None = None
    last_backup_at: datetime | None = None

    @property
    def is_ready(self) -> bool:
        """Whether nothing is wrong."""
        return not self.failed


def readiness(store: Store, settings: ServerSettings, now: datetime, last_backup_at: datetime | None) -> Readiness:
    """Ask the database what :class:`Readiness` says. Takes milliseconds, two seconds at worst."""
    failed = [DISK] if _is_full(store, settings.free_mb) else []
    reading: list[tuple[int, int, int]] = []
    for name, ask in _questions(store, now, reading):
        try:
            ask()
        except SchemaMismatch:
            return Readiness((*failed, SCHEMA), last_backup_at=last_backup_at)
        except ContentOpsError:
            return Readiness((*failed, name), last_backup_at=last_backup_at)
    oldest, dead, brought = reading[0]
    if oldest > settings.oldest_due_minutes * 60:
        failed.append(OLDEST_DUE)
    if dead >= settings.dead_messages:
        failed.append(DEAD)
    if 0 < settings.leads_per_hour < brought:
        failed.append(MANY_LEADS)
    return Readiness(tuple(failed), oldest, dead, last_backup_at)


def in_words(found: Readiness, settings: ServerSettings) -> list[str]:
    """Return what is wrong as sentences for people."""
    sentences = {
        DISK: _("less than {n} MB are free on the disk of the database").format(n=settings.free_mb),
        OLDEST_DUE: _("the oldest message has waited for {n} minutes; does 'contentops outbox run' run?").format(
            n=(found.oldest_due_seconds or 0) // 60
        ),
        DEAD: _(
            "{n} messages of the last seven days were given up; 'contentops outbox list --state dead' shows why"
        ).format(n=found.dead),
        MANY_LEADS: _("forms brought more than {n} new leads in an hour; look whether somebody makes them up").format(
            n=settings.leads_per_hour
        ),
    }
    other = _("the database does not work as it should ({name}); 'contentops serve' says why")
    return [sentences.get(name) or other.format(name=name) for name in found.failed]


def _questions(
    store: Store, now: datetime, found: list[tuple[int, int, int]]
) -> list[tuple[str, Callable[[], object]]]:
    return [
        (DATABASE, store.check_again),
        (WRITABLE, lambda: check_writable(store)),
        (DATABASE, lambda: found.append((*messages(store, now), new_leads(store, now)))),
    ]


def messages(store: Store, now: datetime) -> tuple[int, int]:
    """Return for how many seconds the oldest due message has waited, and how many were given up in seven days."""
    with store.read() as session:
        due = and_(col(Message.state) == MessageState.DUE, col(Message.next_at) <= now)
        abandoned = and_(col(Message.state) == MessageState.LEASED, col(Message.lease_until) <= now)
        oldest = session.exec(select(func.min(Message.next_at)).where(or_(due, abandoned))).one()
        dead = select(func.count()).where(Message.state == MessageState.DEAD, col(Message.done_at) >= now - DEAD_DAYS)
        return (int((now - oldest).total_seconds()) if oldest else 0), session.exec(dead).one()


def new_leads(store: Store, now: datetime) -> int:
    """Return how many leads forms brought in the last hour.

    Who posts again and again for one asset is one of them; who asks for three assets is three.
    """
    with store.read() as session:
        since = select(func.count()).where(col(Lead.created_at) > now - HOUR, Lead.origin == "form")
        return session.exec(since).one()


def _is_full(store: Store, free_mb: int) -> bool:
    folder = store.file.parent if store.file is not None else None
    try:
        return bool(free_mb and folder and shutil.disk_usage(folder).free < free_mb * 1_000_000)
    except OSError:
        return False  # the database's own check says what is wrong there


def read_moment(file: Path) -> datetime | None:
    """Return the moment that a file names; None where there is none."""
    try:
        return datetime.fromisoformat(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None
