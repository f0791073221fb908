"""Who uses a workspace's database for long: the server and the worker say so, a restore waits for nobody.

A lock of the operating system on a file (``flock``): many may share it, a restore wants it alone. It ends with the
process, however that ends, so nothing is left behind to be cleared by hand.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contentops.errors import Conflict
from contentops.texts import gettext as _

LOCK_FILE = Path(".contentops") / "in_use"
RESTORING = Path(".contentops") / "restoring"
"""Marks that a restore has begun and not come to its end."""


@contextmanager
def present(folder: Path) -> Iterator[None]:
    """Hold that the workspace is in use, while the block runs. Several processes may.

    Raises:
        Conflict: a restore is at work.
    """
    with _locked(folder, alone=False, refusal=_("a restore is at work in this workspace; wait until it is done")):
        yield


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep servers and workers out while the block runs.

    Raises:
        Conflict: one of them runs.
    """
    message = _("this workspace is in use: stop 'contentops serve' and 'contentops outbox run' first")
    with _locked(folder, alone=True, refusal=message):
        yield


@contextmanager
def _locked(folder: Path, *, alone: bool, refusal: str) -> Iterator[None]:
    path = folder / LOCK_FILE
    path.parent.mkdir(exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows lets nobody replace a file that is open, which is protection enough
        yield
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(refusal) from error
        yield
    finally:
        os.close(descriptor)
