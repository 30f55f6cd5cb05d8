"""A coordinator leaves: everything they hold goes to somebody else, some at a time."""

from dataclasses import dataclass

from network import audit
from network.cases.domain import CaseStatus
from network.cases.policy import CasePermission, require
from network.cases.services.holding import give_over, successor
from network.cases.services.reach import room_left
from network.cases.store import cases, gate
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import PersonId
from network.kernel.words import N_
from network.people import services as people
from network.people.domain import Member

AT_ONCE = 10
MOST = 10_000
RUNNING = tuple(each for each in CaseStatus if each is not CaseStatus.CLOSED)

HANDED_ON = N_("Somebody leaves coordination and handed on to you what they held. Open Hilo.")


@dataclass(frozen=True, slots=True)
class Estate:
    """What somebody holds and would leave behind, and who of coordination could take it over."""

    running: int
    closed: int
    others: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class HandedOn:
    """How many changed hands just now, how many still can, and those the successor may not hold."""

    done: int
    left: int
    kept: tuple[str, ...]  # by reference


def estate(tx: Tx, actor: Actor) -> Estate:
    """What the actor would leave behind."""
    require(actor, CasePermission.SHARE)
    counted = cases.counted(tx, actor)
    closed = counted.get(CaseStatus.CLOSED, 0)
    return Estate(
        sum(counted.values()) - closed,
        closed,
        tuple(each for each in people.coordinators(tx) if each.id != actor.person_id),
    )


def hand_on(tx: Tx, actor: Actor, *, to: PersonId, most: int = AT_ONCE) -> HandedOn:
    """Some of the actor's running cases go to the successor, each with a new key that the actor has
    not. Asked again it goes on with those that are left; only the actor's own key can do it.
    """
    require(actor, CasePermission.SHARE)
    require(actor, CasePermission.DROP)
    receiver = successor(tx, actor, to)
    held = cases.listed(tx, actor, RUNNING, limit=MOST)
    free = [each for each in held if not gate.barred(tx, each, [receiver.id])]
    now = free[: min(most, room_left(tx, receiver))]
    for each in now:
        give_over(tx, actor, cases.hold(tx, actor, each.id), receiver)
    if now:
        audit.receipt(tx, actor, "person.handed-on", subject=receiver.id)
        once = f"handed-on:{actor.person}:{receiver.id}:{tx.now.date()}"
        people.write_to(tx, [receiver], HANDED_ON, params={}, once=once)
    done = {each.id for each in now}
    free_ids = {each.id for each in free}
    return HandedOn(
        len(now),
        len(free) - len(now),
        tuple(each.card.reference for each in held if each.id not in free_ids | done),
    )
