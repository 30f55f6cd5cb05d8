"""Anybody may read, from any phone, and nothing is kept about it."""

import gzip
import re

import pytest
from flask.testing import FlaskClient

from handbook.leaves import LEAVES
from handbook.library import HERE, Library, load_library
from handbook.wording import DEFAULT, WORDING

CHAPTERS = tuple(chapter.slug for chapter in load_library().in_order(DEFAULT))
PAGES = (
    "/manual/",
    *(f"/manual/{slug}" for slug in CHAPTERS),
    "/manual/arbol/virtual-call",
    "/manual/arbol/virtual-call/comprobar",
    "/manual/arbol/report-or-not/otra-puerta",
    "/manual/search?q=celular",
    "/manual/glosario",
    "/manual/llamada-virtual/dibujos",
    "/manual/primeras-horas/dibujos",
)
LAYOUT = HERE.parent / "network" / "web" / "static"
every_page = pytest.mark.parametrize("page", PAGES)


@every_page
def test_a_stranger_reads_without_a_cookie(anybody: FlaskClient, page: str) -> None:
    answer = anybody.get(page)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Cookie" in answer.headers["Vary"]


@every_page
def test_a_page_unchanged_is_not_sent_twice(anybody: FlaskClient, page: str) -> None:
    tag = anybody.get(page).headers["ETag"]
    assert anybody.get(page, headers={"If-None-Match": tag}).status_code == 304
    squeezed = tag[:-1] + '-gzip"'
    assert anybody.get(page, headers={"If-None-Match": squeezed}).status_code == 304


@every_page
def test_a_page_for_somebody_with_a_cookie_is_kept_nowhere(anybody: FlaskClient, page: str) -> None:
    anybody.set_cookie("hilo", "x")
    assert anybody.get(page).headers["Cache-Control"] == "no-store"


@every_page
def test_little_runs_and_nothing_comes_from_elsewhere(anybody: FlaskClient, page: str) -> None:
    html = anybody.get(page).text
    ours = '<script type="module" src="/manual/manual.js"></script>'
    searched = page == "/manual/" or page.startswith("/manual/search")
    assert re.findall(r"<script.*?</script>", html, re.DOTALL) == [ours] * searched
    assert "style=" not in html
    assert not re.search(r'(src|action)="(https?:)?//', html)
    assert not re.search(r'<link[^>]+href="(https?:)?//', html)


@every_page
def test_the_tab_gives_nothing_away(anybody: FlaskClient, page: str) -> None:
    for address in (page, english(page)):
        title = re.search(r"<title>(.*?)</title>", anybody.get(address).text, re.DOTALL)
        assert title is not None
        assert title[1].startswith("Manual")
        assert not re.search(r"secuestr|kidnap|v[ií]ctim|caso\b", title[1], re.IGNORECASE)


@every_page
def test_each_page_names_its_other_language(anybody: FlaskClient, page: str) -> None:
    html = anybody.get(page).text
    assert 'hreflang="en"' in html
    assert '<html lang="es">' in html
    assert '<html lang="en">' in anybody.get(english(page)).text


def english(page: str) -> str:
    return f"{page}{'&' if '?' in page else '?'}lang=en"


def test_spanish_whatever_the_browser_says(reader: FlaskClient) -> None:
    answer = reader.get("/manual/primeras-horas", headers={"Accept-Language": "en"})
    assert "Haz esto ahora" in answer.text
    assert "Haz esto ahora" in reader.get("/manual/primeras-horas?lang=xx").text
    assert "Do this now" in reader.get("/manual/primeras-horas?lang=en").text


@pytest.mark.parametrize("slug", CHAPTERS)
@pytest.mark.parametrize("language", ["es", "en"])
def test_every_section_that_could_do_harm_shows_its_label(
    reader: FlaskClient, library: Library, slug: str, language: str
) -> None:
    html = reader.get(f"/manual/{slug}?lang={language}").text
    chapter = library.chapter(slug, language)
    for section in chapter.sections:
        shown = html.partition(f'<section id="{section.id}"')[2].partition("</section>")[0]
        assert (WORDING[language].under_review in shown) == section.under_review, section.id


@pytest.mark.parametrize("slug", CHAPTERS)
def test_what_to_do_comes_first_and_the_limits_second(reader: FlaskClient, slug: str) -> None:
    html = reader.get(f"/manual/{slug}").text
    first, second = html.index("<h2>Haz esto ahora"), html.index(WORDING["es"].limits)
    assert first < second < html.index('class="part"')


@pytest.mark.parametrize("slug", CHAPTERS)
def test_every_fact_marked_leads_to_its_source(
    reader: FlaskClient, library: Library, slug: str
) -> None:
    html = reader.get(f"/manual/{slug}").text
    marks = set(re.findall(r'class="fact" href="#(f-\d+)"', html))
    assert marks == {fact.lower() for fact in library.chapter(slug).facts}
    assert all(f'id="{mark}"' in html for mark in marks)


def test_a_source_is_dated_in_the_language_of_its_reader(
    reader: FlaskClient, library: Library
) -> None:
    texts = {text for fact in library.facts.values() for text in fact.sources}
    spanish = re.compile(r"\b(sin fecha|reforma|antes|después|de|y)\b")
    assert any(spanish.search(text.dated("es")) for text in texts)
    assert not [text.dated("en") for text in texts if spanish.search(text.dated("en"))]
    assert not [one.where for one in library.facts.values() if " y " in one.placed("en")]
    in_english = reader.get("/manual/primeras-horas?lang=en").text
    assert "amended " in in_english
    assert "reforma " in reader.get("/manual/primeras-horas").text


@pytest.mark.parametrize("slug", CHAPTERS)
def test_inner_links_lead_somewhere(reader: FlaskClient, slug: str) -> None:
    for page in (f"/manual/{slug}", f"/manual/{slug}?lang=en", "/manual/", "/manual/?lang=en"):
        html = reader.get(page).text
        for link in set(re.findall(r'href="(/manual/[^"#]*)', html)):
            assert reader.get(link).status_code == 200, link


@pytest.mark.parametrize(
    "page", ["/manual/nada", "/manual/arbol/nada", "/manual/arbol/virtual-call/x"]
)
def test_no_such_page(reader: FlaskClient, page: str) -> None:
    assert reader.get(page).status_code == 404


def test_search_answers_machines_with_a_list(reader: FlaskClient) -> None:
    answer = reader.get("/manual/search?q=celular", headers={"Accept": "application/json"})
    assert answer.json
    assert set(answer.json[0]) == {"chapter", "section", "url"}
    assert answer.json[0]["url"].startswith("/manual/")
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("junk", ["", "%00", "%22%27%3B--", "%F0%9F%98%B1", "a" * 5000])
def test_search_bears_junk(reader: FlaskClient, junk: str) -> None:
    for accept in ("text/html", "application/json"):
        answer = reader.get(f"/manual/search?q={junk}", headers={"Accept": accept})
        assert answer.status_code == 200


def test_what_is_typed_is_shown_as_words(reader: FlaskClient) -> None:
    html = reader.get("/manual/search?q=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>" not in html


@every_page
def test_a_page_with_its_styles_fits_in_30_kilobytes(anybody: FlaskClient, page: str) -> None:
    ours = HERE / "templates" / "handbook"
    files = [ours / "manual.css", *LAYOUT.glob("*.css"), *LAYOUT.glob("vendor/pico*.css")]
    files += [LAYOUT / "hilo.js", ours / "manual.js"]
    weight = sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)
    assert weight + len(gzip.compress(anybody.get(page).data, 9)) <= 30 * 1024


@pytest.mark.parametrize(
    "typed", ['"><script>', "\x02found\x03", "\x02asked\x03", "&amp;", "{{ hits }}", "ñ «é»"]
)
def test_words_go_into_the_kept_page_as_words_and_into_no_other(
    reader: FlaskClient, typed: str
) -> None:
    fresh = reader.application.test_client()
    fresh.set_cookie("hilo", "x")  # who may be somebody gets a page of their own
    for query in (typed, f"{typed} celular", "celular", ""):
        asked = {"q": query}
        kept = reader.get("/manual/search", query_string=asked).text
        assert kept == reader.get("/manual/search", query_string=asked).text
        assert kept.split() == fresh.get("/manual/search", query_string=asked).text.split()


def test_nothing_of_a_question_stays_in_the_app(reader: FlaskClient) -> None:
    word = "palabrarepetida"
    assert word in reader.get(f"/manual/search?q=celular+{word}").text
    assert word in reader.get(f"/manual/search?q={word}").text
    assert word not in repr(reader.application.extensions)


def test_what_stands_in_front_is_for_those_without_a_cookie(reader: FlaskClient) -> None:
    plain = reader.get("/manual/glosario")
    assert reader.application.extensions[LEAVES].keys() == {("/manual/glosario", "")}
    reader.set_cookie("hilo", "x")
    assert reader.get("/manual/glosario").data == plain.data
    reader.delete_cookie("hilo")
    assert reader.head("/manual/glosario").data == b""
    assert reader.post("/manual/glosario").status_code == 405
    for nowhere in ("/manual/nada", "/manual/glosario?lang=xx", "/manual/search?lang=es"):
        reader.get(nowhere)
    assert len(reader.application.extensions[LEAVES]) == 1
