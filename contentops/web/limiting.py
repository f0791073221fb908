"""A first guard against floods, in this process alone: requests beyond it are not even read.

How many forms one sender may send, or new links ask for, is counted in the database, for all processes together and for
what is let through only (see :mod:`contentops.leads.intake.limits`). This guard lets through several times as many, of
any kind, and costs nothing.
"""

import math
import time

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from contentops.settings import CaptureSettings

SHARE = 5
"""Times the forms that one sender may send: forms with mistakes in them come in between."""


class FloodGuard:
    """Counts requests per sender in this process."""

    def __init__(self, settings: CaptureSettings) -> None:
        self._windows = [parse(f"{SHARE * settings.per_minute}/minute"), parse(f"{SHARE * settings.per_hour}/hour")]
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def seconds_to_wait(self, sender: str) -> int:
        """Count one request and return 0, or the seconds after which the sender may try again."""
        full = [window for window in self._windows if not self._limiter.test(window, sender)]
        if not full:  # only what is let through counts: impatience costs nobody the whole hour
            for window in self._windows:
                self._limiter.hit(window, sender)
            return 0
        resets = [self._limiter.get_window_stats(window, sender).reset_time for window in full]
        return max(1, math.ceil(max(resets) - time.time()))
