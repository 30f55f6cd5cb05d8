"""Receipts: who did what, when, never the words. Each is chained to the one before."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from network.db import Row, moment


class ReceiptRow(Row):
    """One line of the log. Never changed, never deleted."""

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_case", "case_id", "number"),
        Index("ix_receipts_actor", "actor", "verb"),
        Index("ix_receipts_subject", "subject", "verb"),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = moment("a receipt without its moment proves nothing")
    actor: Mapped[str]
    verb: Mapped[str]
    case_id: Mapped[UUID | None]
    subject: Mapped[UUID | None]
    link: Mapped[bytes] = mapped_column(LargeBinary(32), info={"public": True})


class HeadRow(Row):
    """The end of the chain: one row, locked by whoever writes the next receipt."""

    __tablename__ = "receipts_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    link: Mapped[bytes] = mapped_column(LargeBinary(32), info={"public": True})


class PrintedHeadRow(Row):
    """The end of the chain as it stood in one day's letters."""

    __tablename__ = "printed_heads"

    on: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    link: Mapped[bytes] = mapped_column(LargeBinary(32), info={"public": True})
