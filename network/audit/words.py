"""A link of the log in the words of somebody's language: in each the same sixty bits."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from shamir_mnemonic.wordlist import WORDLIST

from network.encryption import chain

ENGLISH: Final = "en"
SPANISH: Final = "es"
LANGUAGES: Final = (SPANISH, ENGLISH)
# Never changed, as old letters are compared with it: 1,024 of the words cases are named by, no two
# of which begin with the same five letters.
PALABRAS: Final = Path(__file__).with_name("palabras.txt")


def in_words(link: bytes, language: str = ENGLISH) -> str:
    """Six words of 1,024. In English they are SLIP-39's, as in a proof that is handed out."""
    return chain.in_words(link, _listed(language))


def are_words_of(typed: str, link: bytes) -> bool:
    """Whether somebody reads these words in their letter, in whichever language it came."""
    said = " ".join(typed.casefold().split())
    return any(said == in_words(link, language) for language in LANGUAGES)


@cache
def _listed(language: str) -> Sequence[str]:
    if language != SPANISH:
        return tuple(WORDLIST)
    return tuple(PALABRAS.read_text(encoding="ascii").split())
