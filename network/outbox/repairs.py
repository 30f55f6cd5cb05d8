"""Letters tried again, taken back, emptied and forgotten."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import case, delete, func, select, update

from network.db import Tx
from network.encryption.sealed import EncryptionError, Sealed
from network.kernel.ids import LetterId
from network.outbox.domain import KEPT, Letter, LetterStatus, Out, Priority
from network.outbox.letters import read, write
from network.outbox.store import SIGNAL_BYTES, Sent, delivered, indexes, place_of
from network.outbox.tables import LetterRow


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
    )
    return found is not None


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


def settle_left(tx: Tx, out: Sequence[Out]) -> None:
    """Write down what a postman knew to be out and could not say any more. Of an envelope only some
    letters may be out: they are taken out of it, and it goes its way, as large as before.
    """
    by_row: defaultdict[UUID, dict[UUID, int | None]] = defaultdict(dict)
    for one in out:
        by_row[one.row][one.letter] = one.message_id
    if not by_row:
        return
    rows = tx.session.execute(
        select(LetterRow.number, LetterRow.id, LetterRow.is_signal, LetterRow.payload)
        .where(LetterRow.id.in_(by_row), LetterRow.status == LetterStatus.WAITING)
        .with_for_update()
    ).all()
    sent = [Sent(row.number, by_row[row.id].get(row.id)) for row in rows if not row.is_signal]
    for row in (row for row in rows if row.is_signal):
        try:
            letters = read(tx.secret.open(Sealed(row.payload), place_of(row.id)))
        except (EncryptionError, ValueError, KeyError, TypeError):
            continue  # the postman gives it up, loudly
        kept = tuple(one for one in letters if one.id not in by_row[row.id])
        if not kept:
            sent.append(Sent(row.number))
            continue
        sealed = tx.secret.seal(write(kept), place_of(row.id), SIGNAL_BYTES)
        tx.session.execute(
            update(LetterRow).where(LetterRow.number == row.number).values(payload=sealed)
        )
    delivered(tx, sent)


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
            LetterRow.chat_index.in_(indexes(tx, chat)),
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
    )


def sweep(tx: Tx) -> int:
    """Forget letters settled two days ago; says how many."""
    gone = tx.session.execute(delete(LetterRow).where(LetterRow.settled_at < tx.now - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts its rows
