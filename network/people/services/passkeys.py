"""The short writes of passkeys; `entrance` checks what an authenticator says between them."""

from uuid import UUID

from network import audit, outbox
from network.db import Tx
from network.encryption.authenticators import Made
from network.encryption.sealed import Sealed
from network.kernel.actor import Actor, Role
from network.kernel.words import N_
from network.outbox.domain import Signal
from network.people.domain import (
    OWN,
    Lock,
    Opened,
    Passkey,
    WrongCredentials,
    is_behind,
    read_label,
)
from network.people.policy import PersonPermission, require, require_outside
from network.people.services.proving import Proof, prove_again
from network.people.services.reading import letter_to_owner, silent_call, told_of_copy
from network.people.store import locks, passes, passkeys

COPIED = N_(
    "One of your devices seems to have been copied. It does not open your account any more. "
    "Use your passphrase, and tell your coordination."
)
COPIED_OF = N_(
    "A device of %(alias)s seems to have been copied. It does not open the account any more. "
    "Speak with them, not by chat."
)
ADDED = N_("A device was added to your account. If that was not you, tell your coordination now.")
TAKEN_OFF = N_(
    "A device was taken off your account. If that was not you, tell your coordination now."
)


def begin_passkey(tx: Tx, actor: Actor, *, proof: Proof) -> None:
    """Whoever adds a device proves a second factor first, beside the passphrase that their browser
    showed: one that was left open is not enough. Where there is no room it is not asked for any.
    """
    require(actor, PersonPermission.OWN_ACCOUNT)
    passkeys.require_room(tx, actor)
    prove_again(tx, actor, proof=proof)


def add_passkey(  # noqa: PLR0913  # a passkey has this many parts
    tx: Tx, actor: Actor, *, passkey: UUID, mark: bytes, made: Made, wrapped: Sealed, label: str
) -> None:
    """Store a passkey of the actor's own, and what it opens. They hear of it in their chat."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    passkeys.spend(tx, mark)
    passkeys.add(tx, actor, passkey, made=made, wrapped=wrapped, label=read_label(label))
    audit.receipt(tx, actor, "person.added-passkey", subject=actor.person)
    outbox.promise_signal(tx, letter_to_owner(tx, actor, ADDED))


def named(tx: Tx, actor: Actor, *, credential: bytes) -> tuple[passkeys.Stored, Lock] | None:
    """What an answer is checked against; None where nobody who may come in has this passkey."""
    return _with_lock(tx, passkeys.named(tx, credential))


def come_in_by_passkey(
    tx: Tx, actor: Actor, *, answer: passkeys.Answered, half: passes.Half, way: int
) -> bool:
    """Begin a session, with the one envelope every sign-in promises; says whether it began."""
    require_outside(actor)
    if not _taken(tx, actor, answer):
        return False
    _begin(tx, answer.used, half, way)
    return True


def note_answer(tx: Tx, actor: Actor, *, answer: passkeys.Answered) -> bool:
    """A passkey answered that opens no key: says whether the passphrase is to be asked next."""
    require_outside(actor)
    return _taken(tx, actor, answer)


def answer_again(tx: Tx, actor: Actor, *, answer: passkeys.Answered) -> bool:
    """A device of the actor's own answered in a session; says whether that stands for a code."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    lock = locks.of(tx, actor)
    opened = Opened(actor.key(), locks.way_of(lock, actor))
    if answer.used.person_id != actor.person or not stands_for_code(answer.used, opened):
        raise WrongCredentials
    return _taken(tx, actor, answer)


def stands_for_code(used: passkeys.Stored, opened: Opened) -> bool:
    """Whether this device is a second factor of whoever opened this key."""
    named = passkeys.named_for(used, opened)
    return named is not None and named.stands_for_code(opened.way)


def count_passphrase(tx: Tx, actor: Actor, *, passkey: UUID) -> tuple[passkeys.Stored, Lock] | None:
    """Count a passphrase typed after a passkey answered, or raise SlowDown."""
    passes.count_try(tx, _name(passkey))
    return _with_lock(tx, passkeys.by_id(tx, passkey))


def come_in_after_passkey(
    tx: Tx, actor: Actor, *, used: passkeys.Stored, mark: bytes, half: passes.Half, way: int
) -> None:
    """The passphrase was right too: what the passkey proved is used up, and a session begins."""
    require_outside(actor)
    passkeys.spend(tx, mark)
    passes.forget_tries(tx, _name(used.id))
    if passkeys.by_id(tx, used.id) is None:
        raise WrongCredentials
    _begin(tx, used, half, way)


def my_passkeys(tx: Tx, actor: Actor) -> tuple[Passkey, ...]:
    """The actor's passkeys: the same by whichever way they came in."""
    require(actor, PersonPermission.OWN_ACCOUNT)
    return passkeys.of(tx, actor)


def remove_passkey(tx: Tx, actor: Actor, *, passkey_id: UUID) -> None:
    """One of the actor's own opens nothing any more, whoever took it off, from wherever; and what
    it may have opened is shut. They hear of it in their chat; passphrase and code remain.
    """
    require(actor, PersonPermission.OWN_ACCOUNT)
    passkeys.remove(tx, actor, passkey_id)
    passes.end_sessions_of(tx, actor.person, but=actor.session_id)
    audit.receipt(tx, actor, "person.removed-passkey", subject=actor.person)
    outbox.promise_signal(tx, letter_to_owner(tx, actor, TAKEN_OFF))


def _taken(tx: Tx, actor: Actor, answer: passkeys.Answered) -> bool:
    """Spend the question, and only then judge the count: an answer that comes twice is refused and
    says nothing of the device.

    A count that does not grow means a copy, which whoever holds it could make count on: the passkey
    is destroyed. But an answer to an older question was only long on its way.
    """
    passkeys.spend(tx, answer.mark)
    used = answer.used
    if not is_behind(used.made.count, answer.times):
        passkeys.note(tx, answer)
        return True
    if answer.asked < used.asked:
        return False
    passkeys.destroy_as_read(tx, used)
    passes.end_sessions_of(tx, used.person_id, but=actor.session_id)
    audit.receipt(tx, actor, "person.lost-passkey", subject=used.person_id)
    outbox.promise_signal(tx, told_of_copy(tx, used.person_id, COPIED_OF))
    # At the door nobody knows yet what it would have opened: a letter could betray a cover.
    if actor.role is not Role.STRANGER:
        outbox.promise_signal(tx, letter_to_owner(tx, actor, COPIED))
    return False


def _begin(tx: Tx, used: passkeys.Stored, half: passes.Half, way: int) -> None:
    passes.open_session(tx, used.person_id, half)
    call = silent_call(tx, used.person_id)
    outbox.promise_signal(tx, Signal(() if way == OWN else call))


def _with_lock(tx: Tx, stored: passkeys.Stored | None) -> tuple[passkeys.Stored, Lock] | None:
    lock = None if stored is None else locks.of_person(tx, stored.person_id)
    return None if stored is None or lock is None else (stored, lock)


def _name(passkey: UUID) -> str:
    """Under which name tries are counted: only whoever holds this device can slow it down."""
    return f"passkey:{passkey}"
