"""How many ladders are open: numbers alone, for whoever watches the machine."""

from dataclasses import dataclass
from datetime import timedelta

from network.checkins.policy import CheckinPermission, require
from network.checkins.services.drills import DRAWN
from network.checkins.store import drills, prompts, watches
from network.db import Tx
from network.kernel.actor import Actor

MOST_LATE = 10_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Open alarms, those nobody has, questions that are late, and drills. No word of whose.

    `drilled` is how long ago the last drill began, `drill_took` how long until somebody took the
    last that was taken, `drills_untaken` how many of a year nobody took.
    """

    ladders: int
    unowned: int
    late: int
    drilled: timedelta | None
    drill_took: timedelta | None
    drills_untaken: int


def figures(tx: Tx, actor: Actor) -> Figures:
    """What the machine may tell whoever holds its token."""
    require(actor, CheckinPermission.LOOK_AFTER_ALL)
    ringing = [one.watch for one in watches.ringing(tx) if one.watch and one.watch.rings]
    unowned = sum(not one.has_owner(tx.now) for one in ringing)
    rehearsed = drills.since(tx, tx.now - DRAWN)
    return Figures(
        len(ringing),
        unowned,
        len(prompts.climbing(tx, MOST_LATE)),
        tx.now - rehearsed[0].begun_at if rehearsed else None,
        next((one.took for one in rehearsed if one.took is not None), None),
        sum(one.ended_at is not None and one.took is None for one in rehearsed),
    )
