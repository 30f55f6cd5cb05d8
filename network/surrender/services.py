"""What would be surrendered today: counted, never guessed, and nothing is opened for it."""

from dataclasses import dataclass

from network import audit
from network.cases import services as cases
from network.db import Tx
from network.kernel.actor import Actor
from network.people import services as people
from network.people.domain import Member
from network.surrender import store
from network.surrender.domain import IN_CLEAR, WITH_SECRET, Opening, Surrendered, Told
from network.surrender.policy import require

WAITING, ASIDE, REFUSED = "waiting", "set_aside", "refused"


@dataclass(frozen=True, slots=True)
class Device:
    """Somebody who is signed in somewhere, and how many cases one of their devices opens. Not when
    they were last at it: this is no log of when volunteers are awake.
    """

    member: Member
    cases: int


def report(tx: Tx, actor: Actor) -> Surrendered:
    """What the database surrenders, and what more it does with the server secret."""
    require(actor)
    rows, sealed = store.rows(tx), store.envelopes(tx)
    arrivals, letters = store.passing(tx, "inbox"), store.passing(tx, "outbox")
    shut: dict[str, int] = {}
    for who, many in sealed.values():
        if who != "server":
            shut[who] = shut.get(who, 0) + many
    return Surrendered(
        clear=tuple(
            Told(name, rows.get(name, 0), each.says) for name, each in sorted(IN_CLEAR.items())
        ),
        shut=shut,
        opening=tuple(
            Opening(name, sealed.get(name, ("", 0))[1], says)
            for name, says in sorted(WITH_SECRET.items())
        ),
        unhandled=arrivals.get(WAITING, 0),
        set_aside=arrivals.get(ASIDE, 0),
        undelivered=letters.get(WAITING, 0),
        refused=letters.get(REFUSED, 0),
    )


def devices(tx: Tx, actor: Actor) -> tuple[Device, ...]:
    """Everybody who is signed in somewhere, and how many cases that opens to a lost device."""
    require(actor)
    live = people.signed_in(tx)
    members = people.members_named(tx, live)
    held = cases.held_today(tx, live)
    return tuple(
        Device(members[person], held.get(person, 0)) for person in live if person in members
    )


def look_at_devices(tx: Tx, actor: Actor) -> tuple[Device, ...]:
    """The same, for a page. It leaves a receipt: whoever looks at who is there is seen, too."""
    found = devices(tx, actor)
    audit.receipt(tx, actor, "surrender.seen-devices")
    return found
