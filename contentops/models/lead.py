"""Leads: who asked for what, how they came, what they took."""

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from contentops.models.record import Record, new_id


class Lead(Record, table=True):
    """One person's interest in one asset; there is never a second row for the same pair."""

    __table_args__ = (UniqueConstraint("asset_id", "contact_id"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    asset_id: str = Field(foreign_key="asset.id", max_length=32)
    contact_id: str = Field(foreign_key="contact.id", ondelete="CASCADE", max_length=32, index=True)
    origin: str = Field("form", max_length=20, description="form or import.")
    awaits_confirmation: bool = Field(
        False, description="True: the page asks for double opt-in, and its mail has not been answered."
    )
    confirmed_at: datetime | None = Field(None, description="When the address was confirmed.")
    created_at: datetime = Field(index=True)
    last_at: datetime = Field(description="Last time they asked again.")


class Submission(Record, table=True):
    """One accepted form, as it was checked. Append-only."""

    __table_args__ = (Index("uq_submission_asset_id_idempotency_key", "asset_id", "idempotency_key", unique=True),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    asset_id: str = Field(foreign_key="asset.id", max_length=32, index=True)
    lead_id: str | None = Field(None, foreign_key="lead.id", ondelete="CASCADE", max_length=32, index=True)
    at: datetime
    fields: dict[str, str] = Field(default_factory=dict, sa_type=JSON, description="Checked answers by field name.")
    page: str = Field("", max_length=300, description="Path of the page with the form.")
    trusted: bool = Field(
        True,
        description="False: it did not say which page sent it (no Origin, no Fetch Metadata: old browsers, proxies), "
        "which privacy notice that page showed, or when; or it was released from quarantine.",
    )
    idempotency_key: str | None = Field(None, max_length=100, description="Given by the sender; the same form twice.")
    content_sha256: str = Field("", max_length=64, description="Of all that was sent, to compare with the same key.")
    quarantined: bool = Field(False, description="True: looks like a machine's; no lead was made of it.")
    reason: str = Field("", max_length=40, description="Why it is in quarantine: honeypot or too_fast.")
    released_at: datetime | None = Field(None, description="When somebody made a lead of it after all.")


class Touch(Record, table=True):
    """How they came: campaign, referrer, landing page. Append-only: what was seen first is never overwritten."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    lead_id: str = Field(foreign_key="lead.id", ondelete="CASCADE", max_length=32, index=True)
    at: datetime
    source: str = Field("", max_length=200, description="utm_source")
    medium: str = Field("", max_length=200, description="utm_medium")
    campaign: str = Field("", max_length=200, description="utm_campaign")
    term: str = Field("", max_length=200, description="utm_term")
    content: str = Field("", max_length=200, description="utm_content")
    click_ids: dict[str, str] = Field(
        default_factory=dict, sa_type=JSON, description="Click ids of advertisers by name, such as gclid, bd_vid."
    )
    referrer_host: str = Field("", max_length=253, description="Host of the page they came from, nothing more.")
    landing_path: str = Field("", max_length=300, description="Path of the first page of the visit.")
    page: str = Field("", max_length=300, description="Path of the page with the form.")
    code: str = Field("", max_length=40, description="Short code of a link or QR code, or state of WeCom's.")
    offline_code: str = Field("", max_length=40, description="Code of an event or a printed piece, typed or imported.")
    flags: str = Field("", max_length=100, description="What was mended: cut, personal (an e-mail address in a value).")


class Download(Record, table=True):
    """One time the asset was handed over by a personal link. Append-only."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    lead_id: str = Field(foreign_key="lead.id", ondelete="CASCADE", max_length=32, index=True)
    attachment_id: str = Field(
        max_length=32, description="Which file; no foreign key, the file may be replaced later. Empty: the whole text."
    )
    by_machine: bool = Field(False, description="True: looks like a link scanner's; counts for nobody.")
    at: datetime


class RateCount(Record, table=True):
    """How many forms (or wishes for a new link) one sender sent in one span of time, in all processes; for a day."""

    __tablename__ = "rate_count"

    key: str = Field(primary_key=True, max_length=80, description="Keyed hash of the sender's network, and the window.")
    span: int = Field(primary_key=True, description="Number of the window's span since 1970.")
    count: int = Field(ge=0)
