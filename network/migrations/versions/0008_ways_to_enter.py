"""Make room for passkeys, devices and what stands beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What a session was opened with, sealed to who opened it; everybody signs in once more."""
    op.execute("DELETE FROM sessions")
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("device", sa.LargeBinary(), nullable=False))
    op.add_column("people", sa.Column("covers", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take it back, without building anew a table that others point at."""
    op.execute("ALTER TABLE sessions DROP COLUMN device")
    op.execute("ALTER TABLE people DROP COLUMN covers")
