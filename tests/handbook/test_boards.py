"""Who would rather look finds the same steps and labels, and each picture is said in words."""

import re
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from handbook.boards import Board
from handbook.drawing import HEIGHT, WIDTH, CannotDraw, draw
from handbook.library import Library, NotWritten, load_library
from handbook.wording import LANGUAGES, WORDING

URGENT = ("primeras-horas", "llamada-virtual")
EVERY = [(slug, language) for slug in URGENT for language in LANGUAGES]
every_board = pytest.mark.parametrize(("slug", "language"), EVERY)
AWAY = re.compile(r"<image|<use|<script|<style|href|url\(|data:|font|<text")


@every_board
def test_every_step_of_what_to_do_now_has_its_picture(
    library: Library, slug: str, language: str
) -> None:
    board = library.board(slug, language)
    steps = library.chapter(slug, language).section("ahora").blocks
    shown = {panel.step for panel in board.panels if panel.section == "ahora"}
    assert shown == set(range(1, len(steps) + 1))


@every_board
def test_a_picture_is_lines_alone_and_says_what_it_shows(
    library: Library, slug: str, language: str
) -> None:
    for panel in library.board(slug, language).panels:
        picture = panel.picture.text
        assert not AWAY.search(picture.replace("http://www.w3.org/2000/svg", ""))
        root = ET.fromstring(picture)  # noqa: S314  # drawn a line above
        assert root.get("role") == "img"
        assert root.get("aria-label") == panel.alt
        assert panel.alt


@every_board
def test_the_page_owes_its_label_and_its_limits(
    reader: FlaskClient, slug: str, language: str
) -> None:
    html = reader.get(f"/manual/{slug}/dibujos?lang={language}").text
    assert WORDING[language].under_review in html
    assert WORDING[language].limits in html
    assert f"({WORDING[language].untested})" in html
    assert len(re.findall("<svg", html)) == len(library_board(slug, language).panels)
    assert f"/manual/{slug}/dibujos" in reader.get(f"/manual/{slug}?lang={language}").text


def library_board(slug: str, language: str) -> Board:
    return load_library().board(slug, language)


def test_both_languages_have_the_same_pictures(library: Library) -> None:
    for slug in URGENT:
        ours, theirs = (library.board(slug, language) for language in LANGUAGES)
        assert [panel.strokes for panel in ours.panels] == [one.strokes for one in theirs.panels]


def test_pictures_of_a_chapter_without_any(reader: FlaskClient, library: Library) -> None:
    assert reader.get("/manual/prevenir/dibujos").status_code == 404
    assert reader.get("/manual/nada/dibujos").status_code == 404
    with pytest.raises(NotWritten):
        library.board("prevenir")


@pytest.mark.parametrize("stroke", ["", "person", "dragon 1 2", "person x 2", "bubble 1 2 roar"])
def test_a_stroke_nobody_knows_is_refused(stroke: str) -> None:
    with pytest.raises((CannotDraw, ValueError)):
        draw((stroke,), alt="x")


def test_nothing_is_drawn_off_the_sheet() -> None:
    for board in load_library().boards.values():
        for panel in board.panels:
            for stroke in panel.strokes:
                _shape, x, y, *_ = stroke.split()
                assert 30 <= int(x) <= WIDTH - 30, stroke
                assert 20 <= int(y) <= HEIGHT - 20, stroke
