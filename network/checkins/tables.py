"""How rhythms, prompts and looks are stored. Each row is about a family or about a member."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from network.checkins.domain.prompts import PromptStatus
from network.checkins.domain.rhythms import RhythmStatus
from network.db import (
    Row,
    moment,
    pk,
    public_half,
    sealed_to_case,
    sealed_to_member,
    sealed_to_server,
)

_SILENT = text("status IN ('late', 'unreachable')")
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
        Index("ix_prompts_climbing", "planned_at", sqlite_where=_SILENT, postgresql_where=_SILENT),
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
    asked_at: Mapped[datetime | None] = moment(
        "while we were away after the last asking, nobody is late"
    )
    asked: Mapped[int] = mapped_column(SmallInteger, default=1)
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


class TripRow(Row):
    """A trip under way. Where to and where now are sealed to whoever would search."""

    __tablename__ = "trips"

    id: Mapped[pk]
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), unique=True
    )
    rhythm_id: Mapped[UUID] = mapped_column(
        ForeignKey("rhythms.id", ondelete="CASCADE"), unique=True
    )
    public_key: Mapped[public_half]
    details: Mapped[sealed_to_member]
    place: Mapped[sealed_to_member | None] = mapped_column(nullable=True)
    over: Mapped[bool] = mapped_column(default=False)  # said to be, while help was on its way
    erase_at: Mapped[datetime] = moment("a trip that nobody ended is erased then", index=True)


class TripGrantRow(Row):
    """A trip's key, sealed to one who may have to search, or to whoever travels."""

    __tablename__ = "trip_grants"

    trip_id: Mapped[UUID] = mapped_column(
        ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[UUID] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    key: Mapped[sealed_to_member]


class OutcomeRow(Row):
    """How one alarm of silence ended. Alarms of danger leave none: this row would tell of them."""

    __tablename__ = "outcomes"
    __table_args__ = (Index("ix_outcomes_case", "case_id", "ended_on"),)

    id: Mapped[pk]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    person_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    facts: Mapped[sealed_to_server]
    ended_on: Mapped[date] = mapped_column(index=True)


class DrillRow(Row):
    """One drill: the ladder of an alarm that is about nobody. Who took it, and when, is sealed."""

    __tablename__ = "drills"
    __table_args__ = (
        Index(
            "ix_drills_next_look",
            "next_look_at",
            sqlite_where=_LOOKED_AT,
            postgresql_where=_LOOKED_AT,
        ),
    )

    id: Mapped[pk]
    begun_at: Mapped[datetime] = moment("drills are drawn over months", index=True)
    state: Mapped[sealed_to_server]
    next_look_at: Mapped[datetime | None] = moment("the clock looks again when this passes")


class CallPlanRow(Row):
    """Whom to call when an alarm of this case rings, and whom never to call."""

    __tablename__ = "call_plans"

    case_id: Mapped[UUID] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True
    )
    epoch: Mapped[int]
    body: Mapped[sealed_to_case]


class MemberPlanRow(Row):
    """Whom to call when an alarm about a member rings, and whom never: sealed to who would answer.

    What was in force is kept beside what its owner wrote since, for some days and while anything is
    looked at about them: whoever holds them could write too.
    """

    __tablename__ = "member_plans"
    __table_args__ = (Index("uq_member_plans_person_id", "person_id", "over", unique=True),)

    id: Mapped[pk]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    public_key: Mapped[public_half]
    body: Mapped[sealed_to_member]
    over: Mapped[bool]  # another one took its place, or none
    until: Mapped[sealed_to_server]  # the day it is erased, where it is over; of one size


class MemberPlanGrantRow(Row):
    """A plan's key, sealed to one who may have to answer, or to whoever wrote it."""

    __tablename__ = "member_plan_grants"

    plan_id: Mapped[UUID] = mapped_column(
        ForeignKey("member_plans.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[UUID] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    key: Mapped[sealed_to_member]
