"""Two let a member come back who lost what shows their codes."""

from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, ProposalId
from network.people import services as people
from network.proposals import services as proposals
from network.proposals.domain import Matter


def propose_return(tx: Tx, actor: Actor, *, person_id: PersonId, reason: Plaintext) -> ProposalId:
    """One coordinator's half, who knows that it is them."""
    people.returnable(tx, actor, person_id=person_id)
    return proposals.propose(tx, actor, matter=Matter.RETURN, subject=person_id, reason=reason)


def confirm_return(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> PersonId:
    """The other half. It opens nothing: it lets a link be made."""
    decided = proposals.confirm(tx, actor, proposal_id=proposal_id, matter=Matter.RETURN)
    person = PersonId(decided.subject)
    people.let_return(tx, actor, person_id=person)
    return person
