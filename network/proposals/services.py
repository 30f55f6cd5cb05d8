"""The verbs of four eyes. A higher room's verb calls `propose` and `confirm` in its transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from network import audit
from network.db import Tx
from network.encryption.envelope import Opener
from network.encryption.sealed import PublicKey
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, ProposalId, new_id
from network.kernel.words import N_
from network.people import services as people
from network.proposals import store
from network.proposals.domain import (
    LASTS,
    MOST_ABOUT,
    Matter,
    NeedsAnother,
    NobodyElse,
    Proposal,
    ProposalStatus,
    ProposerGone,
    Told,
    read_reason,
    reference_of,
)
from network.proposals.policy import ProposalPermission, require


@dataclass(frozen=True, slots=True)
class Decision:
    """One proposal, and what everybody in it is called."""

    proposal: Proposal
    names: Mapping[UUID, str]

    @property
    def about(self) -> str:
        """Whom or what it is about, in words."""
        told = self.proposal.told
        return told.about or self.names.get(told.subject, "")


@dataclass(frozen=True, slots=True)
class Decisions:
    """What waits, and what was decided in the last three months."""

    waiting: tuple[Decision, ...]
    ended: tuple[Decision, ...]


WAITS = N_("Decision %(reference)s waits for a second pair of eyes. See «Decisions» on the web.")
NOTHING: Mapping[str, str] = {}
CONFIRMED = "proposal.confirmed"


def propose(  # noqa: PLR0913  # a proposal has this many parts
    tx: Tx,
    actor: Actor,
    *,
    matter: Matter,
    subject: UUID,
    reason: Plaintext,
    payload: Mapping[str, str] = NOTHING,
    about: str = "",
    lasts: timedelta = LASTS,
) -> ProposalId:
    """One coordinator's half of a grave decision. The other coordinators hear that one waits.

    `about` names a subject that is no member. Nobody proposes about themselves (NotAllowed); the
    same matter and subject wait once (AlreadyProposed); where nobody could confirm it, NobodyElse.
    """
    require(actor, ProposalPermission.PROPOSE)
    actor.key()  # what nobody signed in decides nothing
    if subject == actor.person_id:
        raise NotAllowed
    told = Told(subject, about[:MOST_ABOUT], read_reason(reason), dict(payload))
    deciding = [one for one in people.coordinators(tx) if one.id != subject]
    others = [one for one in deciding if one.id != actor.person_id]
    if not others:
        raise NobodyElse
    proposal_id = ProposalId(new_id())
    store.add(
        tx,
        proposal_id,
        matter=matter,
        proposer=actor.person,
        lasts=lasts,
        told=told,
        readers={one.id: PublicKey(one.public_key or b"") for one in deciding},
    )
    audit.receipt(tx, actor, "proposal.proposed", subject=proposal_id)
    reference = {"reference": reference_of(proposal_id)}
    people.write_to(tx, others, WAITS, params=reference, once=f"proposal:{proposal_id}")
    return proposal_id


def confirm(tx: Tx, actor: Actor, *, proposal_id: ProposalId, matter: Matter) -> Proposal:
    """The second pair of eyes: the proposal is used up, and its room carries it out here and now.

    Of two who confirm at the same moment one gets WrongMoment. Another matter's is NotVisible: a
    room executes its own. NeedsAnother for whoever proposed it; ProposerGone where they do not
    coordinate any more.
    """
    require(actor, ProposalPermission.CONFIRM)
    stored = store.hold(tx, actor, proposal_id)
    if stored.matter is not matter:
        raise NotVisible
    if stored.status is not ProposalStatus.OPEN:
        raise WrongMoment
    if stored.proposer == actor.person_id:
        raise NeedsAnother
    proposer = people.member(tx, stored.proposer)
    if not proposer.active or proposer.role is not Role.COORDINATOR:
        raise ProposerGone
    (found,) = _opened(tx, actor, (stored,))
    if found.subject == actor.person_id:
        raise NotAllowed
    store.end(tx, proposal_id, ProposalStatus.CONFIRMED, second=actor.person)
    audit.receipt(tx, actor, CONFIRMED, subject=proposal_id)
    return found


def confirmed_at(tx: Tx, proposal_id: ProposalId) -> datetime | None:
    """When the second pair of eyes said yes; None where nobody did."""
    return audit.last_about(tx, proposal_id, CONFIRMED)


def decline(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> ProposalStatus:
    """One no. It ends the proposal only when nobody is left to say yes: one alone stops nothing."""
    require(actor, ProposalPermission.DECLINE)
    stored = store.hold(tx, actor, proposal_id)
    if stored.status is not ProposalStatus.OPEN or stored.expires_at <= tx.now:
        raise WrongMoment
    if stored.proposer == actor.person_id:
        raise NeedsAnother
    store.say_no(tx, actor, proposal_id)
    audit.receipt(tx, actor, "proposal.declined", subject=proposal_id)
    said = store.answers(tx, [proposal_id])[proposal_id]
    active = {one.id for one in people.coordinators(tx)} - {stored.proposer}
    if any(member in active and not no for member, no in said):
        return ProposalStatus.OPEN
    store.end(tx, proposal_id, ProposalStatus.DECLINED)
    return ProposalStatus.DECLINED


def withdraw(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> None:
    """Whoever proposed it takes it back."""
    require(actor, ProposalPermission.WITHDRAW)
    stored = store.hold(tx, actor, proposal_id)
    if stored.proposer != actor.person_id:
        raise NotAllowed
    store.end(tx, proposal_id, ProposalStatus.WITHDRAWN)
    audit.receipt(tx, actor, "proposal.withdrawn", subject=proposal_id)


def proposal(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> Proposal:
    """One, opened with the reader's key; NotVisible to its subject and to all who have no copy."""
    require(actor, ProposalPermission.SEE)
    (found,) = _opened(tx, actor, (store.get(tx, actor, proposal_id),))
    return found


def open_proposals(tx: Tx, actor: Actor, *, matter: Matter | None = None) -> tuple[Proposal, ...]:
    """What waits, of one matter or of all, the soonest to end first."""
    require(actor, ProposalPermission.SEE)
    found = store.open_to(tx, actor)
    return _opened(tx, actor, tuple(one for one in found if matter in {None, one.matter}))


def ended_proposals(tx: Tx, actor: Actor) -> tuple[Proposal, ...]:
    """What was decided, or was not, in the last three months."""
    require(actor, ProposalPermission.SEE)
    return _opened(tx, actor, store.ended_for(tx, actor))


def decision(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> Decision:
    """One proposal with names, for its page."""
    (found,) = _named(tx, (proposal(tx, actor, proposal_id=proposal_id),))
    return found


def decisions(tx: Tx, actor: Actor) -> Decisions:
    """The list: what waits, and what ended."""
    return Decisions(_named(tx, open_proposals(tx, actor)), _named(tx, ended_proposals(tx, actor)))


def count_waiting(tx: Tx, actor: Actor) -> int:
    """How many wait for the actor's own yes or no; needs no key."""
    require(actor, ProposalPermission.SEE)
    return store.count_waiting(tx, actor)


def tidy(tx: Tx, actor: Actor) -> int:
    """The clock ends what nobody confirmed in time and destroys what ended long ago."""
    require(actor, ProposalPermission.KEEP_HOUSE)
    over = store.expire(tx)
    for each in over:
        audit.receipt(tx, actor, "proposal.expired", subject=each)
    store.sweep(tx)
    return len(over)


def let_go_of(tx: Tx, actor: Actor, *, person_id: PersonId) -> None:
    """Somebody was removed: what they proposed is void, and no copy is sealed to them any more."""
    for each in store.withdraw_all_of(tx, person_id):
        audit.receipt(tx, actor, "proposal.withdrawn", subject=each)
    store.forget_copies_of(tx, person_id)


def _named(tx: Tx, found: tuple[Proposal, ...]) -> tuple[Decision, ...]:
    wanted: set[UUID] = set()
    for one in found:
        wanted |= {one.subject, one.proposer, *one.said_no, *({one.second} if one.second else ())}
    members = people.members_named(tx, map(PersonId, wanted))
    names: dict[UUID, str] = {person: member.alias for person, member in members.items()}
    return tuple(Decision(one, names) for one in found)


def _opened(tx: Tx, actor: Actor, stored: tuple[store.Stored, ...]) -> tuple[Proposal, ...]:
    if not stored:
        return ()
    opener = Opener(actor.key())
    said = store.answers(tx, [one.id for one in stored])
    return tuple(
        one.opened(opener, actor.person, (member for member, no in said.get(one.id, ()) if no))
        for one in stored
    )
