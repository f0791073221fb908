"""The worker that delivers messages, in a thread beside the server: ``serve --with-worker``."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger("contentops.worker")
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0

Run = Callable[[threading.Event], object]
"""Delivers until the event is set, then gives back what it holds and returns."""


class Companion:
    """Runs a worker until it is told to stop, and again after a pause when an error ended it.

    Args:
        run: the worker, such as ``workspace.outbox.run``.
    """

    def __init__(self, run: Run) -> None:
        self._run, self._stop = run, threading.Event()
        # A daemon: a mail server that keeps us waiting must not keep the process. What it held is due again later.
        self._thread = threading.Thread(target=self._keep_running, name="worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Tell it to stop; returns at once. May be called from a signal handler, and more than once."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait until it has stopped; returns whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _keep_running(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            try:
                self._run(self._stop)
            except Exception:  # whatever it was: mail must go on leaving
                log.error("the worker stopped; it begins again in %d s", pause, exc_info=True)
            else:
                if not self._stop.is_set():
                    log.warning("the worker ended by itself; it begins again in %d s", pause)
            self._stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
