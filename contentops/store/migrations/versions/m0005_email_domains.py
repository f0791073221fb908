"""What is known of the domains of e-mail addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "email_domain",
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("disposable", sa.Boolean(), nullable=False),
        sa.Column("accepts_mail", sa.Boolean(), nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_email_domain")),
    )
    op.create_index(op.f("ix_email_domain_next_at"), "email_domain", ["next_at"], unique=False)
