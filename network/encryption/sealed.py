"""What an envelope is, the place it is bound to, and how sealing and opening fail."""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from types import TracebackType
from typing import Final, NewType, final
from uuid import UUID

Sealed = NewType("Sealed", bytes)
PublicKey = NewType("PublicKey", bytes)

VERSION: Final = 1


class EncryptionError(Exception):
    """Sealing or opening did not happen. Never carries content."""


class Tampered(EncryptionError):
    """The envelope is not ours, was altered, was moved, or is not for this key."""


class SealingFailed(EncryptionError):
    """Nothing was sealed, so nothing may be stored."""


class Suite(IntEnum):
    """The second byte of every envelope: how it was sealed. A number is never used again."""

    HPKE = 1  # MLKEM768-X25519, HKDF-SHA256, AES-256-GCM (RFC 9180)
    SERVER = 2  # HMAC-SHA256 subkey per message, AES-256-GCM
    PASSPHRASE = 3  # Argon2id, AES-256-GCM, under the pepper
    RECOVERY = 4  # HKDF-SHA256 of the printed code, AES-256-GCM, under the pepper
    SESSION = 5  # HKDF-SHA256 of the cookie's secret, AES-256-GCM
    FILE = 6  # STREAM of AES-256-GCM, HKDF-SHA256 subkey per stream
    PASSKEY = 7  # HKDF-SHA256 of an authenticator's PRF, AES-256-GCM, under the pepper
    HPKE_CHACHA = 8  # MLKEM768-X25519, HKDF-SHA256, ChaCha20-Poly1305 (RFC 9180)


def header(suite: Suite) -> bytes:
    """The two bytes in front of every envelope."""
    return bytes((VERSION, suite))


def body_of(sealed: bytes, suite: Suite) -> bytes:
    """What follows the two bytes; any other version or suite is `Tampered`."""
    if sealed[:2] != header(suite):
        raise Tampered
    return sealed[2:]


def framed(*parts: bytes) -> bytes:
    """Join so that no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ciphertext lives. Copied to any other place, it does not open."""

    table: str
    column: str
    row: UUID | str
    case: UUID | None = None
    epoch: int | None = None
    member: UUID | None = None

    def aad(self) -> bytes:
        """Different for every different place."""
        # What most places share is framed once: a tick of the clock opens thousands.
        if isinstance(self.row, UUID) and self.case is None and self.epoch is None:
            front = _front(self.table, self.column) + self.row.bytes
            if self.member is None:
                return front + _NOWHERE_ELSE
            return front + _WITH_A_MEMBER + self.member.bytes
        fields = (self.table, self.column, self.row, self.case, self.epoch, self.member)
        return framed(*map(_tagged, fields))


def _tagged(value: UUID | str | int | None) -> bytes:
    if value is None:
        return b"-"
    if isinstance(value, UUID):
        return b"u" + value.bytes
    if isinstance(value, int):
        return b"n" + value.to_bytes(8, "big")
    return b"s" + value.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=512)
def _front(table: str, column: str) -> bytes:
    """Everything before the sixteen bytes of a row's id."""
    return framed(_tagged(table), _tagged(column)) + (17).to_bytes(4, "big") + b"u"


_NOWHERE_ELSE: Final = framed(b"-", b"-", b"-")
_WITH_A_MEMBER: Final = framed(b"-", b"-") + (17).to_bytes(4, "big") + b"u"


@final
class FailClosed:
    """Whatever goes wrong inside becomes `SealingFailed`, without a word of what was sealed."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, EncryptionError):
            return
        # A Rust panic inside `cryptography` is a BaseException, unlike its errors.
        if isinstance(error, Exception) or type(error).__module__ == "pyo3_runtime":
            raise SealingFailed from None


fail_closed: Final = FailClosed()
