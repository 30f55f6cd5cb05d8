"""How applications, their keys and their history are stored."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from network.db import (
    Row,
    blind_index,
    ordinal,
    pk,
    public_half,
    sealed_to_member,
    sealed_to_pair,
    sealed_to_server,
)
from network.vetting.domain.path import Course, Step


def of_application() -> ForeignKey:
    """What hangs from an application is destroyed with it."""
    return ForeignKey("applications.id", ondelete="CASCADE")


class ApplicationRow(Row):
    """Somebody on the path in: where they stand, and nothing of who they are."""

    __tablename__ = "applications"
    __table_args__ = (Index("ix_applications_step", "step", "course"),)

    id: Mapped[pk]
    step: Mapped[Step]
    course: Mapped[Course]
    opened_on: Mapped[date] = mapped_column(index=True)
    changed_on: Mapped[date]
    erase_on: Mapped[date | None] = mapped_column(index=True)
    epoch: Mapped[int]
    facts: Mapped[sealed_to_server]
    chat_index: Mapped[blind_index | None] = mapped_column(unique=True, nullable=True)
    code_index: Mapped[blind_index | None] = mapped_column(unique=True, nullable=True)
    invitation_id: Mapped[UUID | None] = mapped_column(unique=True)


class ApplicationKeyRow(Row):
    """One key pair of an application. The private half is in nobody's hands but the pair's."""

    __tablename__ = "application_keys"

    application_id: Mapped[UUID] = mapped_column(of_application(), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    public_key: Mapped[public_half]


class SeatRow(Row):
    """One of the two coordinators who can open an application. There is no other access."""

    __tablename__ = "application_seats"
    __table_args__ = (Index("ix_application_seats_member", "member_id", "application_id"),)

    application_id: Mapped[UUID] = mapped_column(of_application(), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    sealed_key: Mapped[sealed_to_member]


class LineRow(Row):
    """One sealed line of an application's history: what was written, done or decided."""

    __tablename__ = "application_lines"
    __table_args__ = (Index("ix_application_lines_application", "application_id", "number"),)

    number: Mapped[ordinal]
    id: Mapped[UUID] = mapped_column(unique=True)
    application_id: Mapped[UUID] = mapped_column(of_application())
    epoch: Mapped[int]
    body: Mapped[sealed_to_pair]
