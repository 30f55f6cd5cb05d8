"""What was written of alarms about members, and how they ended. Of a family it is an entry of its
case; a member has no such room.
"""

import json
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select

from network.checkins.domain.subjects import Subject
from network.checkins.tables import EndingRow
from network.db import Tx
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.hidden import Plaintext
from network.kernel.ids import new_id

SHOWN = 20
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """What whoever had an alarm wrote of it. `at` is None where only the day was kept."""

    on: date
    at: datetime | None
    words: Plaintext


def add(tx: Tx, about: Subject, words: Plaintext) -> None:
    """Keep what is being done, or how it ended, sealed to the machine."""
    ending = new_id()
    kept = json.dumps({"at": tx.now.isoformat(), "words": words.reveal()}, ensure_ascii=False)
    tx.session.execute(
        insert(EndingRow)
        .inline()
        .values(
            id=ending,
            person_id=about.person,
            ended_on=tx.now.date(),
            words=tx.secret.seal(Plaintext(kept), _place(ending)),
        )
    )


def of(tx: Tx, about: Subject, since: date) -> tuple[Written, ...]:
    """What was written of alarms about this member from that day on, the newest first. What cannot
    be read is left out, so that it takes the page of an alarm from nobody.
    """
    rows = tx.session.execute(
        select(EndingRow.id, EndingRow.ended_on, EndingRow.words).where(
            EndingRow.person_id == about.person, EndingRow.ended_on >= since
        )
    )
    found = [one for row in rows if (one := _opened(tx, row.id, row.ended_on, row.words))]
    known = [one for one in found if one.at is not None]
    newest = sorted(known, key=lambda one: one.at or tx.now, reverse=True)
    return (*newest, *(one for one in found if one.at is None))[:SHOWN]


def _opened(tx: Tx, ending: UUID, on: date, words: bytes) -> Written | None:
    try:
        return _read(on, tx.secret.open(Sealed(words), _place(ending)))
    except EncryptionError:
        log.error("what was written in %s cannot be read", ending)  # noqa: TRY400  # no content in logs
        return None


def _read(on: date, text: Plaintext) -> Written:
    """What `add` was given; before it kept the moment it kept the words alone."""
    try:
        found = json.loads(text.reveal())
        return Written(on, datetime.fromisoformat(found["at"]), Plaintext(found["words"]))
    except (ValueError, KeyError, TypeError):
        return Written(on, None, text)


def sweep(tx: Tx, kept: timedelta) -> int:
    """Forget those older than `kept`; says how many."""
    gone = tx.session.execute(delete(EndingRow).where(EndingRow.ended_on < (tx.now - kept).date()))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts its rows


def _place(ending: UUID) -> Place:
    return Place("endings", "words", ending)
