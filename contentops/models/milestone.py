"""Dated work on the calendar, and how its dates came to be."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Text, UniqueConstraint
from sqlmodel import Field

from contentops.models.asset import stored_by_value
from contentops.models.record import Record, new_id


class MilestoneState(StrEnum):
    """Whether a milestone is still to be done."""

    DUE = "due"
    DONE = "done"
    DROPPED = "dropped"


class Lane(StrEnum):
    """What an entry of the calendar is about. The first four of an asset stand in every calendar."""

    STEP = "step"
    PUBLICATION = "publication"
    EXPIRY = "expiry"
    REVIEW = "review"
    PLACEMENT = "placement"
    PROMOTION = "promotion"
    SLOT = "slot"


class Milestone(Record, table=True):
    """Dated work for one asset: a step of its standard, its publication, a placement, a promotion."""

    __table_args__ = (UniqueConstraint("asset_id", "step"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    asset_id: str = Field(foreign_key="asset.id", ondelete="CASCADE", max_length=32)
    step: str = Field(max_length=40, description="Its key within the asset; UIDs hang on it.")
    lane: Lane = Field(Lane.STEP, sa_type=stored_by_value(Lane), description="step, publication, placement, promotion.")
    name: dict[str, str] = Field(default_factory=dict, sa_type=JSON, description="Wordings by language.")
    role: str = Field(max_length=40, description="Role that does it.")
    due_on: date = Field(index=True)
    pinned: bool = Field(False, description="Somebody set the day by hand; planning keeps it.")
    effort_hours: float = Field(0, ge=0)
    checklist: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JSON, description="Points: text (wordings), by and at once ticked."
    )
    state: MilestoneState = Field(MilestoneState.DUE, sa_type=stored_by_value(MilestoneState))
    standard_version: int = Field(ge=1, description="Version of the standard it was planned by.")
    channel: str = Field("", max_length=40, description="Where it is placed or promoted, such as wechat.")
    format: str = Field("", max_length=40, description="In which form, such as article or short_video.")
    address: str = Field("", max_length=500, description="Where it stands there, once it does.")
    created_at: datetime
    changed_at: datetime = Field(description="Last change of this row.")


class DateChange(Record, table=True):
    """One date that somebody set, moved or took away. Append-only."""

    __tablename__ = "date_change"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    asset_id: str = Field(foreign_key="asset.id", ondelete="CASCADE", max_length=32, index=True)
    what: str = Field(max_length=80, description="A milestone's key, or publication, expiry, review.")
    from_on: date | None = Field(None)
    to_on: date | None = Field(None, description="Empty: dropped.")
    at: datetime
    by: str = Field(max_length=100, description="Who did it.")
    reason: str = Field("", sa_type=Text, description="Why: the command, or the file it came from.")
