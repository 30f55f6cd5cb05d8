"""Commitments to entries, and the tree that holds a day of them: so one can be shown alone.

A commitment is made of random bytes kept inside the sealed entry, so it says nothing of the words.
Each part of an entry is hidden under a salt of its own: some can be shown and the others not. The
tree is RFC 6962's. `docs/check_proof.py` reads the same, with the standard library alone.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from network.encryption.sealed import fail_closed, framed
from network.kernel.hidden import SecretBytes

NONCE_BYTES: Final = 16
LEAF, NODE, PART, SALT = b"\x00", b"\x01", b"\x02", b"\x03"


@dataclass(frozen=True, slots=True)
class Step:
    """One neighbour on the way from a leaf to the root, and on which side it stands."""

    hash: bytes
    left: bool


def new_nonce() -> SecretBytes:
    """What blinds one entry's commitment. It lives inside the sealed entry and nowhere else."""
    with fail_closed:
        return SecretBytes(secrets.token_bytes(NONCE_BYTES))


def salt(nonce: SecretBytes, name: str) -> bytes:
    """The salt of one part; one part's salt says nothing of another's."""
    return hashlib.sha256(SALT + framed(nonce.reveal(), name.encode())).digest()[:NONCE_BYTES]


def part(name: str, salted: bytes, value: str) -> bytes:
    """One part of an entry, hidden under its salt."""
    raw = value.encode("utf-8", "surrogatepass")
    return hashlib.sha256(PART + framed(name.encode(), salted, raw)).digest()


def parts(nonce: SecretBytes, values: Mapping[str, str]) -> dict[str, bytes]:
    """Every part, hidden."""
    return {name: part(name, salt(nonce, name), value) for name, value in values.items()}


def leaf(hidden: Mapping[str, bytes]) -> bytes:
    """The commitment to a whole entry."""
    joined = (item for name in sorted(hidden) for item in (name.encode(), hidden[name]))
    return hashlib.sha256(LEAF + framed(*joined)).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaves, in this order; there is at least one."""
    if len(leaves) == 1:
        return leaves[0]
    half = _half(len(leaves))
    return _node(root(leaves[:half]), root(leaves[half:]))


def path(leaves: Sequence[bytes], index: int) -> tuple[Step, ...]:
    """The neighbours of one leaf, from the leaf to the root."""
    if len(leaves) == 1:
        return ()
    half = _half(len(leaves))
    if index < half:
        return (*path(leaves[:half], index), Step(root(leaves[half:]), left=False))
    return (*path(leaves[half:], index - half), Step(root(leaves[:half]), left=True))


def _half(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()
