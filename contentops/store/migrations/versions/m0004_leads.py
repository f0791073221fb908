"""Leads: persons of several contacts, the consent ledger, the outbox, quarantine, shared limits."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID, MOMENT = sa.String(length=32), sa.DateTime(timezone=True)


def text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default="")


def upgrade() -> None:
    _contacts()
    _leads()
    _consents()
    _messages()


# No table is rebuilt, see 0002.
def _contacts() -> None:
    for column in (text("person_id", 32), text("job_title", 100), text("language", 20)):
        op.add_column("contact", column)
    op.execute("UPDATE contact SET person_id = id")
    op.create_index(op.f("ix_contact_person_id"), "contact", ["person_id"], unique=False)
    op.create_index(op.f("ix_contact_changed_at"), "contact", ["changed_at"], unique=False)
    op.create_table(
        "key_claim",
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_key_claim_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("value", "contact_id", name=op.f("pk_key_claim")),
    )
    op.create_index(op.f("ix_key_claim_contact_id"), "key_claim", ["contact_id"], unique=False)
    op.create_table(
        "merge",
        sa.Column("id", ID, nullable=False),
        sa.Column("kept_id", ID, nullable=False),
        sa.Column("absorbed_id", ID, nullable=False),
        sa.Column("contact_ids", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_kept_id"), "merge", ["kept_id"], unique=False)
    op.create_index(op.f("ix_merge_absorbed_id"), "merge", ["absorbed_id"], unique=False)
    op.create_table(
        "distinct_pair",
        sa.Column("id", ID, nullable=False),
        sa.Column("first_id", ID, nullable=False),
        sa.Column("second_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distinct_pair")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_distinct_pair_first_id_second_id")),
    )
    op.create_index(op.f("ix_distinct_pair_second_id"), "distinct_pair", ["second_id"], unique=False)


def _leads() -> None:
    op.add_column("lead", sa.Column("origin", sa.String(length=20), nullable=False, server_default="form"))
    op.add_column("lead", sa.Column("awaits_confirmation", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("lead", sa.Column("confirmed_at", MOMENT, nullable=True))
    for column in (
        text("page", 300),
        sa.Column("idempotency_key", sa.String(length=100), nullable=True),
        text("content_sha256", 64),
        text("reason", 40),
        sa.Column("released_at", MOMENT, nullable=True),
    ):
        op.add_column("submission", column)
    # A unique index and not a constraint, which SQLite cannot add to a table; for NULLs both are the same.
    op.create_index(
        op.f("uq_submission_asset_id_idempotency_key"), "submission", ["asset_id", "idempotency_key"], unique=True
    )
    for column in (
        sa.Column("click_ids", sa.JSON(), nullable=False, server_default="{}"),
        text("page", 300),
        text("code", 40),
        text("offline_code", 40),
        text("flags", 100),
    ):
        op.add_column("touch", column)
    op.execute("UPDATE touch SET page = landing_path")
    op.add_column("download", sa.Column("by_machine", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "rate_count",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "span", name=op.f("pk_rate_count")),
    )


def _consents() -> None:
    for column in (
        sa.Column("channel", sa.String(length=20), nullable=False, server_default="any"),
        sa.Column("action", sa.String(length=20), nullable=False, server_default="given"),
        sa.Column("how", sa.String(length=20), nullable=False, server_default="form"),
        text("notice", 64),
        text("evidence", 200),
    ):
        op.add_column("consent", column)
    op.execute("UPDATE consent SET action = 'withdrawn' WHERE NOT granted")
    op.drop_column("consent", "granted")
    op.create_table(
        "notice_text",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_notice_text")),
    )
    op.create_table(
        "suppression",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_suppression")),
    )
    op.create_table(
        "privacy_action",
        sa.Column("id", ID, nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_action")),
    )


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("contact_id", ID, nullable=True),
        sa.Column("lead_id", ID, nullable=True),
        sa.Column("asset_id", ID, nullable=True),
        sa.Column("about_id", ID, nullable=True),
        sa.Column("recipient_hash", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("claim_token", ID, nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_state_next_at", "message", ["state", "next_at"], unique=False)
    op.create_index("ix_message_state_done_at", "message", ["state", "done_at"], unique=False)
    op.create_index(op.f("ix_message_recipient_hash"), "message", ["recipient_hash"], unique=False)
    op.create_index(op.f("ix_message_contact_id"), "message", ["contact_id"], unique=False)
    op.create_index(op.f("ix_message_lead_id"), "message", ["lead_id"], unique=False)
    op.create_table(
        "delivery_pause",
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("target", name=op.f("pk_delivery_pause")),
    )
