"""How many ladders are open: numbers alone, for whoever watches the machine."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from network.checkins.domain.drills import nobody_came
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.alarms import began
from network.checkins.services.drills import DRAWN
from network.checkins.store import drills, prompts, rhythms, watches
from network.db import Tx
from network.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Figures:
    """Open alarms, those nobody has, questions that are late, and drills. No word of whose.

    `unowned_for` is how long ago the oldest of those that nobody has began. `overdue` is how long
    what should have been done first waits for the clock: to ask, or to look at a question or alarm.
    `drilled` is how long ago the last drill began, `drill_took` how long until somebody took the
    last that was taken, `drills_untaken` how many of a year nobody took.
    """

    ladders: int
    unowned: int
    unowned_for: timedelta
    unreadable: int
    late: int
    overdue: dict[str, timedelta]
    rhythms_set_aside: int
    drilled: timedelta | None
    drill_took: timedelta | None
    drills_untaken: int


def figures(tx: Tx, actor: Actor) -> Figures:
    """What the machine may tell whoever holds its token."""
    require(actor, CheckinPermission.LOOK_AFTER_ALL)
    found = [one.watch for one in watches.ringing(tx)]
    ringing = [one for one in found if one is not None and one.rings]
    unowned = [began(one) for one in ringing if not one.has_owner(tx.now)]
    rehearsed = drills.since(tx, tx.now - DRAWN)
    return Figures(
        len(ringing),
        len(unowned),
        _since(min(unowned, default=None), tx.now),
        sum(one is None for one in found),
        prompts.count_climbing(tx),
        {
            "asking": _since(rhythms.most_overdue(tx), tx.now),
            "questions": _since(prompts.most_overdue(tx), tx.now),
            "alarms": _since(watches.most_overdue(tx), tx.now),
        },
        rhythms.set_aside(tx),
        tx.now - rehearsed[0].begun_at if rehearsed else None,
        next((one.took for one in rehearsed if one.took is not None), None),
        sum(map(nobody_came, rehearsed)),
    )


def _since(moment: datetime | None, now: datetime) -> timedelta:
    return timedelta(0) if moment is None else max(now - moment, timedelta(0))
