"""Places in the calendar that a series keeps free for content."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from contentops.models.asset import stored_by_value
from contentops.models.record import Record, new_id


class SlotState(StrEnum):
    """Whether a slot waits for an asset."""

    OPEN = "open"
    FILLED = "filled"
    SKIPPED = "skipped"


class Slot(Record, table=True):
    """One date of a series. It keeps its rule's day, however far it is moved."""

    __table_args__ = (UniqueConstraint("series", "rule_on"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    series: str = Field(max_length=40, description="Key of the series in calendar/cadence.toml.")
    rule_on: date = Field(description="Day that the rule names.")
    day: date = Field(description="Day that it is for: the rule's, shifted over holidays, or moved by hand.")
    kind: str = Field(max_length=40)
    name: str = Field(max_length=200, description="Name of the series.")
    state: SlotState = Field(SlotState.OPEN, sa_type=stored_by_value(SlotState))
    asset_id: str | None = Field(None, foreign_key="asset.id", ondelete="SET NULL", max_length=32, index=True)
    changed_at: datetime
