"""The link between one line of the audit log and the line before it."""

import hashlib
from collections.abc import Sequence
from typing import Final

from shamir_mnemonic.wordlist import WORDLIST

WORDS: Final = 6  # of 1,024: 60 bits

START = b"\x00" * 32


def link(previous: bytes, fields: tuple[str, ...]) -> bytes:
    """SHA-256 over the previous link and every field with its length, so no two logs give one
    chain.
    """
    digest = hashlib.sha256(previous)
    for field in fields:
        raw = field.encode()
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return digest.digest()


def in_words(link: bytes, listed: Sequence[str] = WORDLIST) -> str:
    """The first sixty bits of a link as six words of 1,024: short enough to compare by eye.

    Whatever the list, the bits are the same: ten a word.
    """
    number = int.from_bytes(link[:8], "big") >> 4
    places = range(10 * (WORDS - 1), -1, -10)
    return " ".join(listed[number >> place & 1023] for place in places)
