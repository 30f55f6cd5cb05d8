"""A ceremony from its announcement to its end: voices, stopping, and putting the shares together.

Nothing is held in memory between two requests: a restart changes nothing.
"""

from dataclasses import dataclass
from uuid import UUID

from network import audit
from network.db import Tx
from network.encryption import quorum
from network.encryption.sealed import PublicKey, Sealed
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import CaseId, PersonId, new_id
from network.kernel.words import N_
from network.people import services as people
from network.people.domain import Member
from network.quorum.domain import (
    Asked,
    Ceremony,
    LastComesLater,
    Matter,
    RecoveryKey,
    Stage,
    TooEarly,
    TooFew,
    may_speak,
    read_reason,
)
from network.quorum.policy import QuorumPermission, require
from network.quorum.store import ceremonies, keys

LAPSED_AT_ONCE = 20

ASKS_TO_OPEN = N_(
    "%(who)s asks that several of you open %(reference)s for %(opener)s. Open Hilo to read why, and"
    " stop it if it is not right."
)
ASKS_ABOUT_SHARES = N_(
    "%(who)s asks to change who keeps the shares of the network's key. Open Hilo to read why, and"
    " stop it if it is not right."
)
STOPPED = N_("%(who)s stopped what was asked about %(reference)s.")
FAMILY_STOPPED = N_("The family of %(reference)s does not want it opened. It was stopped.")
STOPPED_SHARES = N_("%(who)s stopped the change of the network's key.")


@dataclass(frozen=True, slots=True)
class Opening:
    """What a finished ceremony gives to whoever opens: the case, and the key for this moment."""

    id: UUID
    case_id: CaseId
    reference: str
    key_id: UUID
    private: SecretBytes


def begin_opening(
    tx: Tx, actor: Actor, *, case_id: CaseId, key_id: UUID, opener: PersonId, asked: Asked
) -> Ceremony:
    """Ask the stewards to open a case for somebody. The caller has found the case."""
    require(actor, QuorumPermission.PROPOSE)
    _able(tx, opener, "opener")
    rules = tx.pack.quorum
    return announce(
        tx,
        actor,
        Ceremony(
            id=new_id(),
            matter=Matter.OPEN,
            stage=Stage.WAITING,
            key_id=keys.one(tx, key_id).id,
            case_id=case_id,
            by=actor.person,
            opener=opener,
            asked=asked,
            ready_at=tx.now + rules.delay,
            dies_at=tx.now + rules.delay + rules.patience,
            ends_at=None,
        ),
    )


def announce(tx: Tx, actor: Actor, ceremony: Ceremony) -> Ceremony:
    """Write a ceremony down and tell every coordinator."""
    read_reason(ceremony.asked.reason)
    ceremonies.add(tx, ceremony)
    audit.receipt(
        tx, actor, f"quorum.asked-{ceremony.matter}", case=ceremony.case_id, subject=ceremony.opener
    )
    everybody = people.coordinators(tx)
    alias = {each.id: each.alias for each in everybody}
    about_case = ceremony.matter is Matter.OPEN
    people.write_to(
        tx,
        everybody,
        ASKS_TO_OPEN if about_case else ASKS_ABOUT_SHARES,
        params={
            "who": alias.get(actor.person, ""),
            **(
                {
                    "reference": ceremony.asked.reference,
                    "opener": alias.get(ceremony.opener, ""),
                }
                if about_case
                else {}
            ),
        },
        once=f"quorum:{ceremony.id}",
    )
    return ceremony


def speak(tx: Tx, actor: Actor, *, ceremony_id: UUID, proof: people.Proof) -> None:
    """Say yes, with a fresh second factor of one's own: a steward's share goes on its way to the
    opener.

    The one that would complete the shares is taken only after the delay.
    """
    require(actor, QuorumPermission.SPEAK)
    ceremony = _waiting(tx, ceremony_id)
    people.prove_again(tx, actor, proof=proof)
    if ceremony.matter is Matter.FOUND:
        if actor.person not in ceremony.new_holders:
            raise NotAllowed
        share = None
    else:
        share = _share(tx, actor, ceremony)
    ceremonies.speak(tx, ceremony, actor.person, share)
    audit.receipt(tx, actor, "quorum.said-yes", case=ceremony.case_id, subject=ceremony.opener)


def stop(tx: Tx, actor: Actor, *, ceremony_id: UUID) -> None:
    """Any coordinator stops a ceremony before it is finished; the shares on their way are gone."""
    require(actor, QuorumPermission.STOP)
    ceremony = _waiting(tx, ceremony_id)
    ceremonies.end(tx, ceremony, Stage.STOPPED)
    audit.receipt(tx, actor, "quorum.stopped", case=ceremony.case_id, subject=ceremony.opener)
    everybody = people.coordinators(tx)
    who = next((each.alias for each in everybody if each.id == actor.person), "")
    if ceremony.matter is Matter.OPEN:
        params = {"who": who, "reference": ceremony.asked.reference}
        people.write_to(tx, everybody, STOPPED, params=params)
    else:
        people.write_to(tx, everybody, STOPPED_SHARES, params={"who": who})


def stop_for_family(tx: Tx, actor: Actor, *, ceremony_id: UUID, case_id: CaseId) -> None:
    """The family's no. The caller has found their case."""
    if actor.role is not Role.FAMILY:
        raise NotAllowed
    ceremony = _waiting(tx, ceremony_id)
    if ceremony.case_id != case_id:
        raise NotVisible
    ceremonies.end(tx, ceremony, Stage.STOPPED)
    audit.receipt(tx, actor, "quorum.stopped", case=case_id, subject=ceremony.opener)
    params = {"reference": ceremony.asked.reference}
    people.write_to(tx, people.coordinators(tx), FAMILY_STOPPED, params=params)


def combined(tx: Tx, actor: Actor, *, ceremony_id: UUID) -> Opening:
    """The recovery key, for whoever the stewards named and after the delay: the ceremony is over.

    The caller opens what it was for and forgets the key with the request.
    """
    ceremony = _waiting(tx, ceremony_id)
    if ceremony.matter is not Matter.OPEN or ceremony.case_id is None:
        raise NotVisible
    key, private = put_together(tx, actor, ceremony)
    ceremonies.end(tx, ceremony, Stage.DONE, ends_at=tx.now + tx.pack.quorum.open_for)
    return Opening(ceremony.id, ceremony.case_id, ceremony.asked.reference, key.id, private)


def put_together(tx: Tx, actor: Actor, ceremony: Ceremony) -> tuple[RecoveryKey, SecretBytes]:
    """The recovery key and its private half, out of the shares that were passed to the actor.

    Shares count while those who gave them may still speak for the network.
    """
    require(actor, QuorumPermission.FINISH)
    if actor.person != ceremony.opener:
        raise NotAllowed
    if not ceremony.is_ready(tx.now):
        raise TooEarly
    key = keys.one(tx, ceremony.key_id)
    passed = ceremonies.voices(tx, ceremony)
    able = active(tx, tuple(passed))
    own = actor.key()
    shares = {
        who: quorum.receive(tx.secret, own, share, quorum.Way(key.split, who, ceremony.id))
        for who, share in passed.items()
        if share is not None and who in able and who in key.stewards
    }
    if len(shares.keys() | ({actor.person} & set(key.stewards))) < key.needed:
        raise TooFew
    if actor.person not in shares:
        shares.update(_own(tx, actor, key))
    return key, quorum.combine(list(shares.values())[: key.needed], key.public)


def lapse(tx: Tx, actor: Actor) -> int:
    """The clock ends what nobody finished in time; says how many."""
    require(actor, QuorumPermission.KEEP_HOUSE)
    found = ceremonies.died(tx, LAPSED_AT_ONCE)
    for each in found:
        ceremonies.end(tx, each, Stage.LAPSED)
        audit.receipt(tx, actor, "quorum.lapsed", case=each.case_id, subject=each.opener)
    return len(found)


def over(tx: Tx) -> tuple[Ceremony, ...]:
    """Openings whose time is over, for the room that knows what they opened."""
    return ceremonies.over(tx)


def shut(tx: Tx, ceremony: Ceremony) -> None:
    """What it opened is shut again."""
    ceremonies.shut(tx, ceremony)


def forget_case(tx: Tx, case_id: CaseId) -> None:
    """A case is being erased: so is what was asked about it."""
    ceremonies.forget_case(tx, case_id)


def active(tx: Tx, ids: tuple[PersonId, ...]) -> frozenset[PersonId]:
    """Those of these who coordinate at this moment."""
    return frozenset(
        each.id
        for each in people.members_named(tx, ids).values()
        if each.active and each.role is Role.COORDINATOR
    )


def _able(tx: Tx, person: PersonId, field: str) -> Member:
    found = people.members_named(tx, [person]).get(person)
    if found is None or not found.active or found.role is not Role.COORDINATOR:
        raise BadInput(field, "not_available")
    return found


def _waiting(tx: Tx, ceremony_id: UUID) -> Ceremony:
    ceremony = ceremonies.hold(tx, ceremony_id)
    if ceremony.stage is not Stage.WAITING or tx.now >= ceremony.dies_at:
        raise WrongMoment
    return ceremony


def _share(tx: Tx, actor: Actor, ceremony: Ceremony) -> Sealed:
    key = keys.one(tx, ceremony.key_id)
    kept = keys.own_share(tx, actor, key.id)
    if kept is None:
        raise NotAllowed
    spoken = frozenset(ceremonies.voices(tx, ceremony))
    if not may_speak(ceremony, key, spoken, actor.person, tx.now):
        raise LastComesLater
    opener = _able(tx, ceremony.opener, "opener")
    way = quorum.Way(key.split, actor.person, ceremony.id)
    return quorum.pass_on(tx.secret, actor.key(), kept, PublicKey(opener.public_key or b""), way)


def _own(tx: Tx, actor: Actor, key: RecoveryKey) -> dict[PersonId, Plaintext]:
    kept = keys.own_share(tx, actor, key.id)
    if kept is None:
        return {}
    share = quorum.open_kept(actor.key(), kept, split_id=key.split, member=actor.person)
    return {actor.person: share}
