"""With the question at the end of each section, a page still fits on a slow line."""

import gzip

import pytest
from flask import Flask

from handbook.library import HERE, load_library
from handbook.wording import DEFAULT

LAYOUT = HERE.parent / "network" / "web" / "static"
MOST = 30 * 1024


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_chapter_with_its_styles_fits_in_30_kilobytes(app: Flask) -> None:
    reader = app.test_client()
    ours = HERE / "templates" / "handbook"
    files = [ours / "manual.css", *LAYOUT.glob("*.css"), *LAYOUT.glob("vendor/pico*.css")]
    weight = sum(len(gzip.compress(file.read_bytes(), 9)) for file in (*files, LAYOUT / "hilo.js"))
    for chapter in load_library().in_order(DEFAULT):
        page = reader.get(chapter.url).data
        assert b'value="yes"' in page
        whole = weight + len(gzip.compress(page, 9))
        assert whole <= MOST, chapter.slug
