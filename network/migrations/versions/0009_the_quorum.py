"""Make room for the quorum and for proofs."""

import sqlalchemy as sa
from alembic import op

import network.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Recovery keys, their shares, the ceremonies; each epoch sealed to the quorum too; heads."""
    op.create_table(
        "recovery_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("split", sa.Uuid(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_keys")),
    )
    op.create_index(
        "uq_recovery_keys_current",
        "recovery_keys",
        ["is_current"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "recovery_shares",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["recovery_keys.id"],
            name=op.f("fk_recovery_shares_key_id_recovery_keys"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["people.id"], name=op.f("fk_recovery_shares_member_id_people")
        ),
        sa.PrimaryKeyConstraint("key_id", "member_id", name=op.f("pk_recovery_shares")),
    )
    op.create_index("ix_recovery_shares_member_id", "recovery_shares", ["member_id"])
    op.create_table(
        "ceremonies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "matter",
            sa.Enum("found", "hand_on", "open", name="matter", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum(
                "waiting",
                "done",
                "stopped",
                "lapsed",
                name="stage",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("opener_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("ready_at", network.db.Instant(timezone=True), nullable=False),
        sa.Column("dies_at", network.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", network.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["recovery_keys.id"],
            name=op.f("fk_ceremonies_key_id_recovery_keys"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_ceremonies_by_id_people")),
        sa.ForeignKeyConstraint(
            ["opener_id"], ["people.id"], name=op.f("fk_ceremonies_opener_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ceremonies")),
        sa.UniqueConstraint("about", name=op.f("uq_ceremonies_about")),
    )
    for column in ("key_id", "case_id", "by_id", "opener_id", "ends_at"):
        op.create_index(f"ix_ceremonies_{column}", "ceremonies", [column])
    op.create_index("ix_ceremonies_stage_dies_at", "ceremonies", ["stage", "dies_at"])
    op.create_table(
        "ceremony_voices",
        sa.Column("ceremony_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("share", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ceremony_id"],
            ["ceremonies.id"],
            name=op.f("fk_ceremony_voices_ceremony_id_ceremonies"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["people.id"], name=op.f("fk_ceremony_voices_member_id_people")
        ),
        sa.PrimaryKeyConstraint("ceremony_id", "member_id", name=op.f("pk_ceremony_voices")),
    )
    op.create_index("ix_ceremony_voices_member_id", "ceremony_voices", ["member_id"])
    with op.batch_alter_table("epochs") as epochs:
        epochs.add_column(sa.Column("recovery_id", sa.Uuid(), nullable=True))
        epochs.add_column(sa.Column("recovery_sealed", sa.LargeBinary(), nullable=True))
        epochs.create_foreign_key(
            op.f("fk_epochs_recovery_id_recovery_keys"),
            "recovery_keys",
            ["recovery_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index("ix_epochs_recovery_id", "epochs", ["recovery_id"])
    op.add_column("entries", sa.Column("commitment", sa.LargeBinary(length=32), nullable=True))
    op.create_table(
        "leaves",
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("anchor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("leaf", name=op.f("pk_leaves")),
    )
    op.create_index("ix_leaves_anchor", "leaves", ["anchor", "leaf"])
    op.create_table(
        "anchors",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_anchors")),
    )
    op.create_table(
        "printed_heads",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_printed_heads")),
    )


def downgrade() -> None:
    """Back to cases that only their members open."""
    op.drop_table("printed_heads")
    op.drop_table("anchors")
    op.drop_table("leaves")
    with op.batch_alter_table("entries") as entries:
        entries.drop_column("commitment")
    op.drop_index("ix_epochs_recovery_id", "epochs")
    with op.batch_alter_table("epochs") as epochs:
        epochs.drop_constraint(op.f("fk_epochs_recovery_id_recovery_keys"), type_="foreignkey")
        epochs.drop_column("recovery_sealed")
        epochs.drop_column("recovery_id")
    op.drop_table("ceremony_voices")
    op.drop_table("ceremonies")
    op.drop_table("recovery_shares")
    op.drop_table("recovery_keys")
