"""Processes of contentops that are killed and started again at once."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from .launcher import DIED

LAUNCHER = Path(__file__).with_name("launcher.py")
ROOT = LAUNCHER.parents[2]
PATIENCE = 60.0
"""Seconds after which a moment that did not come is not waited for; the process is killed all the same."""


@dataclass(frozen=True, slots=True)
class Death:
    """How a process ends.

    Attributes:
        moment: named moment at which it does; empty: from outside, at any moment.
        after: how often the moment must have come; from outside: seconds since the first answer. early: since the start.
    """

    moment: str
    after: float
    early: bool = False


def environment(**more: str) -> dict[str, str]:
    """Return the variables of a process, without settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CONTENTOPS_", "CRASH_"))}
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), **more}


class Victim:
    """One process after the other, each with the death that the plan says; the last one lives until it is stopped.

    Args:
        words: of the command line. log: file for all they say. answers: whether it does its work, if that can be seen.

    Attributes:
        kills: deaths by moment ("random" for those from outside). starts: seconds from start to first answer, and how
            many of them the process computed (the others it waited for the machine; 0 where that cannot be told).
        over: set when the plan is done and the last process is up. ends: strange ways in which one ended.
    """

    def __init__(
        self, words: Sequence[str], plan: Iterable[Death], folder: Path, variables: Mapping[str, str],
        answers: Callable[[], bool] | None = None,
    ) -> None:  # fmt: skip
        self._words, self._plan, self._folder = list(words), list(plan), folder
        self._variables, self._answers = dict(variables), answers
        self.log = folder / f"{words[0]}.log"
        self.kills, self.starts, self.ends = Counter[str](), list[tuple[float, float]](), list[str]()
        self.over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._hurry = threading.Event()

    def live(self) -> None:
        """Go through the plan."""
        for death in self._plan:
            if self._hurry.is_set():
                return
            began = self._begin(death)
            self._wait(PATIENCE if death.moment else max(0, death.after - (time.monotonic() - began) * death.early))
            self._end(death)
        self._begin(Death("", 0))
        self.over.set()

    def _begin(self, death: Death) -> float:
        """Start a process and wait for its first answer; return when it was started."""
        variables = {**self._variables}
        if death.moment:
            variables |= {"CRASH_AT": death.moment, "CRASH_AFTER": str(int(death.after))}
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(LAUNCHER), *self._words], cwd=self._folder, env=environment(**variables),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = began + (death.after if death.early else PATIENCE)
        while self._answers and time.monotonic() < deadline and self._process.poll() is None:
            if self._answers():
                self.starts.append((time.monotonic() - began, _computed(self._process.pid)))
                break
            time.sleep(0.02)
        return began

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self._hurry.is_set() and self._process.poll() is None:
            time.sleep(0.01)

    def _end(self, death: Death) -> None:
        self._process.kill()
        code = self._process.wait()
        self.kills[death.moment if code == DIED else "random"] += 1
        if code not in (DIED, -signal.SIGKILL):
            self.ends.append(f"{self._words}: ended by itself with {code}")

    def stop(self) -> None:
        """End the last process as a supervisor would."""
        self._hurry.set()
        if self._process is None or self._process.poll() is not None:
            self.ends.append(f"{self._words}: was not there any more")
            return
        self._process.terminate()
        try:
            code = self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if code != 0:
            self.ends.append(f"{self._words}: SIGTERM ended it with {code}")


def _computed(process_id: int) -> float:
    try:
        text = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def answers_at(port: int) -> Callable[[], bool]:
    """Return a question whether a server answers."""

    def asked() -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    return asked
