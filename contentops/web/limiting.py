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
        waits = [
            max(1, math.ceil(self._limiter.get_window_stats(window, sender).reset_time - time.time()))
            for window in self._windows
            if not self._limiter.hit(window, sender)
        ]
        return max(waits, default=0)
