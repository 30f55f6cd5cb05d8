"""With the question at the end of each section, a page still fits on a slow line."""

import gzip

import pytest
from flask import Flask

from handbook.library import HERE, load_library
from handbook.markup import address
from handbook.wording import LANGUAGES

LAYOUT = HERE.parent / "network" / "web" / "static"
MOST = 30 * 1024 - 256  # what a sentence more may weigh


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_with_its_styles_fits_in_30_kilobytes(app: Flask, language: str) -> None:
    reader = app.test_client()
    ours = HERE / "templates" / "handbook"
    files = [ours / "manual.css", *LAYOUT.glob("*.css"), *LAYOUT.glob("vendor/pico*.css")]
    weight = sum(len(gzip.compress(file.read_bytes(), 9)) for file in (*files, LAYOUT / "hilo.js"))
    library = load_library()
    asked = [
        address("", language=language),
        address("glosario", language=language),
        "/manual/search?q=telefono",
        *(chapter.url for chapter in library.in_order(language)),
        *(board.url for (_, spoken), board in library.boards.items() if spoken == language),
        *(f"/manual/arbol/{slug}" for slug, spoken in library.trees if spoken == language),
    ]
    heavy = {}
    for page in asked:
        url = page if "lang=" in page else f"{page}{'&' if '?' in page else '?'}lang={language}"
        answer = reader.get(url, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "gzip"
        heavy[url] = weight + len(answer.data)
    assert max(heavy.values()) <= MOST, heavy
    assert b'value="yes"' in reader.get(library.in_order(language)[0].url).data
