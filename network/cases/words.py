"""Plain words for references and verification pairs: easily said, hinting at nothing; and those
that people write every day, of which no word of danger is made.
"""

import secrets
from functools import cache
from pathlib import Path

WORDS = Path(__file__).with_name("words.txt")
EVERYDAY = Path(__file__).with_name("everyday.txt")


@cache
def words() -> tuple[str, ...]:
    """Every word there is, once."""
    return tuple(WORDS.read_text(encoding="ascii").split())


@cache
def everyday() -> frozenset[str]:
    """What is written by chance sooner or later, in small letters without marks."""
    return frozenset(EVERYDAY.read_text(encoding="ascii").split())


def pair(*, without: str = "") -> str:
    """Two different words such as `rio-maple`, none of them in `without`.

    For telling things apart inside a case, and for recognising each other; not for keeping secrets.
    """
    taken = set(without.split("-"))
    first = _one(taken)
    return f"{first}-{_one(taken | {first})}"


def _one(taken: set[str]) -> str:
    while (word := secrets.choice(words())) in taken:
        pass
    return word
