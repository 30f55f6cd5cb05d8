"""How alarms about members ended. A family's is an entry of its case; a member has no such room."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select

from network.checkins.domain.subjects import Subject
from network.checkins.tables import EndingRow
from network.db import Tx
from network.encryption.sealed import Place, Sealed
from network.kernel.hidden import Plaintext
from network.kernel.ids import new_id

SHOWN = 20


def add(tx: Tx, about: Subject, words: Plaintext) -> None:
    """Keep how it ended, sealed to the machine."""
    ending = new_id()
    tx.session.execute(
        insert(EndingRow)
        .inline()
        .values(
            id=ending,
            person_id=about.person,
            ended_on=tx.now.date(),
            words=tx.secret.seal(words, _place(ending)),
        )
    )


def of(tx: Tx, about: Subject) -> tuple[tuple[date, Plaintext], ...]:
    """How the alarms about this member ended, newest first."""
    rows = tx.session.execute(
        select(EndingRow.id, EndingRow.ended_on, EndingRow.words)
        .where(EndingRow.person_id == about.person)
        .order_by(EndingRow.ended_on.desc(), EndingRow.id)
        .limit(SHOWN)
    )
    return tuple((row.ended_on, tx.secret.open(Sealed(row.words), _place(row.id))) for row in rows)


def sweep(tx: Tx, kept: timedelta) -> int:
    """Forget those older than `kept`; says how many."""
    gone = tx.session.execute(delete(EndingRow).where(EndingRow.ended_on < (tx.now - kept).date()))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts its rows


def _place(ending: UUID) -> Place:
    return Place("endings", "words", ending)
