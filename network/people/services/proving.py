"""A fresh proof of the second factor, for what must not be done by whoever finds a browser open."""

from dataclasses import dataclass

from network.db import Tx
from network.encryption.envelope import open_text
from network.kernel.actor import Actor
from network.kernel.errors import WrongMoment
from network.kernel.ids import SessionId
from network.people import totp
from network.people.domain import WrongCredentials
from network.people.policy import PersonPermission, require
from network.people.services.entering import own
from network.people.store import locks, passes
from network.people.store.ways import totp_place


@dataclass(frozen=True, slots=True)
class ByDevice:
    """A device answered a question put in this session, for this one request. Its answer is used
    up: it was written down before anything is done because of it.
    """

    session_id: SessionId


Proof = str | ByDevice  # the code somebody typed, or what their device answered


def count_proof(tx: Tx, actor: Actor) -> None:
    """Count a try at the actor's own second factor, or raise SlowDown. Committed before the try."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    passes.count_try(tx, own(actor))


def prove_again(tx: Tx, actor: Actor, *, proof: Proof) -> None:
    """Spend a code that the actor's authenticator shows now, or take what their device answered;
    WrongCredentials for anything else.
    """
    require(actor, PersonPermission.OWN_ACCOUNT)
    if isinstance(proof, ByDevice):
        if proof.session_id != actor.session_id:
            raise WrongCredentials
    else:
        _spend(tx, actor, proof)
    passes.forget_tries(tx, own(actor))


def _spend(tx: Tx, actor: Actor, code: str) -> None:
    lock = locks.of(tx, actor)
    way = lock.ways[locks.way_of(lock, actor)]
    secret = open_text(actor.key(), way.totp, totp_place(actor.person))
    step = totp.step_of(secret, code, tx.now)
    if step is None:
        raise WrongCredentials
    try:
        locks.use_step(tx, lock, step)
    except WrongMoment:
        raise WrongCredentials from None
