"""The shapes of the data map: a holding is what one table keeps of people. Pure values and conditions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from contentops.models import Contact, Lead

AT_ONCE = 500
"""Ids in one statement: far below what either database takes."""


class Kind(StrEnum):
    """What a column says of a person. ``none``: nothing; it never leaves in a copy for them."""

    IDENTITY = "identity"
    CONTACT = "contact"
    BEHAVIOUR = "behaviour"
    CONSENT = "consent"
    TECHNICAL = "technical"
    NONE = "none"


class Whose(StrEnum):
    """Of whom it is: somebody outside (lead), a colleague, nobody."""

    LEAD = "lead"
    COLLEAGUE = "colleague"
    NOBODY = "nobody"


class Erasure(StrEnum):
    """What becomes of it when somebody outside is erased: the row goes, what names them is emptied, it stays."""

    DELETE = "delete"
    BLANK = "blank"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the map."""

    kind: Kind
    whose: Whose


@dataclass(frozen=True, slots=True)
class Subject:
    """Of whom something is looked for.

    Attributes:
        contact_ids: all contacts of one or more persons. lead_ids: single leads besides theirs.
        hashes: keyed hashes of their addresses. submission_ids: forms in quarantine that name one of their addresses.
    """

    contact_ids: tuple[str, ...] = ()
    lead_ids: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()
    submission_ids: tuple[str, ...] = ()

    def parts(self) -> Iterator["Subject"]:
        """Yield the same in portions that fit into one statement."""
        longest = max(len(self.contact_ids), len(self.lead_ids), len(self.hashes), len(self.submission_ids), 1)
        for start in range(0, longest, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            yield Subject(self.contact_ids[part], self.lead_ids[part], self.hashes[part], self.submission_ids[part])

    def contacts(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that a column names one of the contacts."""
        return col(column).in_(self.contact_ids)

    def leads(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that a column names one of their leads."""
        named = col(column).in_(self.lead_ids)
        return or_(named, col(column).in_(self.lead_query())) if self.contact_ids else named

    def lead_query(self) -> SelectOfScalar[str]:
        """Return the query for the ids of all leads of the contacts."""
        return select(Lead.id).join(Contact, col(Contact.id) == Lead.contact_id).where(self.contacts(Contact.id))


Reach = Callable[[Subject], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Holding:
    """What one table keeps, of whom, how long, and what a copy and an erasure do with it.

    Attributes:
        table: the model. columns: every column of it. path: how it is reached from a person, in words of the schema.
        reach: the same as a condition; None where it cannot be reached, or is nobody's.
        erasure: what erasing does. blank: the values that take the place of what named somebody.
        retention: key of :func:`contentops.privacy.wording.retentions`. why: key of its ``reasons``, where it stays.
        handed_to: key of its ``recipients``.
    """

    table: type[SQLModel]
    columns: Mapping[str, Column]
    path: str = ""
    reach: Reach | None = None
    erasure: Erasure = Erasure.KEEP
    blank: Mapping[str, Any] = field(default_factory=dict)
    retention: str = "work"
    why: str = ""
    handed_to: str = ""

    @property
    def name(self) -> str:
        """Name of the table."""
        return str(self.table.__tablename__)

    @property
    def whose(self) -> Whose:
        """Of whom it is: of people outside, if any column is."""
        found = {column.whose for column in self.columns.values()}
        return next(whose for whose in (Whose.LEAD, Whose.COLLEAGUE, Whose.NOBODY) if whose in found)

    @property
    def copied(self) -> tuple[str, ...]:
        """The columns that are handed out in a copy for the person."""
        if self.reach is None:
            return ()
        return tuple(name for name, column in self.columns.items() if column.whose is Whose.LEAD)

    def description(self, column: str) -> str:
        """Return what the schema says of a column; empty where it says nothing."""
        return self.table.model_fields[column].description or ""


def columns(staff: str = "", **kinds: str) -> dict[str, Column]:
    """Return columns by name, from names by kind.

    Args:
        staff: names of columns that name colleagues. kinds: kind → names, apart by blanks.
    """
    found = {name: Column(Kind.IDENTITY, Whose.COLLEAGUE) for name in staff.split()}
    for kind, names in kinds.items():
        whose = Whose.NOBODY if kind == Kind.NONE else Whose.LEAD
        found |= {name: Column(Kind(kind), whose) for name in names.split()}
    return found
