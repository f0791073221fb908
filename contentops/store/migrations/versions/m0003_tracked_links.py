"""Links for channels and campaigns, and their short codes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "tracked_link",
        sa.Column("code", sa.String(length=7), nullable=False),
        sa.Column("asset_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("campaign", sa.String(length=100), nullable=False),
        sa.Column("content", sa.String(length=100), nullable=False),
        sa.Column("term", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_tracked_link_asset_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_tracked_link")),
        sa.UniqueConstraint(
            "asset_id",
            "channel",
            "campaign",
            "content",
            "term",
            "target",
            name=op.f("uq_tracked_link_asset_id_channel_campaign_content_term_target"),
        ),
        sa.UniqueConstraint("state", name=op.f("uq_tracked_link_state")),
    )
