"""Every copy of a text in slightly other words, so that what gets out names its copy. Pure.

A mark sits where two forms say the same: «a veces» or «en ocasiones», «3» or «tres», a comma before
«pero», a space that does or does not break. Which of them a copy has is decided by the copy and by
the words around, so a part of the text, or the text in another order, still tells. What stands in
quotation marks is somebody's own words, and is never touched. The list holds no pair that a «no»
before it, or a word behind it, could make mean two things.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import comb
from typing import TypeVar

Copy = TypeVar("Copy")
Bit = Callable[[str], int]  # of one copy: which form it has where these words are around

PAIRS: tuple[tuple[str, str], ...] = (
    ("quizá", "quizás"),
    ("tal vez", "a lo mejor"),
    ("a veces", "en ocasiones"),
    ("sólo", "solamente"),
    ("enseguida", "de inmediato"),
    ("cuanto antes", "lo antes posible"),
    ("hace falta", "se necesita"),
    ("hacen falta", "se necesitan"),
    ("dicen que", "cuentan que"),
    ("dice que", "cuenta que"),
    ("por la mañana", "en la mañana"),
    ("por la tarde", "en la tarde"),
    ("por la noche", "en la noche"),
    ("por las mañanas", "en las mañanas"),
    ("por las tardes", "en las tardes"),
    ("por las noches", "en las noches"),
    ("aún", "todavía"),
    ("acompañarlos", "acompañarles"),
    ("ayudarlos", "ayudarles"),
    ("escucharlos", "escucharles"),
    ("nunca", "jamás"),
    ("de momento", "por ahora"),
    ("sin embargo", "no obstante"),
    ("por eso", "por ello"),
    ("es decir", "o sea"),
    ("a pesar de", "pese a"),
    ("de nuevo", "otra vez"),
    ("al menos", "por lo menos"),
    ("en vez de", "en lugar de"),
    ("de repente", "de pronto"),
    ("a menudo", "con frecuencia"),
    ("mientras tanto", "entre tanto"),
    ("actualmente", "hoy en día"),
    ("además de", "aparte de"),
    ("casi nadie", "muy poca gente"),
    ("teléfono celular", "celular"),
    ("periodo", "período"),
    ("pudiera", "pudiese"),
    ("pudieran", "pudiesen"),
    ("tuviera", "tuviese"),
    ("tuvieran", "tuviesen"),
    ("quisiera", "quisiese"),
    ("quisieran", "quisiesen"),
    ("hubiera", "hubiese"),
    ("hubieran", "hubiesen"),
    ("estuviera", "estuviese"),
    ("estuvieran", "estuviesen"),
    ("hiciera", "hiciese"),
    ("hicieran", "hiciesen"),
    ("supiera", "supiese"),
    ("supieran", "supiesen"),
    ("maybe", "perhaps"),
    ("although", "even though"),
    ("somebody", "someone"),
    ("nobody", "no one"),
    ("everybody", "everyone"),
    ("anybody", "anyone"),
    ("sometimes", "at times"),
    ("right now", "at this moment"),
    ("for now", "for the moment"),
    ("often", "frequently"),
    ("towards", "toward"),
    ("among", "amongst"),
    ("dos", "2"),
    ("tres", "3"),
    ("cuatro", "4"),
    ("cinco", "5"),
    ("seis", "6"),
    ("siete", "7"),
    ("ocho", "8"),
    ("nueve", "9"),
    ("diez", "10"),
    ("quince", "15"),
    ("veinte", "20"),
)
BREAKS = (" ", "\u00a0")  # after a short word: typesetters use the second one there too
AROUND = 2  # words before a place that decide, and one behind it
SHORT = 3  # letters of a word that a line should not end with
BEFORE_BUT = ("", ",")
SURE = 1e-3  # a copy is named where chance would name one this seldom, all copies together
APART = 1e2  # and the next one is this much less likely to be it
MAYBE = 0.05  # less than that, all copies together, and a copy may be it: which accuses nobody
LEAST = 8  # places for that: with fewer, guessing would soon tell somebody's marks

_GROUP_OF = {
    form: (number, side) for number, pair in enumerate(PAIRS) for side, form in enumerate(pair)
}
_FORMS = "|".join(sorted((re.escape(form) for form in _GROUP_OF), key=len, reverse=True))
_PART = re.compile(
    r"(?P<quoted>«[^»]*»|“[^”]*”|\"[^\"]*\")"
    rf"|(?<![\w.:/-])(?P<form>{_FORMS})(?![\w]|[.:/-]\d|\s*%)"
    r"|(?P<word>\w+)|(?P<gap>[^\S\n]+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Found:
    """How well one copy fits a text: so many of so many places, and how seldom that is chance."""

    fits: int
    places: int
    chance: float


@dataclass(slots=True)
class _Part:
    kind: str
    text: str
    stem: str = ""  # how the words around know it, whatever form it has
    choice: tuple[str, str] | None = None
    has: int = 0


def marked(text: str, bit: Bit) -> str:
    """The same text as this copy says it."""
    parts = _parts(text)
    for part, around in _places(parts):
        assert part.choice is not None
        part.text = _as_typed(part.text, part.choice[bit(around)])
    return "".join(part.text for part in parts)


def places(text: str) -> dict[str, int]:
    """Which form stands where, by the words around.

    Spaces tell only where they were kept: text that was typed or cleaned has one kind alone.
    """
    parts = _parts(text)
    kept = any(BREAKS[1] in part.text for part in parts if part.kind == "gap")
    return {around: part.has for part, around in _places(parts) if kept or part.kind != "gap"}


def fitting(text: str, copies: Mapping[Copy, Bit]) -> dict[Copy, Found]:
    """How well each of these copies fits a text that got out."""
    seen = places(text)
    found = {}
    for copy, bit in copies.items():
        found[copy] = fits(seen, [bit(around) for around in seen])
    return found


def some(seen: Mapping[str, int], most: int) -> dict[str, int]:
    """At most so many of these places, from all over the text."""
    every = -(-len(seen) // most)
    return dict(list(seen.items())[:: max(1, every)])


def fits(seen: Mapping[str, int], bits: Sequence[int]) -> Found:
    """How well a copy fits what was seen: its bits, in the order of the places."""
    fitting = sum(has == bit for has, bit in zip(seen.values(), bits, strict=True))
    return Found(fitting, len(seen), _chance(fitting, len(seen)))


def named(found: Mapping[Copy, Found]) -> Copy | None:
    """The one copy it must be, or None: nobody is named on a guess."""
    ranked = sorted(found, key=lambda copy: found[copy].chance)
    if not ranked or found[ranked[0]].chance * len(found) >= SURE:
        return None
    next_one = found[ranked[1]].chance if len(ranked) > 1 else 1.0
    return ranked[0] if found[ranked[0]].chance * APART <= next_one else None


def remaining(found: Mapping[Copy, Found]) -> tuple[Copy, ...]:
    """The copies that a part of a text leaves, the likeliest first; none where it holds too little.

    The more copies are compared, the more it takes: what chance alone leaves is kept out.
    """
    left = [
        copy
        for copy, one in found.items()
        if one.places >= LEAST and one.chance * len(found) < MAYBE
    ]
    return tuple(sorted(left, key=lambda copy: found[copy].chance))


def _chance(fits: int, of: int) -> float:
    """How often a copy that has nothing to do with it fits as well as this, or better."""
    return float(sum(comb(of, each) for each in range(fits, of + 1)) / 2**of)


def _parts(text: str) -> list[_Part]:
    found = [_part(match) for match in _PART.finditer(text)]
    return list(chain.from_iterable(_with_comma(found)))


def _part(match: re.Match[str]) -> _Part:
    kind, text = match.lastgroup or "other", match.group()
    if kind == "form":
        group, side = _GROUP_OF[_plain(text, accents=True)]
        return _Part("form", text, f"#{group}", PAIRS[group], side)
    return _Part(kind, text, _plain(text) if kind in {"word", "quoted"} else "")


def _with_comma(parts: list[_Part]) -> Iterator[tuple[_Part, ...]]:
    """Before «pero» there is room for a comma, and it is a place of its own."""
    for number, part in enumerate(parts):
        before = parts[number - 1] if number else None
        but = number + 2 < len(parts) and parts[number + 2].stem in {"pero", "but"}
        if part.kind in {"word", "form"} and but and parts[number + 1].kind == "gap":
            yield part, _Part("comma", "", choice=BEFORE_BUT)
        elif part.text == "," and before is not None and number + 2 < len(parts) and but:
            yield (_Part("comma", ",", choice=BEFORE_BUT, has=1),)
        else:
            yield (part,)


def _places(parts: list[_Part]) -> Iterator[tuple[_Part, str]]:
    """Each place that can be one or the other, with two words before it and one behind."""
    words = [number for number, part in enumerate(parts) if part.stem]
    order = {number: rank for rank, number in enumerate(words)}
    rank = -1
    for number, part in enumerate(parts):
        rank = order.get(number, rank)
        stems = [parts[each].stem for each in words[max(0, rank - AROUND) : rank + AROUND]]
        if part.kind == "form" and rank >= AROUND and rank + 1 < len(words):
            yield part, "form " + " ".join(stems)
        elif part.kind in {"gap", "comma"} and rank >= 1 and rank + 1 < len(words):
            if part.kind == "comma":
                yield part, "comma " + " ".join(stems)
            elif _may_hold(part, parts[words[rank]]):
                part.choice, part.has = BREAKS, int(part.text == BREAKS[1])
                yield part, "gap " + " ".join(stems)


def _may_hold(gap: _Part, before: _Part) -> bool:
    return gap.text in BREAKS and before.kind == "word" and len(before.text) <= SHORT


def _as_typed(old: str, new: str) -> str:
    """With a capital where the old one had one."""
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _plain(text: str, *, accents: bool = False) -> str:
    folded = unicodedata.normalize("NFC", text).casefold()
    if accents:
        return folded
    bare = unicodedata.normalize("NFKD", folded)
    return "".join(mark for mark in bare if mark.isalnum())
