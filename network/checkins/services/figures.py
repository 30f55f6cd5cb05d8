"""How many ladders are open: numbers alone, for whoever watches the machine."""

from dataclasses import dataclass

from network.checkins.policy import CheckinPermission, require
from network.checkins.store import prompts, watches
from network.db import Tx
from network.kernel.actor import Actor

MOST_LATE = 10_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Open alarms, those nobody has, and questions that are late. No word of whose."""

    ladders: int
    unowned: int
    late: int


def figures(tx: Tx, actor: Actor) -> Figures:
    """What the machine may tell whoever holds its token."""
    require(actor, CheckinPermission.LOOK_AFTER_ALL)
    ringing = [one.watch for one in watches.ringing(tx) if one.watch and one.watch.rings]
    unowned = sum(not one.has_owner(tx.now) for one in ringing)
    return Figures(len(ringing), unowned, len(prompts.climbing(tx, MOST_LATE)))
