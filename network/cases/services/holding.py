"""Who holds a case: sharing, handing over, leaving, removing."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from network import audit
from network.cases.domain import Case, CaseStatus, LastReader
from network.cases.erasure import TO_TAKE_IT_BACK
from network.cases.policy import CasePermission, require
from network.cases.services.intake import letter_to_family, responders, who_receives
from network.cases.services.opening import OPENED, CaseKeys, mend, open_keys
from network.cases.services.reach import check_reach
from network.cases.services.turning import (
    HAS_NOBODY,
    SOMEBODY_STOPPED,
    active_besides,
    cleared,
    tell_it_has_nobody,
    turn,
)
from network.cases.store import cases, ends, entries, families, gate, keys
from network.db import Tx
from network.encryption import keyring
from network.encryption.sealed import PublicKey
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NotVisible
from network.kernel.ids import CaseId, PersonId
from network.kernel.words import N_
from network.people import services as people
from network.people.domain import Member
from network.vetting.domain.gate import Bar

TURNED_AT_ONCE = 10
MOST_ALONE = 200
BY_PLACE_OR_NEED = frozenset({Bar.ZONE, Bar.ALONE, Bar.URGENT})

YOU_CAN_OPEN = N_("You can now open %(reference)s. Open Hilo to read it.")
READERS_CHANGED = N_("They have changed who can read %(reference)s. Open Hilo.")
NOBODY_OPENS_BEFORE = N_(
    "They have changed who can read %(reference)s, and nobody who reads it now can open what came"
    " before. Whoever could passes it on by opening Hilo, until %(day)s. Ask them to."
)
PASS_IT_ON = N_(
    "%(reference)s is in other hands now. Only you can open what came before: open Hilo until"
    " %(day)s, and it is passed on by itself. Thank you for what you did."
)

SOMEBODY_LEFT = N_(
    "Somebody from our team does not help here any more, and reads nothing you write from now on."
    " Send /who to see who can."
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who can open the case, by role and alias, and when they last did."""

    person_id: PersonId
    role: Role
    alias: str
    last_opened: datetime | None
    ends_on: date | None = None
    is_stopped: bool = False  # they hold a key and cannot come in


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a removed person could have opened until now, and when they did."""

    person_id: PersonId | None
    epochs: int
    entries: int
    openings: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """Who can open what comes from now on. Where nobody of them can read what was said before, the
    day until which whoever could may pass it on.
    """

    holders: tuple[PersonId, ...]
    kept_until: date | None


def holders(tx: Tx, actor: Actor) -> tuple[Holder, ...]:
    """The family sees who can open its case, and when each last did."""
    found = families.of_family(tx, actor)
    if found is None:
        raise NotVisible
    require(actor, CasePermission.CHOOSE_HOLDERS, found.case)
    return holders_of(tx, found.case)


def holders_of(tx: Tx, case: Case) -> tuple[Holder, ...]:
    """Who can open a case the caller has found."""
    readers = keys.readers(tx, case.id, case.epoch)
    members = people.members_named(tx, readers)
    last = audit.last_by(tx, case.id, OPENED)
    days = ends.of_case(tx, case.id, case.epoch)
    return tuple(
        Holder(
            each,
            members[each].role,
            members[each].alias,
            last.get(str(each)),
            days.get(each),
            is_stopped=not members[each].active,
        )
        for each in readers
        if each in members
    )


def remove_holder(tx: Tx, actor: Actor, *, person_id: PersonId) -> Removed:
    """The family takes somebody's access away. Nobody's key is at hand: who stays keeps history.

    When nobody would stay, those who receive new requests can read what comes from now on. What was
    said before stays with whoever could open it, for as long as an erasure takes: whoever holds the
    telephone cannot shut what an alarm is about in two presses. Nobody else's key opens it, so it
    is theirs to pass on (`passing`). All of coordination hears of it.
    """
    found = families.hold_family(tx, actor)
    require(actor, CasePermission.CHOOSE_HOLDERS, found.case)
    before = keys.readers(tx, found.case.id, found.case.epoch)
    if person_id not in before:
        raise NotVisible
    until = tx.today + TO_TAKE_IT_BACK
    after = turn(tx, actor, found.case, without=person_id, known=None, until=until)
    now = keys.readers(tx, after.id, after.epoch)
    if found.case.activist == person_id:
        tell_it_has_nobody(tx, after)
    kept = bool(keys.held_by(tx, after.id, person_id))
    _tell_of_removal(tx, after, person_id, until if kept else None)
    return Removed(now, until if kept else None)


def share(tx: Tx, actor: Actor, *, case_id: CaseId, with_: PersonId) -> None:
    """A coordinator who can open a case lets another member open it, its history included."""
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.SHARE, case)
    member = _available(tx, with_)
    _give_key(tx, actor, case, member)
    people.write_to(tx, [member], YOU_CAN_OPEN, params={"reference": case.card.reference})


def hand_over(tx: Tx, actor: Actor, *, case_id: CaseId, to: PersonId) -> None:
    """A coordinator gives a case to another one and drops their own access, in one step."""
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.SHARE, case)
    require(actor, CasePermission.DROP, case)
    receiver = successor(tx, actor, to)
    give_over(tx, actor, case, receiver)
    people.write_to(tx, [receiver], YOU_CAN_OPEN, params={"reference": case.card.reference})


def successor(tx: Tx, actor: Actor, to: PersonId) -> Member:
    """Somebody else of coordination, who may act: to whom a case can be handed."""
    if to == actor.person_id:
        raise BadInput("to", "yourself")
    member = _available(tx, to)
    if member.role is not Role.COORDINATOR:
        raise BadInput("to", "not_a_coordinator")
    return member


def give_over(tx: Tx, actor: Actor, case: Case, receiver: Member) -> None:
    """The receiver's key in, the actor's out, and a new one for what comes.

    Who answers for it is the receiver, unless somebody else of coordination does who can open it.
    """
    _give_key(tx, actor, case, receiver)
    other = case.coordinator not in {None, actor.person}
    stays = other and any(each.id == case.coordinator for each in active_besides(tx, case, None))
    theirs = case if stays else cases.move(tx, case, replace(case, coordinator=receiver.id))
    turn(tx, actor, theirs, without=actor.person, known=open_keys(tx, actor, theirs))


def let_go(tx: Tx, actor: Actor, case: Case) -> None:
    """The actor's key out, and a new one for those who stay; never the last reader's."""
    if not active_besides(tx, case, actor.person):
        raise LastReader
    turn(tx, actor, case, without=actor.person, known=_known(tx, actor, case))


def drop(tx: Tx, actor: Actor, *, case_id: CaseId) -> None:
    """A coordinator gives up their own access; never the last reader."""
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.DROP, case)
    let_go(tx, actor, case)


def withdraw(tx: Tx, actor: Actor, *, case_id: CaseId) -> None:
    """The accompanier leaves: their access ends, coordinators look for somebody else.

    Where no coordinator holds the case any more, those who receive new requests get it; that needs
    the leaver's own key, or its history would be lost.
    """
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.WITHDRAW, case)
    staying = active_besides(tx, case, actor.person)
    known = _known(tx, actor, case)
    heirs: tuple[Member, ...] = ()
    if not any(each.role is Role.COORDINATOR for each in staying):
        heirs = who_receives(tx, case, but={actor.person})
        known = open_keys(tx, actor, case)
    after = turn(tx, actor, case, without=actor.person, known=known, heirs=heirs)
    letter_to_family(tx, after, SOMEBODY_STOPPED)
    tell_it_has_nobody(tx, after)


def rekey(tx: Tx, actor: Actor, *, case_id: CaseId, without: PersonId | None = None) -> Exposure:
    """A new key for what comes. Whoever is left out opens none of it; says what they could open."""
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.REKEY, case)
    known = open_keys(tx, actor, case)
    if without is None:
        turn(tx, actor, case, without=None, known=known)
        return Exposure(None, 0, 0, ())
    if without == actor.person_id:
        raise BadInput("without", "yourself")
    if without not in keys.readers(tx, case.id, case.epoch):
        raise BadInput("without", "not_a_holder")
    exposure = Exposure(
        without,
        epochs=case.epoch,
        entries=entries.count(tx, case.id),
        openings=audit.moments(tx, case.id, OPENED, without),
    )
    after = turn(tx, actor, case, without=without, known=known)
    if case.activist == without:
        letter_to_family(tx, after, SOMEBODY_STOPPED)
    return exposure


def part_with_barred(tx: Tx, actor: Actor, case: Case) -> Case:
    """A new key for those who may still hold a case after it was said where or how urgent it is.

    Where nobody at all would be left, whoever holds it keeps it.
    """
    readers = keys.readers(tx, case.id, case.epoch)
    barred = gate.barred(tx, case, readers)
    if not BY_PLACE_OR_NEED & set(barred.values()):
        return case
    if set(readers) <= set(barred) and not who_receives(tx, case):
        return case
    return turn(tx, actor, case, without=None, known=_known(tx, actor, case))


def can_go_on_without(tx: Tx, case: Case, person: PersonId) -> bool:
    """Whether somebody who may hold the case is left, or there is somebody to receive it."""
    staying, _ = cleared(tx, case, active_besides(tx, case, person))
    return bool(staying) or bool(who_receives(tx, case, but={person}))


def end_of_access(tx: Tx, actor: Actor, case: Case, person: PersonId) -> Case:
    """Somebody's time is over and others hold the case: a new key, without them."""
    after = turn(tx, actor, case, without=person, known=None)
    if case.activist == person:
        letter_to_family(tx, after, SOMEBODY_STOPPED)
        tell_it_has_nobody(tx, after)
    return after


def let_go_of_removed(tx: Tx, actor: Actor) -> int:
    """The clock takes every case away from members who were removed; says how many cases turned.

    Where nobody else could open a case it waits until somebody can.
    """
    require(actor, CasePermission.KEEP_HOUSE)
    turned = 0
    for person, case_id in keys.held_by_any(tx, people.removed(tx), limit=TURNED_AT_ONCE):
        case = cases.hold_if_free(tx, case_id)
        if case is None:
            continue
        if case.status is CaseStatus.CLOSED:
            keys.take(tx, case_id, person)
        elif can_go_on_without(tx, case, person):
            take_from(tx, actor, case, person)
        else:
            continue
        turned += 1
    return turned


def tell_of_stopped(tx: Tx, actor: Actor) -> int:
    """The clock says once a day which cases go on in name only, because whoever goes with the
    family was stopped; says how many those are.
    """
    require(actor, CasePermission.KEEP_HOUSE)
    stopped = people.suspended(tx)
    alone = cases.accompanied_by(tx, stopped, limit=MOST_ALONE) if stopped else ()
    for case in alone:
        people.write_to(
            tx,
            responders(tx, case.id).coordinators,
            HAS_NOBODY,
            params={"reference": case.card.reference},
            once=f"alone:{case.id}:{tx.today}",
        )
    return len(alone)


def take_from(tx: Tx, actor: Actor, case: Case, person: PersonId) -> None:
    """One person's access ends, with nobody's key at hand; who stays keeps the history."""
    after = turn(tx, actor, case, without=person, known=None)
    if case.activist == person:
        letter_to_family(tx, after, SOMEBODY_STOPPED)
        tell_it_has_nobody(tx, after)
    else:
        letter_to_family(tx, after, SOMEBODY_LEFT)


def _available(tx: Tx, person: PersonId) -> Member:
    member = people.members_named(tx, [person]).get(person)
    if member is None or not member.active:
        raise BadInput("with_", "not_available")
    return member


def _give_key(tx: Tx, actor: Actor, case: Case, member: Member) -> None:
    if member.id not in keys.readers(tx, case.id, case.epoch):
        check_reach(tx, member)
    known = open_keys(tx, actor, case)
    mend(tx, known)
    grant = keyring.grant(
        known.current,
        PublicKey(member.public_key or b""),
        case=case.id,
        epoch=case.epoch,
        member=member.id,
    )
    keys.give(tx, case.id, case.epoch, {member.id: grant})
    audit.receipt(tx, actor, "case.granted", case=case.id, subject=member.id)


def _known(tx: Tx, actor: Actor, case: Case) -> CaseKeys | None:
    return None if actor.private_key is None else open_keys(tx, actor, case)


def _tell_of_removal(tx: Tx, case: Case, person: PersonId, until: date | None) -> None:
    """Coordination hears that it was done, not of whom; and whoever is left with what came before,
    that it waits to be passed on.
    """
    params = {"reference": case.card.reference}
    others = people.coordinators(tx, but={person})
    if until is None:
        people.write_to(tx, others, READERS_CHANGED, params=params)
        return
    params["day"] = f"{until:%d/%m/%Y}"
    people.write_to(tx, others, NOBODY_OPENS_BEFORE, params=params)
    last = people.members_named(tx, [person]).values()
    people.write_to(tx, last, PASS_IT_ON, params=params)
