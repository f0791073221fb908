"""Many callers, one commit: what waits while the disk is busy with one transaction goes together into the next.

A commit costs a write that reaches the disk, however much is in it. One thread writes; callers on an event loop wait
for the commit that their job was part of, never less: acknowledged means committed.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection

from contentops.errors import ContentOpsError, DatabaseBusy, DatabaseUnusable, StoreConflict, StoreError
from contentops.store.moments import reached
from contentops.store.transactions import Store
from contentops.texts import gettext as _

Job = TypeVar("Job")
Result = TypeVar("Result")

LARGEST = 256
"""Jobs in one transaction at most, so that it stays short for other writers."""
GATHER_SECONDS, GATHER_STEP_SECONDS = 0.03, 0.001
"""How long a batch waits for more jobs at most, and how soon it goes when none come."""
IDLE_SECONDS = 5.0
"""After this time without jobs the thread ends; the next job starts another."""
TRIES = 3
"""Tries of a job that collides with another process's."""

log = logging.getLogger("contentops.store")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Job, Result]):
    job: Job
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Result]"


class GroupCommit(Generic[Job, Result]):
    """Runs jobs in the store's transactions, many in each.

    Args:
        apply: does several jobs in one transaction and returns what came of each, in their order. What it returns
            counts only after the commit. It may be called again with the same jobs after a fault.
        capacity: jobs that may wait; more are refused at once, so that nobody waits for minutes.
    """

    def __init__(
        self, store: Store, apply: Callable[[Connection, Sequence[Job]], Sequence[Result]], capacity: int
    ) -> None:
        self._store, self._apply, self._capacity = store, apply, capacity
        self._waiting: deque[_Waiting[Job, Result]] = deque()
        self._there_is_work = threading.Event()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._lock = threading.Lock()  # callers may be on several loops, and whoever closes on none of them

    async def run(self, job: Job) -> Result:
        """Do a job; when this returns, it is committed.

        Raises:
            DatabaseBusy: too many wait already, or another process held the database too long. Nothing was stored.
            StoreError: the database could not be used. Nothing was stored.
        """
        loop = asyncio.get_running_loop()
        mine = _Waiting[Job, Result](job, loop, loop.create_future())
        with self._lock:
            if self._closing or len(self._waiting) >= self._capacity:
                raise DatabaseBusy(_("too many forms at once; nothing was saved, try again"))
            self._waiting.append(mine)
            self._there_is_work.set()
            if self._thread is None or not self._thread.is_alive():  # with the first job: a fork before it is fine
                self._thread = threading.Thread(target=self._write, name="contentops-writer", daemon=True)
                self._thread.start()
        return await mine.answer

    def close(self) -> None:
        """Finish what waits, then end the thread."""
        with self._lock:
            self._closing = True
            self._there_is_work.set()
            thread = self._thread
        if thread is not None:
            thread.join(30)

    def _write(self) -> None:
        while self._has_work():
            self._there_is_work.clear()
            self._gather()
            while batch := self._next_batch():
                self._finish(batch)
                self._gather()

    def _has_work(self) -> bool:
        """Wait for a job; False when the thread may end: it is told to, or nothing has come for a while."""
        if self._there_is_work.wait(0 if self._closing else IDLE_SECONDS) or self._waiting:
            return True
        with self._lock:  # who comes now either sees no thread, or is seen here
            if self._waiting or self._there_is_work.is_set():
                return True
            self._thread = None
            return False

    def _gather(self) -> None:
        """Wait while more jobs keep coming in, a few hundredths of a second at most.

        Python runs one thread at a time: while callers are busy preparing jobs, writing would only be in their way, and
        a commit for half of those who wait costs as much as one for all.
        """
        until, seen = time.monotonic() + GATHER_SECONDS, 0
        while seen < len(self._waiting) < LARGEST and not self._closing and time.monotonic() < until:
            seen = len(self._waiting)
            time.sleep(GATHER_STEP_SECONDS)

    def _next_batch(self) -> list[_Waiting[Job, Result]]:
        batch: list[_Waiting[Job, Result]] = []
        while self._waiting and len(batch) < LARGEST:
            waiting = self._waiting.popleft()
            if not waiting.answer.cancelled():  # nobody waits for it any more: it must not be stored unseen
                batch.append(waiting)
        return batch

    def _finish(self, batch: list[_Waiting[Job, Result]]) -> None:
        """Commit a batch and answer its callers; after a fault that one of its jobs may have caused, job by job."""
        try:
            results: list[Result | BaseException] = [*self._committed([waiting.job for waiting in batch])]
        except (DatabaseBusy, DatabaseUnusable) as error:  # no job is to blame, and each would wait as long again
            results = [error] * len(batch)
        except Exception:  # noqa: BLE001 - whatever it was, it shows again for the job that it belongs to
            results = self._one_by_one([waiting.job for waiting in batch])
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Result], Result | BaseException]]] = {}
        for waiting, result in zip(batch, results, strict=True):
            by_loop.setdefault(waiting.loop, []).append((waiting.answer, result))
        for loop, answers in by_loop.items():
            try:
                loop.call_soon_threadsafe(_answer, answers)
            except RuntimeError:  # the loop is closed: the callers are gone, what they asked for is stored
                log.debug("%d callers left before their answer", len(answers))

    def _one_by_one(self, jobs: Sequence[Job]) -> list[Result | BaseException]:
        results: list[Result | BaseException] = []
        for job in jobs:
            results.append(self._alone(job))
            if isinstance(results[-1], DatabaseBusy):  # it was waited for long enough, the others need not try
                return results + [results[-1]] * (len(jobs) - len(results))
        return results

    def _alone(self, job: Job) -> Result | BaseException:
        for last_try in (*[False] * (TRIES - 1), True):
            try:
                return self._committed([job])[0]
            except StoreConflict as error:  # another process stored the same person at this moment: now they are known
                if last_try:
                    return error
            except ContentOpsError as error:
                return error
            except StopIteration as error:  # futures do not take it
                return RuntimeError(repr(error))
            except Exception as error:  # noqa: BLE001 - a fault of the program reaches the one it concerns
                return error
        raise AssertionError

    def _committed(self, jobs: list[Job]) -> Sequence[Result]:
        with self._store.write() as session:
            results = self._apply(session.connection(), jobs)
            if len(results) != len(jobs):
                raise StoreError("as many results as jobs are needed")
            reached("before-commit")
        reached("after-commit")
        return results


def _answer(answers: "list[tuple[asyncio.Future[Result], Result | BaseException]]") -> None:
    for future, result in answers:
        if future.cancelled():
            continue
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)
