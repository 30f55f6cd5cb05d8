"""Drills: one sealed state each, kept for the months that are drawn."""

import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from network.checkins.domain.drills import Drill, Rehearsed
from network.checkins.store.watches import read, written
from network.checkins.tables import DrillRow
from network.db import Tx, skipping_locked
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import DrillId, PersonId

STATE_BYTES = 3072
KEPT = timedelta(days=800)  # two years are drawn at most
COLUMNS: tuple[Any, ...] = (
    DrillRow.id,
    DrillRow.begun_at,
    DrillRow.state,
    DrillRow.next_look_at,
)
_ALL = select(*COLUMNS)
log = logging.getLogger(__name__)


def add(tx: Tx, drill: Drill, next_look_at: datetime | None) -> None:
    """Store a new drill."""
    tx.session.execute(
        insert(DrillRow)
        .inline()
        .values(
            id=drill.id,
            begun_at=drill.begun_at,
            state=_sealed(tx, drill),
            next_look_at=next_look_at,
        )
    )


def claim(tx: Tx, limit: int) -> tuple[tuple[Drill, datetime], ...]:
    """Drills to look at now, with the moment that was planned, taken for this transaction."""
    query = _ALL.where(DrillRow.next_look_at <= tx.now).order_by(DrillRow.next_look_at).limit(limit)
    rows = tx.session.execute(skipping_locked(tx, query)).all()
    found = []
    for row in rows:
        drill = _opened(tx, row)
        if drill is not None:
            found.append((drill, row.next_look_at))
        else:
            _lay_down(tx, row.id)
    return tuple(found)


def hold(tx: Tx, drill_id: DrillId) -> Drill:
    """One drill, kept from the clock and from others until this transaction ends."""
    row = tx.session.execute(_ALL.where(DrillRow.id == drill_id).with_for_update()).one_or_none()
    found = None if row is None else _opened(tx, row)
    if found is None:
        raise NotVisible
    return found


def save(tx: Tx, drill: Drill, next_look_at: datetime | None) -> None:
    """Write down what a drill the caller holds is now."""
    tx.session.execute(
        update(DrillRow)
        .where(DrillRow.id == drill.id)
        .values(state=_sealed(tx, drill), next_look_at=next_look_at)
    )


def _lay_down(tx: Tx, drill: UUID) -> None:
    """One that cannot be read stands in nobody's way."""
    tx.session.execute(update(DrillRow).where(DrillRow.id == drill).values(next_look_at=None))


def is_open(tx: Tx) -> bool:
    """Whether a drill goes on."""
    query = select(DrillRow.id).where(DrillRow.next_look_at.is_not(None)).limit(1)
    return tx.session.scalar(query) is not None


def since(tx: Tx, moment: datetime) -> tuple[Drill, ...]:
    """The drills begun since then, the newest first."""
    query = _ALL.where(DrillRow.begun_at >= moment).order_by(DrillRow.begun_at.desc())
    rows: Iterable[Row[Any]] = tx.session.execute(query)
    return tuple(one for row in rows if (one := _opened(tx, row)) is not None)


def sweep(tx: Tx) -> None:
    """Forget those that are not drawn any more."""
    tx.session.execute(delete(DrillRow).where(DrillRow.begun_at < tx.now - KEPT))


def _sealed(tx: Tx, drill: Drill) -> Sealed:
    text = json.dumps(
        {
            "ladder": drill.ladder.value,
            "by": drill.started_by.hex,
            "stand_in": drill.stand_in and drill.stand_in.hex,
            "ended": drill.ended_at and drill.ended_at.isoformat(),
            "watch": written(drill.watch).reveal(),
        },
        separators=(",", ":"),
    )
    return tx.secret.seal(Plaintext(text), _place(drill.id), STATE_BYTES)


def _opened(tx: Tx, row: Row[Any]) -> Drill | None:
    try:
        found = json.loads(tx.secret.open(Sealed(row.state), _place(row.id)).reveal())
        return Drill(
            DrillId(row.id),
            row.begun_at,
            Rehearsed(found["ladder"]),
            PersonId(UUID(found["by"])),
            found["stand_in"] and PersonId(UUID(found["stand_in"])),
            read(Plaintext(found["watch"])),
            found["ended"] and datetime.fromisoformat(found["ended"]),
        )
    except (EncryptionError, ValueError, KeyError, TypeError):
        # Without the trace: it may hold what was being opened.
        log.error("the state of drill %s cannot be read", row.id)  # noqa: TRY400
        return None


def _place(drill: UUID) -> Place:
    return Place("drills", "state", drill)
