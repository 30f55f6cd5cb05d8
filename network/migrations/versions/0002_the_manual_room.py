"""Make room for the manual room."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dials",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("dialled", sa.String(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "answered",
                "silent",
                "wrong",
                "other",
                name="outcome",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("remark", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_dials_by_id_people")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_dials")),
        sa.UniqueConstraint("id", name=op.f("uq_dials_id")),
    )
    with op.batch_alter_table("dials", schema=None) as batch_op:
        batch_op.create_index("ix_dials_line", ["line", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_dials_by_id"), ["by_id"], unique=False)
    op.create_table(
        "helped",
        sa.Column("chapter", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("chapter", "section", "month", "useful", name=op.f("pk_helped")),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chapter", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column(
            "specialty",
            sa.Enum(
                "psychology",
                "medicine",
                "law",
                "crisis",
                "search",
                "security",
                "childhood",
                "migration",
                name="specialty",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "said",
                "confirmed",
                "withdrawn",
                name="reviewstatus",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["people.id"], name=op.f("fk_reviews_confirmed_by_people")
        ),
        sa.ForeignKeyConstraint(["said_by"], ["people.id"], name=op.f("fk_reviews_said_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reviews_confirmed_by"), ["confirmed_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_reviews_reviewed_on"), ["reviewed_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_reviews_said_by"), ["said_by"], unique=False)
    op.create_table(
        "trainings",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("chapter", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_trainings_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "chapter", name=op.f("pk_trainings")),
    )


def downgrade() -> None:
    for table in ("trainings", "reviews", "helped", "dials"):
        op.drop_table(table)
