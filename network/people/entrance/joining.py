"""The keys somebody gets when they join, before anything of them is stored."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from network.door import Door
from network.encryption.envelope import seal_to
from network.encryption.keyring import NewMember, make_member, strong_enough
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.errors import WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, new_id
from network.people import slip, totp
from network.people.domain import (
    Keys,
    Newcomer,
    WeakPassphrase,
    WrongCredentials,
    read_alias,
    read_handle,
)
from network.people.lanes import STRANGERS
from network.people.store.ways import totp_place

LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything a newcomer needs before they are one: nothing of it is stored yet."""

    id: PersonId
    handle: str
    alias: str
    language: str
    keys: Keys
    recovery_code: Plaintext
    totp_secret: Plaintext


def prepare(
    door: Door, *, handle: str, alias: str, language: str, passphrase: Plaintext
) -> Prepared:
    """A key pair, a printed code and a second factor for somebody who is joining.

    Raises BadInput or WeakPassphrase before any slow work.
    """
    name, shown = read_handle(handle), read_alias(alias)
    if not strong_enough(passphrase, (name, shown)):
        raise WeakPassphrase
    person = PersonId(new_id())
    with STRANGERS.taken():
        made = make_member(person, passphrase, door.secret.pepper)
    return Prepared(
        person, name, shown, language, keys_of(made), made.recovery_code, totp.new_secret()
    )


def keys_of(made: NewMember) -> Keys:
    """What is stored of a new member's keys."""
    return Keys(made.public, made.by_passphrase, made.by_recovery, made.salt)


def carried(door: Door, prepared: Prepared, *, token: Plaintext) -> str:
    """What the newcomer's own browser brings back from the next page: a slip for this link."""
    keys = prepared.keys
    said = {
        "id": prepared.id.hex,
        "handle": prepared.handle,
        "alias": prepared.alias,
        "language": prepared.language,
        "keys": [
            b64encode(each).decode()
            for each in (keys.public, keys.by_passphrase, keys.by_recovery, keys.salt)
        ],
        "code": prepared.recovery_code.reveal(),
        "totp": prepared.totp_secret.reveal(),
    }
    return slip.seal(door.secret, said, _place(token), until=door.now() + LASTS)


def brought_back(door: Door, carried: str, *, token: Plaintext) -> Prepared:
    """What `carried` sealed for this link; WrongMoment if old, altered or another link's."""
    found = slip.read(door.secret, carried, _place(token), now=door.now())
    if found is None:
        raise WrongMoment
    public, by_passphrase, by_recovery, salt = (b64decode(each) for each in found["keys"])
    return Prepared(
        id=PersonId(UUID(found["id"])),
        handle=found["handle"],
        alias=found["alias"],
        language=found["language"],
        keys=Keys(PublicKey(public), Sealed(by_passphrase), Sealed(by_recovery), salt),
        recovery_code=Plaintext(found["code"]),
        totp_secret=Plaintext(found["totp"]),
    )


def prove(door: Door, prepared: Prepared, *, code: str) -> Newcomer:
    """The newcomer, once their authenticator shows the right code; WrongCredentials before that."""
    step = totp.step_of(prepared.totp_secret, code, door.now())
    if step is None:
        raise WrongCredentials
    return Newcomer(
        id=prepared.id,
        handle=prepared.handle,
        alias=prepared.alias,
        language=prepared.language,
        keys=prepared.keys,
        totp=seal_totp(prepared.id, prepared.keys.public, prepared.totp_secret),
        step=step,
    )


def seal_totp(person: PersonId, public: PublicKey, secret: Plaintext) -> Sealed:
    """A second factor that opens with the first: sealed to the member's own key."""
    return seal_to(public, secret, totp_place(person))


def _place(token: Plaintext) -> Place:
    return Place("forms", "join", token.reveal())
