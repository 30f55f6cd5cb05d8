"""How rhythms, prompts and looks are stored. Each row is about a family or about a member."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from network.checkins.domain.prompts import PromptStatus
from network.checkins.domain.rhythms import RhythmStatus
from network.db import Row, moment, pk, sealed_to_server

_LOOKED_AT = text("next_look_at IS NOT NULL")


class RhythmRow(Row):
    """When somebody is asked whether they are well. The plan itself is sealed."""

    __tablename__ = "rhythms"
    __table_args__ = (
        Index(
            "ix_rhythms_next_at",
            "next_at",
            sqlite_where=text("status = 'active'"),
            postgresql_where=text("status = 'active'"),
        ),
    )

    id: Mapped[pk]
    case_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[RhythmStatus]
    plan: Mapped[sealed_to_server]
    next_at: Mapped[datetime | None] = moment("the clock asks when this passes")


class PromptRow(Row):
    """One question to one person, from its plan to its answer."""

    __tablename__ = "prompts"
    __table_args__ = (
        Index(
            "ix_prompts_next_look",
            "next_look_at",
            sqlite_where=_LOOKED_AT,
            postgresql_where=_LOOKED_AT,
        ),
        Index("ix_prompts_rhythm", "rhythm_id", "planned_at"),
    )

    id: Mapped[pk]
    rhythm_id: Mapped[UUID] = mapped_column(ForeignKey("rhythms.id", ondelete="CASCADE"))
    case_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    letter_id: Mapped[UUID]
    status: Mapped[PromptStatus]
    planned_at: Mapped[datetime] = moment(
        "shown beside the delivery, so that our own lateness is seen"
    )
    delivered_at: Mapped[datetime | None] = moment("lateness counts from here")
    next_look_at: Mapped[datetime | None] = moment("the clock looks again when this passes")


class WatchRow(Row):
    """A sequence of looks, the same for every word of a family; what rings is sealed."""

    __tablename__ = "watches"
    __table_args__ = (
        Index("ix_watches_next_look", "next_look_at"),
        Index("ix_watches_case", "case_id"),
    )

    id: Mapped[pk]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    person_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[sealed_to_server]
    next_look_at: Mapped[datetime] = moment("the clock looks again when this passes")


class EndingRow(Row):
    """How an alarm about a member ended, in the words of whoever ended it."""

    __tablename__ = "endings"

    id: Mapped[pk]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    ended_on: Mapped[date] = mapped_column(index=True)
    words: Mapped[sealed_to_server]
