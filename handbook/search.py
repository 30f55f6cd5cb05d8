"""Find the section that answers somebody frightened: no accents, misspelt, half a sentence.

Two indexes of the same text: as written (SQLite FTS5, accents folded) and as it sounds in Spanish.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from handbook import markup
from handbook.chapter import CORRECTIONS, NOW, Chapter, Section
from handbook.library import Library, load_library
from handbook.wording import LANGUAGES

LONGEST_QUERY = 200
MOST_TERMS = 16
EXCERPT_WORDS = 24
TABLE = """
CREATE VIRTUAL TABLE sections USING fts5(
    language UNINDEXED, chapter UNINDEXED, section UNINDEXED, title, body, title_sound, sound,
    tokenize = "unicode61 remove_diacritics 2"
)
"""
ASK = """
SELECT chapter, section, snippet(sections, 4, '', '', '…', ?)
FROM sections WHERE sections MATCH ? AND language = ?
ORDER BY bm25(sections, 0, 0, 0, 8.0, 1.0, 4.0, 0.6) LIMIT ?
"""
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
    """A search index of one library, in memory; safe to share between threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute(TABLE)
        self._database.executemany(
            "INSERT INTO sections VALUES (?, ?, ?, ?, ?, ?, ?)", self._rows()
        )

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for language in LANGUAGES:
            for entry in entries(self._library, language):
                yield (
                    language,
                    entry.chapter,
                    entry.section,
                    entry.title,
                    entry.body,
                    spoken(entry.title),
                    spoken(entry.body),
                )

    def search(self, query: str, *, language: str, limit: int = 10) -> tuple[Hit, ...]:
        """The best sections first; nothing for a query without words."""
        match = expression(query)
        if not match:
            return ()
        with self._lock:
            asked = (EXCERPT_WORDS, match, language, limit)
            rows = self._database.execute(ASK, asked).fetchall()
        return tuple(self._hit(*row, language=language) for row in rows)

    def _hit(self, slug: str, section_id: str, excerpt: str, *, language: str) -> Hit:
        chapter = self._library.chapter(slug, language)
        section: Section = chapter.section(section_id)
        url = markup.address(f"{slug}#{section_id}", language=language)
        return Hit(slug, chapter.title, section_id, section.title, url, excerpt)


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


@lru_cache(maxsize=2)
def index(library: Library) -> Index:
    """The index of that library."""
    return Index(library)


def search(
    query: str, language: str, limit: int = 10, *, library: Library | None = None
) -> tuple[Hit, ...]:
    """The sections of a library, or of the chapters as written, that best answer."""
    found = index(load_library() if library is None else library)
    return found.search(query, language=language, limit=limit)


def words(text: str) -> list[str]:
    """The words of a text, without case or accents."""
    folded = unicodedata.normalize("NFD", text.lower())
    return re.findall(r"[^\W_]+", "".join(c for c in folded if not unicodedata.combining(c)))


def expression(query: str) -> str:
    """What FTS5 is asked: each term quoted, as written or as it sounds; empty if there is none."""
    terms = list(dict.fromkeys(words(query[:LONGEST_QUERY])))
    terms = [term for term in terms if term not in IDLE] or terms
    return " OR ".join(f"({_either(term)})" for term in terms[:MOST_TERMS])


def _either(term: str) -> str:
    sound = sounds_like(term)
    stem = stem_of(sound)
    star = "*" if stem != sound or len(sound) > SHORT else ""  # a short beginning fits everything
    also = "".join(f' OR {{title_sound sound}} : "{other}"*' for other in ALSO.get(stem, ()))
    return f'{{title body}} : "{term}" OR {{title_sound sound}} : "{stem}"{star}{also}'


def spoken(text: str) -> str:
    """Every word of a text as it sounds."""
    return " ".join(map(sounds_like, words(text)))


def stem_of(sound: str) -> str:
    """A word as it sounds, without its ending."""
    return re.sub(*ENDING, sound)


def sounds_like(word: str) -> str:
    """A word written as Spanish sounds: «hijo» and «ijo», «llaman» and «yaman» come out alike."""
    for spelling, sound in SOUNDS:
        word = re.sub(spelling, sound, word)
    return word or "h"
