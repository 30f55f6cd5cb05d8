"""Find the section that answers somebody frightened: no accents, misspelt, half a sentence.

Two indexes of the same text: as written (SQLite FTS5, accents folded) and as it sounds in Spanish.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from threading import Lock

from handbook import markup
from handbook.chapter import CORRECTIONS, Section
from handbook.library import Library, load_library

LONGEST_QUERY = 200
MOST_TERMS = 16
EXCERPT_WORDS = 24
TABLE = """
CREATE VIRTUAL TABLE sections USING fts5(
    language UNINDEXED, chapter UNINDEXED, section UNINDEXED, title, body, sound,
    tokenize = "unicode61 remove_diacritics 2"
)
"""
ASK = """
SELECT chapter, section, snippet(sections, 4, '', '', '…', ?)
FROM sections WHERE sections MATCH ? AND language = ?
ORDER BY bm25(sections, 0, 0, 0, 8.0, 1.0, 0.6) LIMIT ?
"""
# What Spanish spelling keeps apart and speech does not, in this order.
SOUNDS = (
    (r"(?<!c)h", ""),
    (r"qu(?=[ei])|c(?=[aouklrtn]|$)|q", "k"),
    (r"c(?=[ei])|z|x", "s"),
    (r"v", "b"),
    (r"ll", "y"),
    (r"g(?=[ei])", "j"),
    (r"gu(?=[ei])", "g"),
    (r"(.)\1", r"\1"),
)
# Too common to tell one section from another.
IDLE = frozenset(
    re.findall(
        r"\w+",
        "a al ago aser con de del el ella en es esta este estoy ha hacer hago la las le les lo los "
        "me mi mis no nos o para pero por q que qe k se si su sus te un una unos y ya "
        "the of to and in is i my me it do if what",
    )
)


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
        self._database.executemany("INSERT INTO sections VALUES (?, ?, ?, ?, ?, ?)", self._rows())

    def _rows(self) -> Iterator[tuple[str, str, str, str, str, str]]:
        for chapter in self._library.chapters.values():
            for section in chapter.sections:
                if section.id == CORRECTIONS:
                    continue
                body = " ".join(section.blocks)
                sound = " ".join(map(sounds_like, words(f"{section.title} {body}")))
                yield (
                    chapter.language,
                    chapter.slug,
                    section.id,
                    f"{chapter.title} {section.title}",
                    body,
                    sound,
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


@cache
def index() -> Index:
    """The index of the handbook as it is served."""
    return Index(load_library())


def search(query: str, language: str, limit: int = 10) -> tuple[Hit, ...]:
    """The sections of the handbook that best answer, in that language."""
    return index().search(query, language=language, limit=limit)


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
    star = "*" if len(term) > 3 else ""  # noqa: PLR2004  a short word's beginning fits everything
    stem = term[:-1] if len(term) > 4 and term.endswith("s") else term  # noqa: PLR2004  plurals
    return f'{{title body}} : "{stem}"{star} OR {{sound}} : "{sounds_like(stem)}"{star}'


def sounds_like(word: str) -> str:
    """A word written as Spanish sounds: «hijo» and «ijo», «llaman» and «yaman» come out alike."""
    for spelling, sound in SOUNDS:
        word = re.sub(spelling, sound, word)
    return word or "h"
