"""Paper says what the pages say, owes the same labels, and is the same from the same chapters."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.parsers import expat

import pikepdf
import pytest
from click.testing import CliRunner

from handbook import epub
from handbook.console import press_handbook
from handbook.edition import PAPER, Edition
from handbook.library import HERE, Library, NotWritten
from handbook.markup import Html
from handbook.press import CannotPrint, held, page, pdf, press
from handbook.wording import LANGUAGES, WORDING

SLUG = "llamada-virtual"
WORDIEST = (SLUG, "migrantes", "derechos-y-directorio")
# The examiner runs for seconds: a machine that first learns what to make fast costs twice that.
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
every_language = pytest.mark.parametrize("language", LANGUAGES)


def whole(library: Library, language: str) -> Edition:
    return Edition(library, language, library.in_order(language))


def short(library: Library, language: str = "es") -> Edition:
    return Edition(library, language, (library.chapter(SLUG, language),))


def made(html: str) -> bytes:
    """The PDF; without Pango, which only root can install, a person goes on without it."""
    try:
        return pdf(html)
    except CannotPrint as problem:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def cards(library: Library) -> bytes:
    return made(page(short(library), "cards.html"))


def pages(content: bytes) -> int:
    with pikepdf.open(io.BytesIO(content)) as book:
        return len(book.pages)


@every_language
def test_every_section_that_could_do_harm_is_labelled_on_paper(
    library: Library, language: str
) -> None:
    edition = whole(library, language)
    html = page(edition, "book.html")
    for chapter in edition.chapters:
        for section in chapter.sections:
            mark = f'<section id="{chapter.slug}--{section.id}"'
            shown = html.partition(mark)[2].partition("</section>")[0]
            assert shown, mark
            assert (WORDING[language].under_review in shown) == section.under_review, mark


@every_language
def test_the_limits_come_right_after_what_to_do_first(library: Library, language: str) -> None:
    edition = whole(library, language)
    html = page(edition, "book.html")
    for chapter in edition.chapters:
        after = html.partition(f'<section id="{chapter.slug}--ahora"')[2].partition("</section>")[2]
        assert after.lstrip().startswith(f'<p class="limits">{WORDING[language].limits}')


@every_language
@pytest.mark.parametrize("part", ["book.html", "sheets.html", "cards.html"])
def test_no_number_looks_tested_on_paper(library: Library, language: str, part: str) -> None:
    html = page(whole(library, language), part)
    numbers = re.findall(r'<span class="line">.*?</span>', html)
    assert numbers
    assert all(WORDING[language].untested in number for number in numbers)
    assert WORDING[language].about_lines in html


@every_language
def test_sheets_about_secrets_say_only_on_paper(library: Library, language: str) -> None:
    edition = whole(library, language)
    sheets = page(edition, "sheets.html").split('<section class="sheet ')[1:]
    words = WORDING[language]
    shown = {sheet.id: html for sheet in edition.sheets for html in sheets if id_of(sheet.id, html)}
    assert len(shown) == len(edition.sheets)
    for sheet in edition.sheets:
        assert (words.only_paper in shown[sheet.id]) == sheet.only_paper, sheet.id
        assert (words.under_review in shown[sheet.id]) == edition.sheet_under_review(sheet)
        assert words.limits in shown[sheet.id]
    trees = [html for html in sheets if html.startswith("tree")]
    assert len(trees) == len(edition.trees)
    assert all(words.under_review in html and words.limits in html for html in trees)


def id_of(sheet: str, html: str) -> bool:
    return f'id="{sheet}"' in html[:120]


@every_language
def test_every_card_owes_its_label_and_its_limits(library: Library, language: str) -> None:
    html = page(whole(library, language), "cards.html")
    words = WORDING[language]
    cards = re.split(r'<div class="(?:poster|wallet )', html.replace('wallet"', 'wallet "'))[1:]
    own = [card for card in cards if PAPER[language].my_numbers in card]
    assert len(own) == 1
    assert all(words.limits in card for card in cards)
    assert all(words.under_review in card for card in cards if card not in own)


@every_language
@pytest.mark.parametrize("part", ["book.html", "sheets.html", "cards.html"])
def test_paper_fetches_nothing_and_leads_nowhere_but_itself(
    library: Library, language: str, part: str
) -> None:
    html = page(whole(library, language), part)
    assert not re.search(r'(src|href)="(?!#)', html)
    assert {
        link for link in re.findall(r"url\((.*?)\)", html) if not link.startswith("fonts/")
    } == set()
    for anchor in set(re.findall(r'href="#([^"]+)"', html)):
        assert f'id="{anchor}"' in html, anchor


def test_the_square_holds_the_words_of_its_card_and_no_address(library: Library) -> None:
    edition = whole(library, "es")
    words = edition.card_words(library.worksheets["W5"])
    assert WORDING["es"].under_review in words
    assert WORDING["es"].limits in words
    assert not re.search(r"https?:|www\.|\d", words)


@every_language
def test_nothing_on_the_cover_or_in_the_margin_gives_it_away(
    library: Library, language: str
) -> None:
    edition = whole(library, language)
    for part in ("book.html", "sheets.html", "cards.html"):
        html = page(edition, part)
        seen = [*re.findall(r'data-running="(.*?)"', html), html.partition("<style>")[0]]
        seen.append(html.partition('<section class="cover">')[2].partition("</section>")[0])
        assert not re.search(r"secuestr|kidnap|v[ií]ctim|caso\b", " ".join(seen), re.IGNORECASE)


def test_a_whole_sheet_for_each_tree_and_each_worksheet(library: Library) -> None:
    chapters = tuple(library.chapter(slug, "es") for slug in WORDIEST)
    edition = Edition(library, "es", chapters)
    assert pages(made(page(edition, "sheets.html"))) == len(edition.trees) + len(edition.sheets)


def test_no_card_grows_past_its_page(library: Library, cards: bytes) -> None:
    edition = short(library)
    posters = -(-len(edition.posters) // 2)
    assert pages(cards) == posters + 1 + len(edition.read_only)


def test_the_same_chapter_is_the_same_paper_in_another_process(cards: bytes) -> None:
    program = (
        "import hashlib\n"
        "from tests.handbook.test_press import library_of, page, pdf, short\n"
        "print(hashlib.sha256(pdf(page(short(library_of()), 'cards.html'))).hexdigest())\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", program],
        cwd=HERE.parent,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()[-1]
    assert hashlib.sha256(cards).hexdigest() == there


def library_of() -> Library:
    from handbook.library import load_library  # noqa: PLC0415  # in the other process

    return load_library()


@every_language
def test_the_epub_is_whole_and_the_same_twice(library: Library, language: str) -> None:
    edition = whole(library, language)
    book = epub.bind(edition)
    assert book == epub.bind(edition)
    with zipfile.ZipFile(io.BytesIO(book)) as kept:
        assert kept.namelist()[0] == "mimetype"
        assert kept.read("mimetype") == b"application/epub+zip"
        assert book[30:58] == b"mimetypeapplication/epub+zip"
        assert {entry.date_time for entry in kept.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        texts = {name: kept.read(name).decode() for name in kept.namelist()[1:]}
    for name, text in texts.items():
        if not name.endswith(".css"):
            expat.ParserCreate().Parse(text, True)
    leaves = {name.removeprefix("EPUB/"): text for name, text in texts.items()}
    listed = re.findall(r'<item id="[^"]+" href="([^"]+)"', leaves["content.opf"])
    assert {*listed, "content.opf", "META-INF/container.xml"} == leaves.keys()
    for name, text in leaves.items():
        for link in re.findall(r'<a [^>]*href="([^"]+)"', text):
            target, _, anchor = link.partition("#")
            assert not anchor or f'id="{anchor}"' in leaves[target or name], (name, link)


@every_language
def test_epubcheck_finds_nothing(library: Library, language: str, tmp_path: Path) -> None:
    java, jar = shutil.which("java"), Path("/usr/share/java/epubcheck.jar")
    if not java or not jar.exists():
        assert not os.environ.get("CI"), "config/install.py dev brings epubcheck"
        pytest.skip("Install epubcheck (apt-get install epubcheck) to have the book examined.")
    book = tmp_path / "book.epub"
    book.write_bytes(epub.bind(whole(library, language)))
    asked = [java, *SHORT_LIVED, "-jar", str(jar), "--failonwarnings", str(book)]
    told = subprocess.run(asked, check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


def test_one_word_prints_the_same_bytes_twice(library: Library, tmp_path: Path) -> None:
    made("<p>.</p>")
    runs = [
        {file.path.name: file.path.read_bytes() for file in printing}
        for printing in (
            press(library, tmp_path / run, languages=["es"], slugs=["recuperarse"])
            for run in ("one", "two")
        )
    ]
    assert runs[0] == runs[1]
    assert sorted(runs[0]) == [
        "manual-es-09.pdf",
        "manual-es-hojas.pdf",
        "manual-es-libro.pdf",
        "manual-es-tarjetas.pdf",
        "manual-es.epub",
    ]


@every_language
def test_words_and_pictures_are_on_paper_too(library: Library, language: str) -> None:
    edition = whole(library, language)
    html = page(edition, "book.html")
    assert html.count("<svg") == sum(
        len(board.panels) for board in library.boards.values() if board.language == language
    )
    assert all(f'id="glosario--{term.id}"' in html for term in edition.terms)
    assert {term.id for term in edition.terms} == library.glossary.keys()
    leaf = page(short(library, language), "leaflet.html")
    assert 'class="cover"' not in leaf
    assert f'id="{SLUG}"' in leaf


@every_language
def test_the_epub_labels_what_could_do_harm(library: Library, language: str) -> None:
    edition = whole(library, language)
    with zipfile.ZipFile(io.BytesIO(epub.bind(edition))) as kept:
        for chapter in edition.chapters:
            text = kept.read(f"EPUB/{chapter.slug}.xhtml").decode()
            assert WORDING[language].limits in text
            for section in chapter.sections:
                mark = f'id="{chapter.slug}--{section.id}"'
                shown = text.partition(mark)[2].partition("</section>")[0]
                assert (WORDING[language].under_review in shown) == section.under_review, mark


def test_without_what_makes_pdf_the_epub_is_there_and_one_sentence_says_why(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    printing = press(library, tmp_path, languages=["es"], slugs=[SLUG])
    assert next(printing).path.name == "manual-es.epub"
    with pytest.raises(CannotPrint, match=r"requirements-print\.txt"):
        next(printing)


def test_a_chapter_nobody_wrote_is_not_printed(library: Library, tmp_path: Path) -> None:
    with pytest.raises(NotWritten):
        next(press(library, tmp_path, slugs=["nada"]))


def test_a_refusal_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    asked = ["--language", "es", "--chapter", SLUG, "--out", str(tmp_path)]
    answer = CliRunner().invoke(press_handbook, asked)
    assert answer.exit_code == 1
    assert "manual-es.epub" in answer.output
    assert "requirements-print.txt" in answer.output
    missing = CliRunner().invoke(press_handbook, ["--chapter", "nada", "--out", str(tmp_path)])
    assert missing.exit_code == 1
    assert missing.output == "Error: There is no chapter nada.\n"


def test_the_letters_are_the_ones_that_were_copied() -> None:
    fonts = HERE / "fonts"
    for line in (fonts / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((fonts / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("words", ["Artículo 43", "fracción VII", "hoja W13", "chapter 2"])
def test_no_line_parts_an_article_from_its_number(words: str) -> None:
    name, number = words.split()
    assert held(Html(f"<p>Pido. {words}, de la ley.</p>")).text == (
        f"<p>Pido. {name}\N{NO-BREAK SPACE}{number}, de la ley.</p>"
    )
