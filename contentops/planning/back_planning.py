"""From a day of publication to dated steps, and what that changes. Pure rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contentops.assets.standards import Standard
from contentops.models import Milestone, MilestoneState
from contentops.planning.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class DatedStep:
    """One step with its day.

    Attributes:
        step: key in the standard. name: wordings by language. role: who does it. due_on, effort_hours: when, how long.
    """

    step: str
    name: Mapping[str, str]
    role: str
    due_on: date
    effort_hours: float


def back_plan(standard: Standard, publish_on: date, calendar: WorkingCalendar) -> list[DatedStep]:
    """Give every step of a standard its day, counted in working days from the day of publication.

    The day of publication stands as it was asked for, even where it is a holiday.
    """
    return [
        DatedStep(step.key, step.name, step.role, calendar.shift(publish_on, step.offset_days), step.effort_hours)
        for step in standard.steps
    ]


def merge(
    asset_id: str, steps: Iterable[DatedStep], version: int, before: Iterable[Milestone], now: datetime
) -> list[Milestone]:
    """Bring an asset's milestones to a new plan and return those that changed or are new.

    What is done stays as it was. What the plan no longer has is dropped, not forgotten: its event must be cancelled
    in every calendar that has it. A milestone that stays the same is not touched.
    """
    old = {milestone.step: milestone for milestone in before}
    changed = []
    for step in steps:
        milestone = old.pop(step.step, None)
        if milestone is not None and milestone.state is MilestoneState.DONE:
            continue
        values: dict[str, Any] = {
            "name": {**step.name},
            "role": step.role,
            "due_on": step.due_on,
            "effort_hours": step.effort_hours,
            "state": MilestoneState.DUE,
            "standard_version": version,
        }
        if milestone is None:
            values |= {"asset_id": asset_id, "step": step.step, "created_at": now, "changed_at": now}
            changed.append(Milestone.model_validate(values))
        elif any(getattr(milestone, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(milestone, name, value)
            changed.append(milestone)
    for milestone in old.values():
        if milestone.state is MilestoneState.DUE:
            milestone.state = MilestoneState.DROPPED
            changed.append(milestone)
    return changed
