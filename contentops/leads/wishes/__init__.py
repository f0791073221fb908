"""What people asked for, kept in files beside the database: keyed hashes, so that no old backup undoes it."""

from collections.abc import Callable
from pathlib import Path

from contentops.leads.wishes.erased import ErasureList
from contentops.leads.wishes.hash_list import HashList
from contentops.leads.wishes.stopped import StopList
from contentops.leads.wishes.withdrawn import CHANNEL_OF, WithdrawalList

__all__ = ["CHANNEL_OF", "ErasureList", "HashList", "StopList", "WithdrawalList", "all_lists"]


def all_lists(folder: Path, secret: Callable[[], bytes]) -> tuple[HashList, ...]:
    """Return every list of a workspace; see :class:`HashList`."""
    stops = StopList(folder, secret)
    return ErasureList(folder, secret), WithdrawalList(folder, secret), stops.stopped, stops.allowed
