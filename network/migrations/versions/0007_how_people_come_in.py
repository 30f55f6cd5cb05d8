"""Make room for the path by which people come in."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STEPS = (
    "identity",
    "references",
    "interests",
    "interview",
    "training",
    "approval",
    "probation",
    "member",
)


def upgrade() -> None:
    """Applications, their keys, who has a seat at them, and their sealed history."""
    op.create_table(
        "applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "step", sa.Enum(*STEPS, name="step", native_enum=False, length=24), nullable=False
        ),
        sa.Column(
            "course",
            sa.Enum("going", "paused", "refused", name="course", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("erase_on", sa.Date(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("chat_index", sa.LargeBinary(32), nullable=True),
        sa.Column("code_index", sa.LargeBinary(32), nullable=True),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("chat_index", name=op.f("uq_applications_chat_index")),
        sa.UniqueConstraint("code_index", name=op.f("uq_applications_code_index")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_applications_invitation_id")),
    )
    op.create_index("ix_applications_step", "applications", ["step", "course"])
    op.create_index("ix_applications_opened_on", "applications", ["opened_on"])
    op.create_index("ix_applications_erase_on", "applications", ["erase_on"])
    op.create_table(
        "application_keys",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_keys_application_id_applications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", "epoch", name=op.f("pk_application_keys")),
    )
    op.create_table(
        "application_seats",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_seats_application_id_applications"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["people.id"], name=op.f("fk_application_seats_member_id_people")
        ),
        sa.PrimaryKeyConstraint(
            "application_id", "epoch", "member_id", name=op.f("pk_application_seats")
        ),
    )
    op.create_index(
        "ix_application_seats_member", "application_seats", ["member_id", "application_id"]
    )
    op.create_table(
        "application_lines",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_lines_application_id_applications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_application_lines")),
        sa.UniqueConstraint("id", name=op.f("uq_application_lines_id")),
    )
    op.create_index(
        "ix_application_lines_application", "application_lines", ["application_id", "number"]
    )


def downgrade() -> None:
    """Back to the shortest form: a link, and two who say yes."""
    for table in ("application_lines", "application_seats", "application_keys", "applications"):
        op.drop_table(table)
