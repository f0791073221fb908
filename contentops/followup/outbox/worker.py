"""The worker: claims what is due, has it sent, keeps what came of it. Any number of them may run at once.

A message is handed over at least once: a worker that breaks down between sending and keeping sends it again, with the
same Message-ID. What was sent is kept at most half a second later, several messages in one transaction.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contentops.errors import DatabaseBusy, StoreConflict, StoreError
from contentops.followup.outbox.claims import BATCH, Claim, Claims
from contentops.followup.outbox.targets import Outcome, Target, Verdict
from contentops.leads.masking import without_addresses
from contentops.models import Message
from contentops.store.moments import reached

log = logging.getLogger("contentops.outbox")
POLL_SECONDS = 1.0
KEEP_SECONDS = 0.5
"""Longest time for which what was sent is not yet kept, while others are being sent."""
MEND_SECONDS = 60.0
STORE_SECONDS = 5.0
"""How long to leave a database alone that did not do it."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a run came to: how many messages by what became of them; those that wait were not tried."""

    done: int = 0
    retry: int = 0
    wait: int = 0
    dead: int = 0
    cancelled: int = 0
    parked: int = 0


class Worker:
    """Works the outbox off.

    Args:
        targets: where messages go. now: the present moment. margin: least rest of a lease with which one more is tried.
        most: messages claimed at once. keep_seconds: see :data:`KEEP_SECONDS`.
    """

    def __init__(
        self, claims: Claims, targets: Sequence[Target], now: Callable[[], datetime], margin: timedelta,
        *, most: int = BATCH, keep_seconds: float = KEEP_SECONDS,
    ) -> None:  # fmt: skip
        self._claims, self._targets, self._now, self._margin = claims, targets, now, margin
        self._most, self._keep_seconds = most, keep_seconds
        self._counts: Counter[str] = Counter()
        self._mended = float("-inf")

    @property
    def delivered(self) -> Delivered:
        """What it came to so far."""
        return Delivered(**self._counts)

    def drain(self, stop: threading.Event | None = None) -> None:
        """Work until nothing is due.

        Raises:
            StoreError: the database did not do it. What was sent and not kept is sent again when the lease is over.
        """
        self._mend()
        while not (stop and stop.is_set()):
            if not [target for target in self._targets if self._batch(target, stop)]:
                return

    def work(self, stop: threading.Event, awake: threading.Event) -> None:
        """Work until told to stop; what is being sent is sent and kept first.

        Args:
            awake: set by who queued something, to be served at once.
        """
        while not stop.is_set():
            awake.clear()
            try:
                self.drain(stop)
            except StoreError as error:
                log.error("the outbox waits for the database: %s", error)
                stop.wait(STORE_SECONDS)
                continue
            awake.wait(POLL_SECONDS)

    def _mend(self) -> None:
        if time.monotonic() - self._mended >= MEND_SECONDS:
            self._claims.mend([target.name for target in self._targets], self._now())
            self._mended = time.monotonic()

    def _batch(self, target: Target, stop: threading.Event | None) -> bool:
        """Work one batch off; False where there was none."""
        if not self._claims.anything(target.name, self._now()):
            return False
        claim = self._claims.claim(target, self._now(), self._most)
        if not claim.messages:
            return False
        try:
            _Batch(self._claims, target, claim, self._now, self._margin, self._keep_seconds, self._counts).run(stop)
        finally:
            target.rest()
        return True


class _Batch:
    """One claim on its way through a target."""

    def __init__(
        self, claims: Claims, target: Target, claim: Claim, now: Callable[[], datetime], margin: timedelta,
        keep_seconds: float, counts: Counter[str],
    ) -> None:  # fmt: skip
        self._claims, self._target, self._claim, self._now = claims, target, claim, now
        self._margin, self._keep_seconds, self._counts = margin, keep_seconds, counts
        self._pending: list[tuple[Message, Outcome]] = []
        self._begun, self._answered = time.monotonic(), False

    def run(self, stop: threading.Event | None) -> None:
        for position, message in enumerate(self._claim.messages):
            rest = self._claim.messages[position:]
            if (stop and stop.is_set()) or (position and self._now() + self._margin > self._claim.until):
                self._put_back(rest, self._now())
                break
            # Caps count what is kept: what went to the same person must be kept before.
            person = message.recipient_hash
            if person and any(sent.recipient_hash == person for sent, _outcome in self._pending):
                self._keep()
            outcome = self._tried(message)
            if outcome.pause:
                self._pause(message, outcome, rest[1:])
                break
            self._answered = self._answered or outcome.reached
            self._pending.append((message, outcome))
            if outcome.verdict is not Verdict.DONE or time.monotonic() - self._begun >= self._keep_seconds:
                self._keep()
        self._keep()
        if self._claim.probe and not self._answered:
            self._claims.end_probe(self._target.name, self._now())

    def _tried(self, message: Message) -> Outcome:
        reached("before-send")
        try:
            outcome = self._target.send(message)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one odd message must not keep the others from going
            log.error("message %s failed: %s", message.id, type(error).__name__)
            outcome = Outcome(Verdict.RETRY, f"{type(error).__name__}: {without_addresses(str(error))}"[:500])
        reached("after-send")
        return outcome

    def _pause(self, message: Message, outcome: Outcome, rest: Sequence[Message]) -> None:
        """Leave the target alone for a while; the rest of the batch goes back untried."""
        self._keep()
        until = self._claims.pause(self._target.name, outcome.reason, self._now())
        log.error("%s is paused until %s: %s", self._target.name, until.isoformat(timespec="seconds"), outcome.reason)
        self._answered = True  # the pause says when to ask again
        self._pending.append((message, replace(outcome, until=until + timedelta(seconds=1))))
        self._put_back(rest, self._now())

    def _put_back(self, messages: Sequence[Message], until: datetime) -> None:
        self._pending += [(message, Outcome(Verdict.WAIT, message.last_error, until)) for message in messages]

    def _keep(self) -> None:
        if self._pending:
            reached("before-mark")
            self._counts.update(self._settled())
        self._pending, self._begun = [], time.monotonic()

    def _settled(self) -> Counter[str]:
        """Keep what was sent, or it would be sent again: a database that is busy for once is asked again."""
        for last_try in (False, False, True):
            try:
                return self._claims.settle(self._claim, self._target.name, self._pending, self._now())
            except (StoreConflict, DatabaseBusy):
                if last_try:
                    raise
        raise AssertionError  # the last try returns or raises
