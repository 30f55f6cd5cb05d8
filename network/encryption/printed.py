"""A 128-bit code a person can print, keep and type back: Crockford's letters and a check."""

import unicodedata
from typing import Final

from network.encryption.sealed import EncryptionError
from network.kernel.hidden import Plaintext, SecretBytes

CODE_BYTES: Final = 16
CHECK_BITS: Final = 12
# CRC-12: finds every single wrong letter and every two neighbours swapped (bursts of 12 bits).
POLYNOMIAL: Final = 0x180F
LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKALIKES: Final = str.maketrans("OIL", "011")
LETTER_BITS: Final = 5
CODE_LETTERS: Final = (CODE_BYTES * 8 + CHECK_BITS) // LETTER_BITS
GROUP: Final = 4


class MistypedCode(EncryptionError):
    """No code of ours: a letter is wrong, missing or swapped. Read the paper again and retype."""


def print_code(code: SecretBytes) -> Plaintext:
    """Seven groups of four letters and digits, like `7QK2-…`."""
    number = int.from_bytes(code.reveal(), "big")
    number = number << CHECK_BITS | _check(number)
    letters = ""
    for _ in range(CODE_LETTERS):
        letters = LETTERS[number & (len(LETTERS) - 1)] + letters
        number >>= LETTER_BITS
    return Plaintext(
        "-".join(letters[start : start + GROUP] for start in range(0, CODE_LETTERS, GROUP))
    )


def read_code(typed: Plaintext) -> SecretBytes:
    """The code behind what was typed, whatever its case, spaces and dashes; or `MistypedCode`."""
    plain = unicodedata.normalize("NFKC", typed.reveal()).upper().translate(LOOKALIKES)
    letters = [letter for letter in plain if not _is_between(letter)]
    if len(letters) != CODE_LETTERS or any(letter not in LETTERS for letter in letters):
        raise MistypedCode
    number = 0
    for letter in letters:
        number = number << LETTER_BITS | LETTERS.index(letter)
    code, check = number >> CHECK_BITS, number & ((1 << CHECK_BITS) - 1)
    if check != _check(code):
        raise MistypedCode
    return SecretBytes(code.to_bytes(CODE_BYTES, "big"))


def _is_between(letter: str) -> bool:
    # Pd: every dash there is; Cf: the invisible marks that come along with copy and paste.
    return letter.isspace() or unicodedata.category(letter) in {"Pd", "Cf"} or letter in "._"


def _check(number: int) -> int:
    # A 1 in front, so that leading zeros count.
    rest = (1 << CODE_BYTES * 8 | number) << CHECK_BITS
    while rest.bit_length() > CHECK_BITS:
        rest ^= POLYNOMIAL << (rest.bit_length() - POLYNOMIAL.bit_length())
    return rest
