"""What one person should know today: late, due this week, waiting for them, to be reviewed. Pure rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from contentops.models import Asset, Lane, MilestoneState, WorkflowState
from contentops.planning.agenda import AgendaItem
from contentops.planning.capacity import week_of

_REVIEW_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Digest:
    """One person's day.

    Attributes:
        person: their name. email: where to, if known. roles: that they fill. day: the day it is for.
        late: should have been done before. due: in the rest of this week. waiting: everything before them is done, so
            it is their turn, though not due this week. reviews: published pieces to look at again.
        in_review: assets in review that they answer for.
    """

    person: str
    email: str | None
    roles: tuple[str, ...]
    day: date
    late: tuple[AgendaItem, ...] = ()
    due: tuple[AgendaItem, ...] = ()
    waiting: tuple[AgendaItem, ...] = ()
    reviews: tuple[AgendaItem, ...] = ()
    in_review: tuple[Asset, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.late or self.due or self.waiting or self.reviews or self.in_review)


def digest(
    person: str,
    email: str | None,
    roles: Iterable[str],
    items: Iterable[AgendaItem],
    in_review: Mapping[str, Iterable[Asset]],
    day: date,
) -> Digest:
    """Make one person's digest.

    Args:
        items: the whole agenda, done steps too: they say whose turn it is. in_review: by the role that answers for it.
    """
    roles, everything = tuple(roles), list(items)
    sunday = week_of(day) + timedelta(days=6)
    open_items = [item for item in everything if item.role in roles and item.state is MilestoneState.DUE]
    work = [item for item in open_items if item.lane not in (Lane.EXPIRY, Lane.REVIEW, Lane.SLOT)]
    turns = _turns(everything)
    return Digest(
        person=person,
        email=email,
        roles=roles,
        day=day,
        late=tuple(item for item in work if item.day < day),
        due=tuple(item for item in work if day <= item.day <= sunday),
        waiting=tuple(item for item in work if item.day > sunday and item.uid in turns),
        reviews=tuple(i for i in open_items if i.lane is Lane.REVIEW and i.day <= day + _REVIEW_AHEAD),
        in_review=tuple(asset for role in roles for asset in in_review.get(role, ())),
    )


def _turns(items: Iterable[AgendaItem]) -> set[str]:
    """Return the next open step of each asset under way, where a step before it has been done."""
    by_asset: dict[str, list[AgendaItem]] = {}
    for item in items:
        if item.lane in (Lane.STEP, Lane.PUBLICATION):
            by_asset.setdefault(item.asset_id, []).append(item)
    turns = set()
    for steps in by_asset.values():
        ordered = sorted(steps, key=lambda item: (item.day, item.key))
        begun = any(item.state is MilestoneState.DONE for item in ordered)
        following = [item for item in ordered if item.state is MilestoneState.DUE]
        if begun and following:
            turns |= {item.uid for item in following if item.day == following[0].day}
    return turns


def in_review_by_role(assets: Iterable[Asset], owners: Mapping[str, str | None]) -> dict[str, list[Asset]]:
    """Return the assets in review by the role that answers for them.

    Args:
        owners: kind → owning role, for assets that name none.
    """
    found: dict[str, list[Asset]] = {}
    for asset in assets:
        role = asset.owner or owners.get(asset.kind)
        if asset.state is WorkflowState.IN_REVIEW and role:
            found.setdefault(role, []).append(asset)
    return found
