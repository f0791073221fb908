"""``python launcher.py WORD...``: the real command line, in a process that ends itself when its moment comes.

The environment says when: ``CRASH_AT`` names a moment of :mod:`contentops.store.moments`, ``CRASH_AFTER`` how often it
must have come. ``CRASH_AT=statement`` counts the statements of a migration instead, ``CRASH_AT=migrated`` is the moment
right after its commit. The product itself has no such switch.
"""

import os
import sys
from itertools import count
from typing import Any

DIED = 137
"""What a shell reports of a process that was killed; :func:`os._exit` runs no handler and writes nothing, like -9."""


def main() -> None:
    moment, after = os.environ.get("CRASH_AT", ""), int(os.environ.get("CRASH_AFTER", "1"))
    if moment in ("statement", "migrated"):
        _die_in_a_migration(after if moment == "statement" else 0)
    elif moment:
        _die_at(moment, after)
    from contentops.cli import main as command_line

    command_line(sys.argv[1:])


def _die_at(moment: str, after: int) -> None:
    from contentops.store import moments

    times = count(1)  # next() is one step for all threads

    def hook(name: str) -> None:
        if name == moment and next(times) >= after:
            os._exit(DIED)

    moments.hook = hook


def _die_in_a_migration(statement_number: int) -> None:
    """Die before a statement, or (0) right after the commit."""
    from sqlalchemy import event

    from contentops.store import schema

    real = schema.make_engine

    def watched(url: Any) -> Any:
        engine, times = real(url), count(1)

        @event.listens_for(engine, "before_cursor_execute")
        def statement(*_given: object) -> None:
            if next(times) == statement_number:
                os._exit(DIED)

        @event.listens_for(engine, "engine_disposed")
        def disposed(_engine: object) -> None:
            if not statement_number:
                os._exit(DIED)

        return engine

    schema.make_engine = watched


if __name__ == "__main__":
    main()
