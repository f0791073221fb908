"""What is done again and again beside the work: deleting what is kept no longer, looking at domains."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from contentops.errors import ContentOpsError

log = logging.getLogger("contentops.upkeep")
DAY_SECONDS = 24 * 3600.0
AGAIN_SECONDS = 600.0
"""When to try again what did not work."""


def daily(task: Callable[[], object], stop: threading.Event) -> AbstractContextManager[None]:
    """Do a task now and once a day; see :func:`regularly`."""
    return regularly("daily", task, stop, DAY_SECONDS)


@contextmanager
def regularly(name: str, task: Callable[[], object], stop: threading.Event, seconds: float) -> Iterator[None]:
    """Do a task now and again, in a thread of its own, for as long as the block runs or until told to stop.

    Args:
        name: of the task, for the log. seconds: to wait in between; ten minutes at least where it did not work.
    """
    ended = threading.Event()

    def keep_doing() -> None:
        while not (stop.is_set() or ended.is_set()):
            ended.wait(seconds if _worked(name, task) else AGAIN_SECONDS)

    thread = threading.Thread(target=keep_doing, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(10)


def _worked(name: str, task: Callable[[], object]) -> bool:
    try:
        task()
    except ContentOpsError as error:
        log.error("the %s task did not work: %s", name, error)
    except Exception as error:  # noqa: BLE001 - a full disk today must not end the deleting for good, in silence
        log.error("the %s task did not work: %s", name, type(error).__name__)
    else:
        return True
    return False
