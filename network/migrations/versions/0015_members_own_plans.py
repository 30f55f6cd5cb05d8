"""Members write down whom to call when an alarm about them rings."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A plan has a key of its own, and grants that open it."""
    op.create_table(
        "member_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("until", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name="fk_member_plans_person_id_people",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_member_plans"),
    )
    op.create_index("uq_member_plans_person_id", "member_plans", ["person_id", "over"], unique=True)
    op.create_table(
        "member_plan_grants",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["member_plans.id"],
            name="fk_member_plan_grants_plan_id_member_plans",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["people.id"],
            name="fk_member_plan_grants_member_id_people",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id", "member_id", name="pk_member_plan_grants"),
    )
    op.create_index("ix_member_plan_grants_member_id", "member_plan_grants", ["member_id"])


def downgrade() -> None:
    """What members wrote for themselves goes; families keep theirs."""
    op.drop_table("member_plan_grants")
    op.drop_table("member_plans")
