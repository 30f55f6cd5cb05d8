"""Rhythms: when the clock asks next, and the sealed plan."""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, bindparam, func, insert, literal_column, select, update

from network.checkins.domain.rhythms import Plan, RhythmStatus
from network.checkins.domain.subjects import Subject
from network.checkins.store.subjects import columns, is_about, subject_of
from network.checkins.tables import RhythmRow
from network.db import Tx, skipping_locked
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.errors import BadInput, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import RhythmId

PLAN_BYTES = 512  # every plan is as long as every other
VERSION = 2
COLUMNS: tuple[Any, ...] = (
    RhythmRow.id,
    RhythmRow.case_id,
    RhythmRow.person_id,
    RhythmRow.status,
    RhythmRow.plan,
    RhythmRow.next_at,
)
# «active» stands in the statement itself: no planner trusts a parameter to match a partial index.
_DUE = (
    select(*COLUMNS)
    .where(RhythmRow.status == literal_column("'active'"), RhythmRow.next_at <= bindparam("now"))
    .order_by(RhythmRow.next_at)
    .limit(bindparam("most", type_=Integer))
)
_CLAIM = {False: _DUE, True: _DUE.with_for_update(skip_locked=True)}
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
    return tuple(
        _rhythm(tx, row)
        for row in tx.session.execute(_CLAIM[tx.on_postgresql], {"now": tx.now, "most": limit})
    )


def claim_paused(tx: Tx, limit: int) -> tuple[Rhythm, ...]:
    """Rhythms of which nothing says when they go on, taken for this transaction."""
    query = select(*COLUMNS).where(RhythmRow.status == RhythmStatus.PAUSED).limit(limit)
    rows = tx.session.execute(skipping_locked(tx, query)).all()
    return tuple(_rhythm(tx, row) for row in rows)


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
    )
    if moved is None:
        raise WrongMoment


def replan(tx: Tx, before: Rhythm, plan: Plan, next_at: datetime | None) -> None:
    """Another plan, asking from now on; only where the rhythm still stands as we read it."""
    changed = tx.session.scalar(
        update(RhythmRow)
        .where(RhythmRow.id == before.id, RhythmRow.status == before.status)
        .values(
            status=RhythmStatus.ENDED if next_at is None else RhythmStatus.ACTIVE,
            plan=tx.secret.seal(_written(plan), _place(before.id), PLAN_BYTES),
            next_at=next_at,
        )
        .returning(RhythmRow.id)
    )
    if changed is None:
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


def most_overdue(tx: Tx) -> datetime | None:
    """Since when the rhythm that should have asked first waits for it."""
    return tx.session.scalar(
        select(RhythmRow.next_at)
        .where(RhythmRow.status == literal_column("'active'"), RhythmRow.next_at <= tx.now)
        .order_by(RhythmRow.next_at)
        .limit(1)
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
                "v": VERSION,
                "every": plan.every and int(plan.every.total_seconds()),
                "waking": [plan.begins.isoformat(), plan.ends.isoformat()],
                "zone": plan.zone,
                "reminder": int(plan.reminder.total_seconds()),
                "grace": int(plan.grace.total_seconds()),
                "times": [each.hour * 60 + each.minute for each in plan.times],
                "days": "".join(str(day) for day in sorted(plan.days)),
                "night": plan.night and int(plan.night.total_seconds()),
                "last": plan.last and plan.last.isoformat(),
                "quiet": plan.quiet_until and int(plan.quiet_until.timestamp()),
            },
            separators=(",", ":"),
        )
    )


def _read(text: Plaintext) -> Plan:
    """A plan as any version of us has written it. The first had no version, and fewer habits."""
    found = json.loads(text.reveal())
    begins, ends = (time.fromisoformat(each) for each in found["waking"])
    return Plan(
        every=_span(found["every"]),
        begins=begins,
        ends=ends,
        zone=found["zone"],
        reminder=timedelta(seconds=found["reminder"]),
        grace=timedelta(seconds=found["grace"]),
        **(_habits(found) if found.get("v", 1) >= VERSION else {}),
    )


def _habits(found: dict[str, Any]) -> dict[str, Any]:
    quiet, last = found["quiet"], found["last"]
    return {
        "times": tuple(time(each // 60, each % 60) for each in found["times"]),
        "days": frozenset(int(day) for day in found["days"]),
        "night": _span(found["night"]),
        "last": None if last is None else date.fromisoformat(last),
        "quiet_until": None if quiet is None else datetime.fromtimestamp(quiet, UTC),
    }


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _place(rhythm_id: UUID) -> Place:
    return Place("rhythms", "plan", rhythm_id)
