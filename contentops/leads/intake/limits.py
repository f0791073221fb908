"""How often one sender may post. Pure rule; the counts lie in the database, so that all processes count together.

Per sender, never per form: one attacker must not close a form for everybody. Two counts make a window that moves: of
the span before, the part that the window still covers counts.
"""

from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime

MINUTE, HOUR = 60, 3600
LOW_TRUST_SHARE = 2
"""Senders that do not say where their form came from get this part of what others get: one half."""

Counts = MutableMapping[tuple[str, int], int]
"""Key of a sender and window, number of the span → forms."""


@dataclass(frozen=True, slots=True)
class Window:
    """So many forms in so many seconds."""

    seconds: int
    most: int

    def key(self, sender: str) -> str:
        """Return the key under which a sender's forms in this window are counted."""
        return f"{sender}:{self.seconds}"

    def spans(self, at: datetime) -> tuple[int, int]:
        """Return the numbers of the present span and the one before."""
        now = int(at.timestamp()) // self.seconds
        return now, now - 1


class SenderLimit:
    """Counts forms on top of what was counted so far.

    Args:
        windows: all must have room. counts: what was counted; grows with each form that is let through.
    """

    def __init__(self, windows: Sequence[Window], counts: Counts) -> None:
        self._windows, self._counts = windows, counts
        self.grown: dict[tuple[str, int], int] = {}

    def seconds_to_wait(self, sender: str, at: datetime, *, trusted: bool = True) -> int:
        """Count one form and return 0, or the seconds after which the sender may try again; then it does not count.

        Impatience costs nobody the whole hour.
        """
        wait = self.wait(sender, at, trusted=trusted)
        if not wait:
            self.count(sender, at)
        return wait

    def wait(self, sender: str, at: datetime, *, trusted: bool = True) -> int:
        """Return the seconds after which the sender may send one, 0 for now."""
        return max(self._wait(window, sender, at, trusted=trusted) for window in self._windows)

    def count(self, sender: str, at: datetime) -> None:
        """Count one form, whether or not there is room."""
        for window in self._windows:
            key = window.key(sender), window.spans(at)[0]
            self._counts[key] = self._counts.get(key, 0) + 1
            self.grown[key] = self.grown.get(key, 0) + 1

    def _wait(self, window: Window, sender: str, at: datetime, *, trusted: bool) -> int:
        most = window.most if trusted else max(1, window.most // LOW_TRUST_SHARE)
        (now, before), key = window.spans(at), window.key(sender)
        gone = at.timestamp() % window.seconds
        held, earlier = self._counts.get((key, now), 0), self._counts.get((key, before), 0)
        if held + earlier * (1 - gone / window.seconds) < most:
            return 0
        if held >= most:  # nothing fits before the next span, and then the present one fades
            return int(window.seconds - gone + window.seconds * (held - most + 1) / held) + 1
        return int(window.seconds * (1 - (most - held) / earlier) - gone) + 1


def keys_of(forms: Iterable[tuple[str, datetime]], windows: Sequence[Window]) -> set[tuple[str, int]]:
    """Return what must be known before forms are counted.

    Args:
        forms: their senders, and the moments they came: a sender may be on both sides of the turn of a span.
    """
    return {(window.key(sender), span) for sender, at in forms for window in windows for span in window.spans(at)}
