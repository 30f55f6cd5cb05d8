"""Make room for alarms and drills."""

import sqlalchemy as sa
from alembic import op

import network.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SILENT = "status IN ('late', 'unreachable')"


def upgrade() -> None:
    """How alarms ended, drills, and whom to call; and who is silent is found at once."""
    op.create_index(
        "ix_prompts_climbing",
        "prompts",
        ["planned_at"],
        unique=False,
        sqlite_where=sa.text(SILENT),
        postgresql_where=sa.text(SILENT),
    )
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_outcomes_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_outcomes_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.create_index("ix_outcomes_case", ["case_id", "ended_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_outcomes_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outcomes_ended_on"), ["ended_on"], unique=False)

    op.create_table(
        "drills",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", network.db.Instant(timezone=True), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("next_look_at", network.db.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drills")),
    )
    with op.batch_alter_table("drills", schema=None) as batch_op:
        batch_op.create_index(
            "ix_drills_next_look",
            ["next_look_at"],
            unique=False,
            sqlite_where=sa.text("next_look_at IS NOT NULL"),
            postgresql_where=sa.text("next_look_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_drills_begun_at"), ["begun_at"], unique=False)

    op.create_table(
        "call_plans",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_call_plans_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_call_plans")),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("call_plans")
    op.drop_table("drills")
    op.drop_table("outcomes")
    op.drop_index("ix_prompts_climbing", "prompts")
