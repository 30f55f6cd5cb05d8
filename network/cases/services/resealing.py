"""A suite is retired: who holds a case has it sealed again with the present one, some at a time."""

from dataclasses import dataclass

from network import audit
from network.cases.domain import Case
from network.cases.policy import CasePermission, require
from network.cases.services.opening import CaseKeys, mend, open_keys
from network.cases.store import cases, recovery, suites
from network.db import Tx
from network.encryption import keyring
from network.encryption.envelope import SEALS_WITH
from network.encryption.sealed import Place, PublicKey, Sealed, Suite
from network.kernel.actor import Actor
from network.kernel.ids import CaseId, PersonId
from network.people import services as people
from network.quorum import services as quorum

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many envelopes were sealed again, and how many of this case are left."""

    done: int
    left: int


def left_to_reseal(tx: Tx, actor: Actor, *, case_id: CaseId, suite: Suite = SEALS_WITH) -> int:
    """How many envelopes of a case the reader could have sealed again."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.REKEY, case)
    return _left(tx, open_keys(tx, actor, case), suite)


def reseal(
    tx: Tx, actor: Actor, *, case_id: CaseId, suite: Suite = SEALS_WITH, most: int = AT_ONCE
) -> Resealed:
    """Some of a case's envelopes with the present suite: its keys first, then its entries.

    What is inside, where, how large and for whom stays as it was. Asked again it goes on.
    """
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.REKEY, case)
    known = open_keys(tx, actor, case)
    mend(tx, known)
    done = _keys(tx, case, known, suite) + _entries(tx, known, suite, most)
    if done:
        audit.receipt(tx, actor, "case.resealed", case=case.id)
    return Resealed(done, _left(tx, known, suite))


def _keys(tx: Tx, case: Case, known: CaseKeys, suite: Suite) -> int:
    within, done = known.privates, 0
    for number in suites.links(tx, case.id, within, suite):
        if number - 1 in within:
            link = keyring.link_epochs(
                within[number - 1],
                known.publics[number],
                case=case.id,
                old_epoch=number - 1,
                new_epoch=number,
                suite=suite,
            )
            suites.put_link(tx, case.id, number, link)
            done += 1
    for number in _escrows(tx, known, suite):
        held = quorum.seal_for_quorum(
            tx, within[number], case_id=case.id, epoch=number, suite=suite
        )
        if held is not None:
            recovery.entrust(tx, case.id, number, held)
            done += 1
    return done + _grants(tx, case, known, suite)


def _grants(tx: Tx, case: Case, known: CaseKeys, suite: Suite) -> int:
    late = _late_grants(tx, known, suite)
    for epoch, member, public in late:
        sealed = keyring.grant(
            known.privates[epoch], public, case=case.id, epoch=epoch, member=member, suite=suite
        )
        suites.put_grant(tx, case.id, epoch, member, sealed)
    return len(late)


def _late_grants(tx: Tx, known: CaseKeys, suite: Suite) -> list[tuple[int, PersonId, PublicKey]]:
    """Grants in another suite of members that still have a key to seal to. One of somebody who has
    not stays as it is until it ends: what cannot be done is not counted as left to do.
    """
    late = suites.grants(tx, known.case.id, known.privates, suite)
    members = people.members_named(tx, {member for _, member in late})
    publics = {member: members[member].public_key for _, member in late if member in members}
    return [
        (epoch, member, PublicKey(public))
        for epoch, member in late
        if (public := publics.get(member)) is not None
    ]


def _escrows(tx: Tx, known: CaseKeys, suite: Suite) -> list[int]:
    """Epochs whose copy for the quorum is in another suite. Without a quorum there is nobody to
    seal it to, and it stays as it is.
    """
    if quorum.public(tx) is None:
        return []
    return suites.escrows(tx, known.case.id, known.privates, suite)


def _entries(tx: Tx, known: CaseKeys, suite: Suite, most: int) -> int:
    case_id = known.case.id
    rows = suites.entries(tx, case_id, known.privates, suite, limit=most)
    openers = known.openers({row.epoch for row in rows})
    for row in rows:
        place = Place("entries", "body", row.id, case_id, row.epoch)
        sealed = openers[row.epoch].reseal_text(
            Sealed(row.body), place, known.publics[row.epoch], suite
        )
        suites.put_entry(tx, row, sealed)
    return len(rows)


def _left(tx: Tx, known: CaseKeys, suite: Suite) -> int:
    case_id, within = known.case.id, known.privates
    return (
        suites.count_entries(tx, case_id, within, suite)
        + len([n for n in suites.links(tx, case_id, within, suite) if n - 1 in within])
        + len(_escrows(tx, known, suite))
        + len(_late_grants(tx, known, suite))
    )
