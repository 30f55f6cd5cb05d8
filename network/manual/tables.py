"""How tests of numbers, reviews, totals and completed training are stored."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from network.db import Row, ordinal, pk, sealed_to_server
from network.manual.domain import Outcome, ReviewStatus, Specialty


class DialRow(Row):
    """One line dialled once. Never changed: the last one decides what is shown."""

    __tablename__ = "dials"
    __table_args__ = (Index("ix_dials_line", "line", "number"),)

    number: Mapped[ordinal]
    id: Mapped[UUID] = mapped_column(unique=True)
    line: Mapped[str]  # as the country pack calls it
    dialled: Mapped[str]  # the public number as it was then: another number is another line
    outcome: Mapped[Outcome]
    made_on: Mapped[date]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    remark: Mapped[sealed_to_server]


class ReviewRow(Row):
    """A specialist's review of some sections of one chapter in one language; nobody's name."""

    __tablename__ = "reviews"

    id: Mapped[pk]
    chapter: Mapped[str]
    language: Mapped[str]
    specialty: Mapped[Specialty]
    reviewed_on: Mapped[date] = mapped_column(index=True)
    scope: Mapped[str]  # sections and the digests of their public words, as JSON
    status: Mapped[ReviewStatus]
    said_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)


class HelpedRow(Row):
    """How often a section helped, or did not, in one month. Nothing of whoever said so."""

    __tablename__ = "helped"

    chapter: Mapped[str] = mapped_column(primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    useful: Mapped[bool] = mapped_column(primary_key=True)
    times: Mapped[int]


class TrainingRow(Row):
    """A member answered all of a chapter's questions rightly. What they got wrong is not kept."""

    __tablename__ = "trainings"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    chapter: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    done_on: Mapped[date]
