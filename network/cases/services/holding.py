"""Who holds a case: sharing, handing over, leaving, removing; and the new key that follows."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from network import audit
from network.cases.domain import Case, CaseStatus, LastReader, NobodyToReceive
from network.cases.erasure import TO_TAKE_IT_BACK
from network.cases.policy import CasePermission, require
from network.cases.services.intake import granted, letter_to_family, who_receives
from network.cases.services.offers import call_off, reissue
from network.cases.services.opening import OPENED, CaseKeys, mend, open_keys
from network.cases.services.reach import check_reach
from network.cases.store import cases, ends, entries, families, gate, keys
from network.db import Tx
from network.encryption import keyring
from network.encryption.envelope import new_key_pair
from network.encryption.sealed import PublicKey, Sealed
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NotVisible
from network.kernel.ids import CaseId, PersonId
from network.kernel.words import N_
from network.people import services as people
from network.people.domain import Member
from network.vetting.domain.gate import Bar

TURNED_AT_ONCE = 10
BY_PLACE_OR_NEED = frozenset({Bar.ZONE, Bar.ALONE, Bar.URGENT})
ACCOMPANIED = frozenset({CaseStatus.ACCOMPANIED, CaseStatus.RESTING})

YOU_CAN_OPEN = N_("You can now open %(reference)s. Open Hilo to read it.")
HAS_NOBODY = N_("%(reference)s has nobody beside it now. Open Hilo to offer it again.")
SOMEBODY_STOPPED = N_(
    "The person who was with you has had to stop. We are looking for somebody else. You can keep"
    " writing here."
)
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
        Holder(each, members[each].role, members[each].alias, last.get(str(each)), days.get(each))
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
    after = _turn(tx, actor, found.case, without=person_id, known=None, until=until)
    now = keys.readers(tx, after.id, after.epoch)
    if found.case.activist == person_id:
        _tell_it_has_nobody(tx, after)
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
    stays = other and any(each.id == case.coordinator for each in _active_besides(tx, case, None))
    theirs = case if stays else cases.move(tx, case, replace(case, coordinator=receiver.id))
    _turn(tx, actor, theirs, without=actor.person, known=open_keys(tx, actor, theirs))


def let_go(tx: Tx, actor: Actor, case: Case) -> None:
    """The actor's key out, and a new one for those who stay; never the last reader's."""
    if not _active_besides(tx, case, actor.person):
        raise LastReader
    _turn(tx, actor, case, without=actor.person, known=_known(tx, actor, case))


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
    staying = _active_besides(tx, case, actor.person)
    known = _known(tx, actor, case)
    heirs: tuple[Member, ...] = ()
    if not any(each.role is Role.COORDINATOR for each in staying):
        heirs = who_receives(tx, case, but={actor.person})
        known = open_keys(tx, actor, case)
    after = _turn(tx, actor, case, without=actor.person, known=known, heirs=heirs)
    letter_to_family(tx, after, SOMEBODY_STOPPED)
    _tell_it_has_nobody(tx, after)


def rekey(tx: Tx, actor: Actor, *, case_id: CaseId, without: PersonId | None = None) -> Exposure:
    """A new key for what comes. Whoever is left out opens none of it; says what they could open."""
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.REKEY, case)
    known = open_keys(tx, actor, case)
    if without is None:
        _turn(tx, actor, case, without=None, known=known)
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
    after = _turn(tx, actor, case, without=without, known=known)
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
    return _turn(tx, actor, case, without=None, known=_known(tx, actor, case))


def can_go_on_without(tx: Tx, case: Case, person: PersonId) -> bool:
    """Whether somebody who may hold the case is left, or there is somebody to receive it."""
    staying, _ = _cleared(tx, case, _active_besides(tx, case, person))
    return bool(staying) or bool(who_receives(tx, case, but={person}))


def end_of_access(tx: Tx, actor: Actor, case: Case, person: PersonId) -> Case:
    """Somebody's time is over and others hold the case: a new key, without them."""
    after = _turn(tx, actor, case, without=person, known=None)
    if case.activist == person:
        letter_to_family(tx, after, SOMEBODY_STOPPED)
        _tell_it_has_nobody(tx, after)
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


def take_from(tx: Tx, actor: Actor, case: Case, person: PersonId) -> None:
    """One person's access ends, with nobody's key at hand; who stays keeps the history."""
    after = _turn(tx, actor, case, without=person, known=None)
    if case.activist == person:
        letter_to_family(tx, after, SOMEBODY_STOPPED)
        _tell_it_has_nobody(tx, after)
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


def _turn(  # noqa: PLR0913  # who acts, on what, who goes, who comes, and what is known
    tx: Tx,
    actor: Actor,
    case: Case,
    *,
    without: PersonId | None,
    known: CaseKeys | None,
    heirs: tuple[Member, ...] = (),
    until: date | None = None,
) -> Case:
    """A new epoch for those who stay and the heirs. `known` is None where no key is at hand.

    Whoever vetting bars by now goes with it, as the store would seal them no new key. `until`: how
    long whoever goes keeps what nobody who stays can open; nothing is kept where it is not said.
    """
    days = ends.of_case(tx, case.id, case.epoch)
    staying, barred = _cleared(tx, case, (*_active_besides(tx, case, without), *heirs))
    leaving = [*barred] if without is None else [without, *barred]
    keeps = _alone(tx, case, without, staying) if until else None
    turned = cases.turn_epoch(tx, case)
    for each in leaving:
        _take(tx, case.id, each, until if each == keeps else None)
        turned = call_off(tx, turned, each)
    staying = staying or _received(tx, turned, without, for_family=until is not None)
    if not staying:
        raise NobodyToReceive
    pair = new_key_pair()
    keys.begin_epoch(tx, case.id, turned.epoch, pair, _link(known, pair.public, turned.epoch))
    if known is not None:
        mend(tx, known)
    grants = granted(case.id, turned.epoch, pair, list(staying.values()))
    keys.give(tx, case.id, turned.epoch, grants, days)
    turned = reissue(tx, turned, pair.private)
    audit.receipt(tx, actor, "case.rekeyed", case=case.id, subject=without)
    for each in leaving:
        turned = _let_go(tx, turned, each)
    if case.activist in barred:
        letter_to_family(tx, turned, SOMEBODY_STOPPED)
        _tell_it_has_nobody(tx, turned)
    return turned


def _take(tx: Tx, case_id: CaseId, person: PersonId, until: date | None) -> None:
    if until is None:
        keys.take(tx, case_id, person)
    else:
        ends.prolong(tx, case_id, person, until)


def _alone(
    tx: Tx, case: Case, person: PersonId | None, staying: dict[PersonId, Member]
) -> PersonId | None:
    """This person, where they can open something of the case that nobody who stays can."""
    return person if person and keys.opens_alone(tx, case.id, person, list(staying)) else None


def _received(
    tx: Tx, case: Case, but: PersonId | None, *, for_family: bool
) -> dict[PersonId, Member]:
    """Who gets a case whose readers are gone. Whom the family took away does not come back by it
    while something is left with them.
    """
    not_to = {but, *(keys.left_with(tx, case.id) if for_family else ())}
    return {each.id: each for each in who_receives(tx, case, but=not_to)}


def _cleared(
    tx: Tx, case: Case, members: tuple[Member, ...]
) -> tuple[dict[PersonId, Member], tuple[PersonId, ...]]:
    """Those who may hold the case from now on, and those who may not any more.

    Asked again without the latter: somebody new may have stood beside one of them.
    """
    staying = {each.id: each for each in members}
    gone: list[PersonId] = []
    while barred := gate.barred(tx, case, staying):
        gone.extend(barred)
        staying = {person: each for person, each in staying.items() if person not in barred}
    return staying, tuple(gone)


def _let_go(tx: Tx, case: Case, person: PersonId) -> Case:
    """The case without this person in any of its parts."""
    after = case
    if case.coordinator == person:
        after = replace(after, coordinator=None)
    if case.activist == person:
        after = replace(after, activist=None)
        if case.status in ACCOMPANIED:
            after = after.moved_to(CaseStatus.TRIAGED)
    return cases.move(tx, case, after) if after != case else case


def _link(known: CaseKeys | None, public: PublicKey, epoch: int) -> Sealed | None:
    if known is None:
        return None
    return keyring.link_epochs(
        known.current, public, case=known.case.id, old_epoch=epoch - 1, new_epoch=epoch
    )


def _known(tx: Tx, actor: Actor, case: Case) -> CaseKeys | None:
    return None if actor.private_key is None else open_keys(tx, actor, case)


def _active_besides(tx: Tx, case: Case, person: PersonId | None) -> tuple[Member, ...]:
    """Those who can open the case as it was read, may act, and are not this person."""
    readers = [each for each in keys.readers(tx, case.id, case.epoch) if each != person]
    members = people.members_named(tx, readers)
    return tuple(members[each] for each in readers if each in members and members[each].active)


def _tell_of_removal(tx: Tx, case: Case, person: PersonId, until: date | None) -> None:
    """Coordination hears that it was done, not of whom; and whoever is left with what came before,
    that it waits to be passed on.
    """
    params = {"reference": case.card.reference}
    others = [each for each in people.coordinators(tx) if each.id != person]
    if until is None:
        people.write_to(tx, others, READERS_CHANGED, params=params)
        return
    params["day"] = f"{until:%d/%m/%Y}"
    people.write_to(tx, others, NOBODY_OPENS_BEFORE, params=params)
    last = people.members_named(tx, [person]).values()
    people.write_to(tx, last, PASS_IT_ON, params=params)


def _tell_it_has_nobody(tx: Tx, case: Case) -> None:
    readers = people.members_named(tx, keys.readers(tx, case.id, case.epoch)).values()
    coordinators = [each for each in readers if each.role is Role.COORDINATOR]
    people.write_to(tx, coordinators, HAS_NOBODY, params={"reference": case.card.reference})
