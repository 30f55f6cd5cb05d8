"""The whole handbook, read once: chapters, cards, trees, sheets, facts and reading paths."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from handbook import markup
from handbook.boards import Board, read_board
from handbook.cards import Card, cut
from handbook.chapter import NOW, Chapter, read_chapter
from handbook.country import laid_over
from handbook.facts import Fact, read_facts
from handbook.glossary import Term, read_glossary
from handbook.toml import parsed
from handbook.tree import Tree, read_tree
from handbook.wording import DEFAULT, LANGUAGES, WORDING

HERE = Path(__file__).parent
COUNTRIES = HERE.parent / "config" / "countries"
STANDARD = "mx"
K = TypeVar("K")
V = TypeVar("V")


class NotWritten(LookupError):
    """No such chapter, tree or situation."""


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A sheet to print: its fields, in each language, and whether it belongs only on paper."""

    id: str
    title: Mapping[str, str]
    fields: tuple[Mapping[str, str], ...]
    rows: int
    only_paper: bool


@dataclass(frozen=True, slots=True)
class ReadingPath:
    """Where a situation leads now; `target` None means that only a person can answer yet."""

    situation: str
    label: Mapping[str, str]
    target: str | None

    @property
    def slug(self) -> str | None:
        """The chapter, without the section."""
        return self.target and self.target.partition("#")[0]

    @property
    def section(self) -> str | None:
        """The section inside the chapter, if the path names one."""
        return (self.target and self.target.partition("#")[2]) or None

    def url(self, language: str) -> str | None:
        """Its page in that language."""
        return self.target and markup.address(self.target, language=language)


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Everything the handbook holds; unchanging, so it may be shared between threads.

    Two are the same only if they are one: what is made of a library is kept by it.
    """

    chapters: Mapping[tuple[str, str], Chapter]
    trees: Mapping[tuple[str, str], Tree]
    worksheets: Mapping[str, Worksheet]
    facts: Mapping[str, Fact]
    paths: Mapping[str, ReadingPath]
    glossary: Mapping[str, Term]
    boards: Mapping[tuple[str, str], Board]

    def chapter(self, slug: str, language: str = DEFAULT) -> Chapter:
        """The chapter of that slug in that language; NotWritten if there is none."""
        return _found(self.chapters, (slug, language))

    def tree(self, slug: str, language: str = DEFAULT) -> Tree:
        """The tree of that slug in that language; NotWritten if there is none."""
        return _found(self.trees, (slug, language))

    def board(self, slug: str, language: str = DEFAULT) -> Board:
        """The pictures of that chapter in that language; NotWritten if it has none."""
        return _found(self.boards, (slug, language))

    def words(self, language: str) -> tuple[Term, ...]:
        """The glossary in the order of that language's alphabet."""
        return tuple(sorted(self.glossary.values(), key=lambda term: _sorted(term.word[language])))

    def path(self, situation: str) -> ReadingPath:
        """Where to begin for somebody in that situation; NotWritten if it is not one we know."""
        return _found(self.paths, situation)

    def in_order(self, language: str) -> tuple[Chapter, ...]:
        """The chapters of a language, first to last."""
        chapters = [c for c in self.chapters.values() if c.language == language]
        return tuple(sorted(chapters, key=lambda chapter: chapter.number))

    @property
    def updated(self) -> date:
        """The day of its newest chapter."""
        return max(chapter.updated for chapter in self.chapters.values())

    def cards(self, slug: str, language: str = DEFAULT) -> tuple[Card, ...]:
        """The chapter as messages of at most 300 characters: what to do now, limits, the rest."""
        chapter = self.chapter(slug, language)
        wording = WORDING[language]
        cards: list[Card] = []
        for section in chapter.sections:
            label = wording.under_review if section.under_review else ""
            cards += cut(section.id, title=section.title, blocks=section.blocks, label=label)
            if section.id == NOW:
                cards.append(Card(NOW, section.title, wording.limits, under_review=False))
        return tuple(cards)


def _sorted(word: str) -> str:
    return unicodedata.normalize("NFD", word.lower())


def _found(shelf: Mapping[K, V], key: K) -> V:
    try:
        return shelf[key]
    except KeyError:
        raise NotWritten(key) from None


@cache
def load_library(country: str = STANDARD) -> Library:
    """The handbook as a country's networks serve it, read once for the life of the process."""
    return read_library(HERE, over=pack_of(country))


def pack_of(country: str) -> Path | None:
    """What that country's pack changes of the handbook, if it changes anything."""
    pack = COUNTRIES / country / "handbook"
    return pack if pack.is_dir() else None


def read_library(home: Path, *, over: Path | None = None) -> Library:
    """The handbook of that folder, with a pack's changes over it.

    BadHandbook names the file and line that cannot be read.
    """
    homes = [home, over] if over else [home]
    glossary = _merged(read_glossary(each / "glossary.toml") for each in homes)
    files = sorted((home / "chapters").glob("*.md"))
    chapters = [read_chapter(path, glossary.values()) for path in files]
    if over:
        chapters = laid_over(chapters, over, glossary.values())
    slugs = {chapter.slug for chapter in chapters}
    sheets = _merged(_sheets(each / "worksheets.toml") for each in homes)
    return Library(
        chapters={(chapter.slug, chapter.language): chapter for chapter in chapters},
        trees={
            (path.stem, language): read_tree(path, language=language)
            for path in sorted((home / "trees").glob("*.toml"))
            for language in LANGUAGES
        },
        worksheets=sheets,
        facts=_merged(read_facts(each / "facts.toml") for each in homes),
        paths={
            key: _path(key, path, written=slugs) for key, path in _read(home / "paths.toml").items()
        },
        glossary=glossary,
        boards={
            (path.stem, language): read_board(path, language=language)
            for each in homes
            for path in sorted((each / "boards").glob("*.toml"))
            for language in LANGUAGES
        },
    )


def _merged(parts: Iterable[Mapping[str, V]]) -> dict[str, V]:
    """One after the other; what a pack writes stands before ours of the same name."""
    return {key: value for part in parts for key, value in part.items()}


def _sheets(path: Path) -> dict[str, Worksheet]:
    return {key: _worksheet(key, sheet) for key, sheet in _read(path).items()}


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    return parsed(path.read_text("utf-8"))


def _worksheet(key: str, data: Mapping[str, Any]) -> Worksheet:
    return Worksheet(
        id=key,
        title=data["title"],
        fields=tuple(data["fields"]),
        rows=data.get("rows", 1),
        only_paper=data["only_paper"],
    )


def _path(key: str, data: Mapping[str, Any], *, written: set[str]) -> ReadingPath:
    target = data["chapter"] if data["chapter"] in written else data.get("meanwhile")
    return ReadingPath(key, data["label"], target)
