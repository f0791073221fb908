"""Limits per sender in this process alone: they cost nothing, and requests beyond them are not even read.

How many forms one sender may send, or new links ask for, is counted in the database, for all processes together and for
what is let through only (see :mod:`contentops.leads.intake.limits`, whose rule counts here as well). The guard before
it lets through several times as many, of any kind.
"""

from datetime import UTC, datetime

from contentops.leads.intake.limits import HOUR, MINUTE, Counts, SenderLimit, Window
from contentops.settings import CaptureSettings

SHARE = 5
"""Times the forms that one sender may send: forms with mistakes in them come in between."""
MOST_COUNTS = 100_000
"""Counts that are kept, two or three for each sender; beyond that all are forgotten. The database counts on."""


class ProcessLimit:
    """Counts requests per sender in memory.

    What is over is forgotten once a minute: nothing is looked through for it at any other time.

    Args:
        windows: all must have room.
    """

    def __init__(self, *windows: Window) -> None:
        self._windows, self._minute = windows, 0
        self._counts: Counts = {}

    def seconds_to_wait(self, sender: str) -> int:
        """Count one request and return 0, or the seconds after which the sender may try again; then it does not count.

        Impatience costs nobody the whole hour.
        """
        now = self._now()
        return SenderLimit(self._windows, self._counts).seconds_to_wait(sender, now)

    def is_full(self, sender: str) -> bool:
        """Return whether the sender has to wait, and count nothing."""
        return bool(SenderLimit(self._windows, self._counts).wait(sender, self._now()))

    def count(self, sender: str) -> None:
        """Count one request, whether or not there is room."""
        SenderLimit(self._windows, self._counts).count(sender, self._now())

    def _now(self) -> datetime:
        now = datetime.now(UTC)
        minute = int(now.timestamp()) // MINUTE
        if minute != self._minute or len(self._counts) > MOST_COUNTS:
            # Numbers of minutes and numbers of hours are never the same.
            current = {span for window in self._windows for span in window.spans(now)}
            kept = {key: count for key, count in tuple(self._counts.items()) if key[1] in current}
            self._counts, self._minute = kept if len(kept) <= MOST_COUNTS else {}, minute
        return now


class FloodGuard(ProcessLimit):
    """The guard before everything that a sender may make the server do.

    Args:
        settings: how many forms a sender may send; this lets through :data:`SHARE` times as many.
    """

    def __init__(self, settings: CaptureSettings) -> None:
        super().__init__(Window(MINUTE, SHARE * settings.per_minute), Window(HOUR, SHARE * settings.per_hour))
