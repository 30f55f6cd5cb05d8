"""Find the section that answers somebody frightened: no accents, misspelt, half a sentence.

Words count as written, accents folded, and for less as they sound in Spanish.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from handbook import markup
from handbook.chapter import CORRECTIONS, NOW, Chapter, Section
from handbook.library import Library, load_library
from handbook.ranking import Passage, Ranking, Weights
from handbook.wording import LANGUAGES

LONGEST_QUERY = 200
MOST_TERMS = 16
EXCERPT_WORDS = 24
# What Spanish spelling keeps apart and speech does not, in this order. A phone applies these too:
# no lookbehind, which old browsers cannot read.
SOUNDS = (
    (r"(^|[^c])h", r"\1"),
    (r"qu(?=[ei])|c(?=[aouklrtn]|$)|q", "k"),
    (r"c(?=[ei])|z|x", "s"),
    (r"v", "b"),
    (r"ll", "y"),
    (r"g(?=[ei])", "j"),
    (r"gu(?=[ei])", "g"),
    (r"(.)\1", r"\1"),
)
# What Spanish adds to a stem of three letters or more, as it sounds.
ENDING = (
    r"^(...+?)(ieron|iendo|aron|ando|amos|emos|ado|ido|ar|er|ir|an|en|as|os|es|a|e|o|s)$",
    r"\1",
)
SHORT = 3
# Too common to tell one section from another.
IDLE = frozenset(
    re.findall(
        r"\w+",
        "a al ago asemos aser con de del el ella en es esta este estoy ha hacer hago la las le les "
        "lo los como cuando donde me mi mis no nos o para pero por q que qe k se si su sus te un "
        "una unos y ya the of to and in is i my me it do if what",
    )
)


# What people say, as it sounds and without its ending, and the words the handbook has for it.
ALSO: Mapping[str, tuple[str, ...]] = {
    "selul": ("telefon",),
    "deposit": ("transfer",),
    "feisbuk": ("red",),
    "liber": ("regres",),
    "madr": ("kolektib",),
    "muert": ("bid",),
    "solt": ("regres",),
    "wasap": ("xat", "mensaj"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index holds of one section: the words of its heading and of its text."""

    chapter: str
    section: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A section that may answer, with a few of its words."""

    chapter: str
    chapter_title: str
    section: str
    section_title: str
    url: str
    excerpt: str


class Index:
    """What one library answers in one language; read by any number of threads at once."""

    def __init__(self, library: Library, language: str) -> None:
        found = list(entries(library, language))
        self._ranking = Ranking(
            ((words(entry.title), words(entry.body)) for entry in found), sounds_like
        )
        self._passages = [Passage(entry.body, spoken) for entry in found]
        self._hits = [_hit(library, entry, language) for entry in found]

    def search(self, query: str, *, limit: int = 10) -> tuple[Hit, ...]:
        """The best sections first; nothing for a query without words."""
        asked: list[Weights] = []
        heard: set[str] = set()
        for word in terms(query):
            asked.append(self._ranking.written(word))
            for sounds in self._sounding_like(word):
                asked.append(self._ranking.heard(sounds))
                heard.update(sounds)
        return tuple(
            Hit(*self._hits[at], self._passages[at].excerpt(heard, EXCERPT_WORDS))
            for at in self._ranking.best(asked, limit)
        )

    def _sounding_like(self, word: str) -> Iterator[Sequence[str]]:
        sound = sounds_like(word)
        stem = stem_of(sound)
        if stem != sound or len(sound) > SHORT:  # a short beginning fits everything
            yield self._ranking.beginning(stem)
        else:
            yield (sound,)
        for other in ALSO.get(stem, ()):
            yield self._ranking.beginning(other)


def _hit(library: Library, entry: Entry, language: str) -> tuple[str, str, str, str, str]:
    chapter = library.chapter(entry.chapter, language)
    section: Section = chapter.section(entry.section)
    url = markup.address(f"{entry.chapter}#{entry.section}", language=language)
    return entry.chapter, chapter.title, entry.section, section.title, url


def entries(library: Library, language: str) -> Iterator[Entry]:
    """Every section that can be found, chapter by chapter."""
    for chapter in library.in_order(language):
        for section in chapter.sections:
            if section.id != CORRECTIONS and not section.left_out:
                title = _title(library, chapter, section)
                yield Entry(chapter.slug, section.id, title, " ".join(section.blocks))


def _title(library: Library, chapter: Chapter, section: Section) -> str:
    """Each section answers to its heading; what to do now, to the whole chapter's business."""
    if section.id != NOW:
        return section.title
    labels = [
        path.label[chapter.language]
        for path in library.paths.values()
        if path.slug == chapter.slug and path.section is None
    ]
    return " ".join((section.title, chapter.title, chapter.audience, *labels))


@lru_cache(maxsize=2 * len(LANGUAGES))
def index(library: Library, language: str) -> Index:
    """The index of that library, made once."""
    return Index(library, language)


def search(
    query: str, language: str, limit: int = 10, *, library: Library | None = None
) -> tuple[Hit, ...]:
    """The sections of a library, or of the chapters as written, that best answer."""
    found = index(load_library() if library is None else library, language)
    return found.search(query, limit=limit)


def words(text: str) -> list[str]:
    """The words of a text, without case or accents."""
    folded = unicodedata.normalize("NFD", text.lower())
    return re.findall(r"[^\W_]+", "".join(c for c in folded if not unicodedata.combining(c)))


def terms(query: str) -> list[str]:
    """The words of a question that tell one section from another; all, if none does."""
    asked = list(dict.fromkeys(words(query[:LONGEST_QUERY])))
    return ([term for term in asked if term not in IDLE] or asked)[:MOST_TERMS]


def spoken(word: str) -> str:
    """One word, with its accents, as it sounds."""
    return "".join(map(sounds_like, words(word)))


def stem_of(sound: str) -> str:
    """A word as it sounds, without its ending."""
    return re.sub(*ENDING, sound)


def sounds_like(word: str) -> str:
    """A word written as Spanish sounds: «hijo» and «ijo», «llaman» and «yaman» come out alike."""
    for spelling, sound in SOUNDS:
        word = re.sub(spelling, sound, word)
    return word or "h"
