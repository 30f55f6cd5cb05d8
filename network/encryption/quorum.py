"""Break-glass: a private key split k-of-n (SLIP-39), and what is sealed to its public half.

A share alone, or any k-1 of them, say nothing about the key. On its way to whoever is to open, a
share lies under two locks: their public key inside, the server secret outside.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics

from network.encryption.envelope import (
    SEALS_WITH,
    open_secret,
    open_text,
    public_key_of,
    seal_secret_to,
    seal_to,
)
from network.encryption.sealed import (
    EncryptionError,
    Place,
    PublicKey,
    Sealed,
    Suite,
    Tampered,
    fail_closed,
)
from network.encryption.server import ServerSecret
from network.kernel.hidden import Plaintext, SecretBytes

LEAST: Final = 2  # one person alone is no quorum
MOST: Final = 16  # what SLIP-39 can number
SHARE_BYTES: Final = 4096  # one size for every share on its way, whatever its words


class NotEnough(EncryptionError):
    """Too few shares, of different splits, or of another key."""


@dataclass(frozen=True, slots=True)
class Escrow:
    """An epoch's private key, sealed to the recovery key of this id."""

    key: UUID
    sealed: Sealed = field(repr=False)


@dataclass(frozen=True, slots=True)
class Way:
    """Whose share, of which split, in which ceremony."""

    split: UUID
    member: UUID
    ceremony: UUID


def split(private: SecretBytes, *, needed: int, holders: int) -> tuple[Plaintext, ...]:
    """One share for each holder, as the words of SLIP-39; any `needed` of them give the key back.

    Each split is a new one: shares of two splits of the same key do not go together.
    """
    if not LEAST <= needed <= holders <= MOST:
        raise EncryptionError("a quorum is 2 to 16 people, and no more than there are")
    with fail_closed:
        # No passphrase, so stretching it more would slow us and nobody else.
        (shares,) = generate_mnemonics(
            1, [(needed, holders)], private.reveal(), iteration_exponent=0
        )
        return tuple(map(Plaintext, shares))


def combine(shares: Iterable[Plaintext], public: PublicKey) -> SecretBytes:
    """The private key of `public`, or `NotEnough`."""
    try:
        private = SecretBytes(combine_mnemonics([share.reveal() for share in shares]))
    except (MnemonicError, ValueError, IndexError):
        raise NotEnough from None
    if public_key_of(private) != public:
        raise NotEnough
    return private


def seal_share(share: Plaintext, to: PublicKey, *, split_id: UUID, member: UUID) -> Sealed:
    """A share for the one who keeps it."""
    return seal_to(to, share, _kept(split_id, member))


def pass_on(
    secret: ServerSecret, own: SecretBytes, kept: Sealed, to: PublicKey, way: Way
) -> Sealed:
    """A holder's share, opened and at once sealed to whoever is to open, under both locks."""
    share = open_text(own, kept, _kept(way.split, way.member))
    with fail_closed:
        place = _passed(way)
        inner = base64.b64encode(seal_to(to, share, place)).decode("ascii")
        return secret.seal(Plaintext(inner), place, SHARE_BYTES)


def receive(secret: ServerSecret, own: SecretBytes, passed: Sealed, way: Way) -> Plaintext:
    """What `pass_on` passed, for the one it was sealed to; `Tampered` for anybody else."""
    place = _passed(way)
    try:
        inner = base64.b64decode(secret.open(passed, place).reveal(), validate=True)
    except binascii.Error:
        raise Tampered from None
    return open_text(own, Sealed(inner), place)


def escrow(
    private: SecretBytes,
    to: PublicKey,
    *,
    key: UUID,
    case: UUID,
    epoch: int,
    suite: Suite = SEALS_WITH,
) -> Escrow:
    """The private key of a case's epoch, for the quorum."""
    return Escrow(key, seal_secret_to(to, private, _escrowed(key, case, epoch), suite))


def open_escrow(recovery: SecretBytes, held: Escrow, *, case: UUID, epoch: int) -> SecretBytes:
    """That private key again, or `Tampered`."""
    return open_secret(recovery, held.sealed, _escrowed(held.key, case, epoch))


def _kept(split_id: UUID, member: UUID) -> Place:
    return Place("recovery_shares", "sealed", split_id, member=member)


def open_kept(own: SecretBytes, kept: Sealed, *, split_id: UUID, member: UUID) -> Plaintext:
    """One's own share, for the one who is to open and keeps one too."""
    return open_text(own, kept, _kept(split_id, member))


def _passed(way: Way) -> Place:
    return Place("ceremony_voices", "share", way.ceremony, member=way.member)


def _escrowed(key: UUID, case: UUID, epoch: int) -> Place:
    return Place("epochs", "recovery_sealed", key, case, epoch)
