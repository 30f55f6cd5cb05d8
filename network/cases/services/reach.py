"""How much one account can open, by day; and how much it may, unless two have decided otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from network import audit
from network.cases.domain import TooMuch
from network.cases.policy import CasePermission, require
from network.cases.store import reach as store
from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, ProposalId
from network.people import services as people
from network.people.domain import Member
from network.proposals import services as proposals
from network.proposals.domain import Matter

RAISED_FOR = timedelta(days=90)
SHOWN_FOR = timedelta(days=90)
MOST_EVER = 1_000


@dataclass(frozen=True, slots=True)
class Reach:
    """One account's blast radius: day by day, today, and the most it may come to."""

    days: tuple[store.Day, ...]
    now: int
    most: int
    raised_until: date | None


def measure_reach(tx: Tx, actor: Actor) -> int:
    """The clock writes down once a day how much each account can open; says how many."""
    require(actor, CasePermission.KEEP_HOUSE)
    return store.measure(tx)


def reach(tx: Tx, actor: Actor, *, person_id: PersonId) -> Reach:
    """What an account can open today and could in the last three months, in numbers."""
    require(actor, CasePermission.SEE_EXPOSURE)
    member = people.member(tx, person_id)
    return Reach(
        store.days(tx, person_id, since=tx.now.date() - SHOWN_FOR),
        store.count(tx, person_id),
        _most(tx, member),
        store.raised_until(tx, person_id),
    )


def room_left(tx: Tx, member: Member) -> int:
    """How many more running cases this account may open."""
    return max(0, _most(tx, member) - store.count(tx, member.id))


def held_today(tx: Tx, members: Sequence[PersonId]) -> dict[PersonId, int]:
    """How many cases each of these members can open now, for a room that may ask."""
    return store.held_today(tx, members)


def check_reach(tx: Tx, member: Member) -> None:
    """TooMuch where one more running case is more than this account may open."""
    if store.count(tx, member.id) >= _most(tx, member):
        raise TooMuch


def propose_reach(
    tx: Tx, actor: Actor, *, person_id: PersonId, most: int, reason: Plaintext
) -> ProposalId:
    """One coordinator's half of letting an account hold more at once, for three months."""
    require(actor, CasePermission.RAISE_REACH)
    member = people.member(tx, person_id)
    if not _pack_most(tx, member) < most <= MOST_EVER:
        raise BadInput("most", "most_shape")
    return proposals.propose(
        tx,
        actor,
        matter=Matter.REACH,
        subject=person_id,
        reason=reason,
        payload={"most": str(most)},
    )


def raise_reach(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> PersonId:
    """The other half."""
    require(actor, CasePermission.RAISE_REACH)
    decided = proposals.confirm(tx, actor, proposal_id=proposal_id, matter=Matter.REACH)
    person = PersonId(decided.subject)
    store.raise_to(tx, person, int(decided.payload["most"]), tx.now.date() + RAISED_FOR)
    audit.receipt(tx, actor, "person.reach-raised", subject=person)
    return person


def _most(tx: Tx, member: Member) -> int:
    return max(_pack_most(tx, member), store.raised(tx, member.id))


def _pack_most(tx: Tx, member: Member) -> int:
    most = tx.pack.access.most
    return most.coordinating if member.role is Role.COORDINATOR else most.accompanying
