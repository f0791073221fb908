"""What a target is: somewhere that messages go. Mail is the first; the worker knows nothing of what they say."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from contentops.models import Message


class Verdict(StrEnum):
    """What becomes of a message after a try."""

    DONE = "done"
    RETRY = "retry"
    """Failed for now: again by the schedule, until its tries are spent."""
    WAIT = "wait"
    """Not tried: back into the queue, no try spent."""
    DEAD = "dead"
    CANCELLED = "cancelled"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message.

    Attributes:
        reason: why it did not go, without addresses. until: of WAIT, not before this moment.
        reached: the target answered for itself, so it works. pause: the target takes nothing now, whatever it is.
    """

    verdict: Verdict
    reason: str = ""
    until: datetime | None = None
    reached: bool = False
    pause: bool = False


class Target(Protocol):
    """Somewhere that messages go.

    Attributes:
        name: as in :attr:`contentops.models.Message.target`. per_minute: most messages in a minute, 0 for any number.
    """

    name: str
    per_minute: int

    def recipient(self, email: str) -> str:
        """Return the keyed hash by which messages to one person are counted."""

    def send(self, message: Message) -> Outcome:
        """Look whether a message is still wanted, and hand it over."""

    def rest(self) -> None:
        """Let go of connections: nothing more for now."""
