"""What a page shows of a case around its words: who may do what, who came in, whom to ask."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from network import audit
from network.audit import Receipt
from network.cases.domain import Case, CaseStatus
from network.cases.policy import CasePermission, not_shown, permissions, require
from network.cases.services.ending import Ending, endings
from network.cases.services.holding import Holder, holders_of
from network.cases.services.offers import OpenOffer, my_offers
from network.cases.services.room import Room, room
from network.cases.services.wishes import Wishes, wishes_of
from network.cases.store import cases, gate, keys
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import CaseId, PersonId
from network.people import services as people
from network.people.domain import Member

SHOWN = 100
RECEIPTS_ON_A_PAGE = 30
Names = dict[PersonId, str]


@dataclass(frozen=True, slots=True)
class Mine:
    """What a member can open, the longest open first, and what they are asked."""

    cases: tuple[Case, ...]
    offers: tuple[OpenOffer, ...]
    endings: tuple[Ending, ...]
    to_pass_on: bool  # what only the actor can open, of cases that are in other hands now


@dataclass(frozen=True, slots=True)
class Heading:
    """A case without its words, and what this reader may do to it."""

    case: Case
    may: frozenset[CasePermission]


@dataclass(frozen=True, slots=True)
class Visit:
    """A look into the room, what everybody who said something in it is called, and what the family
    allows.
    """

    room: Room
    names: Names
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Access:
    """Who can open a case and who did, the newest first; and who else could be given a key."""

    case: Case
    may: frozenset[CasePermission]
    holders: tuple[Holder, ...]
    others: tuple[Member, ...]
    receipts: tuple[Receipt, ...]
    names: Names
    more: int | None


def mine(tx: Tx, actor: Actor, *, statuses: Sequence[CaseStatus]) -> Mine:
    """The cases in these statuses that the actor can open, and their own open offers."""
    return Mine(
        cases.listed(tx, actor, statuses, limit=SHOWN),
        my_offers(tx, actor),
        endings(tx, actor),
        bool(keys.left_to_pass_on(tx, actor.person, limit=1)),
    )


def heading(tx: Tx, actor: Actor, *, case_id: CaseId) -> Heading:
    """The case in short, for whoever can open it."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.READ, case)
    return Heading(case, permissions(actor, case))


def visit(tx: Tx, actor: Actor, *, case_id: CaseId, before: int | None = None) -> Visit:
    """Open the room and name its authors. Leaves the receipt that `room` leaves."""
    found = room(tx, actor, case_id=case_id, before=before)
    known = {each.person_id: each.alias for each in found.holders}
    authors = {each.author for each in found.entries if each.author is not None}
    names = known | _names(tx, authors - known.keys())
    return Visit(found, names, wishes_of(tx, found.case))


def access(tx: Tx, actor: Actor, *, case_id: CaseId, before: int | None = None) -> Access:
    """Who can open the case, a page of what was done to it, and whom it could be shared with."""
    found = heading(tx, actor, case_id=case_id)
    held = holders_of(tx, found.case)
    rows = audit.receipts_of(
        tx, case_id, before=before, limit=RECEIPTS_ON_A_PAGE + 1, without=not_shown(actor)
    )
    shown = tuple(rows[:RECEIPTS_ON_A_PAGE])
    inside = {each.person_id for each in held}
    return Access(
        case=found.case,
        may=found.may,
        holders=held,
        others=_others(tx, found.case, inside) if CasePermission.SHARE in found.may else (),
        receipts=shown,
        names=_names(tx, _named_in(shown)),
        more=shown[-1].number if len(rows) > len(shown) else None,
    )


def to_ask(tx: Tx, actor: Actor, *, case_id: CaseId) -> tuple[Case, tuple[Member, ...]]:
    """A case and the activists who could be asked to accompany it: those who cannot open it yet."""
    found = heading(tx, actor, case_id=case_id)
    require(actor, CasePermission.OFFER, found.case)
    inside = set(keys.readers(tx, case_id, found.case.epoch))
    outside = [each for each in people.activists(tx) if each.id not in inside]
    barred = gate.barred(tx, found.case, [each.id for each in outside])
    free = (each for each in outside if each.id not in barred)
    return found.case, tuple(sorted(free, key=lambda each: each.alias.casefold()))


def _others(tx: Tx, case: Case, inside: set[PersonId]) -> tuple[Member, ...]:
    everybody = (*people.coordinators(tx), *people.activists(tx))
    outside = [each for each in everybody if each.id not in inside]
    barred = gate.barred(tx, case, [each.id for each in outside], beside=inside)
    return tuple(each for each in outside if each.id not in barred)


def _named_in(receipts: Iterable[Receipt]) -> set[PersonId]:
    acted = {each.person_id for each in receipts if each.person_id is not None}
    return acted | {PersonId(each.subject) for each in receipts if each.subject is not None}


def _names(tx: Tx, wanted: set[PersonId]) -> Names:
    if not wanted:
        return {}
    return {each: one.alias for each, one in people.members_named(tx, wanted).items()}
