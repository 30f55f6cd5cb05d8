"""Rhythms: when the clock asks next, and the sealed plan."""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, insert, select, update

from network.checkins.domain.rhythms import Asked, Plan, RhythmStatus
from network.checkins.domain.subjects import Subject
from network.checkins.store.subjects import columns, is_about, subject_of
from network.checkins.tables import RhythmRow
from network.db import Tx, skipping_locked
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.errors import BadInput, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import RhythmId

PLAN_BYTES = 512  # every plan is as long as every other
COLUMNS: tuple[Any, ...] = (
    RhythmRow.id,
    RhythmRow.case_id,
    RhythmRow.person_id,
    RhythmRow.status,
    RhythmRow.plan,
    RhythmRow.next_at,
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One rhythm of a family or member. `plan` is None when what is stored does not open."""

    id: RhythmId
    about: Subject
    status: RhythmStatus
    plan: Plan | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Turned:
    """Where one rhythm goes on."""

    id: RhythmId
    status: RhythmStatus
    next_at: datetime | None


def add(tx: Tx, rhythm: Rhythm) -> None:
    """Store a new rhythm."""
    assert rhythm.plan is not None
    tx.session.execute(
        insert(RhythmRow)
        .inline()
        .values(
            id=rhythm.id,
            **columns(rhythm.about),
            status=rhythm.status,
            plan=tx.secret.seal(_written(rhythm.plan), _place(rhythm.id), PLAN_BYTES),
            next_at=rhythm.next_at,
        )
    )


def of(tx: Tx, about: Subject) -> tuple[Rhythm, ...]:
    """The rhythms of a family or member the caller has found: that still ask or may again."""
    rows = tx.session.execute(
        select(*COLUMNS)
        .where(is_about(RhythmRow, about), RhythmRow.status != RhythmStatus.ENDED)
        .order_by(RhythmRow.next_at, RhythmRow.id)
    )
    return tuple(_rhythm(tx, row) for row in rows)


def get(tx: Tx, about: Subject, rhythm_id: RhythmId) -> Rhythm:
    """One rhythm of a family or member the caller has found, or NotVisible."""
    row = tx.session.execute(
        select(*COLUMNS).where(RhythmRow.id == rhythm_id, is_about(RhythmRow, about))
    ).one_or_none()
    if row is None:
        raise NotVisible
    return _rhythm(tx, row)


def claim(tx: Tx, limit: int) -> tuple[Rhythm, ...]:
    """Active rhythms whose time has come, taken for this transaction."""
    query = (
        select(*COLUMNS)
        .where(RhythmRow.status == RhythmStatus.ACTIVE, RhythmRow.next_at <= tx.now)
        .order_by(RhythmRow.next_at)
        .limit(limit)
    )
    return tuple(_rhythm(tx, row) for row in tx.session.execute(skipping_locked(tx, query)))


def plans(tx: Tx, ids: Iterable[RhythmId]) -> dict[RhythmId, Plan]:
    """The plans of these rhythms; one that does not open is left out."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = tx.session.execute(select(RhythmRow.id, RhythmRow.plan).where(RhythmRow.id.in_(wanted)))
    opened = {RhythmId(row.id): _opened(tx, row.id, row.plan) for row in rows}
    return {found: plan for found, plan in opened.items() if plan is not None}


def move(tx: Tx, before: Rhythm, status: RhythmStatus, next_at: datetime | None) -> None:
    """Write the move only where the rhythm still stands as we read it, else WrongMoment."""
    moved = tx.session.scalar(
        update(RhythmRow)
        .where(RhythmRow.id == before.id, RhythmRow.status == before.status)
        .values(status=status, next_at=next_at)
        .returning(RhythmRow.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise WrongMoment


def turn(tx: Tx, turned: Sequence[Turned]) -> None:
    """Write where rhythms the caller has claimed go on, all at once."""
    if not turned:
        return
    tx.session.connection().execute(
        update(RhythmRow)
        .where(RhythmRow.id == bindparam("r"))
        .values(status=bindparam("s"), next_at=bindparam("n")),
        [{"r": one.id, "s": one.status, "n": one.next_at} for one in turned],
    )


def set_aside(tx: Tx) -> int:
    """How many rhythms have a plan that does not open: somebody has to set them again."""
    return (
        tx.session.scalar(
            select(func.count())
            .select_from(RhythmRow)
            .where(RhythmRow.status == RhythmStatus.SET_ASIDE)
        )
        or 0
    )


def _rhythm(tx: Tx, row: Row[Any]) -> Rhythm:
    return Rhythm(
        RhythmId(row.id),
        subject_of(row.case_id, row.person_id),
        row.status,
        _opened(tx, row.id, row.plan),
        row.next_at,
    )


def _opened(tx: Tx, rhythm_id: UUID, sealed: bytes) -> Plan | None:
    try:
        return _read(tx.secret.open(Sealed(sealed), _place(rhythm_id)))
    except (EncryptionError, BadInput, ValueError, KeyError, TypeError):
        # Without the trace: it may hold what was being opened.
        log.error("the plan of rhythm %s cannot be read", rhythm_id)  # noqa: TRY400
        return None


def _written(plan: Plan) -> Plaintext:
    return Plaintext(
        json.dumps(
            {
                "every": plan.every and int(plan.every.total_seconds()),
                "waking": [plan.begins.isoformat(), plan.ends.isoformat()],
                "zone": plan.zone,
                "reminder": int(plan.reminder.total_seconds()),
                "grace": int(plan.grace.total_seconds()),
                "asked": plan.asked.value,
            }
        )
    )


def _read(text: Plaintext) -> Plan:
    found = json.loads(text.reveal())
    begins, ends = (time.fromisoformat(each) for each in found["waking"])
    return Plan(
        every=None if found["every"] is None else timedelta(seconds=found["every"]),
        begins=begins,
        ends=ends,
        zone=found["zone"],
        reminder=timedelta(seconds=found["reminder"]),
        grace=timedelta(seconds=found["grace"]),
        asked=Asked(found["asked"]),
    )


def _place(rhythm_id: UUID) -> Place:
    return Place("rhythms", "plan", rhythm_id)
