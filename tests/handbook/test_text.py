"""What a family reads: whole, labelled, sourced, short, easy, and the same in both languages."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from handbook.chapter import NOW
from handbook.library import HERE, Library, load_library, read_library
from handbook.lint import check
from handbook.reading import FERNANDEZ_HUERTA_FLOOR, FLESCH_FLOOR, INFLESZ_FLOOR, Count, count
from handbook.wording import DEFAULT, LANGUAGES, WORDING

CHAPTERS = tuple(chapter.slug for chapter in load_library().in_order(DEFAULT))
EVERY = [(slug, language) for slug in CHAPTERS for language in LANGUAGES]
every_chapter = pytest.mark.parametrize(("slug", "language"), EVERY)


def test_the_handbook_has_nothing_to_mend() -> None:
    assert check() == []


@every_chapter
def test_every_fact_cited_exists_and_names_its_source_or_says_it_has_none(
    library: Library, slug: str, language: str
) -> None:
    chapter = library.chapter(slug, language)
    for fact in chapter.facts:
        known = library.facts[fact]
        assert known.sources or known.confidence == "U"
        assert known.words[language]


@every_chapter
def test_a_fact_that_could_do_harm_stands_only_under_the_label(
    library: Library, slug: str, language: str
) -> None:
    for section in library.chapter(slug, language).sections:
        for fact in section.facts:
            assert library.facts[fact].harm <= section.harm
        assert section.under_review == bool(section.harm)


@every_chapter
def test_each_card_of_a_section_under_review_says_so(
    library: Library, slug: str, language: str
) -> None:
    chapter = library.chapter(slug, language)
    reviewed = {section.id for section in chapter.sections if section.under_review}
    label = WORDING[language].under_review
    for card in library.cards(slug, language):
        if card.text == WORDING[language].limits:
            continue
        assert (label in card.text) == (card.section in reviewed)
        assert card.under_review == (card.section in reviewed)


@every_chapter
def test_cards_are_short_and_without_markdown(library: Library, slug: str, language: str) -> None:
    for card in library.cards(slug, language):
        assert 0 < len(card.text) <= 300
        for mark in ("**", "[", "](", "## ", "{", "> "):
            assert mark not in card.text, card.text


@every_chapter
def test_the_first_cards_say_what_to_do_and_then_our_limits(
    library: Library, slug: str, language: str
) -> None:
    cards = library.cards(slug, language)
    first = cards[0].text.splitlines()
    assert first[0] == library.chapter(slug, language).section(NOW).title
    assert first[1].startswith("1. ")
    doing = [card for card in cards if card.section == NOW]
    assert list(cards[: len(doing)]) == doing
    assert doing[-1].text == WORDING[language].limits


@every_chapter
def test_every_section_has_a_card(library: Library, slug: str, language: str) -> None:
    sections = {section.id for section in library.chapter(slug, language).sections}
    assert {card.section for card in library.cards(slug, language)} == sections


@every_chapter
def test_a_number_nobody_has_dialled_says_so(library: Library, slug: str, language: str) -> None:
    untested = WORDING[language].untested
    chapter = library.chapter(slug, language)
    assert "tel:" not in "".join(section.html.text for section in chapter.sections)
    told = " ".join(card.text for card in library.cards(slug, language))
    numbers = re.findall(
        r"\[tel:([0-9 ]+)\]", (HERE / "chapters" / chapter.file).read_text("utf-8")
    )
    assert numbers
    for number in sorted(set(numbers), key=len, reverse=True):
        told = told.replace(f"{number} ({untested})", "")
        assert number not in told


@pytest.mark.parametrize("slug", CHAPTERS)
def test_spanish_is_easy_for_somebody_who_left_school_at_twelve(
    library: Library, slug: str
) -> None:
    counted = _counted(library, slug, "es")
    assert counted.inflesz >= INFLESZ_FLOOR
    assert counted.fernandez_huerta >= FERNANDEZ_HUERTA_FLOOR
    assert 900 <= counted.words <= 2500


@pytest.mark.parametrize("slug", CHAPTERS)
def test_english_is_easy_too(library: Library, slug: str) -> None:
    assert _counted(library, slug, "en").flesch >= FLESCH_FLOOR


def _counted(library: Library, slug: str, language: str) -> Count:
    sections = library.chapter(slug, language).sections
    blocks = [block for section in sections for block in (section.title, *section.blocks)]
    return count(blocks, language=language)


def test_somebody_being_called_lands_on_the_call(library: Library) -> None:
    assert library.path("calling_now").slug == "llamada-virtual"
    assert library.path("taken").slug == "primeras-horas"


def test_a_chapter_not_written_yet_leads_to_what_serves_meanwhile(tmp_path: Path) -> None:
    early = _only(tmp_path, "primeras-horas", "llamada-virtual")
    missing = early.path("missing")
    assert (missing.slug, missing.section) == ("primeras-horas", "que-es")
    assert missing.url("en") == "/manual/primeras-horas?lang=en#que-es"
    assert early.path("returned").target is None


def test_a_chapter_once_written_is_where_its_situation_leads(library: Library) -> None:
    written = {slug for slug, _ in library.chapters}
    for situation, asked in tomllib.loads((HERE / "paths.toml").read_text("utf-8")).items():
        if asked["chapter"] in written:
            assert library.path(situation).target == asked["chapter"]


def _only(home: Path, *slugs: str) -> Library:
    """The handbook as it was when only those chapters had been written."""
    for path in (*HERE.glob("*.toml"), *HERE.glob("trees/*.toml"), *HERE.glob("chapters/*.md")):
        if path.suffix == ".toml" or path.name[3:].partition(".")[0] in slugs:
            copy = home / path.relative_to(HERE)
            copy.parent.mkdir(exist_ok=True)
            shutil.copy(path, copy)
    return read_library(home)
