"""What is wrong with the words explained and the pictures drawn."""

from collections.abc import Iterable, Iterator, Sequence

from handbook.boards import Board, Panel
from handbook.chapter import NOW, Chapter
from handbook.drawing import CannotDraw, draw
from handbook.glossary import Term
from handbook.library import Library
from handbook.problems import Problem, facts_of, forbidden, target_exists
from handbook.reading import FLOORS, count, levels
from handbook.wording import LANGUAGES

WORDS = "glossary.toml"
LONGEST_CAPTION = 160


def glossary(library: Library) -> Iterator[Problem]:
    """Each word is used, in every language, explained in plain ones, and rests on what it cites."""
    for language in LANGUAGES:
        used = {term for chapter in library.in_order(language) for term in chapter.terms}
        for term in library.glossary.values():
            for what in _term(term, language, used, library):
                yield Problem(WORDS, term.line, f"{term.id}: {what}")
        means = [term.means[language] for term in library.glossary.values()]
        yield from hard(WORDS, 1, means, language)


def _term(term: Term, language: str, used: set[str], library: Library) -> Iterator[str]:
    if term.id not in used:
        yield f"no chapter uses it in {language}"
    if not term.means[language].endswith("."):
        yield f"is not explained in a sentence in {language}"
    yield from forbidden((term.means[language],), language)
    yield from facts_of(term.facts, term.harm, library)


def pictures(library: Library) -> Iterator[Problem]:
    """Each picture can be drawn, says what it shows, and rests on a step of its chapter."""
    for (slug, language), board in library.boards.items():
        chapter = library.chapters.get((slug, language))
        if chapter is None:
            yield Problem(f"{slug}.toml", 1, f"pictures of a chapter there is not: {slug}")
            continue
        for number, panel in enumerate(board.panels, start=1):
            for what in _panel(panel, board, chapter, library):
                yield Problem(f"{slug}.toml", panel.line, f"picture {number}: {what}")
        yield from hard(f"{slug}.toml", 1, [panel.words for panel in board.panels], language)


def _panel(panel: Panel, board: Board, chapter: Chapter, library: Library) -> Iterator[str]:
    sections = {section.id: section for section in chapter.sections}
    if panel.section not in sections:
        yield f"rests on nothing: {chapter.slug}#{panel.section}"
    elif panel.section == NOW:
        steps = sum(block[0].isdigit() for block in sections[NOW].blocks)
        if panel.step is None or not 1 <= panel.step <= steps:
            yield f"#{NOW} has no step {panel.step}"
    try:
        draw(panel.strokes, alt=panel.alt)
    except CannotDraw as stroke:
        yield f"cannot be drawn: {stroke}"
    if not panel.alt.strip():
        yield f"does not say what it shows in {board.language}"
    if len(panel.words) > LONGEST_CAPTION:
        yield f"its line is longer than {LONGEST_CAPTION}"
    yield from (f"link to nowhere: {to}" for to in panel.links if not target_exists(to, library))
    yield from forbidden((panel.words, panel.alt), board.language)


def hard(file: str, line: int, blocks: Iterable[str], language: str) -> Iterator[Problem]:
    """Texts above the sixth year of primary, with the formula that says so."""
    texts: Sequence[str] = tuple(blocks)
    if not texts:
        return
    for name, level in levels(count(texts, language=language), language).items():
        if level < FLOORS[name]:
            what = f"hard to read: {name} {level:.0f}, should be {FLOORS[name]:.0f}"
            yield Problem(file, line, what)
