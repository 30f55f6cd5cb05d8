"""Changing what opens one's own key, or what opens a cover of it."""

from dataclasses import replace

from network.door import Door
from network.encryption.envelope import new_key_pair, open_text
from network.encryption.keyring import (
    new_recovery,
    stretched,
    strong_enough,
    unused_keys,
    wrap_by_stretched,
)
from network.encryption.sealed import Sealed
from network.kernel.actor import InSession
from network.kernel.errors import BadInput
from network.kernel.hidden import Plaintext, SecretBytes
from network.people.domain import (
    Lock,
    Opened,
    Way,
    WeakPassphrase,
    WrongCredentials,
    cover_of,
)
from network.people.entrance.joining import seal_totp
from network.people.entrance.trying import by_passphrase_of, opens_something
from network.people.lanes import KNOWN
from network.people.services import entering, own
from network.people.store.ways import totp_place


def change_passphrase(door: Door, who: InSession, *, old: Plaintext, new: Plaintext) -> None:
    """Another passphrase for the same key. Every other session of the member ends."""
    _judge(door, who, new)
    lock, opened = own_key(door, who, old)
    wrapped = wrapped_anew(door, lock, opened.private, new)
    changed = replace(lock.ways[opened.way], by_passphrase=wrapped)
    door.ask(entering.replace_passphrase, who, lock=lock, ways=_with(lock, opened.way, changed))


def set_other_passphrase(door: Door, who: InSession, *, old: Plaintext, new: Plaintext) -> None:
    """A second passphrase, which opens the account as if nothing were in it, and calls for help.

    What is written, and how much, is what changing one's passphrase writes.
    """
    _judge(door, who, new)
    lock, opened = own_key(door, who, old)
    pair, way = new_key_pair(), lock.ways[opened.way]
    factor = open_text(opened.private, way.totp, totp_place(lock.person_id))
    cover = Way(
        pair.public,
        wrapped_anew(door, lock, pair.private, new),
        unused_keys(lock.person_id, door.secret.pepper).by_recovery,
        seal_totp(lock.person_id, pair.public, factor),
    )
    after = _with(lock, cover_of(opened.way), cover)
    door.ask(entering.replace_passphrase, who, lock=lock, ways=after)


def new_recovery_code(door: Door, who: InSession, *, passphrase: Plaintext) -> Plaintext:
    """Another printed code, to be shown once; the earlier paper opens nothing any more."""
    lock, opened = own_key(door, who, passphrase)
    code, wrapped = new_recovery(lock.person_id, opened.private, door.secret.pepper)
    changed = replace(lock.ways[opened.way], by_recovery=wrapped)
    door.ask(entering.replace_recovery, who, lock=lock, ways=_with(lock, opened.way, changed))
    return code


def wrapped_anew(door: Door, lock: Lock, private: SecretBytes, new: Plaintext) -> Sealed:
    """A private key under a new passphrase; BadInput where that one opens something already."""
    with KNOWN.taken():
        key = stretched(new, lock.salt)
    if opens_something(door.secret, lock, key):
        raise BadInput("passphrase", "passphrase_used")
    return wrap_by_stretched(lock.person_id, private, key, door.secret.pepper)


def _judge(door: Door, who: InSession, new: Plaintext) -> None:
    profile = door.look(own.account, who).member.profile
    if not strong_enough(new, (profile.handle, profile.alias)):
        raise WeakPassphrase


def own_key(door: Door, who: InSession, passphrase: Plaintext) -> tuple[Lock, Opened]:
    """What the passphrase opens, where it is the very key that this session holds."""
    lock = door.ask(entering.count_own_try, who)
    with KNOWN.taken():
        opened = by_passphrase_of(door.secret, lock, passphrase)
    if opened is None or opened.private != door.look(own.whoami, who).key():
        raise WrongCredentials
    return lock, opened


def _with(lock: Lock, number: int, way: Way) -> tuple[Way, ...]:
    return (*lock.ways[:number], way, *lock.ways[number + 1 :])
