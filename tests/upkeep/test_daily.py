"""What is done once a day goes on whatever happened the day before."""

import logging
import threading

import pytest

from contentops.errors import StoreError
from contentops.upkeep import daily as module
from contentops.upkeep.daily import daily


@pytest.mark.parametrize("fault", [OSError(28, "设备上没有空间"), StoreError("数据库忙")])
def test_any_fault_is_logged_and_tried_again(fault, monkeypatch, caplog) -> None:
    """An OSError once ended the thread in silence: nothing was deleted any more."""
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.001)
    tries, again = [], threading.Event()

    def task() -> None:
        tries.append(None)
        if len(tries) < 3:
            raise fault
        again.set()

    with caplog.at_level(logging.ERROR, "contentops.upkeep"), daily(task, threading.Event()):
        assert again.wait(5)
    assert len(tries) == 3  # and not once more before the day is over
    told = [record.getMessage() for record in caplog.records]
    expected = "数据库忙" if isinstance(fault, StoreError) else "OSError"
    assert told == [f"the daily task did not work: {expected}"] * 2
