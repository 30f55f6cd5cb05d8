"""A hard word leads to a plain one, once in each chapter, and never among the steps."""

import re

import pytest
from flask.testing import FlaskClient

from handbook.library import Library, load_library
from handbook.reading import FERNANDEZ_HUERTA_FLOOR, FLESCH_FLOOR, INFLESZ_FLOOR, count
from handbook.wording import DEFAULT, LANGUAGES, WORDING

EVERY = [
    (chapter.slug, language)
    for chapter in load_library().in_order(DEFAULT)
    for language in LANGUAGES
]
LINK = re.compile(r'<a href="[^"]*/manual/glosario[^"#]*#([a-z]+)" class="term">')


@pytest.mark.parametrize(("slug", "language"), EVERY)
def test_each_word_is_led_to_once_and_not_from_what_to_do_now(
    library: Library, slug: str, language: str
) -> None:
    chapter = library.chapter(slug, language)
    found = [word for section in chapter.sections for word in LINK.findall(section.html.text)]
    assert found == list(chapter.terms)
    assert len(found) == len(set(found))
    for name in ("ahora", "dilo"):
        assert not LINK.search(chapter.section(name).html.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_used_and_shown_with_its_plain_meaning(
    reader: FlaskClient, library: Library, language: str
) -> None:
    html = reader.get(f"/manual/glosario?lang={language}").text
    used = {term for chapter in library.in_order(language) for term in chapter.terms}
    assert used == library.glossary.keys()
    for term in library.glossary.values():
        shown = html.partition(f'<dt id="{term.id}">')[2].partition("</dd>")[0]
        assert term.means[language].split()[0] in shown
        assert (WORDING[language].under_review in shown) == bool(term.harm)


def test_the_plain_words_are_plain(library: Library) -> None:
    spanish = count([term.means["es"] for term in library.glossary.values()], language="es")
    assert spanish.inflesz >= INFLESZ_FLOOR
    assert spanish.fernandez_huerta >= FERNANDEZ_HUERTA_FLOOR
    english = count([term.means["en"] for term in library.glossary.values()], language="en")
    assert english.flesch >= FLESCH_FLOOR
