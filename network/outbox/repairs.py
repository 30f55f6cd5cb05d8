"""Letters tried again, taken back, emptied and forgotten."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from sqlalchemy import case, delete, func, select, update

from network.db import Tx, skipping_locked
from network.kernel.ids import LetterId
from network.outbox.domain import KEPT, Letter, LetterStatus, Out, Priority
from network.outbox.letters import write
from network.outbox.store import SIGNAL_BYTES, Sent, delivered, indexes, opened, place_of
from network.outbox.tables import LetterRow

STANDING = (LetterStatus.WAITING, LetterStatus.REFUSED)  # what may still go out
ABOUT = "about"  # what a letter without a button is about, among its parameters
FRONT = 30  # bytes: version, suite, key, and the 24 random ones of each sealing
AT_ONCE = 500
MOST_REMEMBERED = 50_000
_BUTTONS: dict[tuple[UUID, bytes], frozenset[str]] = {}


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


def take_out(tx: Tx, buttons: Collection[str], left: Callable[[Letter], Letter | None]) -> None:
    """Change, or take out where `left` gives None, the letters that bear any of these buttons, or
    name one as what they are `ABOUT`, in whatever envelope they wait or would be tried again; each
    goes its way, as large as before.

    What a postman holds at this moment may still arrive, once.
    """
    found = _with_any(tx, frozenset(buttons))
    if not found:
        return
    rows = tx.session.execute(
        select(LetterRow.number, LetterRow.id, LetterRow.payload)
        .where(LetterRow.id.in_(found), LetterRow.status.in_(STANDING), LetterRow.payload != b"")
        .order_by(LetterRow.number)  # as whoever settles does: they never wait in a ring
        .with_for_update()
    ).all()
    for row in rows:
        letters = opened(tx, row.id, row.payload) or ()
        kept = [left(one) for one in letters]
        if all(one is before for one, before in zip(kept, letters, strict=True)):
            continue
        text = write(tuple(one for one in kept if one is not None))
        sealed = tx.secret.seal(text, place_of(row.id), SIGNAL_BYTES)
        tx.session.execute(
            update(LetterRow).where(LetterRow.number == row.number).values(payload=sealed)
        )


def _with_any(tx: Tx, buttons: frozenset[str]) -> list[UUID]:
    """Envelopes in which a letter bears one of these buttons. Nothing outside says which: each that
    stands is opened, by this process once. An envelope never changes, it is sealed anew; so what
    was found in it holds for as long as its first bytes, which are random, are the same.
    """
    fronts: dict[UUID, bytes] = {}
    for status in STANDING:
        rows = tx.session.execute(
            select(LetterRow.id, func.substr(LetterRow.payload, 1, FRONT)).where(
                LetterRow.status == status,
                LetterRow.priority == int(Priority.ALARM),
                LetterRow.is_signal,
                LetterRow.payload != b"",
            )
        )
        fronts |= {row[0]: bytes(row[1]) for row in rows}
    known = {one: _BUTTONS.get((one, front)) for one, front in fronts.items()}
    unknown = [one for one, data in known.items() if data is None]
    for start in range(0, len(unknown), AT_ONCE):
        some = unknown[start : start + AT_ONCE]
        query = select(LetterRow.id, LetterRow.payload).where(LetterRow.id.in_(some))
        for row in tx.session.execute(query):
            letters = opened(tx, row.id, row.payload) or ()
            known[row.id] = _remembered(row.id, row.payload, letters)
    return [one for one, data in known.items() if data and data & buttons]


def _remembered(row: UUID, payload: bytes, letters: Sequence[Letter]) -> frozenset[str]:
    """In this process's memory alone, which holds the secret that opens all of them anyway."""
    if len(_BUTTONS) >= MOST_REMEMBERED:
        _BUTTONS.clear()
    data = {one.data for letter in letters for line in letter.buttons for one in line}
    data |= {letter.params[ABOUT] for letter in letters if ABOUT in letter.params}
    found = _BUTTONS[row, bytes(payload[:FRONT])] = frozenset(data)
    return found


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
        letters = opened(tx, row.id, row.payload)
        if letters is None:
            continue
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


def cancel_all(tx: Tx, letters: Collection[LetterId]) -> None:
    """The same for many at once, but for those somebody settles at this moment: it is the clock
    that asks, which waits for nobody.
    """
    if not letters:
        return
    waiting = select(LetterRow.id).where(
        LetterRow.id.in_(letters), LetterRow.status == LetterStatus.WAITING
    )
    found = tx.session.scalars(skipping_locked(tx, waiting)).all()
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.id.in_(found))
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
