"""Dated steps on the calendar."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from contentops.models.asset import stored_by_value
from contentops.models.record import Record, new_id


class MilestoneState(StrEnum):
    """Whether a milestone is still to be done."""

    DUE = "due"
    DONE = "done"
    DROPPED = "dropped"


class Milestone(Record, table=True):
    """One step of a standard, dated for one asset. The calendar's unit."""

    __table_args__ = (UniqueConstraint("asset_id", "step"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    asset_id: str = Field(foreign_key="asset.id", ondelete="CASCADE", max_length=32)
    step: str = Field(max_length=40, description="The step's key in the standard; UIDs hang on it.")
    name: dict[str, str] = Field(default_factory=dict, sa_type=JSON, description="Wordings by language.")
    role: str = Field(max_length=40, description="Role that does it.")
    due_on: date = Field(index=True)
    effort_hours: float = Field(0, ge=0)
    state: MilestoneState = Field(MilestoneState.DUE, sa_type=stored_by_value(MilestoneState))
    standard_version: int = Field(ge=1, description="Version of the standard it was planned by.")
    revision: int = Field(0, ge=0, description="SEQUENCE of its calendar event: grows with each change, never falls.")
    fingerprint: str = Field(
        "", max_length=64, description="Hash of what its event says; a change raises the revision."
    )
    created_at: datetime
    changed_at: datetime = Field(description="LAST-MODIFIED and DTSTAMP of its calendar event.")
