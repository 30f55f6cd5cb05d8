"""Make room for passkeys, and for coming back without one."""

import sqlalchemy as sa
from alembic import op

import network.db

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A device's own key with what it unwraps, and which questions were answered lately."""
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("credential_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("key_by_passkey", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_index", name=op.f("uq_passkeys_credential_index")),
    )
    op.create_index("ix_passkeys_person_id", "passkeys", ["person_id"])
    op.create_table(
        "answered_questions",
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", network.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_answered_questions")),
    )
    op.create_index("ix_answered_questions_expires_at", "answered_questions", ["expires_at"])
    op.create_table(
        "returns",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("expires_at", network.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_returns_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_returns")),
        sa.UniqueConstraint("token_index", name=op.f("uq_returns_token_index")),
    )
    op.create_index("ix_returns_expires_at", "returns", ["expires_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("returns")
    op.drop_table("answered_questions")
    op.drop_table("passkeys")
