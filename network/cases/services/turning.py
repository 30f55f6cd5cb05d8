"""A case gets a new key: who stays and comes is given it, who goes loses what they had."""

from dataclasses import replace
from datetime import date

from network import audit
from network.cases.domain import Case, CaseStatus, NobodyToReceive
from network.cases.services.intake import granted, letter_to_family, who_receives
from network.cases.services.offers import call_off, reissue
from network.cases.services.opening import CaseKeys, mend
from network.cases.store import cases, ends, gate, keys
from network.db import Tx
from network.encryption import keyring
from network.encryption.envelope import new_key_pair
from network.encryption.sealed import PublicKey, Sealed
from network.kernel.actor import Actor, Role
from network.kernel.ids import CaseId, PersonId
from network.kernel.words import N_
from network.people import services as people
from network.people.domain import Member

ACCOMPANIED = frozenset({CaseStatus.ACCOMPANIED, CaseStatus.RESTING})

HAS_NOBODY = N_("%(reference)s has nobody beside it now. Open Hilo to offer it again.")
SOMEBODY_STOPPED = N_(
    "The person who was with you has had to stop. We are looking for somebody else. You can keep"
    " writing here."
)


def turn(  # noqa: PLR0913  # who acts, on what, who goes, who comes, and what is known
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
    staying, barred = cleared(tx, case, (*active_besides(tx, case, without), *heirs))
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
        tell_it_has_nobody(tx, turned)
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


def cleared(
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


def active_besides(tx: Tx, case: Case, person: PersonId | None) -> tuple[Member, ...]:
    """Those who can open the case as it was read, may act, and are not this person."""
    readers = [each for each in keys.readers(tx, case.id, case.epoch) if each != person]
    members = people.members_named(tx, readers)
    return tuple(members[each] for each in readers if each in members and members[each].active)


def tell_it_has_nobody(tx: Tx, case: Case) -> None:
    readers = people.members_named(tx, keys.readers(tx, case.id, case.epoch)).values()
    coordinators = [each for each in readers if each.role is Role.COORDINATOR]
    people.write_to(tx, coordinators, HAS_NOBODY, params={"reference": case.card.reference})
