"""What a network dialled and had reviewed shows on pages, cards, phones and paper alike."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.country import load_pack
from handbook import epub, pocket, press
from handbook.cards import LONGEST
from handbook.chapter import read_chapter
from handbook.edition import Edition
from handbook.library import HERE, Library
from handbook.offline import version
from handbook.standing import (
    NOTHING_KNOWN,
    OF_TREES,
    WHOLE,
    Dialled,
    Heard,
    Key,
    Standing,
    as_it_stands,
    of_pack,
)
from handbook.web import KNOWN
from handbook.wording import LANGUAGES, WORDING

DAY = date(2026, 11, 21)
SLUG = "primeras-horas"
TREE = "virtual-call"
REFUSING = Standing(refuses=True)
Told = Callable[[Standing], FlaskClient]


@pytest.fixture
def told(reader: FlaskClient) -> Told:
    def tell(standing: Standing) -> FlaskClient:
        app = reader.application
        assert isinstance(app, Flask)
        app.extensions[KNOWN] = lambda: standing
        return reader

    return tell


def dialled(number: str, heard: Heard) -> Standing:
    return Standing(frozenset({Dialled(number, heard, DAY)}))


def every_key(library: Library) -> frozenset[Key]:
    sections = {
        (chapter.slug, section.id, chapter.language)
        for chapter in library.chapters.values()
        for section in chapter.sections
        if section.harm
    }
    return frozenset(sections | {(OF_TREES + slug, WHOLE, la) for slug, la in library.trees})


def test_nothing_known_changes_nothing(library: Library) -> None:
    served = as_it_stands(library, NOTHING_KNOWN)
    assert served.library is served.searched is library


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        (Heard.ANSWERED, "contestó el 21 nov 2026"),
        (Heard.SILENT, "no contestó el 21 nov 2026"),
        (Heard.WRONG, "el 21 nov 2026 no era ese servicio"),
    ],
)
def test_a_number_says_what_was_heard_and_only_one_that_answers_can_be_pressed(
    told: Told, heard: Heard, words: str
) -> None:
    reader = told(dialled("911", heard))
    html = reader.get("/manual/derechos-y-directorio").text
    assert f"911 <small>({words})</small>" in re.sub(r"<a [^>]*>911</a>", "911", html)
    assert ('href="tel:911"' in html) == (heard is Heard.ANSWERED)
    assert "089 <small>(sin probar)</small>" in html
    step = reader.get(f"/manual/arbol/{TREE}/confirmado").text
    assert "911 <small>(sin probar)</small>" not in step


def test_the_chat_says_the_same_and_no_card_grows_too_long(library: Library) -> None:
    numbers = {line.number for line in load_pack("mx").directory}
    standing = Standing(frozenset(Dialled(one, Heard.WRONG, DAY) for one in numbers))
    found = as_it_stands(library, standing).library
    cards = [card for slug, language in found.chapters for card in found.cards(slug, language)]
    cards += [
        card for tree in found.trees.values() for step in tree.steps.values() for card in step.cards
    ]
    assert any("no era ese servicio" in card.text for card in cards)
    assert all(len(card.text) <= LONGEST for card in cards)
    assert not any(f"({WORDING[la].untested})" in card.text for card in cards for la in LANGUAGES)


def test_a_review_takes_the_label_off_that_section_in_that_language_alone(
    told: Told, library: Library
) -> None:
    label = WORDING["es"].under_review
    reader = told(Standing(reviewed=frozenset({(SLUG, "telefono", "es")})))
    html = reader.get(f"/manual/{SLUG}").text
    sections = dict(re.findall(r'<section id="([a-z-]+)"(.*?)</section>', html, re.DOTALL))
    assert label not in sections["telefono"]
    assert label in sections["ahora"]
    english = reader.get(f"/manual/{SLUG}?lang=en").text
    assert english.count(WORDING["en"].under_review) == html.count(label) + 1
    found = as_it_stands(library, Standing(reviewed=frozenset({(SLUG, "telefono", "es")})))
    for card in found.library.cards(SLUG):
        assert (label in card.text) == (
            library.chapter(SLUG).section(card.section).under_review
            and card.section != "telefono"
            and card.text != WORDING["es"].limits
        )


def test_with_everything_reviewed_no_label_is_left_anywhere(library: Library) -> None:
    found = as_it_stands(library, Standing(reviewed=every_key(library))).library
    for language in LANGUAGES:
        label = WORDING[language].under_review
        edition = Edition(found, language, found.in_order(language))
        paper = [press.page(edition, f"{part}.html") for part in ("sheets", "cards")]
        assert not any(f'"under-review">{label}' in html.replace("\n", "") for html in paper)
        assert not any(label in c.text for c in (found.cards(SLUG, language)))
        assert not any(
            label in card.text
            for tree in found.trees.values()
            for step in tree.steps.values()
            for card in step.cards
        )


def test_a_network_may_keep_back_what_nobody_reviewed(told: Told, library: Library) -> None:
    reader = told(REFUSING)
    wording = WORDING["es"]
    secret = library.chapter(SLUG).section("telefono").blocks[0]
    html = reader.get(f"/manual/{SLUG}").text
    assert html.count(wording.left_out) == sum(
        bool(section.harm) for section in library.chapter(SLUG).sections
    )
    assert secret not in re.sub(r"<[^>]+>", "", html)
    step = reader.get(f"/manual/arbol/{TREE}").text
    assert wording.left_out in step
    assert 'class="way"' not in step
    assert reader.get(f"/manual/arbol/{TREE}/comprobar").status_code == 404
    hits = reader.get("/manual/search?q=celular", headers={"Accept": "application/json"}).json
    assert hits is not None
    assert not [hit for hit in hits if library.chapter(hit["chapter"]).section(hit["section"]).harm]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_kept_back_is_in_no_card_no_phone_and_on_no_paper(
    library: Library, language: str
) -> None:
    found = as_it_stands(library, REFUSING)
    shown = {
        block
        for chapter in library.in_order(language)
        for section in chapter.sections
        if not section.harm
        for block in section.blocks
    }
    hidden = [
        block
        for chapter in library.in_order(language)
        for section in chapter.sections
        if section.harm
        for block in section.blocks
        if len(block) > 60 and block not in shown
    ]
    cards = " ".join(c.text for s, la in found.library.chapters for c in found.library.cards(s, la))
    edition = Edition(found.library, language, found.library.in_order(language))
    paper = [press.page(edition, f"{part}.html") for part in ("book", "sheets", "cards")]
    words = re.sub(r"<[^>]+>", "", " ".join((cards, *paper)))
    assert WORDING[language].left_out in words
    assert not [block for block in hidden if block in words]
    carried = pocket.carried(found.searched, language)
    for chapter in library.in_order(language):
        for section in chapter.sections:
            if section.harm:
                assert f'"/manual/{chapter.slug}#{section.id}"' not in carried
    assert WORDING[language].left_out.encode() not in epub.bind(edition)  # it is squeezed there


def test_a_phone_learns_that_something_changed() -> None:
    names = {version(), version(REFUSING.digest), version(dialled("911", Heard.SILENT).digest)}
    assert len(names) == 3


def test_a_section_has_another_digest_when_a_word_of_it_changes(library: Library) -> None:
    digests = [s.digest for c in library.chapters.values() for s in c.sections]
    assert len(set(digests)) == len(digests)


def test_only_the_section_that_changed_has_another_digest(tmp_path: Path) -> None:
    source = HERE / "chapters" / "01-primeras-horas.es.md"
    before = read_chapter(source)
    text = source.read_text("utf-8")
    at = text.index('{#telefono harm="9"}')
    copy = tmp_path / source.name
    copy.write_text(text[:at] + text[at:].replace('harm="9"', 'harm="9 1"', 1), "utf-8")
    after = read_chapter(copy)
    changed = {
        one.id
        for one, two in zip(before.sections, after.sections, strict=True)
        if one.digest != two.digest
    }
    assert changed == {"telefono"}


def test_the_pack_alone_vouches_for_ninety_days() -> None:
    pack = load_pack("mx")
    line = replace(pack.directory[0], last_dialled=DAY)
    known = replace(pack, directory=(line, *pack.directory[1:]))
    assert [one.number for one in of_pack(known, on=DAY).dialled] == ["911"]
    assert of_pack(known, on=DAY + timedelta(days=90)).dialled
    assert not of_pack(known, on=DAY + timedelta(days=91)).dialled
    assert not of_pack(known, on=DAY - timedelta(days=1)).dialled


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_that_could_do_harm_carries_its_label_in_chat_and_on_paper(
    library: Library, language: str
) -> None:
    label = WORDING[language].under_review
    edition = Edition(library, language, library.in_order(language))
    book = press.page(edition, "book.html")
    for chapter in library.in_order(language):
        for card in library.cards(chapter.slug, language):
            if card.text != WORDING[language].limits:
                owed = bool(chapter.section(card.section).harm)
                assert (label in card.text) == owed, (chapter.slug, card.section)
        for section in chapter.sections:
            start = book.index(f'id="{chapter.slug}--{section.id}"')
            printed = book[start : book.index("</section>", start)]
            assert (label in printed) == bool(section.harm), (chapter.slug, section.id)
    for (_slug, spoken), tree in library.trees.items():
        for step in tree.steps.values():
            assert all(
                WORDING[spoken].under_review in card.text for card in step.cards if step.harm
            )
