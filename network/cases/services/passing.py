"""What only somebody can open who was taken away by the family: passed on, or destroyed on its day.

The server has no key of it. So whoever was last passes it on by coming in; nothing else is asked of
them, and afterwards they hold nothing.
"""

from collections.abc import Callable

from network import audit
from network.cases.domain import Case, CaseStatus
from network.cases.erasure import MOST_HELD, TO_BE_SURE, TO_TAKE_IT_BACK
from network.cases.policy import CasePermission, require
from network.cases.services.opening import open_what_is_left
from network.cases.store import cases, ends, gate, keys
from network.db import Tx
from network.encryption import keyring
from network.encryption.sealed import PublicKey
from network.kernel.actor import Actor
from network.kernel.ids import CaseId, PersonId
from network.kernel.words import N_
from network.people import services as people
from network.people.domain import Member

AT_ONCE = 25
MOST_WAITING = TO_TAKE_IT_BACK + MOST_HELD - TO_BE_SURE  # since the key turned, by another calendar
Rings = Callable[[Tx, CaseId], bool]  # of a case: whether an alarm about it is open

OPENS_AGAIN = N_("What came before in %(reference)s can be opened again. Open Hilo to read it.")


def pass_on(tx: Tx, actor: Actor) -> int:
    """What the actor alone can open of cases that are in other hands now: to whoever reads them
    now, and the actor's own keys destroyed. Says how many cases those were.
    """
    passed = 0
    for case_id in keys.left_to_pass_on(tx, actor.person, limit=AT_ONCE):
        case = cases.hold_for_offer(tx, case_id)
        require(actor, CasePermission.READ, case)
        readers = _readers(tx, case)
        if readers and keys.opens_alone(tx, case_id, actor.person, list(readers)):
            _pass_on(tx, actor, case, readers)
            passed += 1
    return passed


def destroy_left(tx: Tx, actor: Actor, *, rings: Rings) -> int:
    """The clock destroys what nobody passed on until its day; says how many grants' owners.

    While an alarm about the case is open it waits a day, and again, as an erasure does, and as
    little says so.
    """
    require(actor, CasePermission.KEEP_HOUSE)
    today, destroyed = tx.today, 0
    for case_id, person in ends.left_too_long(tx, today, limit=AT_ONCE):
        case = cases.hold_if_free(tx, case_id)
        if case is None:
            continue
        since = ends.left_since(tx, case_id, person)
        if since is not None and today < since + MOST_WAITING and rings(tx, case_id):
            ends.prolong(tx, case_id, person, today + TO_BE_SURE)
            continue
        keys.take(tx, case_id, person)
        audit.receipt(tx, actor, "case.grant-ended", case=case_id, subject=person)
        destroyed += 1
    return destroyed


def _pass_on(tx: Tx, actor: Actor, case: Case, readers: dict[PersonId, Member]) -> None:
    days = ends.of_case(tx, case.id, case.epoch)
    for epoch, private in open_what_is_left(tx, actor, case).privates.items():
        grants = {
            person: keyring.grant(
                private,
                PublicKey(each.public_key or b""),
                case=case.id,
                epoch=epoch,
                member=person,
            )
            for person, each in readers.items()
        }
        keys.give(tx, case.id, epoch, grants, days)
    keys.take(tx, case.id, actor.person)
    audit.receipt(tx, actor, "case.passed-on", case=case.id)
    params = {"reference": case.card.reference}
    people.write_to(tx, readers.values(), OPENS_AGAIN, params=params)


def _readers(tx: Tx, case: Case) -> dict[PersonId, Member]:
    """Whoever reads it now and may hold it."""
    if case.status is CaseStatus.CLOSED:
        return {}
    found = people.members_named(tx, keys.readers(tx, case.id, case.epoch))
    active = {person: each for person, each in found.items() if each.active and each.public_key}
    barred = gate.barred(tx, case, active)
    return {person: each for person, each in active.items() if person not in barred}
