"""Make room for grants that end and for decisions of two."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

import network.db
from network.clock import utc_now

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = sa.text("status = 'open'")
LASTS = timedelta(days=30)


def upgrade() -> None:
    """Proposals with a sealed copy for each who may decide."""
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter", sa.String(24), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("subject_index", sa.LargeBinary(32), nullable=False),
        sa.Column("proposer_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", network.db.Instant(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["proposer_id"], ["people.id"], name=op.f("fk_proposals_proposer_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["people.id"], name=op.f("fk_proposals_second_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(
        "uq_proposals_open_subject",
        "proposals",
        ["subject_index"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_proposals_status_expires_at", "proposals", ["status", "expires_at"])
    op.create_index("ix_proposals_proposer_id", "proposals", ["proposer_id"])
    op.create_index("ix_proposals_second_id", "proposals", ["second_id"])
    op.create_index("ix_proposals_ended_on", "proposals", ["ended_on"])
    op.create_table(
        "proposal_copies",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("said_no", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposals.id"],
            name=op.f("fk_proposal_copies_proposal_id_proposals"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["people.id"], name=op.f("fk_proposal_copies_member_id_people")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "member_id", name=op.f("pk_proposal_copies")),
    )
    op.create_index("ix_proposal_copies_member_id", "proposal_copies", ["member_id"])
    op.execute("DELETE FROM approvals WHERE matter = 'removal'")
    op.create_index("ix_receipts_actor", "receipts", ["actor", "verb"])
    op.create_index("ix_receipts_subject", "receipts", ["subject", "verb"])
    _ends()
    _what_was_open()


def _ends() -> None:
    """Grants of before end in a month: nobody is shut out on the day of the update."""
    op.add_column(
        "grants", sa.Column("ends_on", sa.Date(), nullable=False, server_default="2020-01-01")
    )
    grants = sa.table("grants", sa.column("ends_on", sa.Date()))
    op.execute(grants.update().values(ends_on=utc_now().date() + LASTS))
    op.create_index("ix_grants_ends", "grants", ["ends_on", "case_id"])
    op.create_table(
        "reach",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("families", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["people.id"], name=op.f("fk_reach_member_id_people")
        ),
        sa.PrimaryKeyConstraint("member_id", "on", name=op.f("pk_reach")),
    )
    op.create_index("ix_reach_on", "reach", ["on"])
    op.create_table(
        "raised_limits",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["people.id"], name=op.f("fk_raised_limits_member_id_people")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_raised_limits")),
    )


def _what_was_open() -> None:
    op.create_table(
        "exposures",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("lost_on", sa.Date(), nullable=False),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.id"],
            name=op.f("fk_exposures_case_id_cases"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["people.id"], name=op.f("fk_exposures_member_id_people")
        ),
        sa.PrimaryKeyConstraint("case_id", "member_id", name=op.f("pk_exposures")),
    )
    op.create_index("ix_exposures_member_id", "exposures", ["member_id"])
    op.create_table(
        "removals",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["people.id"], name=op.f("fk_removals_member_id_people")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_removals")),
    )


def downgrade() -> None:
    """Back to decisions of one."""
    op.drop_table("raised_limits")
    op.drop_table("reach")
    op.drop_index("ix_grants_ends", "grants")
    op.drop_column("grants", "ends_on")
    op.drop_table("removals")
    op.drop_table("exposures")
    op.drop_index("ix_receipts_subject", "receipts")
    op.drop_index("ix_receipts_actor", "receipts")
    op.drop_table("proposal_copies")
    op.drop_table("proposals")
