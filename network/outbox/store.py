"""Promising letters, and writing down what became of them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import BigInteger, Table, bindparam, case, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from network.db import Instant, Tx
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.hidden import Plaintext
from network.kernel.ids import LetterId, new_id
from network.many import pour
from network.outbox.domain import (
    CEILINGS,
    GIVE_UP_AFTER,
    LONGEST_WAIT,
    Leased,
    Letter,
    LetterStatus,
    Priority,
    Signal,
    backoff,
    next_round,
)
from network.outbox.letters import read, write
from network.outbox.tables import LetterRow

SIGNAL_BYTES = 8192  # one size for every signal, whether it carries a notice or a dozen alarms

# Built once: putting these statements together costs more than running them.
_ROWS = cast(Table, LetterRow.__table__)
# How long a signal took, and how often it was tried, would tell whether letters were in it.
_SETTLED_AT = case(
    (_ROWS.c.is_signal, _ROWS.c.promised_at), else_=bindparam("b_now", type_=Instant)
)
# Taken back while it was on its way, it did arrive: its number is known for wiping the chat.
_TAKEN_BACK = _ROWS.c.status == LetterStatus.CANCELLED
_DELIVERED = (
    update(_ROWS)
    .where(
        _ROWS.c.number == bindparam("b_number"),
        or_(_ROWS.c.status == LetterStatus.WAITING, _TAKEN_BACK),
    )
    .values(
        status=case((_TAKEN_BACK, _ROWS.c.status), else_=LetterStatus.DELIVERED),
        settled_at=case((_TAKEN_BACK, _ROWS.c.settled_at), else_=_SETTLED_AT),
        leased_until=None,
        payload=b"",
        error=case((_TAKEN_BACK, _ROWS.c.error), else_=None),
        attempts=case((_ROWS.c.is_signal, 1), else_=_ROWS.c.attempts),
        # Of a letter that does not say whose it is, this would.
        message_id=case(
            (_ROWS.c.chat_index.is_(None), None), else_=bindparam("b_message", type_=BigInteger)
        ),
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
    if not _made_before(tx, letter.once):
        _add(tx, [_row(tx, letter.id, (letter,), letter)])
    return letter.id


def promise_signal(tx: Tx, signal: Signal) -> LetterId:
    """Queue one envelope of one size; whether it rings, only the postman learns."""
    if not _made_before(tx, signal.once):
        _add(tx, [_signal_row(tx, signal)])
    return signal.id


def promise_all(tx: Tx, letters: Sequence[Letter]) -> None:
    """Queue many letters in one statement: for the clock, which claimed what they are about."""
    pour(tx, _ROWS, [_row(tx, one.id, (one,), one) for one in letters])


def promise_signals(tx: Tx, signals: Sequence[Signal]) -> None:
    """Queue many envelopes of one size in one statement."""
    pour(tx, _ROWS, [_signal_row(tx, one) for one in signals])


def gather(tx: Tx, held: Sequence[Letter]) -> None:
    """Promise notices for the end of this round; of those that say the same to one chat, one.

    Like an envelope, such a row does not say whose it is: beside the entries of these seconds it
    would tell who follows which case.
    """
    at = next_round(tx.now)
    wanted = {
        f"round:{one.to}:{one.say}:{sorted(one.params.items())}:{at.timestamp():.0f}": one
        for one in held
    }
    if wanted:
        letters = [
            replace(one, once=once, due_at=at, id=LetterId(new_id()))
            for once, one in wanted.items()
            if not _made_before(tx, once)
        ]
        rows = [_row(tx, one.id, (one,), one) | {"chat_index": None} for one in letters]
        if rows:
            _add(tx, rows)


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

    Of a signal only `unsent` may be left, and of that what nobody took out of it meanwhile.
    Whatever is left is sealed anew in its row, at its size, so that nobody sees how much that was;
    it never becomes letters of their own: an alarm would stand there by its urgency and its reader.
    """
    if tx.now >= leased.due_at + GIVE_UP_AFTER:
        refused(tx, leased.number, "gave_up")
        return
    jitter = secrets.randbelow(1000) / 1000
    wait = min(after or backoff(leased.attempts, jitter, CEILINGS[leased.priority]), LONGEST_WAIT)
    values: dict[str, object] = {"leased_until": tx.now + wait, "error": error}
    if leased.is_signal:
        left = leased.letters if unsent is None else tuple(unsent)
        text = _fitting(_still_wanted(tx, leased, left))
        values["payload"] = tx.secret.seal(text, place_of(leased.id), SIGNAL_BYTES)
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.number == leased.number, LetterRow.status == LetterStatus.WAITING)
        .values(**values)
    )


def hold(tx: Tx, numbers: Sequence[int]) -> None:
    """Keep these rows from everybody else until this transaction ends. Always in one order, so that
    whoever takes letters out of several never waits for us in a ring.
    """
    tx.session.execute(
        select(LetterRow.number)
        .where(LetterRow.number.in_(numbers))
        .order_by(LetterRow.number)
        .with_for_update()
    ).all()


def opened(tx: Tx, letter: UUID, payload: bytes) -> tuple[Letter, ...] | None:
    """The letters of a row; None where it does not open: the postman gives it up, loudly."""
    try:
        return read(tx.secret.open(Sealed(payload), place_of(letter)))
    except (EncryptionError, ValueError, KeyError, TypeError):
        return None


def _still_wanted(tx: Tx, leased: Leased, left: tuple[Letter, ...]) -> tuple[Letter, ...]:
    """Without what was taken out of the envelope, or sent by another, while it was on its way, and
    without what goes by a channel in its place.
    """
    payload = tx.session.scalar(
        select(LetterRow.payload)
        .where(LetterRow.number == leased.number, LetterRow.status == LetterStatus.WAITING)
        .with_for_update()
    )
    stored = None if payload is None else opened(tx, leased.id, payload)
    if stored is None:
        return left
    there = {one.id: one for one in stored}
    found = [(one, there.get(one.id) or there.get(one.instead_of or one.id)) for one in left]
    return tuple(replace(one, buttons=kept.buttons) for one, kept in found if kept is not None)


def _fitting(letters: tuple[Letter, ...]) -> Plaintext:
    """As one text. Where it is too long for the envelope, channels that did not ring go first:
    what stops the postman would stop every other letter with it.
    """
    while len((text := write(letters)).reveal().encode()) > SIGNAL_BYTES:
        channels = [at for at, one in enumerate(letters) if one.instead_of is not None]
        if not channels:
            break
        letters = letters[: channels[-1]] + letters[channels[-1] + 1 :]
    return text


def _made_before(tx: Tx, once: str | None) -> bool:
    """Whether it was promised under a secret that is being retired: its name is another then."""
    retired = tx.secret.indexes("outbox.once", once)[1:] if once else ()
    if not retired:
        return False
    return tx.session.scalar(select(LetterRow.id).where(LetterRow.once.in_(retired))) is not None


def _row(
    tx: Tx, letter_id: LetterId, letters: tuple[Letter, ...], outer: Letter, size: int | None = None
) -> dict[str, object]:
    return {
        "id": letter_id,
        "once": tx.secret.index("outbox.once", outer.once) if outer.once else None,
        "chat_index": reader(tx, outer) if size is None else None,
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
    first = rows[0]
    statement = _INSERT if first["once"] is None else _INSERT_ONCE[tx.on_postgresql]
    # What is gathered keeps its order within its statement, and letters to one chat keep theirs:
    # those that name a promise are written at once, unless they are envelopes, that have no order.
    if len(rows) == 1 and (first["once"] is None or first["is_signal"]):
        tx.gather(statement, first)
    else:
        tx.session.connection().execute(statement, rows)


def place_of(letter: UUID) -> Place:
    """Where a letter's payload lives."""
    return Place("outbox", "payload", letter)


def reader(tx: Tx, letter: Letter) -> bytes:
    """Whose letters keep their order: those of one chat, or of one channel."""
    if letter.by is not None:
        return tx.secret.index("channel", letter.by.hex)
    return index(tx, letter.to)


def indexes(tx: Tx, chat: int) -> tuple[bytes, ...]:
    """The same, and what it was under secrets that are being retired."""
    return tx.secret.indexes("chat", str(chat))


def index(tx: Tx, chat: int) -> bytes:
    """The blind index that all letters to one chat bear."""
    return tx.secret.index("chat", str(chat))
