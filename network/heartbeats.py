"""Every engine leaves a heartbeat; a stale one is how we notice our own silence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from network.db import Row, Tx, moment
from network.kernel.actor import Actor

STALE_AFTER = timedelta(seconds=60)
BEAT_EVERY = timedelta(seconds=10)
ENGINES = ("ingress", "worker", "postman", "clock")


class HeartbeatRow(Row):
    """When an engine of this name last said it is well."""

    __tablename__ = "heartbeats"

    engine: Mapped[str] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime] = moment("its age is the whole point")


@dataclass(frozen=True, slots=True)
class Pulse:
    """One engine's last sign of life; None when it never gave one."""

    engine: str
    beat_at: datetime | None
    fresh: bool


def beat(tx: Tx, actor: Actor, *, engine: str) -> None:
    """An engine says it is well. Called after real work, not by a thread of its own."""
    dialect = postgresql if tx.on_postgresql else sqlite
    tx.session.execute(
        dialect.insert(HeartbeatRow)
        .values(engine=engine, beat_at=tx.now)
        .on_conflict_do_update(index_elements=["engine"], set_={"beat_at": tx.now})
    )


def pulses(tx: Tx, actor: Actor) -> tuple[Pulse, ...]:
    """Every engine and whether its heartbeat is younger than a minute."""
    rows = tx.session.execute(select(HeartbeatRow.engine, HeartbeatRow.beat_at))
    beats = {row.engine: row.beat_at for row in rows}
    return tuple(
        Pulse(name, beats.get(name), name in beats and tx.now - beats[name] < STALE_AFTER)
        for name in ENGINES
    )
