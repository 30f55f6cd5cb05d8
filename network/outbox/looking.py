"""How letters fare: for whoever wrote them, the desk, and whoever watches over us."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, case, func, or_, select

from network.db import Tx
from network.kernel.ids import LetterId
from network.many import IDS, among
from network.outbox.domain import KEPT, NOBODY, Delivery, LetterStatus, Priority, Queue, Troubled
from network.outbox.store import indexes
from network.outbox.tables import LetterRow

LATE_AFTER: Final = timedelta(minutes=5)  # a letter that waits longer is shown on the desk
SHOWN: Final = 200
_ROWS = cast(Table, LetterRow.__table__)
# Asked by the clock for a thousand at a time: built once.
_FATES = select(_ROWS.c.id, _ROWS.c.status, _ROWS.c.error, _ROWS.c.settled_at).where(
    among(_ROWS.c.id)
)


def troubled(tx: Tx) -> list[Troubled]:
    """Letters that were refused within two days, or are due for longer than five minutes: never
    what they say or to whom. The newest first.
    """
    rows = tx.session.scalars(
        select(LetterRow)
        .where(
            or_(
                (LetterRow.status == LetterStatus.REFUSED)
                & (LetterRow.settled_at > tx.now - KEPT)
                & (LetterRow.payload != b""),
                (LetterRow.status == LetterStatus.WAITING)
                & (LetterRow.due_at < tx.now - LATE_AFTER),
            )
        )
        .order_by(LetterRow.number.desc())
        .limit(SHOWN)
    )
    return [
        Troubled(
            LetterId(row.id),
            Priority(row.priority),
            row.is_signal,
            row.status,
            row.attempts,
            row.error,
            row.promised_at,
        )
        for row in rows
    ]


def deliveries(tx: Tx, letters: Iterable[UUID]) -> dict[UUID, Delivery]:
    """What became of these letters; those older than two days have no row any more."""
    wanted = list(letters)
    if not wanted:
        return {}
    rows = tx.session.execute(_FATES, {IDS: wanted})
    return {row.id: Delivery(row.status, row.error, row.settled_at) for row in rows}


def last_delivery(tx: Tx) -> datetime | None:
    """When a letter last reached anybody on Telegram, as far as we remember.

    Only what Telegram gave a number did: no request of our own, no word by another way, and no
    envelope, which may have been empty. What is dated later than now tells nothing of now.
    """
    return tx.session.scalar(
        select(LetterRow.settled_at)
        .where(
            LetterRow.settled_at <= tx.now,
            LetterRow.status == LetterStatus.DELIVERED,
            LetterRow.message_id.is_not(None),
        )
        .order_by(LetterRow.settled_at.desc())
        .limit(1)
    )


def reached_between(tx: Tx, since: datetime, until: datetime) -> bool:
    """Whether a letter reached anybody on Telegram in that time."""
    found = tx.session.scalar(
        select(LetterRow.number)
        .where(
            LetterRow.settled_at > since,
            LetterRow.settled_at <= until,
            LetterRow.status == LetterStatus.DELIVERED,
            LetterRow.message_id.is_not(None),
        )
        .limit(1)
    )
    return found is not None


def only_refused(tx: Tx, since: datetime, many: int) -> bool:
    """Whether since then so many letters were refused, and not one reached anybody on Telegram."""
    refused_now = select(LetterRow.number).where(
        LetterRow.settled_at > since,
        LetterRow.status == LetterStatus.REFUSED,
        ~LetterRow.is_signal,
    )
    if len(tx.session.scalars(refused_now.limit(many)).all()) < many:
        return False
    last = last_delivery(tx)
    return last is None or last <= since


def fails_many(tx: Tx, error: str) -> bool:
    """Whether letters to more than one chat wait because of this."""
    chats = (
        select(LetterRow.chat_index)
        .where(
            LetterRow.status == LetterStatus.WAITING,
            LetterRow.error == error,
            LetterRow.chat_index.is_not(None),
            LetterRow.chat_index.not_in(indexes(tx, NOBODY)),
        )
        .distinct()
        .limit(2)
    )
    return len(tx.session.scalars(chats).all()) > 1


def traces(tx: Tx, chat: int) -> list[int]:
    """Telegram's numbers of what we sent to this chat in the last two days."""
    return list(
        tx.session.scalars(
            select(LetterRow.message_id).where(
                LetterRow.chat_index.in_(indexes(tx, chat)), LetterRow.message_id.is_not(None)
            )
        )
    )


def backlog(tx: Tx) -> tuple[int, int]:
    """How many letters are due and not out, and how many were refused in the last two days."""
    due = tx.session.scalar(
        select(func.count())
        .select_from(LetterRow)
        .where(LetterRow.status == LetterStatus.WAITING, LetterRow.due_at <= tx.now)
    )
    final = tx.session.scalar(
        select(func.count())
        .select_from(LetterRow)
        .where(LetterRow.settled_at > tx.now - KEPT, LetterRow.status == LetterStatus.REFUSED)
    )
    return due or 0, final or 0


def queues(tx: Tx) -> dict[Priority, Queue]:
    """How each kind of letter fares. A signal counts as an alarm, whatever is in it."""
    rows = tx.session.execute(
        select(
            LetterRow.priority,
            func.count().label("due"),
            func.min(LetterRow.due_at).label("oldest"),
            func.sum(case((LetterRow.attempts > 1, 1), else_=0)).label("retried"),
        )
        .where(LetterRow.status == LetterStatus.WAITING, LetterRow.due_at <= tx.now)
        .group_by(LetterRow.priority)
    )
    found = {
        Priority(row.priority): Queue(row.due, tx.now - row.oldest, int(row.retried))
        for row in rows
    }
    return {one: found.get(one, Queue(0, timedelta(0), 0)) for one in Priority}
