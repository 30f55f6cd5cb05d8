"""Ask members too, keep how alarms about them ended, and remember when we were away."""

import sqlalchemy as sa
from alembic import op

import network.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATUSES = (
    "promised",
    "delivered",
    "reminded",
    "late",
    "answered",
    "unreachable",
    "cancelled",
    "resolved",
)
LOOKED_AT = sa.text("next_look_at IS NOT NULL")


def upgrade() -> None:
    """Questions stand aside while rhythms are rebuilt: SQLite drops what points at a dropped
    table.
    """
    _set_prompts_aside()
    _open_to_members("rhythms")
    _create_prompts()
    op.execute(
        "INSERT INTO prompts (id, rhythm_id, case_id, letter_id, status, planned_at, delivered_at,"
        " next_look_at) SELECT id, rhythm_id, case_id, letter_id, status, planned_at, delivered_at,"
        " next_look_at FROM prompts_aside"
    )
    op.drop_table("prompts_aside")
    _open_to_members("watches")
    op.create_table(
        "endings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_endings_person_id_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_endings"),
    )
    op.create_index("ix_endings_person_id", "endings", ["person_id"])
    op.create_index("ix_endings_ended_on", "endings", ["ended_on"])
    _create_absences()
    _create_trips()


def downgrade() -> None:
    """What is about members goes; families keep theirs."""
    for table in ("trip_grants", "trips", "absences", "endings"):
        op.drop_table(table)
    for table in ("watches", "prompts", "rhythms"):
        op.execute(sa.text(f"DELETE FROM {table} WHERE case_id IS NULL"))  # noqa: S608  # our names
    _close_to_members("watches")
    _set_prompts_aside()
    _close_to_members("rhythms")
    _create_prompts(members=False)
    op.execute(
        "INSERT INTO prompts (id, rhythm_id, case_id, letter_id, status, planned_at, delivered_at,"
        " next_look_at) SELECT id, rhythm_id, case_id, letter_id, status, planned_at, delivered_at,"
        " next_look_at FROM prompts_aside"
    )
    op.drop_table("prompts_aside")


def _set_prompts_aside() -> None:
    op.execute("CREATE TABLE prompts_aside AS SELECT * FROM prompts")
    op.drop_table("prompts")


def _open_to_members(table: str) -> None:
    with op.batch_alter_table(table) as batch:
        batch.alter_column("case_id", existing_type=sa.Uuid(), nullable=True)
        batch.add_column(sa.Column("person_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            f"fk_{table}_person_id_people", "people", ["person_id"], ["id"], ondelete="CASCADE"
        )
        batch.create_index(f"ix_{table}_person_id", ["person_id"])


def _close_to_members(table: str) -> None:
    with op.batch_alter_table(table) as batch:
        batch.drop_index(f"ix_{table}_person_id")
        batch.drop_constraint(f"fk_{table}_person_id_people", type_="foreignkey")
        batch.drop_column("person_id")
        batch.alter_column("case_id", existing_type=sa.Uuid(), nullable=False)


def _create_prompts(*, members: bool = True) -> None:
    asked = [
        sa.Column("asked_at", network.db.Instant(timezone=True), nullable=True),
        sa.Column("asked", sa.SmallInteger(), nullable=False, server_default="1"),
    ]
    person = [
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_prompts_person_id_people", ondelete="CASCADE"
        ),
    ]
    op.create_table(
        "prompts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rhythm_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=members),
        *(person if members else ()),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(*STATUSES, name="promptstatus", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("planned_at", network.db.Instant(timezone=True), nullable=False),
        sa.Column("delivered_at", network.db.Instant(timezone=True), nullable=True),
        sa.Column("next_look_at", network.db.Instant(timezone=True), nullable=True),
        *(asked if members else ()),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_prompts_case_id_cases", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rhythm_id"], ["rhythms.id"], name="fk_prompts_rhythm_id_rhythms", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_prompts"),
    )
    op.create_index("ix_prompts_case_id", "prompts", ["case_id"])
    if members:
        op.create_index("ix_prompts_person_id", "prompts", ["person_id"])
    op.create_index(
        "ix_prompts_next_look",
        "prompts",
        ["next_look_at"],
        sqlite_where=LOOKED_AT,
        postgresql_where=LOOKED_AT,
    )
    op.create_index("ix_prompts_rhythm", "prompts", ["rhythm_id", "planned_at"])


def _create_absences() -> None:
    op.create_table(
        "absences",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("began_at", network.db.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", network.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_absences"),
    )
    op.create_index("ix_absences_ended_at", "absences", ["ended_at"])


def _create_trips() -> None:
    op.create_table(
        "trips",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("rhythm_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=True),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("erase_at", network.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_trips_person_id_people", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rhythm_id"], ["rhythms.id"], name="fk_trips_rhythm_id_rhythms", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_trips"),
        sa.UniqueConstraint("person_id", name="uq_trips_person_id"),
        sa.UniqueConstraint("rhythm_id", name="uq_trips_rhythm_id"),
    )
    op.create_index("ix_trips_erase_at", "trips", ["erase_at"])
    op.create_table(
        "trip_grants",
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name="fk_trip_grants_trip_id_trips", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["people.id"], name="fk_trip_grants_member_id_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("trip_id", "member_id", name="pk_trip_grants"),
    )
    op.create_index("ix_trip_grants_member_id", "trip_grants", ["member_id"])
