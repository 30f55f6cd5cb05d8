"""The short writes of signing in; `entrance` does the slow work between them."""

from collections.abc import Sequence

from network import audit, outbox
from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed, WrongMoment
from network.kernel.words import N_
from network.outbox.domain import Signal
from network.people.domain import (
    OWN,
    CodeUsedBefore,
    Lock,
    Way,
    WrongCredentials,
    quarter_of,
)
from network.people.policy import PersonPermission, require, require_outside
from network.people.services.reading import letter_to_owner, letters_to, member, silent_call
from network.people.store import locks, passes, passkeys, returns

RECOVERED = N_(
    "Your passphrase was changed with the printed code. "
    "If that was not you, tell your coordination now."
)
USED_TWICE = N_(
    "Somebody typed your passphrase and a code that was used before. They were not let in. If that "
    "was not you, pressing twice, change your passphrase and tell your coordination."
)
CHANGED_PASSPHRASE = N_(
    "A passphrase of your account was changed. If that was not you, tell your coordination now."
)
CHANGED_PAPER = N_(
    "The code on paper of your account was changed. "
    "If that was not you, tell your coordination now."
)


def count_try(tx: Tx, actor: Actor, *, name: str, handle: str) -> Lock | None:
    """Count a try under this name and hand over what must be opened, or raise SlowDown.

    An unknown handle is counted and slowed down in the same way, and gets None.
    """
    passes.count_try(tx, name)
    return locks.named(tx, handle)


def count_own_try(tx: Tx, actor: Actor) -> Lock:
    """Count a try at the actor's own passphrase, or raise SlowDown."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    passes.count_try(tx, own(actor))
    return locks.of(tx, actor)


def own(actor: Actor) -> str:
    """The name under which tries at one's own passphrase are counted."""
    return f"own:{actor.person}"


def come_in(  # noqa: PLR0913  # all of it is one row each
    tx: Tx, actor: Actor, *, name: str, lock: Lock, step: int, half: passes.Half, way: int
) -> None:
    """Spend the one-time code and begin a session. A code used before opens nothing.

    Every sign-in promises one envelope of one size; only the postman learns whether it rings.
    """
    require_outside(actor)
    try:
        _spend(tx, lock, step)
    except WrongCredentials:
        raise CodeUsedBefore from None
    passes.forget_tries(tx, name)
    passes.open_session(tx, lock.person_id, half)
    call = silent_call(tx, lock.person_id)
    outbox.promise_signal(tx, Signal(() if way == OWN else call))


def tell_of_replay(tx: Tx, actor: Actor, *, lock: Lock, way: int) -> None:
    """Somebody has a passphrase of this account and a code that was used: its owner hears of it.

    Once in a quarter of an hour, however often it is tried. Before a cover the same envelope holds
    nothing, as its owner may not be the one who reads it.
    """
    require_outside(actor)
    told = letters_to([member(tx, lock.person_id)], USED_TWICE) if way == OWN else ()
    once = f"replay:{lock.person_id}:{way}:{quarter_of(tx.now).isoformat()}"
    outbox.promise_signal(tx, Signal(told, once=once))


def pass_by_code(  # noqa: PLR0913  # all of it is written at once
    tx: Tx, actor: Actor, *, name: str, lock: Lock, step: int, ways: Sequence[Way], way: int
) -> None:
    """Give back an account by its printed code: new passphrase, new code; no session and no device
    opens it any more. Its owner hears of it, and others where the paper was a cover's.
    """
    require_outside(actor)
    _spend(tx, lock, step)
    passes.forget_tries(tx, name)
    locks.replace_ways(tx, lock, ways)
    passkeys.remove_all(tx, lock.person_id)
    passes.end_sessions_of(tx, lock.person_id)
    audit.receipt(tx, actor, "person.recovered", subject=lock.person_id)
    told = letters_to([member(tx, lock.person_id)], RECOVERED)
    call = silent_call(tx, lock.person_id)
    outbox.promise_signal(tx, Signal(told if way == OWN else call))


def replace_passphrase(tx: Tx, actor: Actor, *, lock: Lock, ways: Sequence[Way]) -> None:
    """The actor's key, or a cover of it, under another passphrase; their other sessions end."""
    _only_own(actor, lock)
    passes.forget_tries(tx, own(actor))
    locks.replace_ways(tx, lock, ways)
    passkeys.name_anew(tx, actor, locks.way_of(lock, actor), ways)
    passes.end_sessions_of(tx, actor.person, but=actor.session_id)
    audit.receipt(tx, actor, "person.changed-passphrase", subject=actor.person)
    outbox.promise_signal(tx, letter_to_owner(tx, actor, CHANGED_PASSPHRASE))


def replace_recovery(tx: Tx, actor: Actor, *, lock: Lock, ways: Sequence[Way]) -> None:
    """The actor's key under another printed code; the earlier paper opens nothing."""
    _only_own(actor, lock)
    passes.forget_tries(tx, own(actor))
    locks.replace_ways(tx, lock, ways)
    audit.receipt(tx, actor, "person.changed-code", subject=actor.person)
    outbox.promise_signal(tx, letter_to_owner(tx, actor, CHANGED_PAPER))


def drop_session(tx: Tx, actor: Actor) -> None:
    """End the session the actor came with."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    if actor.session_id is not None:
        passes.end_session(tx, actor, actor.session_id)


def end_other_sessions(tx: Tx, actor: Actor) -> None:
    """End all of the actor's sessions but this one, on every machine."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    passes.end_sessions_of(tx, actor.person, but=actor.session_id)
    audit.receipt(tx, actor, "session.ended-others", subject=actor.person)


def end_every_session(tx: Tx, actor: Actor) -> int:
    """Sign everybody out, on every machine; says how many sessions ended."""
    require(actor, PersonPermission.END_EVERY_SESSION)
    ended = passes.end_every_session(tx)
    audit.receipt(tx, actor, "session.ended-all")
    return ended


def sweep(tx: Tx, actor: Actor) -> None:
    """Delete sessions, links, codes and counts that have run out."""
    if actor.role is not Role.MACHINE:
        raise NotAllowed
    passes.sweep(tx)
    passkeys.sweep(tx)
    returns.sweep(tx)


def _spend(tx: Tx, lock: Lock, step: int) -> None:
    try:
        locks.use_step(tx, lock, step)
    except WrongMoment:
        raise WrongCredentials from None


def _only_own(actor: Actor, lock: Lock) -> None:
    require(actor, PersonPermission.OWN_ACCOUNT)
    if lock.person_id != actor.person_id:
        raise NotAllowed
