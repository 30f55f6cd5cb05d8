"""The handbook on paper and for readers of books: the same bytes from the same chapters."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import segno

from handbook import epub
from handbook.chapter import Chapter
from handbook.edition import MOST_ROWS_UPRIGHT, Edition, document
from handbook.library import HERE, Library, Worksheet
from handbook.markup import Html
from handbook.paper import PARTS, book_name, leaflet_name, part_name
from handbook.wording import LANGUAGES

BEFORE_FACTS = re.compile(r'\s+(?=<small class="facts">)')
BEFORE_NUMBER = re.compile(
    r"\b(art[íi]culos?|articles?|fracci[oó]n(?:es)?|fractions?|cap[íi]tulos?|chapters?|hojas?|sheets?)"
    r" (?=[\dIVXW])",
    re.IGNORECASE,
)
BEFORE_MARK = re.compile(r"(?<=[^\s>] )(?=<(?:a|strong|em|span|small)\b)")
CLOCK = "SOURCE_DATE_EPOCH"
UPRIGHT_MM, ACROSS_MM = 226.0, 124.0
LOWEST_ROW_MM, HIGHEST_ROW_MM = 9.0, 34.0


class CannotPrint(RuntimeError):
    """What makes PDF files is not on this machine; says how to put it there."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A file that was made."""

    path: Path
    size: int


def press(
    library: Library,
    out: Path,
    *,
    languages: Sequence[str] = LANGUAGES,
    slugs: Sequence[str] = (),
    only_epub: bool = False,
) -> Iterator[Printed]:
    """Make the EPUB, then the book, the sheets, the cards and each chapter by itself.

    All of it holds the chapters named, or every one. The EPUB alone is made in a moment.
    The EPUB needs nothing. CannotPrint, after it, where this machine cannot make PDF files;
    NotWritten if there is no chapter of that name.
    """
    out.mkdir(parents=True, exist_ok=True)
    for language in languages:
        named = [library.chapter(slug, language) for slug in slugs]
        chapters = sorted(named, key=_place) or library.in_order(language)
        edition = Edition(library, language, tuple(chapters))
        yield _kept(out / book_name(language), epub.bind(edition))
        if only_epub:
            continue
        for part, template in zip(PARTS[language], ("book", "sheets", "cards"), strict=True):
            yield _kept(out / part_name(language, part), pdf(page(edition, f"{template}.html")))
        for chapter in chapters:
            alone = Edition(library, language, (chapter,))
            leaf = pdf(page(alone, "leaflet.html"))
            yield _kept(out / leaflet_name(language, chapter.number), leaf)


def _place(chapter: Chapter) -> int:
    return chapter.number


def _kept(path: Path, content: bytes) -> Printed:
    path.write_bytes(content)
    return Printed(path, len(content))


def page(edition: Edition, template: str) -> str:
    """The document a part is printed from."""
    return document(
        edition, template, across=across, held=held, row_height=row_height, square=square
    )


def pdf(html: str) -> bytes:
    """The document as PDF for readers and for screen readers; nothing is fetched from anywhere."""
    try:
        weasyprint = import_module("weasyprint")
    except (ImportError, OSError):
        raise CannotPrint(
            "PDF files need two more things: pip install -r requirements-print.txt, "
            "and Pango (apt-get install libpangoft2-1.0-0)."
        ) from None
    here_alone = weasyprint.urls.URLFetcher(allowed_protocols=("file",), fail_on_errors=True)
    document = weasyprint.HTML(string=html, base_url=f"{HERE.as_uri()}/", url_fetcher=here_alone)
    identity = hashlib.sha256(html.encode()).hexdigest()[:32]
    with timeless():
        made: bytes = document.write_pdf(pdf_identifier=identity.encode(), pdf_variant="pdf/ua-1")
    return made


@contextmanager
def timeless() -> Iterator[None]:
    """Letters are written into a PDF with the hour of it, unless this variable says another."""
    before = os.environ.get(CLOCK)
    os.environ[CLOCK] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ[CLOCK]
        else:
            os.environ[CLOCK] = before


def held(html: Html) -> Html:
    """The words as lines may part them: an article stays with its number.

    There is no blank just before a mark: WeasyPrint 70 breaks such a line at its start.
    """
    glued = BEFORE_NUMBER.sub("\\1\N{NO-BREAK SPACE}", BEFORE_FACTS.sub("", html.text))
    return Html(BEFORE_MARK.sub("\N{ZERO WIDTH SPACE}", glued))


def across(sheet: Worksheet) -> bool:
    """A log of many rows lies on its side, its fields as columns."""
    return sheet.rows > MOST_ROWS_UPRIGHT


def row_height(sheet: Worksheet) -> str:
    """What makes a sheet fill its page, in millimetres."""
    rows, room = (sheet.rows, ACROSS_MM) if across(sheet) else (len(sheet.fields), UPRIGHT_MM)
    return f"{min(max(room / rows, LOWEST_ROW_MM), HIGHEST_ROW_MM):.1f}mm"


def square(words: str) -> Html:
    """A QR code that holds the words themselves and no address."""
    code = segno.make(words, error="m", encoding="utf-8", boost_error=False)
    return Html(code.svg_inline(border=2, omitsize=True, svgclass="square", lineclass=None))
