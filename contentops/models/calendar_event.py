"""What has left the house as a calendar event, so that the next export tells other calendars what changed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary
from sqlmodel import Field

from contentops.models.asset import stored_by_value
from contentops.models.milestone import Lane
from contentops.models.record import Record


class CalendarEvent(Record, table=True):
    """One event as it was last written, by its UID. It outlives what it was about: UIDs are for ever."""

    __tablename__ = "calendar_event"
    __table_args__ = (Index("ix_calendar_event_days", "day", "cancelled", "changed_at"),)

    uid: str = Field(primary_key=True, max_length=160)
    asset_id: str = Field("", max_length=32, index=True, description="Empty for a free slot of a series.")
    key: str = Field(max_length=80, description="The milestone's or slot's key; the lane's name for dates of an asset.")
    lane: Lane = Field(sa_type=stored_by_value(Lane))
    role: str = Field("", max_length=40)
    kind: str = Field("", max_length=40)
    day: date
    summary: str = Field("", max_length=400)
    cancelled: bool = Field(False)
    revision: int = Field(0, ge=0, description="SEQUENCE: grows with each change, never falls.")
    fingerprint: str = Field(max_length=64, description="Hash of all that the event says.")
    changed_at: datetime = Field(description="LAST-MODIFIED and DTSTAMP.")
    rendered: bytes = Field(b"", sa_type=LargeBinary, description="The VEVENT, ready to be joined into a calendar.")
    former: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JSON, description="What it said before, newest last: day, summary, revision."
    )


class CalendarLedger(Record, table=True):
    """One row: what the events were last made from."""

    __tablename__ = "calendar_ledger"

    id: int = Field(1, primary_key=True)
    version: int = Field(0, description="Grows whenever any event changed.")
    context_sha256: str = Field("", max_length=64, description="Hash of the settings and standards that events quote.")
    changed_at: datetime | None = Field(None, description="When an event changed last.")


class CalendarDirty(Record, table=True):
    """An asset whose events may be out of date. Written by triggers, so that whoever changes a row is noticed."""

    __tablename__ = "calendar_dirty"

    id: int | None = Field(None, primary_key=True)
    asset_id: str | None = Field(None, max_length=32, description="Empty: all of them, such as when a name changed.")
