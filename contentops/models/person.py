"""People and the roles they fill."""

from datetime import datetime

from sqlmodel import Field

from contentops.models.record import Record, new_id


class Person(Record, table=True):
    """A colleague who fills one or more roles."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    name: str = Field(min_length=1, max_length=100, unique=True)
    email: str | None = Field(None, max_length=254)


class RoleHolder(Record, table=True):
    """Who fills a role now: one person a role."""

    __tablename__ = "role_holder"

    role: str = Field(primary_key=True, max_length=40)
    person_id: str = Field(foreign_key="person.id", max_length=32, index=True)
    since: datetime
