"""Alarms whose owner can do nothing about them any more: nobody's, the moment that is seen."""

from collections.abc import Iterable, Mapping

from network.checkins.domain.subjects import Subject
from network.checkins.policy import CheckinPermission, may_have, require
from network.checkins.services.somebody import Somebody, find_unaddressed
from network.checkins.store import watches
from network.checkins.store.watches import Kept
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import AlarmId
from network.people import services as people


def find_abandoned(tx: Tx, actor: Actor) -> int:
    """Alarms whose owner was stopped, or does not go with the family any more, are looked at now:
    the ladder goes on. Says how many those were.
    """
    require(actor, CheckinPermission.LOOK_AFTER_ALL)
    owned = [one for one in watches.ringing(tx) if one.watch is not None and one.watch.owner]
    if not owned:
        return 0
    alone = abandoned(tx, owned, find_unaddressed(tx, {one.about for one in owned}))
    watches.put_off(tx, sorted(alone), tx.now)
    return len(alone)


def abandoned(
    tx: Tx, kept: Iterable[Kept], around: Mapping[Subject, Somebody]
) -> frozenset[AlarmId]:
    """Those of these alarms whose owner is no longer somebody who could have them."""
    owners = {
        one.id: (one.about, one.watch.owner)
        for one in kept
        if one.watch is not None and one.watch.rings and one.watch.owner is not None
    }
    if not owners:
        return frozenset()
    members = people.members_named(tx, {owner for _, owner in owners.values()})
    found = set()
    for watch_id, (about, owner) in owners.items():
        member, here = members.get(owner), around.get(about)
        goes_with = here.accompanier.id if here and here.accompanier else None
        if not (member and member.active and may_have(member.role, owner, about, goes_with)):
            found.add(watch_id)
    return frozenset(found)
