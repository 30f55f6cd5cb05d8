"""What all postmen share: Telegram's limits, its own «wait», and whether it answers at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, case, select, update

from network.db import Tx
from network.outbox.domain import LONGEST_WAIT, Pace
from network.outbox.tables import PaceRow

_PACE = cast(Table, PaceRow.__table__)


@dataclass(frozen=True, slots=True)
class Road:
    """How the way to Telegram is. `failing_since` is None while letters get through."""

    quiet_until: datetime | None
    failing_since: datetime | None
    failures: int


def road(tx: Tx) -> Road:
    """How it is at this moment, as the last letters of all postmen found it."""
    found = tx.session.execute(
        select(_PACE.c.quiet_until, _PACE.c.failing_since, _PACE.c.failures)
    ).one()
    quiet = found.quiet_until
    if quiet is not None and quiet > tx.now + LONGEST_WAIT:  # of a clock that ran ahead
        quiet = None
    return Road(quiet, found.failing_since, found.failures)


def allowance(tx: Tx, pace: Pace) -> int:
    """How many letters may leave now. The bucket is this transaction's until it ends."""
    query = select(_PACE.c.free_at)
    free_at = tx.session.execute(
        query.with_for_update() if tx.on_postgresql else query
    ).scalar_one()
    return pace.allowed(free_at, tx.now)


def charge(tx: Tx, pace: Pace, *, letters: int, signals: int) -> None:
    """Take out of the bucket what leaves now; `allowance` has locked it."""
    free_at = tx.session.execute(select(_PACE.c.free_at)).scalar_one()
    tx.session.execute(
        update(_PACE).values(free_at=pace.charged(free_at, tx.now, letters, signals))
    )


def hush(tx: Tx, wait: timedelta) -> None:
    """Telegram told one postman to wait: all of them do, and ask again after the longest wait."""
    until = tx.now + min(wait, LONGEST_WAIT)
    tx.session.execute(
        update(_PACE)
        .where(
            ~_PACE.c.quiet_until.between(until, tx.now + LONGEST_WAIT)
            | _PACE.c.quiet_until.is_(None)
        )
        .values(quiet_until=until)
    )


def failed(tx: Tx, times: int) -> None:
    """So many letters did not get through, for a reason that is not theirs."""
    tx.session.execute(
        update(_PACE).values(
            failures=_PACE.c.failures + times,
            failing_since=case(
                (_PACE.c.failing_since <= tx.now, _PACE.c.failing_since), else_=tx.now
            ),
        )
    )


def got_through(tx: Tx) -> None:
    """A letter is out: Telegram answers. Writes only when it did not before."""
    tx.session.execute(
        update(_PACE)
        .where(_PACE.c.failing_since.is_not(None))
        .values(failing_since=None, failures=0)
    )
