"""Who can open what: a member's key pair, the grants sealed to it, and its split session.

A member's private key is wrapped twice over: inside by the passphrase (or the printed code),
outside by the pepper. Without the pepper nobody can try passphrases on a stolen disk; and because
the pepper is the outer layer, it can be changed for everybody while nobody is present (`repepper`).
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from network.encryption.envelope import (
    SEALS_WITH,
    SEED_BYTES,
    new_key_pair,
    open_secret,
    seal_secret_to,
)
from network.encryption.passphrase import SALT_BYTES, stretch, strong_enough
from network.encryption.printed import CODE_BYTES, MistypedCode, print_code, read_code
from network.encryption.sealed import (
    EncryptionError,
    Place,
    PublicKey,
    Sealed,
    Suite,
    Tampered,
    body_of,
    fail_closed,
    framed,
    header,
)
from network.encryption.symmetric import derive, lock
from network.encryption.symmetric import unlock as unlock_bytes
from network.kernel.hidden import Plaintext, SecretBytes

__all__ = [
    "MistypedCode",
    "NewMember",
    "SessionHalf",
    "Unused",
    "WrongCode",
    "WrongPassphrase",
    "grant",
    "is_peppered",
    "join_session",
    "link_epochs",
    "make_member",
    "new_recovery",
    "open_grant",
    "open_link",
    "repepper",
    "rewrap",
    "split_session",
    "stretched",
    "strong_enough",
    "unlock",
    "unlock_one",
    "unlock_one_with_recovery",
    "unlock_with_passkey",
    "unlock_with_recovery",
    "unused_keys",
    "waste_time",
    "wrap_by_passkey",
    "wrap_by_stretched",
]

PEPPER_ID_BYTES: Final = 4
NOBODY: Final = UUID(int=0)


class WrongPassphrase(EncryptionError):
    """Not this member's passphrase."""


class WrongCode(EncryptionError):
    """A well-typed code, but not this member's, or replaced by a newer one."""


@dataclass(frozen=True, slots=True)
class NewMember:
    """A new member's keys: five things to store or show once, and the private key to use now."""

    public: PublicKey
    by_passphrase: Sealed
    by_recovery: Sealed
    salt: bytes
    recovery_code: Plaintext
    private: SecretBytes


@dataclass(frozen=True, slots=True)
class SessionHalf:
    """The secret goes into the cookie and nowhere else; the sealed half into the row."""

    secret: SecretBytes
    sealed: Sealed


def make_member(member: UUID, passphrase: Plaintext, pepper: SecretBytes) -> NewMember:
    """A key pair for somebody who has just chosen a passphrase."""
    pair = new_key_pair()
    by_passphrase, salt = rewrap(member, pair.private, passphrase, pepper)
    code, by_recovery = new_recovery(member, pair.private, pepper)
    return NewMember(pair.public, by_passphrase, by_recovery, salt, code, pair.private)


def rewrap(
    member: UUID, private: SecretBytes, passphrase: Plaintext, pepper: SecretBytes
) -> tuple[Sealed, bytes]:
    """The same private key under another passphrase, with a salt of its own."""
    with fail_closed:
        salt = secrets.token_bytes(SALT_BYTES)
        key = stretch(passphrase, salt)
        return _wrap(Suite.PASSPHRASE, member, key, private, pepper), salt


def unlock(
    member: UUID,
    passphrase: Plaintext,
    salt: bytes,
    by_passphrase: Sealed,
    pepper: SecretBytes,
    retired: Iterable[SecretBytes] = (),
) -> SecretBytes:
    """The member's private key, or `WrongPassphrase`. Costs one Argon2id either way."""
    key = stretch(passphrase, salt)
    inner = _without_pepper(Suite.PASSPHRASE, member, by_passphrase, (pepper, *retired))
    try:
        return _unwrap(Suite.PASSPHRASE, member, key, inner)
    except Tampered:
        raise WrongPassphrase from None


def new_recovery(
    member: UUID, private: SecretBytes, pepper: SecretBytes
) -> tuple[Plaintext, Sealed]:
    """A code to print once; the wrap made for an earlier code is to be thrown away."""
    with fail_closed:
        code = SecretBytes(secrets.token_bytes(CODE_BYTES))
        key = derive(code.reveal(), "recovery", member.bytes)
        return print_code(code), _wrap(Suite.RECOVERY, member, key, private, pepper)


def unlock_with_recovery(
    member: UUID,
    code: Plaintext,
    by_recovery: Sealed,
    pepper: SecretBytes,
    retired: Iterable[SecretBytes] = (),
) -> SecretBytes:
    """The member's private key, `MistypedCode` (read the paper again) or `WrongCode`."""
    # 128 random bits need no stretching.
    key = derive(read_code(code).reveal(), "recovery", member.bytes)
    inner = _without_pepper(Suite.RECOVERY, member, by_recovery, (pepper, *retired))
    try:
        return _unwrap(Suite.RECOVERY, member, key, inner)
    except Tampered:
        raise WrongCode from None


@dataclass(frozen=True, slots=True)
class Unused:
    """A key pair whose private half nobody has: it looks like one that somebody uses."""

    public: PublicKey
    by_passphrase: Sealed
    by_recovery: Sealed


def stretched(passphrase: Plaintext, salt: bytes) -> SecretBytes:
    """What several wraps with one salt are tried with, for the price of one Argon2id."""
    return SecretBytes(stretch(passphrase, salt))


def wrap_by_stretched(
    member: UUID, private: SecretBytes, key: SecretBytes, pepper: SecretBytes
) -> Sealed:
    """The private key under a passphrase that was stretched already."""
    with fail_closed:
        return _wrap(Suite.PASSPHRASE, member, key.reveal(), private, pepper)


def unlock_one(
    member: UUID, key: SecretBytes, wraps: Iterable[Sealed], peppers: tuple[SecretBytes, ...]
) -> tuple[int, SecretBytes] | None:
    """Which wrap a stretched passphrase opens, and what is in it. Every one is tried, always."""
    return _one_of(Suite.PASSPHRASE, member, key.reveal(), wraps, peppers)


def unlock_one_with_recovery(
    member: UUID, code: Plaintext, wraps: Iterable[Sealed], peppers: tuple[SecretBytes, ...]
) -> tuple[int, SecretBytes] | None:
    """The same for a printed code; `MistypedCode` where it cannot be one."""
    key = derive(read_code(code).reveal(), "recovery", member.bytes)
    return _one_of(Suite.RECOVERY, member, key, wraps, peppers)


def wrap_by_passkey(
    member: UUID, held: SecretBytes, output: SecretBytes, pepper: SecretBytes
) -> Sealed:
    """A member's private key under what only one authenticator can compute (WebAuthn's PRF)."""
    with fail_closed:
        return _wrap(Suite.PASSKEY, member, _passkey_key(member, output), held, pepper)


def unlock_with_passkey(
    member: UUID, output: SecretBytes, wrapped: Sealed, peppers: tuple[SecretBytes, ...]
) -> SecretBytes:
    """What `wrap_by_passkey` wrapped, or `WrongCode`."""
    found = _one_of(Suite.PASSKEY, member, _passkey_key(member, output), (wrapped,), peppers)
    if found is None:
        raise WrongCode
    return found[1]


def unused_keys(member: UUID, pepper: SecretBytes) -> Unused:
    """Keys that fill a place nobody uses. Opened by nothing, and told from others by nobody."""
    with fail_closed:
        pair = new_key_pair()
        lost, wasted = secrets.token_bytes(SEED_BYTES), SecretBytes(secrets.token_bytes(SEED_BYTES))
        return Unused(
            pair.public,
            _wrap(Suite.PASSPHRASE, member, lost, wasted, pepper),
            _wrap(Suite.RECOVERY, member, lost, wasted, pepper),
        )


def repepper(
    member: UUID, wrapped: Sealed, pepper: SecretBytes, retired: Iterable[SecretBytes]
) -> Sealed:
    """The same wrap, by passphrase, code or passkey, under the current pepper; nobody is needed."""
    known = {header(each): each for each in (Suite.RECOVERY, Suite.PASSKEY)}
    suite = known.get(wrapped[:2], Suite.PASSPHRASE)
    with fail_closed:
        inner = _without_pepper(suite, member, wrapped, (pepper, *retired))
        return _with_pepper(suite, member, inner, pepper)


def is_peppered(wrapped: Sealed, pepper: SecretBytes) -> bool:
    """Whether this pepper is the outer layer of a wrap, or an older one is."""
    return wrapped[2 : 2 + PEPPER_ID_BYTES] == _pepper_id(pepper)


def waste_time(pepper: SecretBytes) -> None:
    """What `unlock` costs, for a name nobody has: the clock must not tell who is a member."""
    key = stretch(Plaintext(""), bytes(SALT_BYTES))
    private = SecretBytes(bytes(SEED_BYTES))
    _wrap(Suite.PASSPHRASE, NOBODY, key, private, pepper)


def grant(
    case_private: SecretBytes,
    to: PublicKey,
    *,
    case: UUID,
    epoch: int,
    member: UUID,
    suite: Suite = SEALS_WITH,
) -> Sealed:
    """The case's private key for one member. It names no row: an offer hands it over as it is."""
    return seal_secret_to(to, case_private, _grant_place(case, epoch, member), suite)


def open_grant(
    member_private: SecretBytes, sealed: Sealed, *, case: UUID, epoch: int, member: UUID
) -> SecretBytes:
    """The case's private key in that epoch, or `Tampered`."""
    return open_secret(member_private, sealed, _grant_place(case, epoch, member))


def link_epochs(
    old_private: SecretBytes,
    new_public: PublicKey,
    *,
    case: UUID,
    old_epoch: int,
    new_epoch: int,
    suite: Suite = SEALS_WITH,
) -> Sealed:
    """The old epoch's private key for whoever holds the new one: history stays readable to them."""
    place = _link_place(case, old_epoch, new_epoch)
    return seal_secret_to(new_public, old_private, place, suite)


def open_link(
    new_private: SecretBytes, sealed: Sealed, *, case: UUID, old_epoch: int, new_epoch: int
) -> SecretBytes:
    """The old epoch's private key, or `Tampered`."""
    return open_secret(new_private, sealed, _link_place(case, old_epoch, new_epoch))


def split_session(session: UUID, member: UUID, private: SecretBytes) -> SessionHalf:
    """Two halves of a sign-in; neither opens anything alone."""
    with fail_closed:
        secret = SecretBytes(secrets.token_bytes(SEED_BYTES))
        key = derive(secret.reveal(), "session", session.bytes, member.bytes)
        aad = framed(header(Suite.SESSION), session.bytes, member.bytes)
        return SessionHalf(secret, Sealed(header(Suite.SESSION) + lock(key, private.reveal(), aad)))


def join_session(session: UUID, member: UUID, secret: SecretBytes, sealed: Sealed) -> SecretBytes:
    """The member's private key for this one request, or `Tampered`."""
    key = derive(secret.reveal(), "session", session.bytes, member.bytes)
    aad = framed(header(Suite.SESSION), session.bytes, member.bytes)
    return SecretBytes(unlock_bytes(key, body_of(sealed, Suite.SESSION), aad))


def _passkey_key(member: UUID, output: SecretBytes) -> bytes:
    return derive(output.reveal(), "passkey", member.bytes)


def _one_of(
    suite: Suite,
    member: UUID,
    key: bytes,
    wraps: Iterable[Sealed],
    peppers: tuple[SecretBytes, ...],
) -> tuple[int, SecretBytes] | None:
    found = None
    for number, wrapped in enumerate(wraps):
        try:
            inner = _without_pepper(suite, member, wrapped, peppers)
            found = (number, _unwrap(suite, member, key, inner))
        except Tampered:
            continue
    return found


def _wrap(
    suite: Suite, member: UUID, key: bytes, private: SecretBytes, pepper: SecretBytes
) -> Sealed:
    inner = lock(key, private.reveal(), _aad(suite, member, "inner"))
    return _with_pepper(suite, member, inner, pepper)


def _unwrap(suite: Suite, member: UUID, key: bytes, inner: bytes) -> SecretBytes:
    return SecretBytes(unlock_bytes(key, inner, _aad(suite, member, "inner")))


def _with_pepper(suite: Suite, member: UUID, inner: bytes, pepper: SecretBytes) -> Sealed:
    outer = lock(_pepper_key(pepper), inner, _aad(suite, member, "outer"))
    return Sealed(header(suite) + _pepper_id(pepper) + outer)


def _without_pepper(
    suite: Suite, member: UUID, wrapped: Sealed, peppers: tuple[SecretBytes, ...]
) -> bytes:
    body = body_of(wrapped, suite)
    wanted, outer = body[:PEPPER_ID_BYTES], body[PEPPER_ID_BYTES:]
    for pepper in peppers:
        if _pepper_id(pepper) == wanted:
            return unlock_bytes(_pepper_key(pepper), outer, _aad(suite, member, "outer"))
    raise Tampered


def _pepper_key(pepper: SecretBytes) -> bytes:
    return derive(pepper.reveal(), "pepper")


def _pepper_id(pepper: SecretBytes) -> bytes:
    return derive(pepper.reveal(), "pepper id", length=PEPPER_ID_BYTES)


def _aad(suite: Suite, member: UUID, layer: str) -> bytes:
    return framed(header(suite), layer.encode(), member.bytes)


def _grant_place(case: UUID, epoch: int, member: UUID) -> Place:
    return Place("grants", "case_key", "", case, epoch, member)


def _link_place(case: UUID, old_epoch: int, new_epoch: int) -> Place:
    return Place("epochs", "previous_key", str(old_epoch), case, new_epoch)
