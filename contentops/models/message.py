"""What was sent to colleagues, so that nobody gets it twice."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from contentops.models.record import Record, new_id


class Reminder(Record, table=True):
    """One person's digest of one day."""

    __table_args__ = (UniqueConstraint("person", "day", "medium"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    person: str = Field(max_length=100)
    day: date
    medium: str = Field(max_length=20, description="mail or stdout.")
    begun_at: datetime
    sent_at: datetime | None = Field(None, description="Empty: begun, and not known to have arrived.")


class Invitation(Record, table=True):
    """What a colleague's calendar was last told about one milestone by e-mail (RFC 5546)."""

    __table_args__ = (UniqueConstraint("milestone_id", "email"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    milestone_id: str = Field(foreign_key="milestone.id", ondelete="CASCADE", max_length=32)
    email: str = Field(max_length=254)
    sequence: int = Field(0, ge=0, description="Of the last message; the next is one higher.")
    day: date
    summary: str = Field(max_length=400)
    cancelled: bool = Field(False)
    sent_at: datetime
