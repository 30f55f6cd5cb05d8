"""A coordinator leaves: everything they hold goes to somebody else, some at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from network import audit
from network.cases.domain import Case, CaseStatus, Urgency
from network.cases.policy import CasePermission, require
from network.cases.services.holding import give_over, let_go, successor
from network.cases.services.reach import room_left
from network.cases.store import cases, gate, keys
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.ids import PersonId
from network.kernel.words import N_
from network.people import services as people
from network.people.domain import Member

AT_ONCE = 10
MOST = 10_000
RUNNING = tuple(each for each in CaseStatus if each is not CaseStatus.CLOSED)

LEFT_TO_YOU = N_(
    "Somebody leaves coordination who could open some of what you answer for. It stays yours. Open"
    " Hilo: see whether somebody else should be able to open it."
)
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
        people.coordinators(tx, but={actor.person_id}),
    )


def hand_on(tx: Tx, actor: Actor, *, to: PersonId, most: int = AT_ONCE) -> HandedOn:
    """Some of the actor's running cases go to the successor, each with a new key that the actor has
    not. Asked again it goes on with those that are left; only the actor's own key can do it.

    What another one of coordination answers for stays theirs: the actor's key alone goes, and
    nobody new can open it.
    """
    require(actor, CasePermission.SHARE)
    require(actor, CasePermission.DROP)
    receiver = successor(tx, actor, to)
    found = _parted(tx, actor, receiver)
    now = found.next(min(most, AT_ONCE), room_left(tx, receiver))
    theirs = {each.id for each in found.answered_for}
    went = []
    for each in now:
        try:
            case = cases.hold(tx, actor, each.id)
        except NotVisible:  # it was pressed twice, and the other press was first
            continue
        went.append(each)
        if case.id in theirs:
            let_go(tx, actor, case)
        else:
            give_over(tx, actor, case, receiver)
    _tell(tx, actor, receiver, found, went)
    return HandedOn(
        len(went), found.many - len(now), tuple(one.card.reference for one in found.barred)
    )


@dataclass(frozen=True, slots=True)
class _Parted:
    """What somebody holds, by what becomes of it."""

    answered_for: tuple[Case, ...]  # another one of coordination does, and can open it
    known: tuple[Case, ...]  # the successor can open it already: it is no more to their account
    new: tuple[Case, ...]
    barred: tuple[Case, ...]

    @property
    def many(self) -> int:
        """How many can change hands."""
        return len(self.answered_for) + len(self.known) + len(self.new)

    def next(self, most: int, room: int) -> tuple[Case, ...]:
        """Those that go now: what costs the successor nothing first."""
        return (*self.answered_for, *self.known, *self.new[:room])[:most]


def _parted(tx: Tx, actor: Actor, receiver: Member) -> _Parted:
    held = cases.listed(tx, actor, RUNNING, limit=MOST)
    readers = keys.readers_of_many(tx, [each.id for each in held])
    others = {each.id for each in people.coordinators(tx)} - {actor.person}
    parted: dict[str, list[Case]] = {name: [] for name in _Parted.__slots__}
    may_not: dict[tuple[str | None, Urgency | None], bool] = {}  # asked once for each kind of case
    for each in held:
        kind = (each.card.zone, each.urgency)
        if kind not in may_not:
            may_not[kind] = bool(gate.barred(tx, replace(each, activist=None), [receiver.id]))
        if each.coordinator in others & readers[each.id]:
            parted["answered_for"].append(each)
        elif may_not[kind]:
            parted["barred"].append(each)
        else:
            parted["known" if receiver.id in readers[each.id] else "new"].append(each)
    return _Parted(**{name: tuple(found) for name, found in parted.items()})


def _tell(tx: Tx, actor: Actor, receiver: Member, found: _Parted, now: Sequence[Case]) -> None:
    """The successor, and whoever has one beside them the less; once a day each."""
    today, theirs = tx.now.date(), {each.id for each in found.answered_for}
    if any(each.id not in theirs for each in now):
        audit.receipt(tx, actor, "person.handed-on", subject=receiver.id)
        once = f"handed-on:{actor.person}:{receiver.id}:{today}"
        people.write_to(tx, [receiver], HANDED_ON, params={}, once=once)
    alone = {each.coordinator for each in now if each.id in theirs and each.coordinator is not None}
    for member in people.members_named(tx, alone).values():
        once = f"left-alone:{actor.person}:{member.id}:{today}"
        people.write_to(tx, [member], LEFT_TO_YOU, params={}, once=once)
