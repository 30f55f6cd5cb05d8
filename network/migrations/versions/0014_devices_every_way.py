"""Take off devices whose names only one key can read: their owners add them again.

What a device is called is sealed to each of its owner's keys from now on, and which keys those are
nobody here can open. The passphrase and the code open every account as before.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No table changes its shape."""
    op.execute("DELETE FROM passkeys")


def downgrade() -> None:
    """What was sealed to several keys is nothing the code of before can read."""
    op.execute("DELETE FROM passkeys")
