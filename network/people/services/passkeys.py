"""The short writes of passkeys; `entrance` checks what an authenticator says between them."""

from uuid import UUID

from network import audit, outbox
from network.db import Tx
from network.encryption.authenticators import Made
from network.encryption.sealed import Sealed
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed
from network.kernel.words import N_
from network.outbox.domain import Signal
from network.people.domain import OWN, Lock, Passkey, WrongCredentials, read_label
from network.people.policy import PersonPermission, require
from network.people.services.proving import prove_again
from network.people.services.reading import member, silent_call, write_to
from network.people.store import members, passes, passkeys

COPIED = N_(
    "One of your devices seems to have been copied. It does not open your account any more. "
    "Use your passphrase, and tell your coordination."
)


def begin_passkey(tx: Tx, actor: Actor, *, code: str) -> None:
    """Whoever adds a device shows a fresh code first: a browser left open is not enough."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    prove_again(tx, actor, code=code)


def add_passkey(  # noqa: PLR0913  # a passkey has this many parts
    tx: Tx, actor: Actor, *, passkey: UUID, mark: bytes, made: Made, wrapped: Sealed, label: str
) -> None:
    """Store a passkey of the actor's own, and what it opens."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    passkeys.spend(tx, mark)
    passkeys.add(tx, actor, passkey, made=made, wrapped=wrapped, label=read_label(label))
    audit.receipt(tx, actor, "person.added-passkey", subject=actor.person)


def named(tx: Tx, actor: Actor, *, credential: bytes) -> tuple[passkeys.Stored, Lock] | None:
    """What an answer is checked against; None where nobody who may come in has this passkey."""
    return _with_lock(tx, passkeys.named(tx, credential))


def come_in_by_passkey(  # noqa: PLR0913  # all of it is one row each
    tx: Tx,
    actor: Actor,
    *,
    used: passkeys.Stored,
    times: int,
    mark: bytes,
    half: passes.Half,
    way: int,
) -> None:
    """Spend the question and begin a session, with the one envelope every sign-in promises."""
    _only_from_outside(actor)
    passkeys.spend(tx, mark)
    passkeys.count(tx, used, times)
    _begin(tx, used, half, way)


def note_answer(tx: Tx, actor: Actor, *, used: passkeys.Stored, times: int, mark: bytes) -> None:
    """A passkey answered that opens no key: the passphrase is asked next."""
    _only_from_outside(actor)
    passkeys.spend(tx, mark)
    passkeys.count(tx, used, times)


def count_passphrase(tx: Tx, actor: Actor, *, passkey: UUID) -> tuple[passkeys.Stored, Lock] | None:
    """Count a passphrase typed after a passkey answered, or raise SlowDown."""
    passes.count_try(tx, _name(passkey))
    return _with_lock(tx, passkeys.by_id(tx, passkey))


def come_in_after_passkey(
    tx: Tx, actor: Actor, *, used: passkeys.Stored, mark: bytes, half: passes.Half, way: int
) -> None:
    """The passphrase was right too: what the passkey proved is used up, and a session begins."""
    _only_from_outside(actor)
    passkeys.spend(tx, mark)
    passes.forget_tries(tx, _name(used.id))
    if passkeys.by_id(tx, used.id) is None:
        raise WrongCredentials
    _begin(tx, used, half, way)


def drop_copied(tx: Tx, actor: Actor, *, used: passkeys.Stored) -> None:
    """A count that went back: two devices hold one key. Neither opens anything any more."""
    _only_from_outside(actor)
    passkeys.destroy(tx, used.id)
    audit.receipt(tx, actor, "person.lost-passkey", subject=used.person_id)
    write_to(tx, [member(tx, used.person_id)], COPIED)


def my_passkeys(tx: Tx, actor: Actor) -> tuple[Passkey, ...]:
    """The actor's passkeys that this session's key can name."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    return passkeys.of(tx, actor)


def remove_passkey(tx: Tx, actor: Actor, *, passkey_id: UUID) -> None:
    """One of the actor's own opens nothing any more."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    passkeys.remove(tx, actor, passkey_id)
    audit.receipt(tx, actor, "person.removed-passkey", subject=actor.person)


def _begin(tx: Tx, used: passkeys.Stored, half: passes.Half, way: int) -> None:
    passes.open_session(tx, used.person_id, half)
    call = silent_call(tx, used.person_id)
    outbox.promise_signal(tx, Signal(() if way == OWN else call))


def _with_lock(tx: Tx, stored: passkeys.Stored | None) -> tuple[passkeys.Stored, Lock] | None:
    lock = None if stored is None else members.lock_for(tx, stored.person_id)
    return None if stored is None or lock is None else (stored, lock)


def _name(passkey: UUID) -> str:
    """Under which name tries are counted: only whoever holds this device can slow it down."""
    return f"passkey:{passkey}"


def _only_from_outside(actor: Actor) -> None:
    if actor.role is not Role.STRANGER:
        raise NotAllowed
