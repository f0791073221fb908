"""Leads: who asked for what, what they agreed to, how they came, what they took."""

from datetime import datetime

from sqlalchemy import JSON, Text, UniqueConstraint
from sqlmodel import Field

from contentops.models.record import Record, new_id


class Contact(Record, table=True):
    """A person outside who left a name and an address. One person, however often they come."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    name: str = Field("", max_length=100)
    company: str = Field("", max_length=200)
    email: str | None = Field(None, max_length=254, description="To write to; the first one they gave.")
    phone: str | None = Field(None, max_length=60, description="E.164, with ;ext= where there is an extension.")
    created_at: datetime
    changed_at: datetime


class ContactKey(Record, table=True):
    """What a contact is recognised by: ``mail:`` + canonical address, ``tel:`` + E.164."""

    __tablename__ = "contact_key"

    value: str = Field(primary_key=True, max_length=300)
    contact_id: str = Field(foreign_key="contact.id", ondelete="CASCADE", max_length=32, index=True)


class Lead(Record, table=True):
    """One person's interest in one asset; there is never a second row for the same pair."""

    __table_args__ = (UniqueConstraint("asset_id", "contact_id"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    asset_id: str = Field(foreign_key="asset.id", max_length=32)
    contact_id: str = Field(foreign_key="contact.id", ondelete="CASCADE", max_length=32, index=True)
    created_at: datetime = Field(index=True)
    last_at: datetime = Field(description="Last time they asked again.")


class Submission(Record, table=True):
    """One accepted form, as it was checked. Append-only."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    asset_id: str = Field(foreign_key="asset.id", max_length=32, index=True)
    lead_id: str | None = Field(None, foreign_key="lead.id", ondelete="CASCADE", max_length=32, index=True)
    at: datetime
    fields: dict[str, str] = Field(default_factory=dict, sa_type=JSON, description="Checked answers by field name.")
    trusted: bool = Field(
        True, description="False: no Origin and no Fetch-Metadata came with it (old browsers, proxies)."
    )
    quarantined: bool = Field(False, description="True: looks like a machine's; no lead was made of it.")


class Touch(Record, table=True):
    """How they came: campaign, referrer, landing page. Append-only."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    lead_id: str = Field(foreign_key="lead.id", ondelete="CASCADE", max_length=32, index=True)
    at: datetime
    source: str = Field("", max_length=200, description="utm_source")
    medium: str = Field("", max_length=200, description="utm_medium")
    campaign: str = Field("", max_length=200, description="utm_campaign")
    term: str = Field("", max_length=200, description="utm_term")
    content: str = Field("", max_length=200, description="utm_content")
    referrer_host: str = Field("", max_length=253, description="Host of the page they came from, nothing more.")
    landing_path: str = Field("", max_length=300, description="Path of the page with the form.")


class Consent(Record, table=True):
    """One yes or no to one purpose, with the wording that was shown. Append-only evidence (GDPR art. 7(1))."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    contact_id: str = Field(foreign_key="contact.id", ondelete="CASCADE", max_length=32, index=True)
    submission_id: str | None = Field(None, foreign_key="submission.id", ondelete="SET NULL", max_length=32)
    purpose: str = Field(max_length=40, description="delivery or marketing.")
    granted: bool
    wording: str = Field(sa_type=Text, description="The exact text beside the box.")
    wording_sha256: str = Field(max_length=64, description="Hash of wording and notice: its version.")
    locale: str = Field(max_length=20)
    page: str = Field(max_length=300, description="Path of the page that showed it.")
    at: datetime


class Download(Record, table=True):
    """One time the asset was handed over by a personal link. Append-only."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    lead_id: str = Field(foreign_key="lead.id", ondelete="CASCADE", max_length=32, index=True)
    attachment_id: str = Field(
        max_length=32, description="Which file; no foreign key, the file may be replaced later. Empty: the whole text."
    )
    at: datetime
