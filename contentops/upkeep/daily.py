"""What is done once a day beside the work: deleting what is kept no longer."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from contentops.errors import ContentOpsError

log = logging.getLogger("contentops.upkeep")
DAY_SECONDS = 24 * 3600.0
AGAIN_SECONDS = 600.0
"""When to try again what did not work."""


@contextmanager
def daily(task: Callable[[], object], stop: threading.Event) -> Iterator[None]:
    """Do a task now and once a day, in a thread of its own, for as long as the block runs or until told to stop."""
    ended = threading.Event()

    def keep_doing() -> None:
        while not (stop.is_set() or ended.is_set()):
            ended.wait(DAY_SECONDS if _worked(task) else AGAIN_SECONDS)

    thread = threading.Thread(target=keep_doing, name="daily", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(10)


def _worked(task: Callable[[], object]) -> bool:
    try:
        task()
    except ContentOpsError as error:
        log.error("the daily task did not work: %s", error)
    except Exception as error:  # noqa: BLE001 - a full disk today must not end the deleting for good, in silence
        log.error("the daily task did not work: %s", type(error).__name__)
    else:
        return True
    return False
