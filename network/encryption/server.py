"""What the machine must use with nobody present: its secret, and all that is derived from it."""

import base64
import binascii
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol, Self, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import aead

from network.encryption import padding
from network.encryption.sealed import (
    EncryptionError,
    Place,
    Sealed,
    Suite,
    Tampered,
    body_of,
    fail_closed,
    framed,
    header,
)
from network.encryption.symmetric import NONCE_BYTES, TAG_BYTES, derive
from network.kernel.hidden import Plaintext, SecretBytes

SECRET_BYTES: Final = 32
DIFFERENT_BYTES: Final = 16  # 32 random bytes have fewer than one time in 10^14
KEY_ID_BYTES: Final = 4
_HEADER: Final = header(Suite.SERVER)
# Where each part of an envelope begins.
_SALT: Final = len(_HEADER) + KEY_ID_BYTES
_NONCE: Final = _SALT + NONCE_BYTES
_LOCKED: Final = _NONCE + NONCE_BYTES


class WeakServerSecret(EncryptionError, ValueError):
    """Too short, or not random: make one with `ServerSecret.new_text()`."""


class Wrapped(Protocol):
    """A setting that hides itself, such as pydantic's `SecretStr`."""

    def get_secret_value(self) -> str: ...


@dataclass(frozen=True, slots=True, repr=False)
class _Keys:
    """What one server secret gives."""

    id: bytes
    front: bytes  # of every envelope it seals, framed
    sealing: hmac.HMAC  # already keyed: keying it anew costs more than all the rest of a sealing
    indexing: bytes
    pepper: SecretBytes
    cookie: str

    @classmethod
    def of(cls, secret: bytes) -> Self:
        key_id = derive(secret, "server key id", length=KEY_ID_BYTES)
        return cls(
            id=key_id,
            front=framed(header(Suite.SERVER) + key_id),
            sealing=hmac.HMAC(derive(secret, "server sealing"), hashes.SHA256()),
            indexing=derive(secret, "server indexing"),
            pepper=SecretBytes(derive(secret, "server pepper")),
            cookie=derive(secret, "server cookies").hex(),
        )


@final
class ServerSecret:
    """Seals, finds and peppers; the retired secrets still open and find, but never seal."""

    __slots__ = ("_all", "_by_mark", "_domains", "_now")

    _now: _Keys
    _all: tuple[_Keys, ...]
    _by_mark: dict[bytes, _Keys]
    _domains: dict[str, tuple[hmac.HMAC, ...]]

    def __init__(self, secret: SecretBytes, retired: tuple[SecretBytes, ...] = ()) -> None:
        raw = dict.fromkeys(each.reveal() for each in (secret, *retired))
        keys = tuple(_Keys.of(each) for each in raw)
        object.__setattr__(self, "_now", keys[0])
        object.__setattr__(self, "_all", keys)
        object.__setattr__(self, "_by_mark", {_HEADER + each.id: each for each in reversed(keys)})
        object.__setattr__(self, "_domains", {})

    @classmethod
    def from_text(cls, text: str | Wrapped, retired: tuple[str | Wrapped, ...] = ()) -> Self:
        """From 32 or more random bytes in hex or base64url; anything less is `WeakServerSecret`."""
        return cls(_read(text), tuple(_read(each) for each in retired))

    @staticmethod
    def new_text() -> str:
        """A fresh secret, as `from_text` reads it."""
        return secrets.token_urlsafe(SECRET_BYTES)

    def index(self, domain: str, value: str) -> bytes:
        """32 bytes to look a value up by, without keeping it; unrelated from domain to domain."""
        with fail_closed:
            return _of(self._domain_keys(domain)[0], value.encode("utf-8", "surrogatepass"))

    def indexes(self, domain: str, value: str) -> tuple[bytes, ...]:
        """The current index and then the retired ones: a row may still carry any of them."""
        with fail_closed:
            raw = value.encode("utf-8", "surrogatepass")
            return tuple(_of(key, raw) for key in self._domain_keys(domain))

    def seal(self, text: Plaintext, place: Place, size: int | None = None) -> Sealed:
        """Seal for this place; with `size`, all texts of up to `size` UTF-8 bytes look the same."""
        with fail_closed:
            raw = text.reveal().encode("utf-8", "surrogatepass")
            padded = padding.pad(raw) if size is None else padding.pad_to(raw, size)
            return self._locked(padded, place, secrets.token_bytes(2 * NONCE_BYTES))

    def seal_all(self, texts: Sequence[tuple[Plaintext, Place]], size: int) -> list[Sealed]:
        """Each for its own place under its own key, all of one size. The system is asked for its
        randomness once.
        """
        with fail_closed:
            random = secrets.token_bytes(2 * NONCE_BYTES * len(texts))
            return [
                self._locked(
                    padding.pad_to(text.reveal().encode("utf-8", "surrogatepass"), size),
                    place,
                    random[at : at + 2 * NONCE_BYTES],
                )
                for at, (text, place) in zip(
                    range(0, len(random), 2 * NONCE_BYTES), texts, strict=True
                )
            ]

    def knows(self, beginning: bytes) -> bool:
        """Whether what begins so was sealed under the current secret or a retired one."""
        return beginning[:_SALT] in self._by_mark

    def open(self, sealed: Sealed, place: Place) -> Plaintext:
        """What was sealed here under the current secret or a retired one, or `Tampered`."""
        try:
            padded = self._opened(sealed, place)
            return Plaintext(padding.unpad(padded).decode("utf-8", "surrogatepass"))
        except (padding.BadPadding, UnicodeDecodeError):
            raise Tampered from None

    def _locked(self, padded: bytes, place: Place, random: bytes) -> Sealed:
        # A subkey per message (as in XAES-256-GCM): random 96-bit nonces under one key
        # would begin to collide after 2^32 messages, 192 random bits do not in 2^80.
        salt, nonce = random[:NONCE_BYTES], random[NONCE_BYTES:]
        aad = _after(self._now.front, place.aad())
        locked = aead.AESGCM(_of(self._now.sealing, salt)).encrypt(nonce, padded, aad)
        return Sealed(b"".join((_HEADER, self._now.id, random, locked)))

    def _opened(self, sealed: Sealed, place: Place) -> bytes:
        keys = self._by_mark.get(sealed[:_SALT])
        if keys is None or len(sealed) < _LOCKED + TAG_BYTES:
            raise Tampered
        aad = _after(keys.front, place.aad())
        key = _of(keys.sealing, sealed[_SALT:_NONCE])
        try:
            return aead.AESGCM(key).decrypt(sealed[_NONCE:_LOCKED], sealed[_LOCKED:], aad)
        except InvalidTag:
            raise Tampered from None

    def reseal(self, sealed: Sealed, place: Place) -> Sealed:
        """The same, as long as it was, under the current secret; `Tampered` where nothing opens it.

        What is inside is never made into words on its way.
        """
        padded = self._opened(sealed, place)
        with fail_closed:
            return self._locked(padded, place, secrets.token_bytes(2 * NONCE_BYTES))

    @property
    def mark(self) -> bytes:
        """How everything begins that is sealed under the current secret."""
        return header(Suite.SERVER) + self._now.id

    def is_current(self, sealed: Sealed) -> bool:
        """Whether it is sealed under the current secret, or waits to be sealed again."""
        return body_of(sealed, Suite.SERVER)[:KEY_ID_BYTES] == self._now.id

    @property
    def pepper(self) -> SecretBytes:
        """What new passphrase wraps are peppered with."""
        return self._now.pepper

    @property
    def peppers(self) -> tuple[SecretBytes, ...]:
        """The current pepper and then the retired ones."""
        return tuple(keys.pepper for keys in self._all)

    @property
    def cookie_keys(self) -> tuple[str, ...]:
        """The current key that signs cookies and then the retired ones that still verify."""
        return tuple(keys.cookie for keys in self._all)

    def _domain_keys(self, domain: str) -> tuple[hmac.HMAC, ...]:
        known = self._domains.get(domain)
        if known is None:
            derived = (derive(keys.indexing, "index", domain.encode()) for keys in self._all)
            known = tuple(hmac.HMAC(each, hashes.SHA256()) for each in derived)
            self._domains[domain] = known
        return known

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a server secret does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a server secret does not change")

    def __repr__(self) -> str:
        return "<server secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a server secret is never serialised")


def _after(front: bytes, aad: bytes) -> bytes:
    """Both framed, the first already."""
    return b"".join((front, len(aad).to_bytes(4, "big"), aad))


def _of(keyed: hmac.HMAC, data: bytes) -> bytes:
    mac = keyed.copy()
    mac.update(data)
    return mac.finalize()


def _read(text: str | Wrapped) -> SecretBytes:
    plain = (text if isinstance(text, str) else text.get_secret_value()).strip()
    raw = _from_hex(plain) or _from_base64url(plain)
    if len(raw) < SECRET_BYTES or len(set(raw)) < DIFFERENT_BYTES:
        raise WeakServerSecret
    return SecretBytes(raw)


def _from_hex(text: str) -> bytes:
    try:
        return binascii.unhexlify(text)
    except ValueError:
        return b""


def _from_base64url(text: str) -> bytes:
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except ValueError:
        return b""
