"""What merges come to: who stands for whom, and who goes back when one is undone. Pure rules.

A merge is an arrow from the person that was kept to the one that was absorbed. Nobody is absorbed twice while the
first time still stands, so the arrows make trees, and the root of a tree stands for everybody in it. Taking one arrow
away gives exactly the two trees that it joined, in whatever order merges are undone.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol


class Joining(Protocol):
    """One merge; rows of :class:`contentops.models.Merge` are such."""

    id: str
    kept_id: str
    absorbed_id: str
    contact_ids: list[str]
    undone_at: datetime | None


def going_back(undone: Joining, merges: Iterable[Joining], person_of: dict[str, str]) -> list[str]:
    """Return the contacts that belong to the absorbed person again when a merge is undone.

    Args:
        undone: the merge. merges: all of the person, it may be among them. person_of: each contact of the person, and
            the person.
    """
    above = {each.absorbed_id: each.kept_id for each in merges if each.undone_at is None and each.id != undone.id}

    def is_below(contact_id: str) -> bool:
        seen = {contact_id}
        while contact_id != undone.absorbed_id and (higher := above.get(contact_id)) and higher not in seen:
            contact_id = higher
            seen.add(higher)
        return contact_id == undone.absorbed_id

    def is_left_over(contact_id: str) -> bool:
        # The merge that brought it to the absorbed person is gone (erased); this one still names it.
        return contact_id in undone.contact_ids and contact_id not in above and contact_id != person_of[contact_id]

    return [contact_id for contact_id in person_of if is_below(contact_id) or is_left_over(contact_id)]
