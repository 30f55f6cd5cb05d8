"""Who can open a trip, and how long it is kept."""

from network.checkins.domain.trips import PASSED
from network.checkins.policy import CheckinPermission, require
from network.checkins.store import forgetting, prompts, trips
from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed
from network.kernel.ids import PersonId
from network.people import services as people
from network.people.domain import Member


def some_lack_keys(tx: Tx, actor: Actor) -> bool:
    """Whether the actor holds a key of a trip that a coordinator, come later, could not open."""
    require(actor, CheckinPermission.OWN_CHECKINS)
    return bool(trips.lacking(tx, actor.person, _searchers(tx)))


def pass_on_trips(tx: Tx, actor: Actor) -> int:
    """Who has a key at hand seals it to those who came to coordination since; says how many keys.

    Nobody is asked to remember it: it is done when a coordinator opens the desk.
    """
    require(actor, CheckinPermission.OWN_CHECKINS)
    searchers = _searchers(tx)
    lacking = trips.lacking(tx, actor.person, searchers)
    for trip_id, readers in lacking.items():
        public = {each: searchers[each] for each in readers}
        trips.pass_on(tx, trip_id, (actor.person, actor.key()), public)
    return sum(len(readers) for readers in lacking.values())


def sweep_trips(tx: Tx, actor: Actor) -> int:
    """The clock erases trips that nobody ended long ago, those kept for a search that is over, and
    the keys of those who would not search any more; says how many trips.
    """
    if actor.role is not Role.MACHINE:
        raise NotAllowed
    trips.let_go(tx, _searchers(tx))
    trips.let_pass(tx, PASSED)
    erased = trips.sweep(tx)
    for rhythm_id in set(erased) - prompts.open_for(tx, erased).keys():
        forgetting.forget(tx, rhythm_id)
    return len(erased)


def public_key(member: Member) -> bytes:
    """What a trip is sealed to for them."""
    assert member.public_key is not None
    return member.public_key


def _searchers(tx: Tx) -> dict[PersonId, bytes]:
    return {one.id: public_key(one) for one in people.coordinators(tx)}
