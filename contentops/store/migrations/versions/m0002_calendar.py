"""The calendar: lanes, checklists, slots, feeds, reminders, and a ledger of what has left as events."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# Rows whose change may change an event. For a table without an asset of its own: every event.
WATCHED = {"asset": "id", "milestone": "asset_id", "slot": "asset_id", "person": None, "role_holder": None}
LANE = sa.String(length=20)


def upgrade() -> None:
    _assets()
    _milestones()
    _ledger()
    _slots_feeds_and_messages()
    _carry_over()
    _watch()


# No table is rebuilt: SQLite would carry out ON DELETE CASCADE when the old one is dropped. Both databases rename,
# add and drop columns in place.
def _assets() -> None:
    op.execute("ALTER TABLE asset RENAME COLUMN publish_on TO planned_on")
    op.add_column("asset", sa.Column("reviewed_on", sa.Date(), nullable=True))
    op.add_column("asset", sa.Column("review_on", sa.Date(), nullable=True))
    op.add_column("asset", sa.Column("standard_version", sa.Integer(), nullable=True))
    op.add_column("transition", sa.Column("action", sa.String(length=20), nullable=False, server_default="move"))


def _milestones() -> None:
    for column in (
        sa.Column("lane", LANE, nullable=False, server_default="step"),
        sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("checklist", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("channel", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("format", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("address", sa.String(length=500), nullable=False, server_default=""),
    ):
        op.add_column("milestone", column)
    op.execute("UPDATE milestone SET lane = 'publication' WHERE step = 'publish'")
    op.create_table(
        "date_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("asset_id", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_date_change_asset_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_date_change")),
    )
    op.create_index(op.f("ix_date_change_asset_id"), "date_change", ["asset_id"], unique=False)


def _ledger() -> None:
    op.create_table(
        "calendar_event",
        sa.Column("uid", sa.String(length=160), nullable=False),
        sa.Column("asset_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("lane", LANE, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("summary", sa.String(length=400), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rendered", sa.LargeBinary(), nullable=False),
        sa.Column("former", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_calendar_event")),
    )
    op.create_index(op.f("ix_calendar_event_asset_id"), "calendar_event", ["asset_id"], unique=False)
    # Days alone are asked for to say which years are provisional: the rows with their bytes need not be read for that.
    op.create_index("ix_calendar_event_days", "calendar_event", ["day", "cancelled", "changed_at"], unique=False)
    op.create_table(
        "calendar_ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("context_sha256", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_ledger")),
    )
    op.create_table(
        "calendar_dirty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_dirty")),
    )


def _slots_feeds_and_messages() -> None:
    op.create_table(
        "slot",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("rule_on", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asset_id", sa.String(length=32), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_slot_asset_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("series", "rule_on", name=op.f("uq_slot_series_rule_on")),
    )
    op.create_index(op.f("ix_slot_asset_id"), "slot", ["asset_id"], unique=False)
    op.create_table(
        "feed",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("lanes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("label", name=op.f("uq_feed_label")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_feed_token_sha256")),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("medium", sa.String(length=20), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("person", "day", "medium", name=op.f("uq_reminder_person_day_medium")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("milestone_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("summary", sa.String(length=400), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_invitation_milestone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("milestone_id", "email", name=op.f("uq_invitation_milestone_id_email")),
    )


def _carry_over() -> None:
    """Keep the SEQUENCE of every event that has left already: it may never fall."""
    empty = "''::bytea" if op.get_bind().dialect.name == "postgresql" else "x''"
    op.execute(
        "INSERT INTO calendar_event (uid, asset_id, key, lane, role, kind, day, summary, cancelled, revision,"
        " fingerprint, changed_at, rendered, former)"
        " SELECT m.asset_id || '-' || m.step || '@contentops', m.asset_id, m.step, m.lane, m.role, a.kind, m.due_on,"
        " '', m.state = 'dropped', m.revision, m.fingerprint, m.changed_at, " + empty + ", '[]'"
        " FROM milestone m JOIN asset a ON a.id = m.asset_id WHERE m.fingerprint <> ''"
    )
    op.execute("INSERT INTO calendar_ledger (id, version, context_sha256) VALUES (1, 0, '')")
    op.drop_column("milestone", "revision")
    op.drop_column("milestone", "fingerprint")


def _watch() -> None:
    """Note every change of what events are made of, whoever makes it and however."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for table, column in WATCHED.items():
        for event in ("INSERT", "UPDATE", "DELETE"):
            row = "OLD" if event == "DELETE" else "NEW"
            value = f"{row}.{column}" if column else "NULL"
            if table == "slot":
                value = f"COALESCE({value}, '')"  # a free slot is about no asset, and slots are looked at each time
            # An address is in no event; a name is in many.
            when = f"{event} OF name" if (table, event) == ("person", "UPDATE") else event
            name = f"calendar_dirty_{table}_{event.lower()}"
            note = f"INSERT INTO calendar_dirty (asset_id) VALUES ({value})"
            if postgres:
                op.execute(
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {note}; RETURN NULL; END $$"
                )
                op.execute(f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
            else:
                op.execute(f"CREATE TRIGGER {name} AFTER {when} ON {table} BEGIN {note}; END")
