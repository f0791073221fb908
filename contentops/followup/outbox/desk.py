"""The desk for what must leave the house: ``ws.outbox``."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from contentops.assets.slugs import page_path
from contentops.errors import Conflict, InvalidArgument, NotFound, Problem, SettingsInvalid
from contentops.followup.mail import MailFolder, MailLine, Messenger
from contentops.followup.mail.templates import MailTemplates
from contentops.followup.outbox.claims import Claims
from contentops.followup.outbox.letters import LetterWriter
from contentops.followup.outbox.mailing import MailTarget
from contentops.followup.outbox.schedule import Schedule
from contentops.followup.outbox.targets import Target
from contentops.followup.outbox.worker import Delivered, Worker
from contentops.leads.grants import Links
from contentops.leads.keyring import Keyring
from contentops.leads.masking import masked
from contentops.leads.suppression import hashing_key
from contentops.models import Asset, Contact, DeliveryPause, Message, MessageState
from contentops.models.message import MAIL
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _

OVERDUE = timedelta(hours=1)
"""A message that could have gone this long ago says that no worker runs, or that its target does not work."""
RETRIED = (MessageState.DUE, MessageState.DEAD, MessageState.PARKED)
"""States from which a message can be tried again at once."""


@dataclass(frozen=True, slots=True)
class Queued:
    """One message as people see it.

    Attributes:
        address: masked. asset: ``zh-CN/my-paper``. next_at: not before this moment; of what is over, when it ended.
    """

    id: str
    kind: str
    target: str
    state: MessageState
    address: str
    asset: str
    attempts: int
    next_at: datetime
    last_error: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How the outbox stands.

    Attributes:
        counts: messages by state. oldest_due: since when the oldest message could have gone. paused: targets that take
            nothing now, with the reason. problems: what somebody should look at.
    """

    counts: dict[MessageState, int]
    oldest_due: datetime | None
    paused: dict[str, str]
    problems: tuple[Problem, ...]


class Outbox:
    """Delivers what was queued together with leads: ``ws.outbox``.

    Args:
        messenger: hands mail over; by default the mail server of ``[mail]``, or its folder where no host is set.
        targets: where messages go besides mail. chance: returns numbers from 0 to 1, for the spread of waits.
    """

    def __init__(
        self, store: Store, settings: Settings, folder: Path, now: Callable[[], datetime],
        messenger: Messenger | None = None, targets: Sequence[Target] = (), chance: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        self._store, self._settings, self._folder, self._now = store, settings, folder, now
        self._messenger, self._more, self._chance = messenger, targets, chance
        self._awake = threading.Event()

    @cached_property
    def _claims(self) -> Claims:
        mail = self._settings.mail
        lease = timedelta(seconds=mail.lease_seconds)
        return Claims(self._store, Schedule.of(mail.retry_minutes), lease, self._chance)

    def run(self, *, once: bool = False, stop: threading.Event | None = None) -> Delivered:
        """Deliver what is due; returns what it came to.

        Args:
            once: end when nothing is due any more; else wait for more until `stop` is set.
            stop: ends the run; what is being sent is sent and kept first.

        Raises:
            SettingsInvalid: a mail server without a sender, or no key to sign links with.
            StoreError: there is no usable database; with `once`, also where it fails on the way.
        """
        self._store.check()
        worker = self.worker()
        if once:
            worker.drain(stop)
        else:
            worker.work(stop or threading.Event(), self._awake)
        return worker.delivered

    def wake(self) -> None:
        """Say that something was queued: a worker of this process looks at once."""
        self._awake.set()

    def worker(self) -> Worker:
        """Return a worker of its own connection to the mail server.

        Raises:
            SettingsInvalid: see :meth:`run`.
        """
        margin = timedelta(seconds=self._settings.mail.timeout_seconds)
        return Worker(self._claims, [self._mail(), *self._more], self._now, margin)

    def _mail(self) -> MailTarget:
        settings = self._settings
        keys = Keyring(settings, self._folder, self._now)
        writer = LetterWriter(settings, Links(keys.current), MailTemplates(self._folder))
        return MailTarget(
            self._store, settings.mail, self._messenger or self._usual_messenger(), writer,
            self._folder / ".contentops" / "files", hashing_key(self._folder), self._now,
        )  # fmt: skip

    def _usual_messenger(self) -> Messenger:
        mail = self._settings.mail
        if not mail.host:
            return MailFolder(self._folder / mail.folder, mail.sender)
        if not mail.sender:
            raise SettingsInvalid([Problem("mail.sender", _("a mail server is set, but no address that mail is from"))])
        return MailLine(mail)

    def list(self, state: str | None = None, *, limit: int | None = 1000) -> tuple[Queued, ...]:
        """Return messages, those that are due first, then the newest.

        Args:
            state: only those in this state, such as ``dead``. limit: at most so many; None: all.

        Raises:
            InvalidArgument: there is no such state.
        """
        query = (
            select(Message, Contact.email, Asset)
            .outerjoin(Contact, col(Contact.id) == Message.contact_id)
            .outerjoin(Asset, col(Asset.id) == Message.asset_id)
            .order_by(
                col(Message.done_at).is_not(None), col(Message.done_at).desc(), col(Message.next_at), col(Message.id)
            )
        )
        if state is not None:
            query = query.where(Message.state == _state(state))
        with self._store.read() as session:
            return tuple(_queued(*row) for row in session.exec(query.limit(limit)))

    def standing(self) -> Standing:
        """Return how the outbox stands, and what somebody should look at."""
        now = self._now()
        with self._store.read() as session:
            count = select(Message.state, func.count()).group_by(col(Message.state))
            counts = {MessageState(state): number for state, number in session.exec(count)}
            oldest = session.exec(
                select(func.min(Message.next_at)).where(Message.state == MessageState.DUE, col(Message.next_at) <= now)
            ).one()
            pauses = session.exec(select(DeliveryPause).where(DeliveryPause.failures > 0)).all()
        paused = {pause.target: pause.reason for pause in pauses}
        return Standing(counts, oldest, paused, tuple(_problems(counts, oldest, paused, now)))

    def retry(self, ids: Sequence[str] = (), *, dead: bool = False, parked: bool = False, dry_run: bool = False) -> int:
        """Have messages tried again at once, with all their tries; returns how many.

        Args:
            ids: which. dead: all that were given up. parked: all that are held, because their target is gone or a
                restored backup does not know whether they left. dry_run: only say how many they would be.

        Raises:
            NotFound: one of the ids is none. Conflict: one of them was sent or cancelled, or is being sent.
        """
        now = self._now()
        states = [MessageState.DEAD] * dead + [MessageState.PARKED] * parked
        wanted = or_(col(Message.id).in_(ids), col(Message.state).in_(states))
        with self._store.write() as session:
            rows = {row.id: row for row in session.exec(select(Message).where(wanted).with_for_update())}
            missing = [each for each in ids if each not in rows]
            if missing:
                raise NotFound(_("message"), _(", ").join(missing))
            over = [row for row in rows.values() if row.state not in RETRIED]
            if over:
                raise Conflict(self._why_not(session, over))
            for row in rows.values() if not dry_run else ():
                row.state, row.attempts, row.next_at, row.done_at = MessageState.DUE, 0, now, None
                row.claim_token, row.lease_until, row.tried_at = None, None, None
        self.wake()
        return len(rows)

    def _why_not(self, session: Session, over: Sequence[Message]) -> str:
        """Return why messages cannot be tried again, and how somebody gets what was cancelled after all."""
        words = {
            MessageState.LEASED: _("being sent"),
            MessageState.DONE: _("sent"),
            MessageState.CANCELLED: _("cancelled"),
        }
        listed = _(", ").join(f"{row.id} ({words[row.state]})" for row in over)
        wanted = {row.asset_id for row in over if row.state is MessageState.CANCELLED and row.target == MAIL}
        assets = session.exec(select(Asset).where(col(Asset.id).in_(wanted)).order_by(col(Asset.slug))).all()
        if not assets:
            return _("these cannot be tried again: {messages}").format(messages=listed)
        pages = [f"{self._settings.public_url}{page_path(each.language, each.slug)}again/" for each in assets]
        message = _(
            "these cannot be tried again: {messages}; who still wants what was cancelled fills in the form again, or "
            "asks for a new link at {pages} (lift a stop first: 'contentops privacy allow')"
        )
        return message.format(messages=listed, pages=_(", ").join(pages))


def _state(word: str) -> MessageState:
    try:
        return MessageState(word)
    except ValueError as error:
        known = ", ".join(MessageState)
        raise InvalidArgument(
            [Problem("state", _("'{form}' is none of {known}").format(form=word, known=known))]
        ) from error


def _queued(message: Message, email: str | None, asset: Asset | None) -> Queued:
    return Queued(
        message.id, message.kind, message.target, message.state, masked(email) if email else "",
        f"{asset.language}/{asset.slug}" if asset else "", message.attempts, message.done_at or message.next_at,
        message.last_error, message.created_at,
    )  # fmt: skip


def _problems(
    counts: dict[MessageState, int], oldest: datetime | None, paused: dict[str, str], now: datetime
) -> list[Problem]:
    found = []
    dead = counts.get(MessageState.DEAD, 0)
    if dead:
        text = _(
            "{n} messages were given up; 'contentops outbox list --state dead' shows why, 'outbox retry' tries again"
        )
        found.append(Problem("dead", text.format(n=dead)))
    if oldest is not None and now - oldest > OVERDUE:
        hours = int((now - oldest) / timedelta(hours=1))
        text = _("the oldest message has waited for {n} hours; does 'contentops outbox run' run?")
        found.append(Problem("due", text.format(n=hours)))
    found += [Problem(target, reason) for target, reason in paused.items()]
    return found
