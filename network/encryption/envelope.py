"""Sealing to a public key: anybody may seal, only the private key opens (HPKE, RFC 9180)."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, NoReturn, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from network.encryption import padding
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
from network.kernel.hidden import Plaintext, SecretBytes

SEED_BYTES: Final = 32
MLKEM_SEED_BYTES: Final = 64
MLKEM_PUBLIC_BYTES: Final = 1184

# The registry of suites. All open; `SEALS_WITH` seals. Retiring one is: let another seal, have
# everything sealed again (`cases.services.reseal`), and take it out of here when nothing is left.
SUITES: Final[dict[Suite, hpke.AEAD]] = {
    Suite.HPKE: hpke.AEAD.AES_256_GCM,
    Suite.HPKE_CHACHA: hpke.AEAD.CHACHA20_POLY1305,
}
SEALS_WITH: Final = Suite.HPKE

# What is inside is bound too, so that a text somebody wrote can never be opened as a key.
TEXT: Final = b"text"
SECRET: Final = b"secret"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A public key of 1,216 bytes and the 32-byte X-Wing seed that is its private half."""

    public: PublicKey
    private: SecretBytes


def new_key_pair() -> KeyPair:
    """A fresh pair."""
    with fail_closed:
        private = SecretBytes(secrets.token_bytes(SEED_BYTES))
        return KeyPair(public_key_of(private), private)


def public_key_of(private: SecretBytes) -> PublicKey:
    """The public half that belongs to `private`."""
    mlkem_key, x25519_key = _expand(private)
    return PublicKey(
        mlkem_key.public_key().public_bytes_raw() + x25519_key.public_key().public_bytes_raw()
    )


def seal_to(public: PublicKey, text: Plaintext, place: Place, suite: Suite = SEALS_WITH) -> Sealed:
    """Pad the text and seal it to whoever holds the private key, for this place only."""
    with fail_closed:
        padded = padding.pad(text.reveal().encode("utf-8", "surrogatepass"))
        return _seal(public, padded, TEXT, place, suite)


def seal_secret_to(
    public: PublicKey, secret: SecretBytes, place: Place, suite: Suite = SEALS_WITH
) -> Sealed:
    """Seal a key to whoever holds the private key. Keys have one size, so nothing is padded."""
    with fail_closed:
        return _seal(public, secret.reveal(), SECRET, place, suite)


def open_text(private: SecretBytes, sealed: Sealed, place: Place) -> Plaintext:
    """What `seal_to` sealed at this place, or `Tampered`."""
    return Opener(private).open_text(sealed, place)


def open_secret(private: SecretBytes, sealed: Sealed, place: Place) -> SecretBytes:
    """What `seal_secret_to` sealed at this place, or `Tampered`."""
    return Opener(private).open_secret(sealed, place)


@final
class Opener:
    """Opens many envelopes with one private key; expanding the key costs as much as opening."""

    __slots__ = ("_key",)

    def __init__(self, private: SecretBytes) -> None:
        self._key = hpke.MLKEM768X25519PrivateKey(*_expand(private))

    def open_text(self, sealed: Sealed, place: Place) -> Plaintext:
        """What `seal_to` sealed at this place, or `Tampered`."""
        try:
            text = padding.unpad(self._open(sealed, TEXT, place))
            return Plaintext(text.decode("utf-8", "surrogatepass"))
        except (padding.BadPadding, UnicodeDecodeError):
            raise Tampered from None

    def open_secret(self, sealed: Sealed, place: Place) -> SecretBytes:
        """What `seal_secret_to` sealed at this place, or `Tampered`."""
        return SecretBytes(self._open(sealed, SECRET, place))

    def _open(self, sealed: Sealed, kind: bytes, place: Place) -> bytes:
        suite = _suite_of(sealed)
        body = body_of(sealed, suite)
        try:
            return _hpke(suite).decrypt(body, self._key, info=_info(suite, kind, place))
        except InvalidTag:
            raise Tampered from None

    def reseal_text(
        self, sealed: Sealed, place: Place, public: PublicKey, suite: Suite = SEALS_WITH
    ) -> Sealed:
        """The same text at the same place and of the same size, sealed with another suite."""
        padded = self._open(sealed, TEXT, place)
        with fail_closed:
            return _seal(public, padded, TEXT, place, suite)

    def __repr__(self) -> str:
        return "<opener>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an opener is never serialised")


def _seal(public: PublicKey, data: bytes, kind: bytes, place: Place, suite: Suite) -> Sealed:
    key = hpke.MLKEM768X25519PublicKey(
        mlkem.MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC_BYTES]),
        x25519.X25519PublicKey.from_public_bytes(public[MLKEM_PUBLIC_BYTES:]),
    )
    body = _hpke(suite).encrypt(data, key, info=_info(suite, kind, place))
    return Sealed(header(suite) + body)


def _suite_of(sealed: Sealed) -> Suite:
    """The suite an envelope says it was sealed with; `Tampered` where it is none of ours."""
    for suite in SUITES:
        if sealed[:2] == header(suite):
            return suite
    raise Tampered


def _info(suite: Suite, kind: bytes, place: Place) -> bytes:
    # The package's one-shot HPKE takes no AAD; `info` enters the key schedule and binds as well.
    return framed(b"hilo/envelope", header(suite), kind, place.aad())


def _hpke(suite: Suite) -> hpke.Suite:
    return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, SUITES[suite])


def _expand(private: SecretBytes) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
    """The X-Wing expansion (draft-connolly-cfrg-xwing-kem): 64 bytes ML-KEM seed, 32 X25519."""
    seed = private.reveal()
    if len(seed) != SEED_BYTES:
        raise EncryptionError("a private key is a seed of 32 bytes")
    wide = hashlib.shake_256(seed).digest(MLKEM_SEED_BYTES + SEED_BYTES)
    return (
        mlkem.MLKEM768PrivateKey.from_seed_bytes(wide[:MLKEM_SEED_BYTES]),
        x25519.X25519PrivateKey.from_private_bytes(wide[MLKEM_SEED_BYTES:]),
    )
