"""What stands on the calendar: one entry for each dated thing of an asset, and for each free slot of a series."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from contentops.assets.slugs import page_path
from contentops.assets.standards import Standards
from contentops.models import Asset, Lane, Milestone, MilestoneState, Slot, SlotState, WorkflowState
from contentops.texts import gettext as _
from contentops.texts import pick

GIVEN_UP = {WorkflowState.RETIRED, WorkflowState.IDEA}
"""States in which an asset owes nothing: what is open of it is cancelled."""

REVIEW_HOURS = 1.0
"""What a review of something that is out is counted with."""

_DOMAIN = "@contentops"


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One entry of the calendar, as another tool can use it. Texts are in the language in force when it was made.

    Attributes:
        uid: of its calendar event, for ever the same. day: the day it is for. lane: what it is about.
        key: the milestone's or slot's key; the lane's name for an expiry or a review. name: what is to be done.
        title: the asset's, or the series'. address: the asset as ``zh-CN/slug``; empty for a free slot.
        asset_id: empty for a free slot. language: the asset's. kind: key of the kind. role, person: who does it.
        hours: effort. state: ``due``, ``done`` or ``dropped``. asset_state: in the workflow; ``open`` for a slot.
        url: where the asset is or will be. open_points: of its checklist. channel, format: of placements.
        changed_at: last change of the row it comes from, UTC.
    """

    uid: str
    day: date
    lane: Lane
    key: str
    name: str
    title: str
    address: str
    asset_id: str
    language: str
    kind: str
    role: str
    person: str
    hours: float
    state: MilestoneState
    asset_state: str
    url: str
    open_points: tuple[str, ...]
    channel: str
    format: str
    changed_at: datetime

    @property
    def is_dropped(self) -> bool:
        """Whether it no longer counts."""
        return self.state is MilestoneState.DROPPED

    @property
    def summary(self) -> str:
        """One line for lists: what, and of what."""
        return f"{self.name} · {self.title}"

    def is_late(self, today: date) -> bool:
        """Return whether it should have been done before `today`. Expiry comes by itself and is never late."""
        return self.state is MilestoneState.DUE and self.day < today and self.lane is not Lane.EXPIRY


def lane_name(lane: Lane) -> str:
    """Return the name of a lane in the current language."""
    return {
        Lane.STEP: _("production"),
        Lane.PUBLICATION: _("publication"),
        Lane.EXPIRY: _("expiry"),
        Lane.REVIEW: _("review"),
        Lane.PLACEMENT: _("placement"),
        Lane.PROMOTION: _("promotion"),
        Lane.SLOT: _("free slot"),
    }[lane]


def uid_of_milestone(asset_id: str, step: str) -> str:
    """Return the UID of a milestone's event (RFC 5545 3.8.4.7): globally unique, and never another one."""
    return f"{asset_id}-{step}{_DOMAIN}"


def uid_of_date(asset_id: str, lane: Lane) -> str:
    """Return the UID of an asset's expiry or review. The dot keeps it apart from a step of that name."""
    return f"{asset_id}.{lane}{_DOMAIN}"


def uid_of_slot(slot: Slot) -> str:
    """Return the UID of a slot: of its series and the day that the rule names, wherever the slot is moved."""
    return f"{slot.series}.{slot.rule_on:%Y%m%d}.slot{_DOMAIN}"


class Agenda:
    """Makes entries of rows.

    Args:
        standards: for kinds and owners. people: role → name. public_url: of the site. zone: in which dates are meant.
    """

    def __init__(self, standards: Standards, people: Mapping[str, str], public_url: str, zone: ZoneInfo) -> None:
        self._standards, self._people, self._public_url, self._zone = standards, people, public_url, zone

    def items(self, asset: Asset, milestones: Iterable[Milestone]) -> Iterator[AgendaItem]:
        """Yield everything of one asset: its milestones, its expiry, its next review."""
        for milestone in milestones:
            given_up = milestone.state is MilestoneState.DUE and asset.state in GIVEN_UP
            yield self._item(
                asset,
                uid=uid_of_milestone(asset.id, milestone.step),
                day=milestone.due_on,
                lane=milestone.lane,
                key=milestone.step,
                name=pick(milestone.name) if milestone.name else milestone.step,
                role=milestone.role,
                hours=milestone.effort_hours,
                state=MilestoneState.DROPPED if given_up else milestone.state,
                open_points=tuple(pick(point["text"]) for point in milestone.checklist if not point["at"]),
                channel=milestone.channel,
                format=milestone.format,
                changed_at=milestone.changed_at,
            )
        yield from self._dates(asset)

    def _dates(self, asset: Asset) -> Iterator[AgendaItem]:
        owner = asset.owner or self._owner(asset.kind)
        dates = (
            (Lane.EXPIRY, asset.expires_at and asset.expires_at.astimezone(self._zone).date(), _("Expires")),
            (Lane.REVIEW, asset.review_on, _("Review")),
        )
        for lane, day, name in dates:
            if day is None:
                continue
            yield self._item(
                asset,
                uid=uid_of_date(asset.id, lane),
                day=day,
                lane=lane,
                key=str(lane),
                name=name,
                role=owner,
                hours=REVIEW_HOURS if lane is Lane.REVIEW else 0.0,
                state=MilestoneState.DROPPED if asset.state in GIVEN_UP else MilestoneState.DUE,
                changed_at=asset.changed_at,
            )

    def slot(self, slot: Slot) -> AgendaItem:
        """Return the entry of a slot. A filled or skipped one is dropped: its asset stands for it, or nothing does."""
        owner = self._owner(slot.kind)
        return AgendaItem(
            uid=uid_of_slot(slot),
            day=slot.day,
            lane=Lane.SLOT,
            key=f"{slot.series} {slot.rule_on}",
            name=_("Free slot"),
            title=slot.name,
            address="",
            asset_id="",
            language="",
            kind=slot.kind,
            role=owner,
            person=self._people.get(owner, ""),
            hours=0,
            state=MilestoneState.DUE if slot.state is SlotState.OPEN else MilestoneState.DROPPED,
            asset_state="open",
            url="",
            open_points=(),
            channel="",
            format="",
            changed_at=slot.changed_at,
        )

    def _item(
        self,
        asset: Asset,
        *,
        uid: str,
        day: date,
        lane: Lane,
        key: str,
        name: str,
        role: str,
        hours: float,
        state: MilestoneState,
        changed_at: datetime,
        open_points: tuple[str, ...] = (),
        channel: str = "",
        format: str = "",  # noqa: A002 - the field's name
    ) -> AgendaItem:
        return AgendaItem(
            uid=uid,
            day=day,
            lane=lane,
            key=key,
            name=name,
            title=asset.title,
            address=f"{asset.language}/{asset.slug}",
            asset_id=asset.id,
            language=asset.language,
            kind=asset.kind,
            role=role,
            person=self._people.get(role, ""),
            hours=hours,
            state=state,
            asset_state=str(asset.state),
            url=self._public_url + page_path(asset.language, asset.slug),
            open_points=open_points,
            channel=channel,
            format=format,
            changed_at=changed_at,
        )

    def _owner(self, kind: str) -> str:
        duties = self._standards[kind].duties if kind in self._standards.kinds else None
        return (duties.owner if duties else None) or ""
