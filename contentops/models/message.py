"""What is to be sent and what was: the outbox for leads, and what colleagues got, so that nobody gets it twice."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from contentops.models.asset import stored_by_value
from contentops.models.record import Record, new_id

MAIL = "mail"
"""The target of messages that go to people by e-mail."""
ASSET, CONFIRM, LINK = "asset", "confirm", "link"
"""Kinds of mail: what was asked for; please confirm (double opt-in); a new link, because the old one has expired."""


class MessageState(StrEnum):
    """Where a message stands.

    Due (again) at ``next_at``; leased by a worker; done; given up (dead); held until its target works again (parked);
    no longer wanted (cancelled).
    """

    DUE = "due"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    PARKED = "parked"
    CANCELLED = "cancelled"


UNDELIVERED = (MessageState.DUE, MessageState.LEASED, MessageState.PARKED)
"""States of messages that may still leave."""


class Message(Record, table=True):
    """One thing that must leave the house. Ids only: what it says is made when it is sent, so nothing is copied.

    No foreign keys: that somebody was erased must still be told to targets.
    """

    __table_args__ = (
        Index("ix_message_state_next_at", "state", "next_at"),
        Index("ix_message_state_done_at", "state", "done_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32, description="Message-ID is made of it.")
    kind: str = Field(max_length=40, description="asset, confirm, link …; lead.erased and the like for targets.")
    target: str = Field(MAIL, max_length=40, description="mail, or the name of a target of its own.")
    contact_id: str | None = Field(None, max_length=32, index=True)
    lead_id: str | None = Field(None, max_length=32, index=True)
    asset_id: str | None = Field(None, max_length=32)
    about_id: str | None = Field(None, max_length=32, description="What else it is about, such as a consent.")
    recipient_hash: str | None = Field(
        None,
        max_length=64,
        index=True,
        description="Keyed hash of who gets it, set when it is claimed: caps count by it.",
    )
    state: MessageState = Field(MessageState.DUE, sa_type=stored_by_value(MessageState))
    attempts: int = Field(0, ge=0, description="Counted when it is claimed, so that one that kills workers ends too.")
    tried_at: datetime | None = Field(None, description="When it was first claimed, or first since it was begun anew.")
    next_at: datetime = Field(description="Not before this moment.")
    lease_until: datetime | None = Field(None)
    claim_token: str | None = Field(
        None, max_length=32, description="Of the worker that holds it; others cannot mark it."
    )
    last_error: str = Field("", max_length=500, description="Why the last try failed; without addresses.")
    created_at: datetime
    done_at: datetime | None = Field(None, description="When it was sent, given up or cancelled.")


class DeliveryPause(Record, table=True):
    """A target that refuses everything, such as a mail server that does not accept our password."""

    __tablename__ = "delivery_pause"

    target: str = Field(primary_key=True, max_length=40)
    until: datetime
    failures: int = Field(0, ge=0, description="In a row.")
    reason: str = Field("", max_length=500)


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
