"""Links made for a channel and a campaign, and the short codes that lead there."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from contentops.models.record import Record


class TrackedLink(Record, table=True):
    """One link to an asset for one channel, campaign and version. Its code is printed on paper: it never changes."""

    __tablename__ = "tracked_link"
    __table_args__ = (UniqueConstraint("asset_id", "channel", "campaign", "content", "term", "target"),)

    code: str = Field(primary_key=True, max_length=7, description="Last part of the short address, random, for ever.")
    asset_id: str = Field(foreign_key="asset.id", ondelete="CASCADE", max_length=32)
    channel: str = Field(max_length=20, description="Key of the channel it is shared in.")
    campaign: str = Field(max_length=100, description="utm_campaign.")
    content: str = Field("", max_length=100, description="utm_content: which version or place of several.")
    term: str = Field("", max_length=100, description="utm_term: the search word.")
    state: str = Field(max_length=30, unique=True, description="What WeCom hands back: names asset, channel and code.")
    target: str = Field("", max_length=500, description="WeCom address it leads to; empty: the asset's page.")
    created_at: datetime
    by: str = Field(max_length=100, description="Who made it.")
