"""How often one sender may post. Per sender, never per form: one attacker must not close a form for everybody."""

import math
import time

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from contentops.settings import CaptureSettings


class SenderLimit:
    """Counts forms per sender in this process."""

    def __init__(self, settings: CaptureSettings) -> None:
        self._windows = [parse(f"{settings.per_minute}/minute"), parse(f"{settings.per_hour}/hour")]
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def seconds_to_wait(self, sender: str) -> int:
        """Count one form and return 0, or the seconds after which the sender may try again."""
        full = [window for window in self._windows if not self._limiter.test(window, sender)]
        if not full:  # only forms that are let through count: impatience costs nobody the whole hour
            for window in self._windows:
                self._limiter.hit(window, sender)
            return 0
        resets = [self._limiter.get_window_stats(window, sender).reset_time for window in full]
        return max(1, math.ceil(max(resets) - time.time()))
