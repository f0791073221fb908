"""The domains of people's e-mail addresses: whether they are worth writing to."""

from datetime import datetime

from sqlmodel import Field

from contentops.models.record import Record


class EmailDomain(Record, table=True):
    """What is known of one domain. Found out beside the work, never while a visitor waits; it refuses nobody."""

    __tablename__ = "email_domain"

    domain: str = Field(primary_key=True, max_length=253, description="In lower case, as IDNA.")
    disposable: bool = Field(False, description="True: of a provider of mailboxes for a few minutes.")
    accepts_mail: bool | None = Field(None, description="Whether its DNS names somebody who takes mail; null: unknown.")
    checked_at: datetime | None = Field(None, description="When its DNS last said so.")
    next_at: datetime = Field(index=True, description="Its DNS is asked not before this moment.")
