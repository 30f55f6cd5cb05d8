"""Updates as they arrived, sealed, and where each talk stands."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from network.db import Row, blind_index, moment, sealed_to_server
from network.inbox.domain import ArrivalStatus

_WAITING = text("status = 'waiting'")
_ASIDE = text("status = 'set_aside'")


class ArrivalRow(Row):
    """One update, once. The body is erased when it has been handled."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("ix_inbox_next", "update_id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index(
            "ix_inbox_chat",
            "chat_index",
            "update_id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_inbox_aside", "arrived_at", sqlite_where=_ASIDE, postgresql_where=_ASIDE),
        Index("ix_inbox_traces", "chat_index", "message_id"),
        Index("ix_inbox_arrived_at", "arrived_at"),
    )

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chat_index: Mapped[blind_index | None] = mapped_column(nullable=True)
    body: Mapped[sealed_to_server]
    status: Mapped[ArrivalStatus]
    arrived_at: Mapped[datetime] = moment(
        "how long somebody has waited for an answer; swept after a week"
    )
    leased_until: Mapped[datetime | None] = moment("a crashed worker's arrival is taken up again")
    attempts: Mapped[int] = mapped_column(SmallInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)


class TalkRow(Row):
    """Where the talk with one chat stands: the step of a dialogue, sealed."""

    __tablename__ = "talks"

    chat_index: Mapped[blind_index] = mapped_column(primary_key=True)
    state: Mapped[sealed_to_server]
