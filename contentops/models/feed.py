"""Subscriptions to the calendar."""

from datetime import date, datetime

from sqlalchemy import JSON
from sqlmodel import Field

from contentops.models.record import Record, new_id


class Feed(Record, table=True):
    """One subscriber's calendar under a secret address of their own."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    label: str = Field(max_length=100, unique=True, description="Whose it is, or what for.")
    token_sha256: str = Field(max_length=64, unique=True, description="Hash of the secret; the secret is not kept.")
    roles: list[str] = Field(default_factory=list, sa_type=JSON, description="Only these roles; empty: all.")
    person: str = Field("", max_length=100, description="Only the roles this person fills, whichever they are then.")
    kinds: list[str] = Field(default_factory=list, sa_type=JSON, description="Only these kinds; empty: all.")
    lanes: list[str] = Field(default_factory=list, sa_type=JSON, description="Only these lanes; empty: all.")
    created_at: datetime
    changed_at: datetime = Field(description="Last rotation or change of filters.")
    revoked_at: datetime | None = Field(None)
    last_used_on: date | None = Field(None, description="Day of the last fetch, UTC.")
