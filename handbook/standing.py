"""What is known of the handbook today: which numbers answered, and which sections were reviewed.

The chapters alone know neither, so they say the careful thing: «sin probar» beside each number, the
label on each section that could do harm. A network that has dialled or had a section reviewed tells
it here; pages, cards, what a phone keeps and paper are all made from what comes out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from babel.dates import format_date

from config.country import Pack
from handbook import markup
from handbook.boards import Board
from handbook.cards import cut
from handbook.chapter import Chapter, Section
from handbook.glossary import Term
from handbook.library import Library, Worksheet
from handbook.markup import Html
from handbook.tree import Step, Tree
from handbook.wording import LOCALES, WORDING

OF_TREES = "arbol:"  # a tree is reviewed as a whole, under `arbol:<tree>#todo`
WHOLE = "todo"
FRESH = timedelta(days=90)
CALL = "call"
Key = tuple[str, str, str]  # chapter or tree, section, language


class Heard(StrEnum):
    """What was heard at the other end, when somebody of the network dialled."""

    ANSWERED = "answered"
    SILENT = "silent"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Dialled:
    """The last time a number was dialled. One that is not known here is not tested."""

    number: str
    heard: Heard
    day: date
    call: bool = True  # False where it is a number to write to


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it at one moment; the same words make the same handbook."""

    dialled: frozenset[Dialled] = frozenset()
    reviewed: frozenset[Key] = frozenset()
    refuses: bool = False  # what could do harm and nobody reviewed is not served

    @property
    def digest(self) -> str:
        """The same for the same knowledge, in whatever process."""
        numbers = sorted(f"{one.number} {one.heard} {one.day}" for one in self.dialled)
        sections = sorted(map(" ".join, self.reviewed))
        return "\n".join((*numbers, *sections, str(self.refuses)))


NOTHING_KNOWN = Standing()


def is_fresh(day: date, *, on: date) -> bool:
    """Whether a test of that day still says something; one from the future says nothing."""
    return timedelta(0) <= on - day <= FRESH


def of_pack(pack: Pack, *, on: date) -> Standing:
    """What the country pack alone knows: for paper, and before a network's own first test."""
    return Standing(
        frozenset(
            Dialled(line.number, Heard.ANSWERED, line.last_dialled, call=line.channel == CALL)
            for line in pack.directory
            if line.last_dialled is not None and is_fresh(line.last_dialled, on=on)
        ),
        refuses=pack.handbook.refuse_unreviewed,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """The handbook as it may be shown, and the same without what changes by the day, to search."""

    library: Library
    searched: Library


def digest_of(library: Library, chapter: str, section: str, language: str) -> str:
    """The digest of a section's words as they are; empty where there is no such section."""
    if chapter.startswith(OF_TREES):
        tree = library.trees.get((chapter.removeprefix(OF_TREES), language))
        return tree.digest if tree is not None and section == WHOLE else ""
    found = library.chapters.get((chapter, language))
    sections = found.sections if found is not None else ()
    return next((one.digest for one in sections if one.id == section), "")


def signed(library: Library, listed: Sequence[Sequence[str]]) -> frozenset[Key]:
    """The reviews of a list of chapter, section, language and digest that are of today's words."""
    return frozenset(
        (chapter, section, language)
        for chapter, section, language, digest in listed
        if digest and digest_of(library, chapter, section, language) == digest
    )


def as_it_stands(library: Library, standing: Standing) -> Served:
    """The library with its labels, its left-out sections and its tested numbers."""
    searched = _reviewed(library, standing.reviewed, refuses=standing.refuses)
    return Served(_dialled(searched, standing.dialled), searched)


@lru_cache(maxsize=4)
def _reviewed(library: Library, reviewed: frozenset[Key], *, refuses: bool) -> Library:
    """Labels gone where a review stands; where none does and we refuse, a sentence in its place."""
    if not reviewed and not refuses:
        return library
    chapters = {
        key: _chapter_reviewed(chapter, reviewed, refuses=refuses)
        for key, chapter in library.chapters.items()
    }
    return replace(
        library,
        chapters=chapters,
        worksheets={
            key: _read_only(sheet, chapters.values()) if refuses and not sheet.rows else sheet
            for key, sheet in library.worksheets.items()
        },
        trees={
            key: _tree_reviewed(tree, reviewed, refuses=refuses)
            for key, tree in library.trees.items()
        },
        glossary={
            key: _term_reviewed(term, refuses=refuses) for key, term in library.glossary.items()
        },
        boards={
            key: board
            for key, board in library.boards.items()
            if not any(chapters[key].section(one.section).left_out for one in board.panels)
        },
    )


def _term_reviewed(term: Term, *, refuses: bool) -> Term:
    sentence = {language: wording.left_out for language, wording in WORDING.items()}
    return replace(term, means=sentence) if refuses and term.harm else term


def _chapter_reviewed(chapter: Chapter, reviewed: frozenset[Key], *, refuses: bool) -> Chapter:
    sections = tuple(
        _section_reviewed(
            section,
            language=chapter.language,
            reviewed=(chapter.slug, section.id, chapter.language) in reviewed,
            refuses=refuses,
        )
        for section in chapter.sections
    )
    shown = {fact for section in sections for fact in section.facts}
    facts = tuple(fact for fact in chapter.facts if fact in shown)
    return replace(chapter, sections=sections, facts=facts)


def _read_only(sheet: Worksheet, chapters: Iterable[Chapter]) -> Worksheet:
    """A sheet with nothing to fill in is advice: it waits for the chapters that use it."""
    waits = any(
        section.left_out
        for chapter in chapters
        if sheet.id in chapter.worksheets
        for section in chapter.sections
    )
    sentence = {language: wording.left_out for language, wording in WORDING.items()}
    return replace(sheet, fields=(sentence,)) if waits else sheet


def _section_reviewed(section: Section, *, language: str, reviewed: bool, refuses: bool) -> Section:
    if not section.harm:
        return section
    if reviewed:
        return replace(section, reviewed=True)
    if not refuses:
        return section
    sentence = WORDING[language].left_out
    return replace(
        section,
        html=Html(f"<p>{sentence}</p>"),
        blocks=(sentence,),
        facts=(),
        links=(),
        left_out=True,
    )


def _tree_reviewed(tree: Tree, reviewed: frozenset[Key], *, refuses: bool) -> Tree:
    if (OF_TREES + tree.slug, WHOLE, tree.language) in reviewed:
        steps = (_recut(tree, replace(step, reviewed=True)) for step in tree.steps.values())
        return replace(tree, steps={step.id: step for step in steps})
    if not refuses or not any(step.harm for step in tree.steps.values()):
        return tree
    sentence = WORDING[tree.language].left_out
    alone = replace(
        tree.steps[tree.start],
        html=Html(f"<p>{sentence}</p>"),
        blocks=(sentence,),
        choices=(),
        onward=(),
        facts=(),
    )
    return replace(tree, steps={alone.id: _recut(tree, alone)})


@lru_cache(maxsize=4)
def _dialled(library: Library, dialled: frozenset[Dialled]) -> Library:
    """Each number that was dialled with what was heard; one that answers can be pressed."""
    if not dialled:
        return library
    known = {_digits(one.number): one for one in dialled}
    return replace(
        library,
        chapters={key: _chapter_dialled(one, known) for key, one in library.chapters.items()},
        trees={key: _tree_dialled(one, known) for key, one in library.trees.items()},
        boards={key: _board_dialled(one, known) for key, one in library.boards.items()},
    )


def _board_dialled(board: Board, known: dict[str, Dialled]) -> Board:
    language = board.language
    panels = (
        replace(
            panel,
            caption=_shown(panel.caption, known, language),
            words=_said(panel.words, known, language),
        )
        for panel in board.panels
    )
    return replace(board, panels=tuple(panels))


def _chapter_dialled(chapter: Chapter, known: dict[str, Dialled]) -> Chapter:
    language = chapter.language
    return replace(
        chapter,
        sections=tuple(
            replace(
                section,
                html=_shown(section.html, known, language),
                blocks=tuple(_said(block, known, language) for block in section.blocks),
            )
            for section in chapter.sections
        ),
    )


def _tree_dialled(tree: Tree, known: dict[str, Dialled]) -> Tree:
    language = tree.language
    steps = (
        replace(
            step,
            html=_shown(step.html, known, language),
            blocks=tuple(_said(block, known, language) for block in step.blocks),
        )
        for step in tree.steps.values()
    )
    return replace(tree, steps={step.id: _recut(tree, step) for step in steps})


def _recut(tree: Tree, step: Step) -> Step:
    label = WORDING[tree.language].under_review if step.under_review else ""
    return replace(step, cards=cut(step.id, title=tree.title, blocks=step.blocks, label=label))


def _shown(html: Html, known: dict[str, Dialled], language: str) -> Html:
    """The same markup; it was sanitised, and a number and a date are all that is added."""
    if WORDING[language].untested not in html.text:
        return html

    def mark(found: re.Match[str]) -> str:
        one = known.get(_digits(found[1]))
        if one is None:
            return found[0]
        number = found[1]
        if one.heard is Heard.ANSWERED and one.call:
            number = f'<a href="tel:{_digits(number)}">{number}</a>'
        return markup.line_shown(number, _words(one, language))

    return Html(markup.line_pattern(language).sub(mark, html.text))


def _said(words: str, known: dict[str, Dialled], language: str) -> str:
    if WORDING[language].untested not in words:
        return words

    def mark(found: re.Match[str]) -> str:
        one = known.get(_digits(found[1]))
        return found[0] if one is None else markup.line_said(found[1], _words(one, language))

    return markup.said_pattern(language).sub(mark, words)


@lru_cache(maxsize=256)
def _words(one: Dialled, language: str) -> str:
    wording = WORDING[language]
    words = {
        Heard.ANSWERED: wording.answered,
        Heard.SILENT: wording.silent,
        Heard.WRONG: wording.wrong,
    }
    return words[one.heard].format(day=format_date(one.day, "d MMM y", LOCALES[language]))


def _digits(number: str) -> str:
    return number.replace(" ", "")
