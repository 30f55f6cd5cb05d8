"""Coming in and going out. Argon2 runs here, between the door's short transactions."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from network.door import Door
from network.encryption.envelope import new_key_pair, open_text, seal_to
from network.encryption.keyring import (
    MistypedCode,
    NewMember,
    WrongCode,
    WrongPassphrase,
    make_member,
    new_recovery,
    rewrap,
    split_session,
    strong_enough,
    unlock,
    unlock_with_recovery,
    waste_time,
)
from network.encryption.printed import read_code
from network.encryption.sealed import Place, PublicKey, Sealed, Tampered
from network.encryption.server import ServerSecret
from network.kernel.actor import InSession, Nobody
from network.kernel.errors import BadInput, NotVisible
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import PersonId, SessionId, new_id
from network.people import totp
from network.people.domain import (
    Keys,
    Lock,
    Newcomer,
    WeakPassphrase,
    WrongCredentials,
    read_alias,
    read_handle,
)
from network.people.lanes import Lane
from network.people.services import entering, own

FAMILIAR = Place("cookies", "familiar", "")
# Strangers share one lane, and browsers that have been in have another.
LANE_WIDTH = 2
_STRANGERS = Lane(width=LANE_WIDTH, waiting=1)
_KNOWN = Lane(width=LANE_WIDTH, waiting=2)


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

    @property
    def totp_address(self) -> Plaintext:
        """What the QR says."""
        return totp.address(self.totp_secret, self.handle)


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
    with _STRANGERS.taken():
        made = make_member(person, passphrase, door.secret.pepper)
    return Prepared(
        person, name, shown, language, keys_of(made), made.recovery_code, totp.new_secret()
    )


def keys_of(made: NewMember) -> Keys:
    """What is stored of a new member's keys."""
    return Keys(made.public, made.by_passphrase, made.by_recovery, made.salt)


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
    return seal_to(public, secret, _totp_place(person))


def sign_in(
    door: Door, *, handle: str, passphrase: Plaintext, code: str, familiar: str = ""
) -> InSession:
    """A session for name, passphrase and code together; WrongCredentials whichever is wrong.

    Nobody learns whether a name exists: unknown ones cost the same and are slowed down the same.
    `familiar` is what `recognise` gave this browser: its tries are counted apart from strangers'.
    """
    trying = _attempt(door.secret, handle, familiar)
    # Counted inside, so that a flood writes no faster than it is let in.
    with (_KNOWN if trying.known else _STRANGERS).taken():
        lock = _count(door, trying)
        private = _by_passphrase(door.secret, lock, passphrase)
    lock, private, step = _judged(door, lock, private, code)
    session = SessionId(new_id())
    half = split_session(session, lock.person_id, private)
    door.ask(
        entering.come_in,
        Nobody(),
        name=trying.name,
        lock=lock,
        step=step,
        half=entering.Half(session, half.sealed),
    )
    return InSession(session, half.secret)


def recognise(door: Door, handle: str) -> str:
    """What a browser that came in keeps, so that strangers' wrong tries cannot slow it down."""
    nonce = secrets.token_hex(16)
    sealed = door.secret.seal(Plaintext(json.dumps([_typed(handle), nonce])), FAMILIAR)
    return urlsafe_b64encode(sealed).decode()


def sign_out(door: Door, who: InSession) -> None:
    """End the session on the server; a session that is over already is fine too."""
    with suppress(NotVisible):
        door.ask(entering.drop_session, who)


def change_passphrase(door: Door, who: InSession, *, old: Plaintext, new: Plaintext) -> None:
    """Another passphrase for the same key. Every other session of the member ends."""
    profile = door.look(own.account, who).member.profile
    if not strong_enough(new, (profile.handle, profile.alias)):
        raise WeakPassphrase
    lock, private = _own_key(door, who, old)
    with _KNOWN.taken():
        wrapped, salt = rewrap(lock.person_id, private, new, door.secret.pepper)
    door.ask(entering.replace_passphrase, who, lock=lock, wrapped=wrapped, salt=salt)


def new_recovery_code(door: Door, who: InSession, *, passphrase: Plaintext) -> Plaintext:
    """Another printed code, to be shown once; the earlier paper opens nothing any more."""
    lock, private = _own_key(door, who, passphrase)
    code, wrapped = new_recovery(lock.person_id, private, door.secret.pepper)
    door.ask(entering.replace_recovery, who, lock=lock, wrapped=wrapped)
    return code


def recover(
    door: Door, *, handle: str, printed: Plaintext, code: str, passphrase: Plaintext
) -> Plaintext:
    """A new passphrase for whoever has the printed code and the authenticator.

    Gives the next printed code, to be shown once. Every session of the member ends.
    """
    try:
        read_code(printed)
    except MistypedCode:
        raise BadInput("printed", "printed_mistyped") from None
    trying = _attempt(door.secret, handle, "")
    with _STRANGERS.taken():
        lock = _count(door, trying)
        private = _by_recovery(door.secret, lock, printed)
    lock, private, step = _judged(door, lock, private, code)
    # Judging takes long, so not before it is known whose it is.
    if not strong_enough(passphrase, (trying.handle,)):
        raise WeakPassphrase
    with _STRANGERS.taken():
        wrapped, salt = rewrap(lock.person_id, private, passphrase, door.secret.pepper)
    fresh, by_recovery = new_recovery(lock.person_id, private, door.secret.pepper)
    door.ask(
        entering.pass_by_code,
        Nobody(),
        name=trying.name,
        lock=lock,
        step=step,
        wraps=entering.Wraps(wrapped, salt, by_recovery),
    )
    return fresh


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A name somebody says, and the name under which the try is counted."""

    handle: str
    name: str
    known: bool


@dataclass(frozen=True, slots=True)
class _Decoy:
    """What is opened for a name nobody has, so that it costs what a real one costs."""

    person: PersonId
    private: SecretBytes
    totp: Sealed
    by_recovery: Sealed


def _attempt(secret: ServerSecret, typed: str, familiar: str) -> _Attempt:
    handle = _typed(typed)
    nonce = _nonce(secret, handle, familiar)
    return _Attempt(handle, f"in:{handle}:{nonce}", known=bool(nonce))


def _typed(handle: str) -> str:
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


def _count(door: Door, trying: _Attempt) -> Lock | None:
    return door.ask(entering.count_try, Nobody(), name=trying.name, handle=trying.handle)


def _own_key(door: Door, who: InSession, passphrase: Plaintext) -> tuple[Lock, SecretBytes]:
    lock = door.ask(entering.count_own_try, who)
    with _KNOWN.taken():
        private = _by_passphrase(door.secret, lock, passphrase)
    if private is None:
        raise WrongCredentials
    return lock, private


def _by_passphrase(
    secret: ServerSecret, lock: Lock | None, passphrase: Plaintext
) -> SecretBytes | None:
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


def _by_recovery(secret: ServerSecret, lock: Lock | None, printed: Plaintext) -> SecretBytes | None:
    decoy = _decoy(secret)
    person, wrapped = (
        (lock.person_id, lock.by_recovery) if lock else (decoy.person, decoy.by_recovery)
    )
    pepper, *retired = secret.peppers
    try:
        return unlock_with_recovery(person, printed, wrapped, pepper, tuple(retired))
    except WrongCode:
        return None


def _judged(
    door: Door, lock: Lock | None, private: SecretBytes | None, code: str
) -> tuple[Lock, SecretBytes, int]:
    """The code is looked at whether or not what came before it was right."""
    decoy = _decoy(door.secret)
    if lock is None or private is None:
        person, key, sealed = decoy.person, decoy.private, decoy.totp
    else:
        person, key, sealed = lock.person_id, private, lock.totp
    step = totp.step_of(open_text(key, sealed, _totp_place(person)), code, door.now())
    if lock is None or private is None or step is None:
        raise WrongCredentials
    return lock, private, step


@lru_cache(maxsize=1)
def _decoy(secret: ServerSecret) -> _Decoy:
    person, pair = PersonId(new_id()), new_key_pair()
    _, by_recovery = new_recovery(person, pair.private, secret.pepper)
    return _Decoy(
        person, pair.private, seal_totp(person, pair.public, totp.new_secret()), by_recovery
    )


def _totp_place(person: PersonId) -> Place:
    return Place("people", "totp", person, member=person)
