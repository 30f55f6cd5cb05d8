"""Every engine leaves a heartbeat; a stale one is how we notice our own silence.

A beat that comes too late leaves an absence: the ledger of when part of us was away, against which
nobody is called late.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from network.db import Row, Tx, moment, ordinal, skipping_locked
from network.kernel.actor import Actor

STALE_AFTER = timedelta(seconds=60)
BEAT_EVERY = timedelta(seconds=10)
ENGINES = ("ingress", "worker", "postman", "clock")
ROAD = "telegram"  # beats while letters get through, as if it were one of us
EARS = ("ingress", "worker", "postman", ROAD)  # without one we did not ask or could not hear
BRINGING = ("ingress", "worker")  # without one nothing that is written to us is read
VIGIL = "vigil"  # whoever looks whether the others live; beats at each look
TICK = "tick:"  # before the name of what the clock does and what breaks each time
CARRIERS = ("postman", ROAD)  # without one nothing that we write goes out
SILENT_AFTER = timedelta(minutes=3)  # a planned restart is over by then
WAKEFUL = timedelta(
    minutes=2
)  # between two looks of the vigil, which take their time while it rings
STEADY_AFTER = timedelta(minutes=10)  # whoever comes and goes is not well in between
KEPT = timedelta(days=30)
Span = tuple[datetime, datetime]


class HeartbeatRow(Row):
    """When an engine of this name last said it is well."""

    __tablename__ = "heartbeats"

    engine: Mapped[str] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime] = moment("its age is the whole point")


class AbsenceRow(Row):
    """An engine of this name was silent from one beat to the next, for longer than it may be."""

    __tablename__ = "absences"

    number: Mapped[ordinal]
    engine: Mapped[str]
    began_at: Mapped[datetime] = moment("nobody is late for the time we were away")
    ended_at: Mapped[datetime] = moment("nobody is late for the time we were away", index=True)


@dataclass(frozen=True, slots=True)
class Ledger:
    """When we were away, as spans that do not touch each other, the oldest first."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> "Ledger":
        """The same time, however the spans lie over each other."""
        merged: list[Span] = []
        for began, ended in sorted(spans):
            if merged and began <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
            else:
                merged.append((began, ended))
        return cls(tuple(merged))

    def away(self, since: datetime, until: datetime) -> timedelta:
        """How much of this time we were away."""
        parts = (min(ended, until) - max(began, since) for began, ended in self.spans)
        return sum((part for part in parts if part > timedelta(0)), timedelta(0))

    def with_span(self, began: datetime, ended: datetime) -> "Ledger":
        """The same, and away in this time too."""
        return Ledger.of((*self.spans, (began, ended)))

    def lasts(self, now: datetime) -> bool:
        """Whether we are still away."""
        return any(ended >= now for _, ended in self.spans)


@dataclass(frozen=True, slots=True)
class Pulse:
    """One engine's last sign of life; None when it never gave one."""

    engine: str
    beat_at: datetime | None
    fresh: bool


class Sight(Enum):
    """What the vigil sees of the others."""

    WELL = "well"
    UNSURE = "unsure"  # only just back, they or we
    STILL = "still"


def beat(tx: Tx, actor: Actor, *, engine: str) -> None:
    """An engine says it is well. Called after real work, not by a thread of its own."""
    _beat(tx, engine, STALE_AFTER)


def _beat(tx: Tx, engine: str, absent_after: timedelta) -> None:
    before = tx.session.scalar(select(HeartbeatRow.beat_at).where(HeartbeatRow.engine == engine))
    if before is not None and tx.now - before > absent_after:
        tx.session.execute(
            insert(AbsenceRow).values(engine=engine, began_at=before, ended_at=tx.now)
        )
    tx.session.execute(
        tx.insert(HeartbeatRow)
        .values(engine=engine, beat_at=tx.now)
        .on_conflict_do_update(index_elements=["engine"], set_={"beat_at": tx.now})
    )


def ledger(tx: Tx, since: datetime, of: Sequence[str] = EARS) -> Ledger:
    """When we could not ask or hear, from `since` until now; an absence that lasts is in it.

    `of` names those whose absences count. An engine that never gave a beat is not counted:
    nothing was asked through it either.
    """
    rows = tx.session.execute(
        select(AbsenceRow.began_at, AbsenceRow.ended_at).where(
            AbsenceRow.ended_at > since, AbsenceRow.engine.in_(of)
        )
    )
    found = [(row.began_at, row.ended_at) for row in rows]
    beats = tx.session.scalars(select(HeartbeatRow.beat_at).where(HeartbeatRow.engine.in_(of)))
    found += [(beat_at, tx.now) for beat_at in beats if tx.now - beat_at > STALE_AFTER]
    return Ledger.of(found)


def unheard_since(tx: Tx, since: datetime) -> datetime:
    """From when on, after `since`, somebody may have pressed what is read only now: from now, or
    from when we went away where we are only just back.
    """
    back = tx.now - STEADY_AFTER
    spans = ledger(tx, max(since, back), BRINGING).spans
    began = [began for began, ended in spans if ended >= back]
    return min([tx.now, *(max(since, each) for each in began)])


def set_right(tx: Tx) -> None:
    """What a clock that ran ahead wrote is dated now: an engine that is gone is missed a minute
    from here, and an absence ended when the clock came back.
    """
    ahead = tx.now + STALE_AFTER
    # Passing by what another clock holds: two never wait for each other.
    beats = select(HeartbeatRow.engine).where(HeartbeatRow.beat_at > ahead)
    if engines := tx.session.scalars(skipping_locked(tx, beats)).all():
        theirs = HeartbeatRow.engine.in_(engines)
        tx.session.execute(update(HeartbeatRow).where(theirs).values(beat_at=tx.now))
    absences = select(AbsenceRow.number).where(AbsenceRow.ended_at > ahead)
    if numbers := tx.session.scalars(skipping_locked(tx, absences)).all():
        these = AbsenceRow.number.in_(numbers)
        tx.session.execute(update(AbsenceRow).where(these).values(ended_at=tx.now))


def sweep(tx: Tx, actor: Actor) -> int:
    """The clock forgets absences of long ago, and what broke then; says how many absences."""
    gone_by = HeartbeatRow.beat_at < tx.now - KEPT
    tx.session.execute(delete(HeartbeatRow).where(HeartbeatRow.engine.startswith(TICK), gone_by))
    gone = tx.session.execute(delete(AbsenceRow).where(AbsenceRow.ended_at < tx.now - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts its rows


def oversee(tx: Tx, actor: Actor) -> Sight:
    """One look of the vigil at all engines. After an absence of its own it first gives them time,
    so that nobody is told of a start, a restart or a machine that slept.
    """
    first = tx.session.get(HeartbeatRow, VIGIL) is None
    _beat(tx, VIGIL, WAKEFUL)
    if first:  # no absence is older than the first look
        tx.session.execute(
            insert(AbsenceRow).values(engine=VIGIL, began_at=tx.now, ended_at=tx.now)
        )
    beats = _beats(tx)
    still = any(one in beats and tx.now - beats[one] > SILENT_AFTER for one in ENGINES)
    if not awake_for(tx, SILENT_AFTER):
        return Sight.UNSURE if still else Sight.WELL
    never = any(one not in beats for one in ENGINES)
    if still or (never and awake_for(tx, STEADY_AFTER)):
        return Sight.STILL
    back = select(AbsenceRow.began_at, AbsenceRow.ended_at).where(
        AbsenceRow.ended_at > tx.now - STEADY_AFTER, AbsenceRow.engine.in_(ENGINES)
    )
    if any(ended - began > SILENT_AFTER for began, ended in tx.session.execute(back)):
        return Sight.UNSURE
    return Sight.WELL


def awake_for(tx: Tx, time: timedelta) -> bool:
    """Whether the vigil has looked, without an absence, for at least so long until now."""
    looked_at = _beats(tx).get(VIGIL)
    if looked_at is None or abs(tx.now - looked_at) > WAKEFUL:
        return False
    back = select(func.max(AbsenceRow.ended_at)).where(AbsenceRow.engine == VIGIL)
    back_at = tx.session.scalar(back)
    return back_at is None or tx.now - back_at >= time


def falter(tx: Tx, actor: Actor, *, ticks: Sequence[str]) -> None:
    """The clock says which of what it does breaks each time; again and again while it does."""
    for name in ticks:
        tx.session.execute(
            tx.insert(HeartbeatRow)
            .values(engine=TICK + name, beat_at=tx.now)
            .on_conflict_do_update(index_elements=["engine"], set_={"beat_at": tx.now})
        )


def faltering(tx: Tx, actor: Actor) -> tuple[str, ...]:
    """What the clock does and what breaks each time, and the road to Telegram where it has been
    closed for minutes.
    """
    beats = _beats(tx)
    broken = [
        engine.removeprefix(TICK)
        for engine, beat_at in beats.items()
        if engine.startswith(TICK) and abs(tx.now - beat_at) < STALE_AFTER
    ]
    return (*((ROAD,) if road_is_silent(tx) else ()), *sorted(broken))


def road_is_silent(tx: Tx) -> bool:
    """Whether the road to Telegram has not been found open for minutes."""
    found = _beats(tx).get(ROAD)
    return found is not None and tx.now - found > SILENT_AFTER


def _beats(tx: Tx) -> dict[str, datetime]:
    rows = tx.session.execute(select(HeartbeatRow.engine, HeartbeatRow.beat_at))
    return {row.engine: row.beat_at for row in rows}


def pulses(tx: Tx, actor: Actor) -> tuple[Pulse, ...]:
    """Every engine and whether its heartbeat is younger than a minute."""
    beats = _beats(tx)
    return tuple(
        Pulse(name, beats.get(name), name in beats and abs(tx.now - beats[name]) < STALE_AFTER)
        for name in ENGINES
    )
