"""One try at somebody's keys: counted before it is judged, and judged at one price for any name."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from functools import lru_cache

from network.door import Door
from network.encryption.envelope import new_key_pair, open_text
from network.encryption.keyring import (
    WrongCode,
    WrongPassphrase,
    new_recovery,
    unlock,
    unlock_with_recovery,
    waste_time,
)
from network.encryption.sealed import Place, Sealed, Tampered
from network.encryption.server import ServerSecret
from network.kernel.actor import Nobody
from network.kernel.errors import BadInput
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import PersonId, new_id
from network.people import totp
from network.people.domain import Caller, Lock, WrongCredentials, read_handle
from network.people.entrance.joining import seal_totp
from network.people.services import entering
from network.people.services.proving import totp_place

FAMILIAR = Place("cookies", "familiar", "")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A name somebody says, and the name under which the try is counted."""

    handle: str
    name: str
    known: bool


@dataclass(frozen=True, slots=True)
class Decoy:
    """What is opened for a name nobody has, so that it costs what a real one costs."""

    person: PersonId
    private: SecretBytes
    totp: Sealed
    by_recovery: Sealed


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
) -> SecretBytes | None:
    """The private key a passphrase opens, if it does."""
    if lock is None:
        waste_time(secret.pepper)
        return None
    pepper, *retired = secret.peppers
    try:
        return unlock(
            lock.person_id, passphrase, lock.salt, lock.by_passphrase, pepper, tuple(retired)
        )
    except WrongPassphrase:
        return None


def by_recovery_of(
    secret: ServerSecret, lock: Lock | None, printed: Plaintext
) -> SecretBytes | None:
    """The private key a printed code opens, if it does."""
    decoy = _decoy(secret)
    person, wrapped = (
        (lock.person_id, lock.by_recovery) if lock else (decoy.person, decoy.by_recovery)
    )
    pepper, *retired = secret.peppers
    try:
        return unlock_with_recovery(person, printed, wrapped, pepper, tuple(retired))
    except WrongCode:
        return None


def judged(
    door: Door, lock: Lock | None, private: SecretBytes | None, code: str
) -> tuple[Lock, SecretBytes, int]:
    """The code is looked at whether or not what came before it was right."""
    decoy = _decoy(door.secret)
    if lock is None or private is None:
        person, key, sealed = decoy.person, decoy.private, decoy.totp
    else:
        person, key, sealed = lock.person_id, private, lock.totp
    step = totp.step_of(open_text(key, sealed, totp_place(person)), code, door.now())
    if lock is None or private is None or step is None:
        raise WrongCredentials
    return lock, private, step


@lru_cache(maxsize=1)
def _decoy(secret: ServerSecret) -> Decoy:
    person, pair = PersonId(new_id()), new_key_pair()
    _, by_recovery = new_recovery(person, pair.private, secret.pepper)
    return Decoy(
        person, pair.private, seal_totp(person, pair.public, totp.new_secret()), by_recovery
    )
