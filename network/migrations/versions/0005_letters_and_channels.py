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
    """The pace that all postmen keep, and what a chat was sent last."""
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


def downgrade() -> None:
    """Back to postmen that know nothing of each other."""
    op.drop_table("pace")
    op.drop_index("ix_outbox_sent", "outbox")
