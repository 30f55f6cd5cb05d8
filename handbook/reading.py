"""How hard a text is to read, by published formulas.

Spanish: Szigriszt-Pazos (1993) on the INFLESZ scale (Barrio-Cantalejo et al., 2008, where 65 to 80
is «bastante fácil») and Fernández-Huerta (1959, where 70 to 80 is sixth year of primary). English:
Flesch (1948), where 70 to 80 is seventh grade. A sentence ends at `.`, `!`, `?`, `…` or with its
paragraph or list item.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

INFLESZ_FLOOR = 65.0
FERNANDEZ_HUERTA_FLOOR = 70.0
FLESCH_FLOOR = 70.0
FLOORS = {
    "INFLESZ": INFLESZ_FLOOR,
    "Fernández-Huerta": FERNANDEZ_HUERTA_FLOOR,
    "Flesch": FLESCH_FLOOR,
}
WORD = re.compile(r"[^\W\d_]+")
SENTENCE = re.compile(r"[.!?…]+")
SILENT_E = re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouyr]l)e$|(?<=[^dt])ed$|(?<=[^sxzhcg])es$")
WORDS = 1 << 14  # remembered: a text says most of its words again
TEXTS = 1 << 8
STRONG, WEAK, ACCENTED_WEAK = "aeoáéó", "iuü", "íú"


@dataclass(frozen=True, slots=True)
class Count:
    """Syllables, words and sentences of a text."""

    syllables: int
    words: int
    sentences: int

    @property
    def inflesz(self) -> float:
        """206.835 - 62.3 syllables/words - words/sentences; higher is easier."""
        return 206.835 - 62.3 * self.syllables / self.words - self.words / self.sentences

    @property
    def fernandez_huerta(self) -> float:
        """206.84 - 60 syllables/words - 1.02 words/sentences; higher is easier."""
        return 206.84 - 60 * self.syllables / self.words - 1.02 * self.words / self.sentences

    @property
    def flesch(self) -> float:
        """206.835 - 84.6 syllables/words - 1.015 words/sentences; higher is easier."""
        return 206.835 - 84.6 * self.syllables / self.words - 1.015 * self.words / self.sentences


def count(blocks: Sequence[str], *, language: str) -> Count:
    """Count a text given as its paragraphs; at least one word and one sentence."""
    return _counted(tuple(blocks), language)


@lru_cache(maxsize=TEXTS)
def _counted(blocks: tuple[str, ...], language: str) -> Count:
    syllables = spanish_syllables if language == "es" else english_syllables
    words = [word for block in blocks for word in WORD.findall(block)]
    sentences = sum(any(WORD.findall(part)) for block in blocks for part in SENTENCE.split(block))
    return Count(sum(map(syllables, words)), max(1, len(words)), max(1, sentences))


def levels(counted: Count, language: str) -> dict[str, float]:
    """What each formula for that language says of a text; higher is easier."""
    if language == "es":
        return {"INFLESZ": counted.inflesz, "Fernández-Huerta": counted.fernandez_huerta}
    return {"Flesch": counted.flesch}


@lru_cache(maxsize=WORDS)
def spanish_syllables(word: str) -> int:
    """Vowel groups, split where two strong vowels or an accented weak one meet; silent u aside."""
    word = re.sub(r"(?<=q)u(?=[eiéí])|(?<=g)u(?=[eiéí])", "", word.lower())
    word = re.sub(r"y(?![aeiouáéíóú])", "i", word)
    found, before = 0, ""
    for letter in word:
        vowel = letter in STRONG + WEAK + ACCENTED_WEAK
        apart = letter in ACCENTED_WEAK or before in ACCENTED_WEAK
        if vowel and (not before or apart or (letter in STRONG and before in STRONG)):
            found += 1
        before = letter if vowel else ""
    return max(1, found)


@lru_cache(maxsize=WORDS)
def english_syllables(word: str) -> int:
    """Vowel groups without a silent final e: an estimate, as every such count is."""
    return max(1, len(re.findall(r"[aeiouy]+", SILENT_E.sub("", word.lower()))))
