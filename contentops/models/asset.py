"""Content assets, the files they come from, and their way through the workflow."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Enum, Text, UniqueConstraint
from sqlmodel import Field

from contentops.models.record import Record, new_id


class WorkflowState(StrEnum):
    """Where an asset stands on its way from idea to retirement."""

    IDEA = "idea"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


class Gate(StrEnum):
    """Whether a visitor must leave a contact to get the asset: not at all, for the rest of the text, for all of it."""

    OPEN = "open"
    PARTIAL = "partial"
    GATED = "gated"


def stored_by_value(enum: type[StrEnum]) -> Enum:
    """Return the column type that keeps a closed set as its values, not its Python names."""
    return Enum(enum, values_callable=lambda members: [m.value for m in members], native_enum=False, length=20)


class AssetFields(Record):
    """The fields of an asset, checked without being a row: an import makes thousands, a row costs ten times more."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32, description="Random, for ever.")
    slug: str = Field(max_length=80, description="Address within its language; given once, kept for ever.")
    kind: str = Field(max_length=40, index=True, description="Kind; its standard says how it is made.")
    language: str = Field(max_length=20, description="BCP 47 tag, such as zh-CN.")
    translation_key: str = Field(
        max_length=300, index=True, description="Equal for all language versions of one piece."
    )
    title: str = Field(max_length=300, description="Title as the writer gave it.")
    description: str = Field("", sa_type=Text, description="One or two sentences for search results and lists.")
    state: WorkflowState = Field(
        WorkflowState.IDEA, sa_type=stored_by_value(WorkflowState), index=True, description="Place in the workflow."
    )
    gate: Gate = Field(
        Gate.OPEN,
        sa_type=stored_by_value(Gate),
        description="Open, handed over for a contact, or the first parts open.",
    )
    owner: str | None = Field(None, max_length=40, description="Role that answers for it, where not the standard's.")
    draft: bool = Field(False, description="The writer's own mark that it must not go out.")
    dated_on: date | None = Field(None, description="Date that the text bears.")
    changed_on: date | None = Field(None, description="Date of the last change that the writer states (lastmod).")
    go_live_at: datetime | None = Field(None, description="Not public before this moment (publishDate).")
    expires_at: datetime | None = Field(None, description="Not public from this moment on (expiryDate).")
    planned_on: date | None = Field(
        None, description="Day for which publication is planned; a plan, it publishes nothing. Empty: the backlog."
    )
    published_at: datetime | None = Field(None, description="Moment of the last publication.")
    reviewed_on: date | None = Field(None, description="Day of the last review of what is out.")
    review_on: date | None = Field(None, description="Day of the next review.")
    standard_version: int | None = Field(None, description="Version of the standard it was planned by last.")
    aliases: list[str] = Field(default_factory=list, sa_type=JSON, description="Former addresses.")
    stages: list[str] = Field(default_factory=list, sa_type=JSON, description="Journey stages it serves.")
    personas: list[str] = Field(default_factory=list, sa_type=JSON, description="Personas it speaks to.")
    industries: list[str] = Field(default_factory=list, sa_type=JSON, description="Industries.")
    keywords: dict[str, list[str]] = Field(
        default_factory=dict, sa_type=JSON, description="Search words by class: product, industry, solution."
    )
    offer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="Promise, subtitle, button, inside …")
    front_matter: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, description="All keys of the file, as written."
    )
    created_at: datetime = Field(description="When contentops first saw it.")
    changed_at: datetime = Field(description="Last change of this row.")


class Asset(AssetFields, table=True):
    """One piece of content with an address that never changes."""

    __table_args__ = (UniqueConstraint("language", "slug"),)


class AssetText(Record, table=True):
    """The Markdown of an asset, apart from the asset so that lists stay light."""

    __tablename__ = "asset_text"

    asset_id: str = Field(primary_key=True, foreign_key="asset.id", ondelete="CASCADE", max_length=32)
    markdown: str = Field(sa_type=Text, description="Body below the front matter, line ends as LF.")
    sha256: str = Field(max_length=64, index=True, description="Hash of the body, to follow renamed files.")


class Attachment(Record, table=True):
    """A file that an asset hands over or shows: a PDF, a cover picture."""

    __table_args__ = (UniqueConstraint("asset_id", "role"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    asset_id: str = Field(foreign_key="asset.id", ondelete="CASCADE", max_length=32)
    role: str = Field(max_length=20, description="download or cover.")
    path: str = Field(max_length=500, description="Where the writer keeps it, relative to the workspace.")
    file_name: str = Field(max_length=200, description="Name under which a visitor saves it.")
    media_type: str = Field(max_length=100, description="From the list of allowed endings, never guessed from content.")
    size_bytes: int = Field(ge=0)
    mtime_ns: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64, description="Name of the kept copy below .contentops/files/.")


class SourceFile(Record, table=True):
    """A Markdown file as it was when it was last read, so that an unchanged one is not read again."""

    __tablename__ = "source_file"

    path: str = Field(
        primary_key=True, max_length=500, description="Relative to the workspace, or absolute outside it."
    )
    asset_id: str | None = Field(None, foreign_key="asset.id", ondelete="SET NULL", max_length=32, index=True)
    size_bytes: int = Field(ge=0)
    mtime_ns: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64)
    rules_sha256: str = Field(max_length=64, description="Hash of the source's settings it was read by.")
    problem: str | None = Field(None, sa_type=Text, description="Why it could not be read, as a sentence.")
    problem_line: int | None = Field(None)


class Transition(Record, table=True):
    """One change of workflow state, or one comment. Append-only."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    asset_id: str = Field(foreign_key="asset.id", ondelete="CASCADE", max_length=32, index=True)
    from_state: str | None = Field(None, max_length=20, description="Empty for the first one.")
    to_state: str = Field(max_length=20)
    action: str = Field(
        "move", max_length=20, description="move, reject, resume, override, or comment (which changes no state)."
    )
    at: datetime
    by: str = Field(max_length=100, description="Who did it.")
    reason: str = Field("", sa_type=Text, description="Why.")
