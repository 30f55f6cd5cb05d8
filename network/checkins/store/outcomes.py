"""How alarms of silence ended: sealed, a row for each."""

import json
import logging
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, delete, insert, select

from network.checkins.domain.fatigue import Ending
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import Outcome
from network.checkins.store.subjects import columns, is_about, subject_of
from network.checkins.tables import OutcomeRow
from network.db import Tx
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.hidden import Plaintext
from network.kernel.ids import new_id

FACTS_BYTES = 128  # every ending is as long as every other
KEPT = timedelta(days=366)
COLUMNS: tuple[Any, ...] = (
    OutcomeRow.id,
    OutcomeRow.case_id,
    OutcomeRow.person_id,
    OutcomeRow.facts,
    OutcomeRow.ended_on,
)
_SINCE = select(*COLUMNS).where(OutcomeRow.ended_on >= bindparam("since"))
log = logging.getLogger(__name__)


def add(tx: Tx, about: Subject, ending: Ending) -> None:
    """Keep how one alarm ended."""
    row = new_id()
    tx.session.execute(
        insert(OutcomeRow)
        .inline()
        .values(
            id=row,
            **columns(about),
            facts=tx.secret.seal(_written(ending), _place(row), FACTS_BYTES),
            ended_on=ending.on,
        )
    )


def of(tx: Tx, about: Subject, since: date) -> tuple[Ending, ...]:
    """The alarms about a family or a member that ended since that day."""
    return _by_subject(tx, _SINCE.where(is_about(OutcomeRow, about)), since).get(about, ())


def everybodys(tx: Tx, since: date) -> dict[Subject, tuple[Ending, ...]]:
    """Every alarm that ended since that day, by whom it was about."""
    return _by_subject(tx, _SINCE, since)


def _by_subject(tx: Tx, query: Select[Any], since: date) -> dict[Subject, tuple[Ending, ...]]:
    found: dict[Subject, tuple[Ending, ...]] = {}
    rows: Iterable[Row[Any]] = tx.session.execute(query, {"since": since})
    for row in rows:
        ending = _read(tx, row)
        if ending is not None:
            about = subject_of(row.case_id, row.person_id)
            found[about] = (*found.get(about, ()), ending)
    return found


def sweep(tx: Tx) -> None:
    """Forget those of more than a year ago."""
    tx.session.execute(delete(OutcomeRow).where(OutcomeRow.ended_on < (tx.now - KEPT).date()))


def _written(ending: Ending) -> Plaintext:
    return Plaintext(json.dumps([ending.outcome.value, ending.rungs, ending.owned]))


def _read(tx: Tx, row: Row[Any]) -> Ending | None:
    try:
        text = tx.secret.open(Sealed(row.facts), _place(row.id)).reveal()
        outcome, rungs, owned = json.loads(text)
        return Ending(Outcome(outcome), row.ended_on, rungs, owned)
    except (EncryptionError, ValueError, TypeError):
        # Without the trace: it may hold what was being opened.
        log.error("outcome %s cannot be read", row.id)  # noqa: TRY400
        return None


def _place(ending: UUID) -> Place:
    return Place("outcomes", "facts", ending)
