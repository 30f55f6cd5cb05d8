"""A fresh proof of the second factor, for what must not be done by whoever finds a browser open."""

from network.db import Tx
from network.encryption.envelope import open_text, public_key_of
from network.kernel.actor import Actor
from network.kernel.errors import WrongMoment
from network.people import totp
from network.people.domain import WrongCredentials
from network.people.policy import PersonPermission, require
from network.people.services.entering import own
from network.people.store import members, passes
from network.people.store.ways import totp_place


def count_proof(tx: Tx, actor: Actor) -> None:
    """Count a try at the actor's own second factor, or raise SlowDown. Committed before the try."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    passes.count_try(tx, own(actor))


def prove_again(tx: Tx, actor: Actor, *, code: str) -> None:
    """Spend a code that the actor's authenticator shows now; WrongCredentials for any other."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    lock = members.lock_of(tx, actor)
    public = public_key_of(actor.key())
    way = next(each for each in lock.ways if each.public == public)
    secret = open_text(actor.key(), way.totp, totp_place(actor.person))
    step = totp.step_of(secret, code, tx.now)
    if step is None:
        raise WrongCredentials
    try:
        members.use_step(tx, lock, step)
    except WrongMoment:
        raise WrongCredentials from None
    passes.forget_tries(tx, own(actor))
