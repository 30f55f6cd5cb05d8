"""One try at somebody's keys: counted before it is judged, and judged at one price for any name."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from functools import lru_cache

from network.door import Door
from network.encryption.envelope import new_key_pair, open_text
from network.encryption.keyring import (
    stretched,
    unlock_one,
    unlock_one_with_recovery,
    unused_keys,
)
from network.encryption.passphrase import SALT_BYTES
from network.encryption.sealed import Place, Sealed, Tampered
from network.encryption.server import ServerSecret
from network.kernel.actor import Nobody
from network.kernel.errors import BadInput
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import PersonId, new_id
from network.people import totp
from network.people.domain import (
    COVERS,
    OWN,
    Caller,
    Lock,
    Opened,
    Way,
    WrongCredentials,
    read_handle,
)
from network.people.entrance.joining import seal_totp
from network.people.services import entering
from network.people.store.ways import totp_place

FAMILIAR = Place("cookies", "familiar", "")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A name somebody says, and the name under which the try is counted."""

    handle: str
    name: str
    known: bool


@dataclass(frozen=True, slots=True)
class Proven:
    """Somebody who showed everything that was asked of them, and what they opened with it."""

    name: str
    lock: Lock
    opened: Opened
    step: int


@dataclass(frozen=True, slots=True)
class Decoy:
    """What is tried for a name nobody has, so that it costs what a real one costs."""

    lock: Lock
    private: SecretBytes


def attempt(secret: ServerSecret, said: str, caller: Caller) -> Attempt:
    """Under which name a try is counted: this browser's, or its neighbourhood's."""
    handle = typed(said)
    nonce = _nonce(secret, handle, caller.familiar)
    return Attempt(handle, f"in:{handle}:{nonce or caller.near}", known=bool(nonce))


def typed(handle: str) -> str:
    """A name as it is counted, whether or not it can be one."""
    try:
        return read_handle(handle)
    except BadInput:
        return handle[:64]  # nobody's name, but counted like one


def _nonce(secret: ServerSecret, handle: str, familiar: str) -> str:
    try:
        sealed = Sealed(urlsafe_b64decode(familiar.encode()))
        owner, nonce = json.loads(secret.open(sealed, FAMILIAR).reveal())
    except (Tampered, ValueError):
        return ""
    return str(nonce) if owner == handle else ""


def count(door: Door, trying: Attempt) -> Lock | None:
    """Count the try, and hand over what it has to open; SlowDown where the last is too near."""
    return door.ask(entering.count_try, Nobody(), name=trying.name, handle=trying.handle)


def by_passphrase_of(
    secret: ServerSecret, lock: Lock | None, passphrase: Plaintext
) -> Opened | None:
    """What a passphrase opens, if anything. One Argon2id, and every way tried, whichever it is."""
    tried = lock or _decoy(secret).lock
    key = stretched(passphrase, tried.salt)
    return _opened(secret, tried, key, lock)


def opens_something(secret: ServerSecret, lock: Lock, key: SecretBytes) -> bool:
    """Whether a stretched passphrase is one that is in use already."""
    return _opened(secret, lock, key, lock) is not None


def by_recovery_of(secret: ServerSecret, lock: Lock | None, printed: Plaintext) -> Opened | None:
    """What a printed code opens, if anything."""
    tried = lock or _decoy(secret).lock
    wraps = [way.by_recovery for way in tried.ways]
    found = unlock_one_with_recovery(tried.person_id, printed, wraps, secret.peppers)
    return None if found is None or lock is None else Opened(found[1], found[0])


def judged(
    door: Door, trying: Attempt, lock: Lock | None, opened: Opened | None, code: str
) -> Proven:
    """The code is looked at whether or not what came before it was right."""
    decoy = _decoy(door.secret)
    if lock is None or opened is None:
        person, key, sealed = decoy.lock.person_id, decoy.private, decoy.lock.ways[OWN].totp
    else:
        person, key, sealed = lock.person_id, opened.private, lock.ways[opened.way].totp
    step = totp.step_of(open_text(key, sealed, totp_place(person)), code, door.now())
    if lock is None or opened is None or step is None:
        raise WrongCredentials
    return Proven(trying.name, lock, opened, step)


def _opened(
    secret: ServerSecret, tried: Lock, key: SecretBytes, lock: Lock | None
) -> Opened | None:
    wraps = [way.by_passphrase for way in tried.ways]
    found = unlock_one(tried.person_id, key, wraps, secret.peppers)
    return None if found is None or lock is None else Opened(found[1], found[0])


@lru_cache(maxsize=1)
def _decoy(secret: ServerSecret) -> Decoy:
    person, pair = PersonId(new_id()), new_key_pair()
    ways = []
    for _ in range(1 + COVERS):
        keys = unused_keys(person, secret.pepper)
        sealed = seal_totp(person, pair.public, totp.new_secret())
        ways.append(Way(keys.public, keys.by_passphrase, keys.by_recovery, sealed))
    return Decoy(Lock(person, bytes(SALT_BYTES), tuple(ways)), pair.private)
