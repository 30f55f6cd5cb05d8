"""Rank sections against the words of a question: BM25 over what is written and how it sounds.

Built once from the chapters and only read after: threads share it without waiting for each other,
and nothing of a question stays behind when it has been answered.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from heapq import nlargest
from itertools import compress, count
from math import log

WORD = re.compile(r"[^\W_]+")
SENTENCE = re.compile(r"[.?!:•¿¡«]")
# As search engines have them (Robertson and Zaragoza 2009): how soon more of the same word stops
# counting, and how much more often a long section has to say it.
ENOUGH, LENGTH = 1.2, 0.75
WRITTEN = (8.0, 1.0)  # what a word counts in a title and in the text
HEARD = (4.0, 0.6)  # and one that only sounds like it
COMMON = 2.0  # a word that half of all sections have still tells a little
NEAR = 8  # words
LAST = "\U0010ffff"

Spoken = Callable[[str], str]
Weights = Mapping[int, float]  # section: how often it has a word, those of its title counting more
NOWHERE: Weights = {}


class Ranking:
    """Sections by number: the words of each title and text, as written and as they sound."""

    def __init__(
        self, sections: Iterable[tuple[Sequence[str], Sequence[str]]], spoken: Spoken
    ) -> None:
        self._written: dict[str, dict[int, float]] = defaultdict(dict)
        self._heard: dict[str, dict[int, float]] = defaultdict(dict)
        lengths = []
        for number, (title, text) in enumerate(sections):
            _count(self._written, number, (title, text), WRITTEN)
            sounds = [spoken(word) for word in title], [spoken(word) for word in text]
            _count(self._heard, number, sounds, HEARD)
            lengths.append(len(title) + len(text))
        self._sounds = sorted(self._heard)
        average = sum(lengths) / max(len(lengths), 1) or 1
        self._slowness = [ENOUGH * (1 - LENGTH + LENGTH * each / average) for each in lengths]

    def written(self, word: str) -> Weights:
        """Where that word is written."""
        return self._written.get(word, NOWHERE)

    def beginning(self, sound: str) -> Sequence[str]:
        """Every word of the chapters that begins as this sounds."""
        first = bisect_left(self._sounds, sound)
        return self._sounds[first : bisect_left(self._sounds, sound + LAST, lo=first)]

    def heard(self, sounds: Iterable[str]) -> Weights:
        """Where words are that sound like any of these."""
        found = [self._heard[sound] for sound in sounds if sound in self._heard]
        if len(found) == 1:
            return found[0]
        together: dict[int, float] = defaultdict(float)
        for weights in found:
            for number, weight in weights.items():
                together[number] += weight
        return together

    def best(self, asked: Iterable[Weights], most: int) -> list[int]:
        """The sections that answer most of what is asked, the best first; equals as they stand."""
        scores: dict[int, float] = defaultdict(float)
        all_of_them = len(self._slowness)
        for weights in asked:
            without = all_of_them - len(weights)
            rare = log(1 + COMMON * (without + 0.5) / (len(weights) + 0.5))
            for number, weight in weights.items():
                scores[number] += rare * weight * (ENOUGH + 1) / (weight + self._slowness[number])
        return nlargest(most, scores, key=lambda number: (scores[number], -number))


class Passage:
    """A section's text cut at its words, to show the part of it that answers."""

    __slots__ = ("_sentences", "_sounds", "_spans", "_text")

    def __init__(self, text: str, spoken: Spoken) -> None:
        words = list(WORD.finditer(text))
        self._text = text
        self._spans = [word.span() for word in words]
        self._sounds = [spoken(word[0]) for word in words]
        ends = [0, *(word.end() for word in words)]
        self._sentences = [
            at
            for at, word in enumerate(words)
            if not at or SENTENCE.search(text, ends[at], word.start())
        ]

    def excerpt(self, heard: AbstractSet[str], most: int) -> str:
        """So many words of it, from where most different ones of those that were heard are."""
        sounds = self._sounds
        here = list(compress(count(), map(heard.__contains__, sounds)))
        first, many = 0, 0
        for place, at in enumerate(here):
            found = {sounds[each] for each in here[place : place + most] if each < at + most}
            if len(found) > many:
                first, many = at, len(found)
        first = max(min(self._sentence(first), len(sounds) - most), 0)
        return self._shown(first, min(first + most, len(sounds)))

    def _shown(self, first: int, after: int) -> str:
        begin = self._spans[first][0] if first else 0
        end = self._spans[after - 1][1] if after < len(self._spans) else len(self._text)
        before = "…" if begin else ""
        return f"{before}{self._text[begin:end]}{'…' if end < len(self._text) else ''}"

    def _sentence(self, at: int) -> int:
        """Where the sentence of that word begins, if it is not far before it."""
        begin = self._sentences[bisect_right(self._sentences, at) - 1] if self._sentences else 0
        return begin if at - begin <= NEAR else at


def _count(
    into: dict[str, dict[int, float]],
    number: int,
    parts: tuple[Sequence[str], Sequence[str]],
    weights: tuple[float, float],
) -> None:
    for words, weight in zip(parts, weights, strict=True):
        for word, times in Counter(words).items():
            into[word][number] = into[word].get(number, 0.0) + times * weight
