"""Processes that do what takes long, each task within a time limit: a hostile text costs its limit and one named error.

A thread cannot be stopped and a regular expression does not stop by itself; a process can be ended.
"""

import multiprocessing
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Self

AHEAD = 2
"""Tasks handed to a worker at once, so that it has something to do while its last result is used."""


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

    def run(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the result of every task, as they come."""
        waiting = deque(tasks)
        busy: list[_Worker] = []
        try:
            while waiting or busy:
                while waiting and len(busy) < self._count:
                    busy.append(self._take())
                    busy[-1].give(waiting.popleft(), self._seconds)
                for worker in busy:
                    while waiting and len(worker.tasks) < AHEAD:
                        worker.give(waiting.popleft(), self._seconds)
                yield from self._results(busy, waiting)
        finally:
            for worker in busy:
                worker.end()

    def _results(self, busy: list["_Worker"], waiting: deque[Task]) -> Iterator[Result]:
        """Wait for the next results or the next deadline."""
        pause = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
        ready = set(wait([worker.pipe for worker in busy], pause))
        for worker in list(busy):
            if worker.pipe in ready:
                result = worker.result(self._seconds)
            elif time.monotonic() >= worker.deadline:
                result = Result(worker.tasks[0].key, failure="slow")
            else:
                continue
            if result.failure in ("slow", "died"):
                waiting.extendleft(reversed([*worker.tasks][1:]))  # those it had not begun
                worker.end()
                busy.remove(worker)
            elif not worker.tasks:
                busy.remove(worker)
                self._idle.append(worker)
            yield result

    def close(self) -> None:
        """End the processes."""
        while self._idle:
            self._idle.pop().end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self) -> "_Worker":
        return self._idle.pop() if self._idle else _Worker()


class _Worker:
    """One process with the tasks that it was given."""

    def __init__(self) -> None:
        alone = sys.platform == "linux" and threading.active_count() == 1
        context: Any = multiprocessing.get_context("fork" if alone else "spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.tasks: deque[Task] = deque()
        self.deadline = 0.0
        self._starting = 0 if alone else 30  # seconds that a new interpreter may take on a busy machine

    def give(self, task: Task, seconds: float) -> None:
        if not self.tasks:
            self.deadline = time.monotonic() + seconds + self._starting
        self.tasks.append(task)
        try:
            self.pipe.send((task.function, task.arguments))
        except OSError:
            self.deadline = 0.0  # it has died; the next look at it says so

    def result(self, seconds: float) -> Result:
        key = self.tasks[0].key
        try:
            value, failure = self.pipe.recv()
        except (EOFError, OSError):
            return Result(key, failure="died")
        self._starting = 0
        self.tasks.popleft()
        self.deadline = time.monotonic() + seconds
        return Result(key, value, failure)

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()


def _work(pipe: Connection) -> None:
    """Do tasks until the other side is gone."""
    while True:
        try:
            function, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(attempt(function, arguments))


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
