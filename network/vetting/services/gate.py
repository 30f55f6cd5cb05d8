"""The gate: asked by whatever stores a key for somebody, and by whoever wants to know beforehand.

It opens nothing of vetting's own: level, review and zones stand in the member's profile, which the
machine can read with nobody present (docs/decisions/0015).
"""

from collections.abc import Iterable

from network.db import Tx
from network.kernel.ids import PersonId
from network.people import services as people
from network.vetting.domain.gate import Bar, Holding, NotCleared, bars, lapsed, may_be_barred


def barred(tx: Tx, wanted: Iterable[PersonId], holding: Holding) -> dict[PersonId, Bar]:
    """Who of them may not be given a key to this, and why."""
    asked = list(dict.fromkeys(wanted))
    named = asked if holding.accompanier is None else [*asked, holding.accompanier]
    members = people.members_named(tx, named)
    today = tx.now.date()
    overdue = any(lapsed(each.clearance, today) for each in members.values())
    return bars(asked, members, holding, today=today, all_lapsed=overdue and _all_lapsed(tx))


def require_cleared(tx: Tx, wanted: Iterable[PersonId], holding: Holding) -> None:
    """Return if each of them may be given a key to this, raise NotCleared if one may not."""
    for why in barred(tx, wanted, holding).values():
        raise NotCleared(why)


def doubtful(tx: Tx) -> tuple[PersonId, ...]:
    """Members whom vetting might bar from something today: few, so that little has to be read."""
    today = tx.now.date()
    everybody = (*people.coordinators(tx), *people.activists(tx))
    return tuple(each.id for each in everybody if may_be_barred(each.clearance, today))


def _all_lapsed(tx: Tx) -> bool:
    today = tx.now.date()
    return all(lapsed(each.clearance, today) for each in people.coordinators(tx))
