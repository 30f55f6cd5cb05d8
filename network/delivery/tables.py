"""How channels are stored: whose they are and when they are tested; the rest is sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from network.db import Row, moment, pk, sealed_to_server
from network.delivery.domain import ChannelState


class ChannelRow(Row):
    """One other way to a member."""

    __tablename__ = "channels"

    id: Mapped[pk]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    state: Mapped[ChannelState]
    sealed: Mapped[sealed_to_server]  # address, word, tries
    test_at: Mapped[datetime] = moment("each is tested by the month", index=True)
    asked_at: Mapped[datetime | None] = moment("a test that nobody confirmed in time has failed")
