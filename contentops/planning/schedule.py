"""From one day to dated work, and what that changes. Pure rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from contentops.assets.standards import PUBLISH, PlacementRule, Standard
from contentops.models import Lane, Milestone, MilestoneState
from contentops.planning.working_days import WorkingCalendar

_PLACED = {Lane.PLACEMENT, Lane.PROMOTION}


@dataclass(frozen=True, slots=True)
class DatedStep:
    """One piece of work with its day.

    Attributes:
        step: key within the asset. lane: what it is about. name: wordings by language. role: who does it.
        due_on, effort_hours: when, how long. checklist: what must be true before it is done.
        channel, format: of placements and promotions.
    """

    step: str
    name: Mapping[str, str]
    role: str
    due_on: date
    effort_hours: float
    lane: Lane = Lane.STEP
    checklist: tuple[Mapping[str, str], ...] = ()
    channel: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class DateMove:
    """A milestone whose plan changed, and the day it had.

    Attributes:
        milestone: as it is now. before: its day until now; None for a new one.
    """

    milestone: Milestone
    before: date | None

    @property
    def after(self) -> date | None:
        """Its day from now on; None where it was dropped."""
        return None if self.milestone.state is MilestoneState.DROPPED else self.milestone.due_on

    @property
    def is_move(self) -> bool:
        """Whether the day is another one: some changes are of a name, a role or a checklist only."""
        return self.before != self.after


def back_plan(
    standard: Standard, publish_on: date, calendar: WorkingCalendar, owner: str | None = None
) -> list[DatedStep]:
    """Give every step of a standard its day, counted in working days from the day of publication.

    The day of publication stands as it was asked for, even where it is a holiday. Placements and promotions come after
    it by calendar days, each moved to the next working day.

    Args:
        owner: the role that owns this asset, where it is not the standard's.
    """
    steps = [
        DatedStep(
            step.key,
            step.name,
            step.role,
            calendar.shift(publish_on, step.offset_days),
            step.effort_hours,
            Lane.PUBLICATION if step.key == PUBLISH else Lane.STEP,
            step.checklist,
        )
        for step in standard.owed(owner)
    ]
    publisher = next(step.role for step in steps if step.lane is Lane.PUBLICATION)
    for rule in standard.placements:
        role = rule.role or standard.duties.compiler or publisher
        steps += placements(rule, role, publish_on, calendar)
    return steps


def placements(rule: PlacementRule, role: str, publish_on: date, calendar: WorkingCalendar) -> list[DatedStep]:
    """Return the placement in one channel, and its promotions, with their days."""
    day = calendar.on_or_after(publish_on + timedelta(days=rule.after_days))
    placed = DatedStep(
        f"place_{rule.channel}",
        {"en": f"Publish on {rule.channel} ({rule.format})", "zh-CN": f"发布到 {rule.channel}（{rule.format}）"},
        role,
        day,
        rule.effort_hours,
        Lane.PLACEMENT,
        channel=rule.channel,
        format=rule.format,
    )
    promotions = [
        replace(
            placed,
            step=f"promote_{rule.channel}_{days}",
            name={"en": f"Promote on {rule.channel}, day {days}", "zh-CN": f"在 {rule.channel} 推广，第 {days} 天"},
            due_on=calendar.on_or_after(publish_on + timedelta(days=days)),
            effort_hours=rule.promote_hours,
            lane=Lane.PROMOTION,
        )
        for days in rule.promote_after_days
    ]
    return [placed, *promotions]


def forward_plan(standard: Standard, start_on: date, calendar: WorkingCalendar, owner: str | None = None) -> date:
    """Return the earliest day of publication for which no step is due before `start_on`."""
    first = min(step.offset_days for step in standard.owed(owner))
    return calendar.shift(calendar.on_or_after(start_on), max(-first, 0))


def merge(
    asset_id: str,
    steps: Iterable[DatedStep],
    version: int,
    before: Iterable[Milestone],
    now: datetime,
    *,
    calendar: WorkingCalendar,
    publication: tuple[date | None, date],
) -> list[DateMove]:
    """Bring an asset's milestones to a new plan and return those that changed or are new.

    What is done stays as it was. A day that somebody set by hand keeps its distance from publication in working days.
    What the plan no longer has is dropped, not forgotten: its event must be cancelled in every calendar that has it.
    A milestone that stays the same is not touched.

    Args:
        publication: the planned day until now (None: there was none) and the new one.
    """
    old = {milestone.step: milestone for milestone in before}
    moves = []
    for step in steps:
        milestone = old.pop(step.step, None)
        if milestone is None:
            values = _values(step, version, [])
            values |= {"asset_id": asset_id, "step": step.step, "created_at": now, "changed_at": now}
            moves.append(DateMove(Milestone.model_validate(values), None))
        elif milestone.state is not MilestoneState.DONE:
            if milestone.pinned and milestone.state is MilestoneState.DROPPED:
                continue  # left out by hand: nothing of it changes any more
            values = _values(step, version, milestone.checklist)
            if milestone.pinned:
                values |= {"due_on": _kept(milestone, publication, calendar), "state": milestone.state}
            if milestone.pinned and milestone.lane in _PLACED:  # and what else was said of a placement
                values = {"due_on": values["due_on"], "standard_version": version}
            _change(milestone, values, now, moves)
    for milestone in old.values():
        if milestone.state is not MilestoneState.DUE:
            continue
        if milestone.pinned and milestone.lane in _PLACED:
            _change(milestone, {"due_on": _kept(milestone, publication, calendar)}, now, moves)
        else:
            _change(milestone, {"state": MilestoneState.DROPPED}, now, moves)
    return moves


def _values(step: DatedStep, version: int, ticked: list[dict[str, Any]]) -> dict[str, Any]:
    marks = {_text(point["text"]): point for point in ticked}
    return {
        "name": {**step.name},
        "lane": step.lane,
        "role": step.role,
        "due_on": step.due_on,
        "effort_hours": step.effort_hours,
        "checklist": [marks.get(_text(text), {"text": {**text}, "by": None, "at": None}) for text in step.checklist],
        "state": MilestoneState.DUE,
        "standard_version": version,
        "channel": step.channel,
        "format": step.format,
    }


def _text(wordings: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(wordings.items()))


def _kept(milestone: Milestone, publication: tuple[date | None, date], calendar: WorkingCalendar) -> date:
    before, after = publication
    if before is None or before == after:
        return milestone.due_on
    return calendar.shift(after, calendar.distance(before, milestone.due_on))


def _change(milestone: Milestone, values: Mapping[str, Any], now: datetime, moves: list[DateMove]) -> None:
    if all(getattr(milestone, name) == value for name, value in values.items()):
        return
    before = None if milestone.state is MilestoneState.DROPPED else milestone.due_on
    for name, value in values.items():
        setattr(milestone, name, value)
    milestone.changed_at = max(now, milestone.changed_at)
    moves.append(DateMove(milestone, before))
