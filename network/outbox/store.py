"""Promising letters, and writing down what became of them."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from network.db import Instant, Tx
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.ids import LetterId, new_id
from network.outbox.domain import (
    CEILINGS,
    GIVE_UP_AFTER,
    Delivery,
    Leased,
    Letter,
    LetterStatus,
    Priority,
    Queue,
    Signal,
    Troubled,
    backoff,
    next_round,
)
from network.outbox.letters import read, write
from network.outbox.tables import LetterRow

SIGNAL_BYTES = 8192  # one size for every signal, whether it carries a notice or a dozen alarms
KEPT = timedelta(hours=48)  # Telegram lets a bot delete its messages for two days
LATE_AFTER = timedelta(minutes=5)  # a letter that waits longer is shown on the desk
SHOWN = 200

# Built once: putting these statements together costs more than running them.
_ROWS = cast(Table, LetterRow.__table__)
# How long a signal took, and how often it was tried, would tell whether letters were in it.
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
        attempts=case((_ROWS.c.is_signal, 1), else_=_ROWS.c.attempts),
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


def gather(tx: Tx, held: Sequence[Letter]) -> None:
    """Promise notices for the end of this round; of those that say the same to one chat, one."""
    at = next_round(tx.now)
    wanted = {
        f"round:{one.to}:{one.say}:{sorted(one.params.items())}:{at.timestamp():.0f}": one
        for one in held
    }
    if wanted:
        letters = [
            replace(one, once=once, due_at=at, id=LetterId(new_id()))
            for once, one in wanted.items()
        ]
        _add(tx, [_row(tx, one.id, (one,), one) for one in letters])


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
    """Telegram said never. Final, visible to whoever wrote it, and kept sealed for two days: a
    coordinator may have it tried again.
    """
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.number == number, LetterRow.status == LetterStatus.WAITING)
        .values(
            status=LetterStatus.REFUSED,
            settled_at=case((LetterRow.is_signal, LetterRow.promised_at), else_=tx.now),
            leased_until=None,
            error=error,
        )
    )


def later(
    tx: Tx,
    leased: Leased,
    error: str,
    *,
    after: timedelta | None = None,
    unsent: Sequence[Letter] | None = None,
) -> None:
    """It did not work this time: wait `after` (Telegram's own word) or ever longer; after a day
    give up loudly.

    Of a signal only `unsent` may be left. Whatever is left is sealed anew in its row, at its size,
    so that nobody sees how much that was; it never becomes letters of their own: an alarm would
    stand there by its urgency and its reader.
    """
    if tx.now >= leased.due_at + GIVE_UP_AFTER:
        refused(tx, leased.number, "gave_up")
        return
    jitter = secrets.randbelow(1000) / 1000
    wait = after or backoff(leased.attempts, jitter, CEILINGS[leased.priority])
    values: dict[str, object] = {"leased_until": tx.now + wait, "error": error}
    if leased.is_signal:
        left = leased.letters if unsent is None else tuple(unsent)
        values["payload"] = tx.secret.seal(write(left), place_of(leased.id), SIGNAL_BYTES)
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.number == leased.number, LetterRow.status == LetterStatus.WAITING)
        .values(**values)
    )


def retry(tx: Tx, letter_id: UUID) -> bool:
    """Try a refused letter, or one that is backing off, now. Says whether there was one.

    One that a postman holds is left to them. What is erased cannot be tried.
    """
    found = tx.session.scalar(
        update(LetterRow)
        .where(
            LetterRow.id == letter_id,
            LetterRow.status.in_((LetterStatus.WAITING, LetterStatus.REFUSED)),
            LetterRow.error.is_not(None),
            LetterRow.payload != b"",
        )
        .values(
            status=LetterStatus.WAITING,
            settled_at=None,
            leased_until=None,
            due_at=tx.now,
            error=None,
            attempts=0,
        )
        .returning(LetterRow.id)
        .execution_options(synchronize_session=False)
    )
    return found is not None


def give_up(tx: Tx, letter_id: UUID) -> bool:
    """Take back and erase a letter that waits or was refused; no signal: nobody may silence one.

    Says whether there was one.
    """
    found = tx.session.scalar(
        update(LetterRow)
        .where(
            LetterRow.id == letter_id,
            LetterRow.status.in_((LetterStatus.WAITING, LetterStatus.REFUSED)),
            LetterRow.priority > int(Priority.ALARM),
        )
        .values(status=LetterStatus.CANCELLED, settled_at=tx.now, payload=b"", leased_until=None)
        .returning(LetterRow.id)
        .execution_options(synchronize_session=False)
    )
    return found is not None


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


def take_out(tx: Tx, signals: Sequence[LetterId], unwanted: Callable[[Letter], bool]) -> None:
    """Take letters out of envelopes that are not out yet; each goes its way, as large as before.

    What a postman holds at this moment may still arrive, once.
    """
    if not signals:
        return
    rows = tx.session.execute(
        select(LetterRow.number, LetterRow.id, LetterRow.payload)
        .where(
            LetterRow.id.in_(signals),
            LetterRow.status == LetterStatus.WAITING,
            LetterRow.is_signal,
        )
        .with_for_update()
    ).all()
    for row in rows:
        try:
            letters = read(tx.secret.open(Sealed(row.payload), place_of(row.id)))
        except (EncryptionError, ValueError, KeyError, TypeError):
            continue  # the postman gives it up, loudly
        kept = tuple(one for one in letters if not unwanted(one))
        if len(kept) == len(letters):
            continue
        sealed = tx.secret.seal(write(kept), place_of(row.id), SIGNAL_BYTES)
        tx.session.execute(
            update(LetterRow)
            .where(LetterRow.number == row.number, LetterRow.status == LetterStatus.WAITING)
            .values(payload=sealed)
        )


def cancel(tx: Tx, letter_id: LetterId) -> None:
    """Take back a letter that is not out yet; does nothing when it is too late."""
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.id == letter_id, LetterRow.status == LetterStatus.WAITING)
        .values(status=LetterStatus.CANCELLED, settled_at=tx.now, payload=b"", leased_until=None)
    )


def cancel_chat(tx: Tx, chat: int) -> None:
    """Take back everything that still waits for one chat, and erase what it refused."""
    tx.session.execute(
        update(LetterRow)
        .where(
            LetterRow.chat_index == _index(tx, chat),
            LetterRow.status.in_((LetterStatus.WAITING, LetterStatus.REFUSED)),
        )
        .values(
            status=case(
                (LetterRow.status == LetterStatus.WAITING, LetterStatus.CANCELLED),
                else_=LetterRow.status,
            ),
            settled_at=func.coalesce(LetterRow.settled_at, tx.now),
            payload=b"",
            leased_until=None,
        )
        .execution_options(synchronize_session=False)
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


def last_delivery(tx: Tx) -> datetime | None:
    """When a letter last reached anybody, as far as we remember."""
    return tx.session.scalar(
        select(LetterRow.settled_at)
        .where(LetterRow.status == LetterStatus.DELIVERED, LetterRow.settled_at.is_not(None))
        .order_by(LetterRow.settled_at.desc())
        .limit(1)
    )


def only_refused(tx: Tx, since: datetime, many: int) -> bool:
    """Whether since then so many letters were refused, and not one reached anybody."""
    settled = LetterRow.settled_at > since
    refused_now = select(LetterRow.number).where(settled, LetterRow.status == LetterStatus.REFUSED)
    if len(tx.session.scalars(refused_now.limit(many)).all()) < many:
        return False
    last = last_delivery(tx)
    return last is None or last <= since


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


def sweep(tx: Tx) -> int:
    """Forget letters settled two days ago; says how many."""
    gone = tx.session.execute(
        delete(LetterRow)
        .where(LetterRow.settled_at < tx.now - KEPT)
        .execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts its rows


def _row(
    tx: Tx, letter_id: LetterId, letters: tuple[Letter, ...], outer: Letter, size: int | None = None
) -> dict[str, object]:
    return {
        "id": letter_id,
        "once": tx.secret.index("outbox.once", outer.once) if outer.once else None,
        "chat_index": _reader(tx, outer) if size is None else None,
        "priority": int(outer.priority),
        "is_signal": size is not None,
        "payload": tx.secret.seal(write(letters), place_of(letter_id), size),
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


def place_of(letter: UUID) -> Place:
    """Where a letter's payload lives."""
    return Place("outbox", "payload", letter)


def _reader(tx: Tx, letter: Letter) -> bytes:
    """Whose letters keep their order: those of one chat, or of one channel."""
    if letter.by is not None:
        return tx.secret.index("channel", letter.by.hex)
    return _index(tx, letter.to)


def _index(tx: Tx, chat: int) -> bytes:
    return tx.secret.index("chat", str(chat))
