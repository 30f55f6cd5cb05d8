"""How recovery keys, their shares and the ceremonies are stored."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from network.db import Row, moment, pk, public_half, sealed_to_member, sealed_to_server
from network.quorum.domain import Matter, Stage


class RecoveryKeyRow(Row):
    """A recovery key's public half. Its private half exists only as shares."""

    __tablename__ = "recovery_keys"
    __table_args__ = (
        Index(
            "uq_recovery_keys_current",
            "is_current",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[pk]
    public_key: Mapped[public_half]
    split: Mapped[UUID]
    needed: Mapped[int]
    is_current: Mapped[bool]
    begun_on: Mapped[date]


class RecoveryShareRow(Row):
    """One share of one recovery key, sealed to the one who keeps it."""

    __tablename__ = "recovery_shares"

    key_id: Mapped[UUID] = mapped_column(
        ForeignKey("recovery_keys.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    sealed: Mapped[sealed_to_member]


class CeremonyRow(Row):
    """One ceremony. What it is about and why stands inside the envelope."""

    __tablename__ = "ceremonies"
    __table_args__ = (Index("ix_ceremonies_stage_dies_at", "stage", "dies_at"),)

    id: Mapped[pk]
    matter: Mapped[Matter]
    stage: Mapped[Stage]
    # What two ceremonies cannot be about at once: a case's id, or the shares. Empty when over.
    about: Mapped[str | None] = mapped_column(unique=True)
    key_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("recovery_keys.id", ondelete="SET NULL"), index=True
    )
    case_id: Mapped[UUID | None] = mapped_column(index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    opener_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    asked: Mapped[sealed_to_server]
    ready_at: Mapped[datetime] = moment("nothing opens before its delay is over")
    dies_at: Mapped[datetime] = moment("what nobody finishes ends by itself")
    ends_at: Mapped[datetime | None] = moment("what was opened is shut again", index=True)


class VoiceRow(Row):
    """One person's yes in a ceremony, with their share on its way to whoever is to open."""

    __tablename__ = "ceremony_voices"

    ceremony_id: Mapped[UUID] = mapped_column(
        ForeignKey("ceremonies.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    share: Mapped[sealed_to_server | None] = mapped_column(nullable=True)
