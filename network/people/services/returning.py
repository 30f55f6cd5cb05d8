"""Coming back for whoever lost what showed their codes. Two allow it; nobody but they opens a key.

The link stands for the lost code and for nothing else: their passphrase or their paper opens their
key, as always, and the new code is sealed to it.
"""

from collections.abc import Sequence

from network import audit
from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.kernel.words import N_
from network.people.domain import Lock, Member, Standing, Way, WrongCredentials
from network.people.policy import PersonPermission, require
from network.people.services.reading import coordinators, member, write_to
from network.people.store import locks, members, passes, passkeys, returns

COMING_IN = frozenset({Standing.APPLIED, Standing.ACTIVE})


def returnable(tx: Tx, actor: Actor, *, person_id: PersonId) -> Member:
    """A member who may be helped back, held; WrongMoment for who was stopped or is gone."""
    found = members.get(tx, actor, person_id)
    require(actor, PersonPermission.LET_RETURN, found)
    if found.standing not in COMING_IN:
        raise WrongMoment
    return found


def let_return(tx: Tx, actor: Actor, *, person_id: PersonId) -> None:
    """For the room in which two have decided it: for three days, one link may be made."""
    returnable(tx, actor, person_id=person_id)
    returns.allow(tx, person_id)
    audit.receipt(tx, actor, "person.return-allowed", subject=person_id)


def may_return(tx: Tx, actor: Actor, *, person_id: PersonId) -> tuple[Member, bool]:
    """Who it is, and whether two have agreed so that a link can be made."""
    found = member(tx, person_id)
    require(actor, PersonPermission.LET_RETURN, found)
    if found.standing not in COMING_IN:
        raise WrongMoment
    return found, returns.allowed(tx, person_id)


def new_return_link(tx: Tx, actor: Actor, *, person_id: PersonId) -> Plaintext:
    """The link's secret, shown once; one made before is void. The other coordinators hear of it."""
    found = returnable(tx, actor, person_id=person_id)
    token = returns.new_token(tx, person_id)
    audit.receipt(tx, actor, "person.return-link", subject=person_id)
    others = coordinators(tx, but={actor.person_id, found.id})
    write_to(
        tx,
        others,
        N_("A link to come back was made for a member. See «People» on the web."),
    )
    return token


def return_link(address: str, token: Plaintext) -> Plaintext:
    """Where its bearer begins."""
    return Plaintext(f"{address}/return/{token.reveal()}")


def bearer(tx: Tx, actor: Actor, *, token: Plaintext) -> Member:
    """Whose link it is; NotVisible where it opens nothing."""
    return member(tx, returns.bearer(tx, token))


def count_return(tx: Tx, actor: Actor, *, token: Plaintext) -> Lock:
    """Count a passphrase or a code tried with a link, or raise SlowDown."""
    passes.count_try(tx, _name(returns.bearer(tx, token)))
    return return_lock(tx, actor, token=token)


def return_lock(tx: Tx, actor: Actor, *, token: Plaintext) -> Lock:
    """What the bearer opens, or has opened."""
    lock = locks.of_person(tx, returns.bearer(tx, token))
    if lock is None:
        raise NotVisible
    return lock


def come_back(
    tx: Tx, actor: Actor, *, token: Plaintext, lock: Lock, step: int, ways: Sequence[Way]
) -> None:
    """Another second factor. No session, no device and no earlier code opens the account now."""
    if actor.role is not Role.STRANGER:
        raise NotAllowed
    if returns.use(tx, token) != lock.person_id:
        raise NotVisible
    try:
        locks.use_step(tx, lock, step)
    except WrongMoment:
        raise WrongCredentials from None
    locks.replace_ways(tx, lock, ways)
    passkeys.remove_all(tx, lock.person_id)
    passes.end_sessions_of(tx, lock.person_id)
    passes.forget_tries(tx, _name(lock.person_id))
    audit.receipt(tx, actor, "person.returned", subject=lock.person_id)
    write_to(
        tx,
        [member(tx, lock.person_id)],
        N_(
            "What shows the codes of your account was changed. "
            "If that was not you, tell your coordination now."
        ),
    )


def _name(person: PersonId) -> str:
    return f"return:{person}"
