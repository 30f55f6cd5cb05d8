"""Whose an alarm is, and was: who hears what became of it, and when it is nobody's any more."""

from collections.abc import Iterable, Mapping

from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import Watch
from network.checkins.policy import CheckinPermission, may_have, require
from network.checkins.services.somebody import Somebody, find_unaddressed
from network.checkins.services.telling import Around, those_told
from network.checkins.store import watches
from network.checkins.store.watches import Kept
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import AlarmId, PersonId
from network.people import services as people
from network.people.domain import Member


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


def concerned(tx: Tx, about: Subject, watch: Watch, around: Around) -> tuple[Member, ...]:
    """Who must hear what becomes of an alarm, once each: first whoever has it, and had it before,
    who may be at the door by now; then those who were told.
    """
    had = [watch.owner, *(line.by for line in reversed(watch.history))]
    ids = dict.fromkeys(each for each in had if each is not None)
    named = people.members_named(tx, ids) if ids else {}
    goes_with = around.accompanier.id if around.accompanier else None
    found: dict[PersonId, Member] = {
        each: named[each]
        for each in ids
        if each in named
        and named[each].active
        and may_have(named[each].role, each, about, goes_with)
    }
    found.update((one.id, one) for one in those_told(watch, around) if one.id not in found)
    return tuple(found.values())
