"""For tests, ours and those of programs that use contentops: a clock that stands still, files in one line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from contentops.workspace import Workspace


class FixedClock:
    """A clock that only moves when it is told to. Pass it as `now`::

    clock = FixedClock(datetime(2026, 11, 21, 9, tzinfo=UTC))
    workspace = Workspace.open(folder, now=clock)
    clock.forward(days=1)
    """

    def __init__(self, moment: datetime = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """Return the moment at which the clock stands."""
        return self.moment

    def forward(self, **amount: float) -> None:
        """Move on by an amount as :class:`datetime.timedelta` takes it: ``days=1``, ``hours=2``."""
        self.moment += timedelta(**amount)


def write_content(workspace: Workspace, path: str, text: str | bytes) -> Path:
    """Write a file below the workspace's content folder, with its folders, and return its path."""
    file = workspace.folder / "content" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return file
