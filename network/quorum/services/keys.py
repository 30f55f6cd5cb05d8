"""The recovery key: founding it, giving its shares to others, and sealing to it."""

from uuid import UUID

from network import audit
from network.db import Tx
from network.encryption import quorum
from network.encryption.envelope import SEALS_WITH, new_key_pair
from network.encryption.sealed import PublicKey, Sealed, Suite
from network.kernel.actor import Actor
from network.kernel.errors import NotAllowed, WrongMoment
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import CaseId, PersonId, new_id
from network.kernel.words import N_
from network.people import services as people
from network.quorum.domain import Asked, Ceremony, Matter, Stage, TooEarly, TooFew, read_split
from network.quorum.policy import QuorumPermission, require
from network.quorum.services.ceremonies import active, announce, put_together
from network.quorum.store import ceremonies, keys

SHARES_CHANGED = N_("The shares of the network's key have new holders. Open Hilo to see who.")


def public(tx: Tx) -> tuple[UUID, PublicKey] | None:
    """The current recovery key's id and public half; None before the network has a quorum."""
    return keys.public(tx)


def seal_for_quorum(
    tx: Tx, private: SecretBytes, *, case_id: CaseId, epoch: int, suite: Suite = SEALS_WITH
) -> quorum.Escrow | None:
    """A case's key of one epoch, sealed to the quorum; None before the network has one."""
    found = keys.public(tx)
    if found is None:
        return None
    key_id, to = found
    return quorum.escrow(private, to, key=key_id, case=case_id, epoch=epoch, suite=suite)


def key_in_use(tx: Tx, actor: Actor, *, used: frozenset[UUID]) -> None:
    """The clock destroys recovery keys of before that nothing is sealed to any more."""
    require(actor, QuorumPermission.KEEP_HOUSE)
    for each in keys.every(tx):
        if not each.is_current and each.id not in used:
            keys.forget(tx, each.id)
            audit.receipt(tx, actor, "quorum.key-destroyed", subject=each.id)


def propose_founding(
    tx: Tx, actor: Actor, *, needed: int, holders: tuple[PersonId, ...], reason: str
) -> UUID:
    """Propose a new recovery key and who keeps its shares. Each of them has to say yes."""
    return _propose(tx, actor, Matter.FOUND, Asked(reason, "", needed, _hex(holders)), None)


def propose_handing_on(
    tx: Tx, actor: Actor, *, needed: int, holders: tuple[PersonId, ...], reason: str
) -> UUID:
    """Propose other holders for the key there is. So many of the present ones have to say yes."""
    found = keys.public(tx)
    if found is None:
        raise WrongMoment
    asked = Asked(reason, "", needed, _hex(holders))
    return _propose(tx, actor, Matter.HAND_ON, asked, found[0])


def settle(tx: Tx, actor: Actor, *, ceremony_id: UUID, proof: people.Proof) -> None:
    """Finish a founding or a handing on, after its delay: the shares are made and sealed at once.

    The private key exists in memory for this one moment and is stored nowhere.
    """
    require(actor, QuorumPermission.FINISH)
    people.prove_again(tx, actor, proof=proof)
    ceremony = ceremonies.hold(tx, ceremony_id)
    if ceremony.stage is not Stage.WAITING or ceremony.matter is Matter.OPEN:
        raise WrongMoment
    if not ceremony.is_ready(tx.now):
        raise TooEarly
    if len(active(tx, ceremony.new_holders)) < len(ceremony.new_holders):
        raise TooFew
    if ceremony.matter is Matter.FOUND:
        _found(tx, actor, ceremony)
    else:
        _hand_on(tx, actor, ceremony)
    ceremonies.end(tx, ceremony, Stage.DONE)
    audit.receipt(tx, actor, f"quorum.did-{ceremony.matter}", subject=ceremony.key_id)
    people.write_to(tx, people.coordinators(tx), SHARES_CHANGED)


def _propose(tx: Tx, actor: Actor, matter: Matter, asked: Asked, key_id: UUID | None) -> UUID:
    require(actor, QuorumPermission.PROPOSE)
    holders = tuple(PersonId(UUID(each)) for each in asked.holders)
    read_split(asked.needed, holders)
    if len(active(tx, holders)) < len(holders):
        raise TooFew
    rules = tx.pack.quorum
    return announce(
        tx,
        actor,
        Ceremony(
            id=new_id(),
            matter=matter,
            stage=Stage.WAITING,
            key_id=key_id,
            case_id=None,
            by=actor.person,
            opener=actor.person,
            asked=asked,
            ready_at=tx.now + rules.delay,
            dies_at=tx.now + rules.delay + rules.patience,
            ends_at=None,
        ),
    ).id


def _found(tx: Tx, actor: Actor, ceremony: Ceremony) -> None:
    if actor.person != ceremony.opener:
        raise NotAllowed
    if set(ceremonies.voices(tx, ceremony)) < set(ceremony.new_holders):
        raise TooFew
    pair = new_key_pair()
    split, shares = _shares(tx, ceremony, pair.private)
    keys.add(tx, pair.public, split=split, needed=ceremony.asked.needed, shares=shares)


def _hand_on(tx: Tx, actor: Actor, ceremony: Ceremony) -> None:
    key, private = put_together(tx, actor, ceremony)
    for other in ceremonies.about_shares(tx, key.id):
        if other.id != ceremony.id:  # shares of two splits do not go together
            ceremonies.end(tx, other, Stage.LAPSED)
            audit.receipt(tx, actor, "quorum.lapsed", case=other.case_id, subject=other.opener)
    split, shares = _shares(tx, ceremony, private)
    keys.share_again(tx, key, split=split, needed=ceremony.asked.needed, shares=shares)


def _shares(
    tx: Tx, ceremony: Ceremony, private: SecretBytes
) -> tuple[UUID, dict[PersonId, Sealed]]:
    holders = people.members_named(tx, ceremony.new_holders)
    split = new_id()
    made: tuple[Plaintext, ...] = quorum.split(
        private, needed=ceremony.asked.needed, holders=len(holders)
    )
    return split, {
        each.id: quorum.seal_share(
            share, PublicKey(each.public_key or b""), split_id=split, member=each.id
        )
        for share, each in zip(made, holders.values(), strict=True)
    }


def _hex(holders: tuple[PersonId, ...]) -> tuple[str, ...]:
    return tuple(each.hex for each in holders)
