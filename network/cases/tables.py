"""How cases, their keys, their entries and files are stored."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from network.cases.domain import CaseStatus, OfferStatus, Urgency
from network.db import (
    Row,
    blind_index,
    blinded_hash,
    moment,
    ordinal,
    pk,
    public_half,
    sealed_to_case,
    sealed_to_member,
    sealed_to_quorum,
    sealed_to_server,
)


def of_case() -> ForeignKey:
    """What hangs from a case is destroyed with it."""
    return ForeignKey("cases.id", ondelete="CASCADE")


class CaseRow(Row):
    """A case: where it stands, whose it is, and nothing of what was said."""

    __tablename__ = "cases"
    __table_args__ = (Index("ix_cases_status_opened_at", "status", "opened_at"),)

    id: Mapped[pk]
    status: Mapped[CaseStatus]
    urgency: Mapped[Urgency | None]
    opened_at: Mapped[datetime] = moment("the desk shows the longest wait first")
    card: Mapped[sealed_to_server]
    ladder: Mapped[str]  # the country's rungs as they were when somebody accepted, as JSON
    epoch: Mapped[int]
    coordinator_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    activist_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    closed_on: Mapped[date | None]
    erase_on: Mapped[date | None] = mapped_column(index=True)
    hold_ends_on: Mapped[date | None]  # not before, because an alarm is open or somebody asked


class ContactRow(Row):
    """The chat of a case's family. A chat has one open case at a time."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index(
            "uq_contacts_open_chat",
            "chat_index",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
    )

    id: Mapped[pk]
    case_id: Mapped[UUID] = mapped_column(of_case(), unique=True)
    chat_index: Mapped[blind_index]
    is_open: Mapped[bool]
    sealed: Mapped[sealed_to_server]


class EpochRow(Row):
    """One key pair of a case. The private half is in nobody's hands but the grants'."""

    __tablename__ = "epochs"

    case_id: Mapped[UUID] = mapped_column(of_case(), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    public_key: Mapped[public_half]
    link: Mapped[sealed_to_case | None] = mapped_column(nullable=True)  # the key before
    begun_on: Mapped[date]
    # The private half once more, for the quorum: sealed to its recovery key of this id.
    recovery_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("recovery_keys.id", ondelete="SET NULL"), index=True
    )
    recovery_sealed: Mapped[sealed_to_quorum | None] = mapped_column(nullable=True)


class GrantRow(Row):
    """The access of one member to one epoch of one case. There is no other."""

    __tablename__ = "grants"
    __table_args__ = (
        Index("ix_grants_member", "member_id", "case_id"),
        Index("ix_grants_ends", "ends_on", "case_id"),
    )

    case_id: Mapped[UUID] = mapped_column(of_case(), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    sealed_key: Mapped[sealed_to_member]
    granted_on: Mapped[date]
    ends_on: Mapped[date]  # the first day on which it opens nothing, unless it was renewed


class ExposureRow(Row):
    """What one member could open of one case until their keys of it were destroyed."""

    __tablename__ = "exposures"

    case_id: Mapped[UUID] = mapped_column(of_case(), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    since_on: Mapped[date]
    lost_on: Mapped[date]
    epochs: Mapped[int]
    entries: Mapped[int]
    files: Mapped[int]


class RemovalRow(Row):
    """Somebody two coordinators have put out, and how many cases had to turn their keys for it."""

    __tablename__ = "removals"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    cases: Mapped[int]
    begun_on: Mapped[date]


class ReachRow(Row):
    """How much one account could open on one day."""

    __tablename__ = "reach"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True, index=True)
    cases: Mapped[int]
    entries: Mapped[int]
    families: Mapped[int]


class RaisedRow(Row):
    """More cases at once than the pack allows one account, until a day; two have decided it."""

    __tablename__ = "raised_limits"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    most: Mapped[int]
    until_on: Mapped[date]


class OfferRow(Row):
    """One invitation, with the grant that waits for a yes and dies with a no."""

    __tablename__ = "offers"
    __table_args__ = (
        Index("ix_offers_member_status", "member_id", "status"),
        Index("ix_offers_case_status", "case_id", "status"),
        Index("ix_offers_status_expires_at", "status", "expires_at"),
    )

    id: Mapped[pk]
    case_id: Mapped[UUID] = mapped_column(of_case())
    member_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    status: Mapped[OfferStatus]
    epoch: Mapped[int]
    pending_key: Mapped[sealed_to_member]
    brief: Mapped[sealed_to_member]
    expires_at: Mapped[datetime] = moment("an offer nobody takes goes back to the coordinator")


class EntryRow(Row):
    """One sealed entry. Its kind, author and time are inside the envelope."""

    __tablename__ = "entries"
    __table_args__ = (Index("ix_entries_case", "case_id", "number"),)

    number: Mapped[ordinal]
    id: Mapped[UUID] = mapped_column(unique=True)
    case_id: Mapped[UUID] = mapped_column(of_case())
    epoch: Mapped[int]
    body: Mapped[sealed_to_case]
    # Blinded by random bytes inside the envelope: says nothing, and holds whoever opens it to it.
    commitment: Mapped[blinded_hash | None] = mapped_column(nullable=True)


class LeafRow(Row):
    """A commitment in the tree of its day. It stays when its entry is erased: the others' proofs
    need it, and without the entry it is noise.
    """

    __tablename__ = "leaves"
    __table_args__ = (Index("ix_leaves_anchor", "anchor", "leaf"),)

    leaf: Mapped[blinded_hash] = mapped_column(primary_key=True)
    anchor: Mapped[int] = mapped_column(BigInteger)  # the line of the log that holds the root


class AnchorRow(Row):
    """Up to which entry the log holds the trees."""

    __tablename__ = "anchors"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    upto: Mapped[int] = mapped_column(BigInteger)


class FileRow(Row):
    """A sealed file: whole once an entry names it, swept away when none does within the hour."""

    __tablename__ = "files"

    id: Mapped[pk]
    case_id: Mapped[UUID | None] = mapped_column(of_case(), index=True)
    begun_at: Mapped[datetime] = moment("half-arrived files are swept away after an hour")
    whole: Mapped[bool]


class ChunkRow(Row):
    """A piece of a sealed file, so that no request ever holds a whole one."""

    __tablename__ = "file_chunks"

    file_id: Mapped[UUID] = mapped_column(
        ForeignKey("files.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info={"sealed": "case"})


class StatisticRow(Row):
    """All that is left of an erased case."""

    __tablename__ = "statistics"

    id: Mapped[pk]
    year: Mapped[int]
    state: Mapped[str | None]
    outcome: Mapped[str]
