"""An erasure can wait while an alarm is open."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The day before which a case is not destroyed."""
    op.add_column("cases", sa.Column("hold_ends_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take it back: what was held goes at its day."""
    op.drop_column("cases", "hold_ends_on")
