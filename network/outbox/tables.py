"""Letters that have been promised, and what became of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from network.db import Row, blind_index, moment, ordinal, sealed_to_server
from network.outbox.domain import LetterStatus

_WAITING = text("status = 'waiting'")


class LetterRow(Row):
    """One promise. The payload is erased when it is settled; who it was for, two days later."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_next", "priority", "number", sqlite_where=_WAITING, postgresql_where=_WAITING
        ),
        Index(
            "ix_outbox_chat",
            "chat_index",
            "priority",
            "number",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_outbox_settled_at", "settled_at"),
        # What a chat was sent last, so that it is sent no more than one letter a second.
        Index("ix_outbox_sent", "chat_index", "settled_at"),
        Index(
            "ix_outbox_refused",
            "settled_at",
            sqlite_where=text("status = 'refused'"),
            postgresql_where=text("status = 'refused'"),
        ),
    )

    number: Mapped[ordinal]
    id: Mapped[UUID] = mapped_column(unique=True)
    once: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True, info={"blind": True})
    chat_index: Mapped[blind_index | None] = mapped_column(nullable=True)
    priority: Mapped[int] = mapped_column(SmallInteger)
    is_signal: Mapped[bool]
    payload: Mapped[sealed_to_server]
    status: Mapped[LetterStatus]
    promised_at: Mapped[datetime] = moment("how long a family has been waiting for an answer")
    due_at: Mapped[datetime] = moment("a letter promised for later is sent then")
    leased_until: Mapped[datetime | None] = moment("a crashed postman's letter is taken up again")
    settled_at: Mapped[datetime | None] = moment("lateness of a check-in counts from its delivery")
    attempts: Mapped[int] = mapped_column(SmallInteger)
    error: Mapped[str | None]
    message_id: Mapped[int | None] = mapped_column(BigInteger)


class PaceRow(Row):
    """One row that all postmen share: how fast they may go, and how Telegram is."""

    __tablename__ = "pace"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    free_at: Mapped[datetime] = moment("when the bucket of letters was last empty; says no more")
    quiet_until: Mapped[datetime | None] = moment("Telegram asked every postman to wait until then")
    failing_since: Mapped[datetime | None] = moment(
        "since when no letter has got through to anyone"
    )
    failures: Mapped[int]
