"""Processes that do what takes long, each task within a time limit: a hostile text costs its limit and one named error.

A thread cannot be stopped and a regular expression does not stop by itself; a process can be ended.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from types import TracebackType
from typing import Any, Self

AHEAD = 2
"""Tasks handed to a worker at once, so that it has something to do while its last result is used."""
SMALL = 16_000
"""Bytes that a pipe takes although nobody reads. What is larger is not handed over ahead: sending it would wait for a
worker that may never come back."""
START_SECONDS = 30.0
"""What a new process may take until it begins its first task, on a busy machine; that task's time counts from then."""
ORPHAN_SECONDS = 5.0
"""How long after its limit a task ends by itself, where the process that should have ended it is gone."""


@dataclass(frozen=True, slots=True)
class Task:
    """One call of a function of a module with plain values."""

    key: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a task.

    Attributes:
        value: what the function returned. failure: empty, or ``slow``, ``deep``, ``died``, else what was raised.
    """

    key: str
    value: Any = None
    failure: str = ""


class Workers:
    """A few processes, started when there is something to do.

    On Linux they are forked where no other thread runs, which costs milliseconds; else they are started anew. A script
    that calls this outside Linux or among threads needs the usual ``if __name__ == "__main__":``.

    Args:
        seconds: the time limit of one task. count: how many processes; None: one a core.
    """

    def __init__(self, seconds: float, count: int | None = None) -> None:
        self._seconds = seconds
        self._count = count or _cores()
        self._idle: list[_Worker] = []
        self._busy: list[_Worker] = []

    def run(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the result of every task, as they come."""
        waiting = deque(_Order(task) for task in tasks)
        busy = self._busy
        try:
            while waiting or busy:
                while waiting and len(busy) < self._count:
                    busy.append(self._take())
                    busy[-1].give(waiting.popleft(), self._seconds)
                for worker in busy:
                    while waiting and len(worker.orders) < AHEAD and len(waiting[0].message) <= SMALL:
                        worker.give(waiting.popleft(), self._seconds)
                yield from self._results(busy, waiting)
        finally:
            self._end(busy)

    def _results(self, busy: list["_Worker"], waiting: deque["_Order"]) -> Iterator[Result]:
        """Wait for the next results or the next deadline."""
        pause = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
        ready = set(wait([worker.pipe for worker in busy], pause))
        for worker in list(busy):
            if worker.pipe in ready:
                result = worker.result(self._seconds)
                if result is None:
                    continue
            elif time.monotonic() >= worker.deadline:
                result = Result(worker.orders[0].key, failure="slow")
            else:
                continue
            if result.failure in ("slow", "died"):
                waiting.extendleft(reversed([*worker.orders][1:]))  # those it had not begun
                worker.end()
                busy.remove(worker)
            elif not worker.orders:
                busy.remove(worker)
                self._idle.append(worker)
            yield result

    def close(self) -> None:
        """End the processes, those of a run that was broken off as well."""
        self._end(self._idle)
        self._end(self._busy)

    def _end(self, workers: list["_Worker"]) -> None:
        while workers:
            workers.pop().end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self) -> "_Worker":
        return self._idle.pop() if self._idle else _Worker(self._seconds)


class _Order:
    """A task as it is sent."""

    def __init__(self, task: Task) -> None:
        self.key = task.key
        self.message = bytes(ForkingPickler.dumps((task.function, task.arguments)))


class _Worker:
    """One process with the tasks that it was given."""

    def __init__(self, seconds: float) -> None:
        alone = sys.platform == "linux" and threading.active_count() == 1
        context: Any = multiprocessing.get_context("fork" if alone else "spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self.pipe if alone else None, seconds), daemon=True)
        self._process.start()
        theirs.close()
        self.orders: deque[_Order] = deque()
        self.deadline = 0.0
        self._has_begun = False

    def give(self, order: _Order, seconds: float) -> None:
        if not self.orders:
            self.deadline = time.monotonic() + (seconds if self._has_begun else START_SECONDS)
        self.orders.append(order)
        try:
            self.pipe.send_bytes(order.message)
        except OSError:
            self.deadline = 0.0  # it has died; the next look at it says so

    def result(self, seconds: float) -> Result | None:
        """Return what it sent; None where it only said that it is there and begins."""
        key = self.orders[0].key
        try:
            value, failure = self.pipe.recv()
        except (EOFError, OSError):
            return Result(key, failure="died")
        self.deadline = time.monotonic() + seconds
        if not self._has_begun:
            self._has_begun = True
            return None
        self.orders.popleft()
        return Result(key, value, failure)

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()


def _work(pipe: Connection, others: Connection | None, seconds: float) -> None:
    """Do tasks until the other side is gone.

    Args:
        others: the other end, which a forked process has a copy of: open, it would never be gone.
    """
    if others is not None:
        others.close()
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the process that started this one; it ends us
    has_begun = False
    while True:
        try:
            while not pipe.poll(ORPHAN_SECONDS):
                if os.getppid() != parent:  # a worker forked after this one holds the other end open
                    return
            function, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        if not has_begun:  # only now is everything imported that the task needs
            has_begun = True
            pipe.send((None, ""))
        _end_later(seconds + ORPHAN_SECONDS)
        pipe.send(attempt(function, arguments))
        _end_later(0)


def _end_later(seconds: float) -> None:
    """Let this process be ended by the system: a regular expression does not listen to anybody else. Zero: never."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def attempt(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, str]:
    """Call a function and return its value and no failure, or nothing and what went wrong."""
    try:
        return function(*arguments), ""
    except RecursionError:
        return None, "deep"
    except Exception as error:  # noqa: BLE001 - whatever a text does to a converter is that text's problem only
        return None, f"{type(error).__name__}: {error}"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
