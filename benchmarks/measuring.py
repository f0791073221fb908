"""Stopwatches, rounds that take turns, ratios within a round, and the report that comes of them."""

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Timing:
    """What one run took, in seconds; CPU is user and system time of all threads and children."""

    cpu: float
    wall: float

    def per(self, units: float) -> "Timing":
        """Return the time of one unit."""
        return Timing(self.cpu / units, self.wall / units)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    rounds: int = 5
    files: int = 1000
    quick: bool = False
    corpus: Path | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the smallest and largest value it was taken from."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Summarise values."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure beside its target.

    Attributes:
        target: None where there is none. at_least: whether more is better. unit: ``x``, ``s`` or ``ms``.
    """

    what: str
    value: Spread
    target: float | None = None
    at_least: bool = True
    unit: str = "x"

    @property
    def reached(self) -> bool | None:
        """Whether the median meets the target; None without one."""
        if self.target is None:
            return None
        return self.value.median >= self.target if self.at_least else self.value.median <= self.target


@dataclass(slots=True)
class Samples:
    """The timings of the variants of one job, round by round."""

    rounds: dict[str, list[Timing]] = field(default_factory=dict)

    def spread(self, name: str, clock: str = "cpu") -> Spread:
        """Return the median time of a variant."""
        return Spread.of([getattr(timing, clock) for timing in self.rounds[name]])

    def ratio(self, above: str, below: str, clock: str = "cpu") -> Spread:
        """Return how many times as long `above` took as `below`, taken within each round."""
        pairs = zip(self.rounds[above], self.rounds[below], strict=True)
        return Spread.of([getattr(a, clock) / max(getattr(b, clock), 1e-9) for a, b in pairs])


@dataclass(slots=True)
class Report:
    """What one job found.

    Attributes:
        unit: what the times are for, such as "1,000 files". notes: facts that the figures need to be understood.
    """

    job: str
    unit: str
    samples: Samples = field(default_factory=Samples)
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def compare(
        self, what: str, above: str, below: str, target: float | None = None, *, at_least: bool = True,
        clocks: Sequence[str] = ("cpu", "wall"),
    ) -> None:  # fmt: skip
        """Add the ratio of two variants; the target counts for the first of `clocks`."""
        for position, clock in enumerate(clocks):
            value = self.samples.ratio(above, below, clock)
            self.verdicts.append(Verdict(f"{what} ({clock})", value, None if position else target, at_least))

    def limit(self, what: str, name: str, seconds: float | None, clock: str = "cpu") -> None:
        """Add a time of a variant beside the time it may take."""
        self.verdicts.append(Verdict(f"{what} ({clock})", self.samples.spread(name, clock), seconds, False, "s"))


def timed(action: Callable[[], T]) -> tuple[Timing, T]:
    """Run something in this process and say what it took."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    result = action()
    return Timing(time.process_time() - cpu, time.perf_counter() - wall), result


def take_turns(variants: Mapping[str, Callable[[], Timing]], rounds: int, *, warm_up: bool = False) -> Samples:
    """Run all variants once a round, each round beginning with another one.

    Args:
        variants: each prepares what it needs, and returns only the time that counts.
        warm_up: run one more round first, whose times are thrown away (imports, caches of the disk).
    """
    samples = Samples({name: [] for name in variants})
    names = list(variants)
    for number in range(-1 if warm_up else 0, rounds):
        turn = max(number, 0) % len(names)
        for name in names[turn:] + names[:turn]:
            timing = variants[name]()
            if number >= 0:
                samples.rounds[name].append(timing)
    return samples


class ChildFailed(Exception):
    """A measured program ended with an error; its last words are the message."""


def python(*words: str | Path) -> list[str]:
    """Return a command of the Python that runs this."""
    return [sys.executable, *map(str, words)]


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without settings of contentops, so that nobody's own get into the figures."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTENTOPS_")}
    return {**kept, "PYTHONPATH": str(ROOT), "CONTENTOPS_LANG": "en", **more}


def run_child(command: Sequence[str], folder: Path, **environment: str) -> tuple[Timing, str]:
    """Run a program to its end and return what it and its children took, and its output.

    Raises:
        ChildFailed: it ended with another exit code than 0, or 4 (contentops: some content is not valid).
    """
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=folder, env=clean_environment(**environment), stdout=output, stderr=subprocess.STDOUT
        )
        _pid, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if child.returncode and not (child.returncode == 4 and "contentops" in command):
        raise ChildFailed(f"{' '.join(command)} ended with {child.returncode}:\n{text[-2000:]}")
    return Timing(usage.ru_utime + usage.ru_stime, wall), text
