"""Putting a member out: two decide, everything of theirs ends at once, their cases turn keys."""

from dataclasses import dataclass
from datetime import date

from network.cases.policy import CasePermission, require
from network.cases.services.offers import call_off
from network.cases.store import cases, exposures, keys, offers
from network.db import Tx
from network.delivery import services as delivery
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, ProposalId
from network.people import services as people
from network.proposals import services as proposals
from network.proposals.domain import Matter


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the cases of a removed member have turned their keys."""

    cases: int
    left: int
    begun_on: date

    @property
    def turned(self) -> int:
        """Those that are done."""
        return max(0, self.cases - self.left)


def propose_removal(tx: Tx, actor: Actor, *, person_id: PersonId, reason: Plaintext) -> ProposalId:
    """One coordinator's half of putting somebody out for good."""
    require(actor, CasePermission.REMOVE_MEMBER)
    people.removable(tx, actor, person_id=person_id)
    return proposals.propose(tx, actor, matter=Matter.REMOVAL, subject=person_id, reason=reason)


def remove(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> PersonId:
    """The other half: sessions, chat, other ways, keys of entry and pending offers end here and
    now; the cases they held turn their keys in the background, and each family is told.
    """
    require(actor, CasePermission.REMOVE_MEMBER)
    decided = proposals.confirm(tx, actor, proposal_id=proposal_id, matter=Matter.REMOVAL)
    person = PersonId(decided.subject)
    people.put_out(tx, actor, person_id=person)
    delivery.cut(tx, actor, person_id=person)
    proposals.let_go_of(tx, actor, person_id=person)
    for case_id in sorted({each.case_id for each in offers.open_to(tx, person)}):
        call_off(tx, cases.hold_for_offer(tx, case_id), person)
    exposures.begin_removal(tx, person, keys.count_held(tx, person))
    return person


def progress(tx: Tx, actor: Actor, *, person_id: PersonId) -> Progress | None:
    """How far the turning of keys is; None for whoever was not removed."""
    require(actor, CasePermission.SEE_EXPOSURE)
    begun = exposures.removal(tx, person_id)
    if begun is None:
        return None
    return Progress(begun[0], keys.count_held(tx, person_id), begun[1])
