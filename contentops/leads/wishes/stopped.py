"""To whom mail was stopped by hand."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from contentops.leads.wishes.hash_list import HashList
from contentops.texts import gettext as _

STOPPED_FILE, ALLOWED_FILE = Path(".contentops") / "stopped", Path(".contentops") / "allowed"


class StopList:
    """To whom mail was stopped by hand, and to whom it was allowed again; ``restore`` applies both.

    Two files, ``.contentops/stopped`` and ``.contentops/allowed``, since lines are only ever added. Of an address that
    is in both, the newer word counts, and the stop where both are of one moment.

    Args:
        folder: the workspace. secret: returns the key of the hashes; asked for where there is a list.
    """

    def __init__(self, folder: Path, secret: Callable[[], bytes]) -> None:
        self.stopped = _Words(folder / STOPPED_FILE, secret)
        self.allowed = _Words(folder / ALLOWED_FILE, secret)

    def stop(self, hashes: Iterable[str], at: datetime) -> None:
        """Keep that mail to some addresses was stopped; see :meth:`HashList.extend`."""
        lifted = self.allowed.read()
        self.stopped.extend({each: max(at, lifted.get(each, at)) for each in hashes})

    def allow(self, hashes: Iterable[str], at: datetime) -> None:
        """Keep that mail to some addresses was allowed again, whatever had stopped it; see :meth:`HashList.extend`."""
        before = self.stopped.read()
        self.allowed.extend(
            {each: max(at, before[each] + datetime.resolution) if each in before else at for each in hashes}
        )

    def standing(self) -> dict[str, datetime]:
        """Return the stops that nobody lifted since, with their moments.

        Raises:
            WorkspaceError: see :meth:`HashList.read`.
        """
        lifted = self.allowed.read()
        return {each: at for each, at in self.stopped.read().items() if each not in lifted or lifted[each] <= at}

    def lifted(self) -> dict[str, datetime]:
        """Return what was allowed and not stopped by hand again, with its moments.

        Raises:
            WorkspaceError: see :meth:`HashList.read`.
        """
        stopped = self.stopped.read()
        return {each: at for each, at in self.allowed.read().items() if each not in stopped or stopped[each] < at}


class _Words(HashList):
    def _unreadable(self) -> str:
        return _("the list of stopped addresses, {path}, cannot be read: {reason}")

    def _unwritable(self) -> str:
        return _("the list of stopped addresses, {path}, cannot be written: {reason}; nothing was changed")

    def _other_key(self) -> str:
        return _("the list of stopped addresses, {path}, was made with another key: put back {key}, or set {variable}")
