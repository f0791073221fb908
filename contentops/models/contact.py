"""People outside: who they are, what they are recognised by, which of them are one person."""

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from contentops.models.record import Record, new_id


class Contact(Record, table=True):
    """What is known of somebody who left a name and an address.

    Two contacts that turn out to be one person keep their rows and all that hangs on them: a merge only sets
    ``person_id``, so that it can be undone exactly.
    """

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    person_id: str = Field(
        max_length=32, index=True, description="The contact that stands for the person; its own id unless merged."
    )
    name: str = Field("", max_length=100)
    company: str = Field("", max_length=200)
    job_title: str = Field("", max_length=100)
    email: str | None = Field(None, max_length=254, description="To write to; the first one they gave.")
    phone: str | None = Field(None, max_length=60, description="E.164, with ;ext= where there is an extension.")
    language: str = Field("", max_length=20, description="Of the page they came by last: mail is written in it.")
    created_at: datetime
    changed_at: datetime = Field(index=True, description="Last time they did something; retention counts from it.")


class ContactKey(Record, table=True):
    """What a contact is recognised by: ``mail:`` + canonical address, ``tel:`` + E.164, ``wecom:`` + external id."""

    __tablename__ = "contact_key"

    value: str = Field(primary_key=True, max_length=300)
    contact_id: str = Field(foreign_key="contact.id", ondelete="CASCADE", max_length=32, index=True)


class KeyClaim(Record, table=True):
    """A key that somebody gave although it belongs to another contact: perhaps one person, perhaps a shared phone."""

    __tablename__ = "key_claim"

    value: str = Field(primary_key=True, max_length=300)
    contact_id: str = Field(foreign_key="contact.id", ondelete="CASCADE", max_length=32, primary_key=True, index=True)
    at: datetime


class Merge(Record, table=True):
    """One finding that contacts are one person. Append-only but for its undoing."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    kept_id: str = Field(max_length=32, index=True, description="Person that stands for all from then on.")
    absorbed_id: str = Field(max_length=32, index=True, description="Person that it took in.")
    contact_ids: list[str] = Field(
        default_factory=list,
        sa_type=JSON,
        description="Contacts that belonged to the absorbed person, itself included.",
    )
    at: datetime
    by: str = Field(max_length=100, description="Who did it; 'form' where somebody gave both keys in one form.")
    undone_at: datetime | None = Field(None)
    undone_by: str = Field("", max_length=100)


class DistinctPair(Record, table=True):
    """Two persons that were looked at and are two: they are not proposed again."""

    __tablename__ = "distinct_pair"
    __table_args__ = (UniqueConstraint("first_id", "second_id"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    first_id: str = Field(max_length=32, description="The smaller of both ids.")
    second_id: str = Field(max_length=32, index=True)
    at: datetime
    by: str = Field(max_length=100)
