"""How proposals are stored: that there is one, and one sealed copy for each who may decide."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from network.db import Row, blind_index, moment, pk, sealed_to_member
from network.proposals.domain import Matter, ProposalStatus


class ProposalRow(Row):
    """That something waits for a second pair of eyes; not what, about whom, or why."""

    __tablename__ = "proposals"
    __table_args__ = (
        Index(
            "uq_proposals_open_subject",
            "subject_index",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_proposals_status_expires_at", "status", "expires_at"),
    )

    id: Mapped[pk]
    matter: Mapped[Matter]
    status: Mapped[ProposalStatus]
    subject_index: Mapped[blind_index]  # of the matter and its subject together
    proposer_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    second_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    expires_at: Mapped[datetime] = moment("what nobody confirms in time does not happen")
    ended_on: Mapped[date | None] = mapped_column(index=True)


class CopyRow(Row):
    """What is proposed and why, for one coordinator who may decide; none for its subject."""

    __tablename__ = "proposal_copies"

    proposal_id: Mapped[UUID] = mapped_column(
        ForeignKey("proposals.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    sealed: Mapped[sealed_to_member]
    said_no: Mapped[bool]
