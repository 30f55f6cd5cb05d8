"""Promising, leasing and settling letters. One `lease` for SQLite and PostgreSQL."""

import logging
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    Integer,
    Row,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from network.db import Instant, Tx
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.ids import LetterId
from network.outbox.domain import (
    GIVE_UP_AFTER,
    LEASE,
    Delivery,
    Leased,
    Letter,
    LetterStatus,
    Priority,
    Signal,
    backoff,
)
from network.outbox.letters import read, write
from network.outbox.tables import LetterRow

log = logging.getLogger(__name__)

SIGNAL_BYTES = 8192  # one size for every signal, whether it carries a notice or a dozen alarms
KEPT = timedelta(hours=48)  # Telegram lets a bot delete its messages for two days

# Built once: putting these statements together costs more than running them.
_ROWS = cast(Table, LetterRow.__table__)
_AHEAD = _ROWS.alias()
_FREE = (
    select(_ROWS.c.number)
    .where(
        _ROWS.c.status == LetterStatus.WAITING,
        _ROWS.c.due_at <= bindparam("b_now"),
        or_(_ROWS.c.leased_until.is_(None), _ROWS.c.leased_until < bindparam("b_now")),
        ~select(_AHEAD.c.number)
        .where(
            _AHEAD.c.chat_index == _ROWS.c.chat_index,
            _AHEAD.c.status == LetterStatus.WAITING,
            _AHEAD.c.due_at <= bindparam("b_now"),
            or_(
                _AHEAD.c.priority < _ROWS.c.priority,
                and_(_AHEAD.c.priority == _ROWS.c.priority, _AHEAD.c.number < _ROWS.c.number),
            ),
        )
        .exists(),
    )
    .order_by(_ROWS.c.priority, _ROWS.c.number)
    .limit(bindparam("b_most", type_=Integer))
)
_LEASE = {
    locking: update(_ROWS)
    .where(_ROWS.c.number.in_(_FREE.with_for_update(skip_locked=True) if locking else _FREE))
    .values(leased_until=bindparam("b_until"), attempts=_ROWS.c.attempts + 1)
    .returning(
        _ROWS.c.number,
        _ROWS.c.id,
        _ROWS.c.payload,
        _ROWS.c.is_signal,
        _ROWS.c.attempts,
        _ROWS.c.promised_at,
        _ROWS.c.priority,
    )
    for locking in (False, True)
}
# How long a signal took would tell whether letters were in it.
_SETTLED_AT = case(
    (_ROWS.c.is_signal, _ROWS.c.promised_at), else_=bindparam("b_now", type_=Instant)
)
_DELIVERED = (
    update(_ROWS)
    .where(_ROWS.c.number == bindparam("b_number"), _ROWS.c.status == LetterStatus.WAITING)
    .values(
        status=LetterStatus.DELIVERED,
        settled_at=_SETTLED_AT,
        leased_until=None,
        payload=b"",
        error=None,
        message_id=bindparam("b_message"),
    )
)
_INSERT = insert(_ROWS).inline()
_INSERT_ONCE = {
    False: sqlite.insert(_ROWS).on_conflict_do_nothing(index_elements=["once"]),
    True: postgresql.insert(_ROWS).on_conflict_do_nothing(index_elements=["once"]),
}


def promise(tx: Tx, letter: Letter) -> LetterId:
    """Queue a letter with this commit. A promise named `once` that was made before is not made
    again.
    """
    _add(tx, [_row(tx, letter.id, (letter,), letter)])
    return letter.id


def promise_signal(tx: Tx, signal: Signal) -> LetterId:
    """Queue one envelope of one size; whether it rings, only the postman learns."""
    _add(tx, [_signal_row(tx, signal)])
    return signal.id


def promise_all(tx: Tx, letters: Sequence[Letter]) -> None:
    """Queue many letters in one statement: for the clock, which claimed what they are about."""
    if letters:
        tx.session.execute(
            insert(LetterRow).inline(), [_row(tx, one.id, (one,), one) for one in letters]
        )


def promise_signals(tx: Tx, signals: Sequence[Signal]) -> None:
    """Queue many envelopes of one size in one statement."""
    if signals:
        tx.session.execute(insert(LetterRow).inline(), [_signal_row(tx, one) for one in signals])


def lease(tx: Tx, limit: int, *, for_long: timedelta = LEASE) -> list[Leased]:
    """Take up to `limit` due letters: urgent first, and of one chat only the first of those it
    waits for.

    A crash after this only delays them. A letter leased or backing off holds back the later ones of
    its chat, unless they are more urgent.
    """
    rows = tx.session.execute(
        _LEASE[tx.on_postgresql], {"b_now": tx.now, "b_until": tx.now + for_long, "b_most": limit}
    ).all()
    ordered = sorted(rows, key=lambda row: (row.priority, row.number))
    return [leased for row in ordered if (leased := _leased(tx, row)) is not None]


def _leased(tx: Tx, row: Row[Any]) -> Leased | None:
    """The letters of a row; one that does not open is given up, or it would stop all others."""
    try:
        letters = read(tx.secret.open(Sealed(row.payload), _place(row.id)))
    except (EncryptionError, ValueError, KeyError, TypeError):
        # Without the trace: it may hold what was being opened.
        log.error("letter %s cannot be read", row.id)  # noqa: TRY400
        refused(tx, row.number, "unreadable")
        return None
    return Leased(
        row.number, LetterId(row.id), letters, row.is_signal, row.attempts, row.promised_at
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter that is out, and Telegram's number for it (None where it has none)."""

    number: int
    message_id: int | None = None


def delivered(tx: Tx, sent: Sequence[Sent]) -> None:
    """Mark letters as out and erase what they said."""
    if not sent:
        return
    tx.session.connection().execute(
        _DELIVERED,
        [{"b_number": one.number, "b_now": tx.now, "b_message": one.message_id} for one in sent],
    )


def refused(tx: Tx, number: int, error: str) -> None:
    """Telegram said never. Final, and visible to whoever wrote it."""
    _settle(tx, number, LetterStatus.REFUSED, error)


def later(tx: Tx, leased: Leased, error: str, *, after: timedelta | None = None) -> None:
    """It did not work this time: wait `after` (Telegram's own word) or ever longer; at last give up
    loudly.
    """
    if leased.attempts >= GIVE_UP_AFTER:
        _settle(tx, leased.number, LetterStatus.REFUSED, "gave_up")
        return
    wait = after or backoff(leased.attempts, secrets.randbelow(1000) / 1000)
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.number == leased.number, LetterRow.status == LetterStatus.WAITING)
        .values(leased_until=tx.now + wait, error=error)
    )


def release(tx: Tx, numbers: Iterable[int]) -> None:
    """Give leased letters back untried, so that another postman can take them at once."""
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.number.in_(list(numbers)), LetterRow.status == LetterStatus.WAITING)
        .values(leased_until=None, attempts=LetterRow.attempts - 1)
    )


def replace_signal(tx: Tx, leased: Leased, unsent: Sequence[Letter]) -> None:
    """A signal went out but for `unsent`: those go into another, so that none is sent twice.

    Never as letters of their own: an alarm would stand there by its urgency and its reader.
    """
    promise_signal(tx, Signal(tuple(unsent), once=f"signal:{leased.id}"))
    delivered(tx, [Sent(leased.number)])


def cancel(tx: Tx, letter_id: LetterId) -> None:
    """Take back a letter that is not out yet; does nothing when it is too late."""
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.id == letter_id, LetterRow.status == LetterStatus.WAITING)
        .values(status=LetterStatus.CANCELLED, settled_at=tx.now, payload=b"", leased_until=None)
    )


def cancel_chat(tx: Tx, chat: int) -> None:
    """Take back everything that still waits for one chat."""
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.chat_index == _index(tx, chat), LetterRow.status == LetterStatus.WAITING)
        .values(status=LetterStatus.CANCELLED, settled_at=tx.now, payload=b"", leased_until=None)
    )


def deliveries(tx: Tx, letters: Iterable[UUID]) -> dict[UUID, Delivery]:
    """What became of these letters; those older than two days have no row any more."""
    wanted = list(letters)
    if not wanted:
        return {}
    rows = tx.session.execute(
        select(LetterRow.id, LetterRow.status, LetterRow.error, LetterRow.settled_at).where(
            LetterRow.id.in_(wanted)
        )
    )
    return {row.id: Delivery(row.status, row.error, row.settled_at) for row in rows}


def traces(tx: Tx, chat: int) -> list[int]:
    """Telegram's numbers of what we sent to this chat in the last two days."""
    return list(
        tx.session.scalars(
            select(LetterRow.message_id).where(
                LetterRow.chat_index == _index(tx, chat), LetterRow.message_id.is_not(None)
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


def sweep(tx: Tx) -> int:
    """Forget letters settled two days ago; says how many."""
    gone = tx.session.execute(
        delete(LetterRow)
        .where(LetterRow.settled_at < tx.now - KEPT)
        .execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts its rows


def _settle(tx: Tx, number: int, status: LetterStatus, error: str) -> None:
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.number == number, LetterRow.status == LetterStatus.WAITING)
        .values(
            status=status,
            settled_at=case((LetterRow.is_signal, LetterRow.promised_at), else_=tx.now),
            leased_until=None,
            payload=b"",
            error=error,
        )
    )


def _row(
    tx: Tx, letter_id: LetterId, letters: tuple[Letter, ...], outer: Letter, size: int | None = None
) -> dict[str, object]:
    return {
        "id": letter_id,
        "once": tx.secret.index("outbox.once", outer.once) if outer.once else None,
        "chat_index": _index(tx, outer.to) if size is None else None,
        "priority": int(outer.priority),
        "is_signal": size is not None,
        "payload": tx.secret.seal(write(letters), _place(letter_id), size),
        "status": LetterStatus.WAITING,
        "promised_at": tx.now,
        "due_at": outer.due_at or tx.now,
        "attempts": 0,
    }


def _signal_row(tx: Tx, signal: Signal) -> dict[str, object]:
    outer = Letter(to=0, language="", priority=Priority.ALARM, once=signal.once, id=signal.id)
    return _row(tx, signal.id, signal.letters, outer, size=SIGNAL_BYTES)


def _add(tx: Tx, rows: list[dict[str, object]]) -> None:
    if rows[0]["once"] is None:
        tx.session.connection().execute(_INSERT, rows)
        return
    tx.session.connection().execute(_INSERT_ONCE[tx.on_postgresql], rows)


def _place(letter: UUID) -> Place:
    return Place("outbox", "payload", letter)


def _index(tx: Tx, chat: int) -> bytes:
    return tx.secret.index("chat", str(chat))
