"""When a message is tried again, and for how long a target is left alone. Pure rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SPREAD = 0.2
"""How far a wait may be longer or shorter than written, so that what failed together does not return together."""
LONGEST_PAUSE = timedelta(minutes=30)
"""A target that refuses everything is asked again at least this often."""
HOPELESS = timedelta(days=3)
"""So long after its first try, a message for a target that takes nothing has its tries spent all the same."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Waits after failed tries, in order; after the last one a message is given up."""

    waits: tuple[timedelta, ...]

    @classmethod
    def of(cls, minutes: Iterable[float]) -> "Schedule":
        """Make one of minutes."""
        return cls(tuple(timedelta(minutes=each) for each in minutes))

    @property
    def tries(self) -> int:
        """How often a message is tried in all."""
        return len(self.waits) + 1

    @property
    def longest(self) -> timedelta:
        """The longest wait there can be; a message that waits longer met a clock that jumped."""
        return max(self.waits) * (1 + SPREAD)

    def next_try(self, attempts: int, now: datetime, chance: float) -> datetime | None:
        """Return when a message is tried again, or None: it is given up.

        Args:
            attempts: tries so far, the failed one included. chance: from 0 to 1, where in the spread.
        """
        if not 0 < attempts < self.tries:
            return None
        return now + self.waits[attempts - 1] * (1 - SPREAD + 2 * SPREAD * chance)

    def pause(self, failures: int, now: datetime) -> datetime:
        """Return until when a target is left alone that failed so many times in a row."""
        wait = self.waits[min(max(failures, 1), len(self.waits)) - 1]
        return now + min(wait, LONGEST_PAUSE)
