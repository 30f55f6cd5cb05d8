"""Make room for letters and channels."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import network.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The pace that all postmen keep, our own requests, and members' other ways."""
    op.create_index("ix_outbox_sent", "outbox", ["chat_index", "settled_at"])
    pace = op.create_table(
        "pace",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("free_at", network.db.Instant(timezone=True), nullable=False),
        sa.Column("quiet_until", network.db.Instant(timezone=True), nullable=True),
        sa.Column("failing_since", network.db.Instant(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pace")),
    )
    op.bulk_insert(pace, [{"id": 1, "free_at": datetime(2020, 1, 1, tzinfo=UTC), "failures": 0}])
    op.create_table(
        "probes",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("begun_at", network.db.Instant(timezone=True), nullable=False),
        sa.Column("out_at", network.db.Instant(timezone=True), nullable=True),
        sa.Column("alarmed_at", network.db.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_probes")),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("new", "works", "failed", name="channelstate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("test_at", network.db.Instant(timezone=True), nullable=False),
        sa.Column("asked_at", network.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_channels_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
    )
    op.create_index("ix_channels_person_id", "channels", ["person_id"])
    op.create_index("ix_channels_test_at", "channels", ["test_at"])


def downgrade() -> None:
    """Back to postmen that know nothing of each other."""
    op.drop_table("channels")
    op.drop_table("probes")
    op.drop_table("pace")
    op.drop_index("ix_outbox_sent", "outbox")
