"""What people agreed to, in which words, and whom nothing may be sent to."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Text
from sqlmodel import Field

from contentops.models.asset import stored_by_value
from contentops.models.record import Record, new_id


class ConsentAction(StrEnum):
    """One entry of the consent ledger: said yes, said yes and has to confirm it, or took it back."""

    GIVEN = "given"
    PENDING = "pending"
    WITHDRAWN = "withdrawn"


class Consent(Record, table=True):
    """One yes or no to one purpose by one channel, with the wording that was shown. Append-only (GDPR art. 7(1))."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    contact_id: str = Field(foreign_key="contact.id", ondelete="CASCADE", max_length=32, index=True)
    submission_id: str | None = Field(None, foreign_key="submission.id", ondelete="SET NULL", max_length=32)
    purpose: str = Field(max_length=40, description="delivery or marketing.")
    channel: str = Field("any", max_length=20, description="email, phone, wecom, or any: all of them.")
    action: ConsentAction = Field(sa_type=stored_by_value(ConsentAction))
    how: str = Field(
        "form",
        max_length=20,
        description="form, confirmation, link, one_click, preferences, command, api, import or bounce.",
    )
    wording: str = Field(sa_type=Text, description="The exact text beside the box; empty for a withdrawal.")
    wording_sha256: str = Field(max_length=64, description="Hash of wording and notice: its version.")
    notice: str = Field("", max_length=64, description="Version of the whole notice, see NoticeText.")
    locale: str = Field(max_length=20)
    page: str = Field(max_length=300, description="Path of the page that showed it, or the file of an import.")
    evidence: str = Field("", max_length=200, description="What proves it: hash of the link used, row of a file, who.")
    at: datetime


class NoticeText(Record, table=True):
    """A privacy notice as it was shown, so that an old version can still be read."""

    __tablename__ = "notice_text"

    version: str = Field(primary_key=True, max_length=64)
    locale: str = Field(max_length=20)
    text: str = Field(sa_type=Text, description="Headings, texts and the wording of every box.")
    first_at: datetime


class Suppression(Record, table=True):
    """An address that nothing is sent to any more; only its keyed hash is kept."""

    key_hash: str = Field(primary_key=True, max_length=64, description="HMAC-SHA256 of the contact key.")
    reason: str = Field(max_length=20, description="bounced, complaint, erased, by_hand or withdrawn.")
    at: datetime


class PrivacyAction(Record, table=True):
    """Who exported, erased or purged personal data, when, how much; names nobody outside. Append-only."""

    __tablename__ = "privacy_action"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    action: str = Field(max_length=20, description="export, erase, purge, list, restore, stop, allow.")
    at: datetime
    by: str = Field(max_length=100)
    count: int = Field(0, ge=0, description="Rows or persons concerned.")
    detail: str = Field("", max_length=300, description="Which class or file; never a name or an address.")
