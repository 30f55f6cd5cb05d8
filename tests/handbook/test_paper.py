"""What was printed can be taken from the pages; what was not is not promised."""

from pathlib import Path

import pytest
from flask import request
from flask.testing import FlaskClient

from handbook.leaves import LEAVES
from handbook.web import PAPER

BOOK = b"%PDF-1.7 " + bytes(5000)


@pytest.fixture
def shelf(reader: FlaskClient, tmp_path: Path) -> Path:
    reader.application.extensions[PAPER] = tmp_path
    return tmp_path


def test_nothing_printed_nothing_offered(reader: FlaskClient, shelf: Path) -> None:
    for page in ("/manual/", "/manual/llamada-virtual"):
        assert "/manual/papel/" not in reader.get(page).text
    assert reader.get("/manual/papel/manual-es-libro.pdf").status_code == 404
    (shelf / "nota.pdf").write_bytes(BOOK)
    assert reader.get("/manual/papel/nota.pdf").status_code == 404


def test_what_is_printed_later_is_offered_without_starting_again(
    reader: FlaskClient, shelf: Path
) -> None:
    assert "/manual/papel/" not in reader.get("/manual/llamada-virtual").text
    (shelf / "manual-es-02.pdf").write_bytes(BOOK)
    (shelf / "manual-es-libro.pdf").write_bytes(BOOK)
    assert "/manual/papel/manual-es-02.pdf" in reader.get("/manual/llamada-virtual").text
    assert "/manual/papel/manual-es-libro.pdf" in reader.get("/manual/").text
    assert "/manual/papel/" not in reader.get("/manual/?lang=en").text
    assert "manual-es-02.pdf" not in reader.get("/manual/primeras-horas").text


def test_a_file_comes_with_a_neutral_name_and_is_not_sent_twice(
    reader: FlaskClient, shelf: Path
) -> None:
    (shelf / "manual-es-02.pdf").write_bytes(BOOK)
    answer = reader.get("/manual/papel/manual-es-02.pdf", buffered=True)
    assert answer.data == BOOK
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=manual-es-02.pdf"
    assert "Set-Cookie" not in answer.headers
    tag = answer.headers["ETag"]
    asks = {"If-None-Match": tag}
    again = reader.get("/manual/papel/manual-es-02.pdf", headers=asks, buffered=True)
    assert again.status_code == 304
    (shelf / "manual-es-02.pdf").write_bytes(BOOK + b"more")
    fresh = reader.get("/manual/papel/manual-es-02.pdf", headers=asks, buffered=True)
    assert fresh.status_code == 200


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("name", ["..%2Fpyproject.toml", "%2Fetc%2Fpasswd", "manual-es-02.pdf%00"])
def test_nothing_else_can_be_asked_for(reader: FlaskClient, name: str) -> None:
    assert reader.get(f"/manual/papel/{name}").status_code == 404


def test_a_page_is_rendered_once_and_again_when_something_changed(
    reader: FlaskClient, shelf: Path
) -> None:
    first = reader.get("/manual/", headers={"Accept-Encoding": "gzip"})
    again = reader.get("/manual/", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.data == again.data
    assert first.headers["ETag"] == again.headers["ETag"]
    (shelf / "manual-es-libro.pdf").write_bytes(BOOK)
    changed = reader.get("/manual/", headers={"Accept-Encoding": "gzip"})
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_who_asks_for_a_language_leaves_no_mark_on_the_next_reader(reader: FlaskClient) -> None:
    @reader.application.url_defaults
    def keep_language(_endpoint: str, values: dict[str, object]) -> None:
        if asked := request.args.get("lang"):
            values.setdefault("lang", asked)

    assert "manual.css?lang=es" in reader.get("/manual/?lang=es").text
    assert "manual.css?lang" not in reader.get("/manual/").text
    assert "manual.css?lang=xx" in reader.get("/manual/?lang=xx").text
    assert "manual.css?lang" not in reader.get("/manual/").text


def test_a_reader_with_a_copy_from_yesterday_leaves_the_whole_page_for_the_next(
    reader: FlaskClient,
) -> None:
    tag = reader.get("/manual/glosario").headers["ETag"]
    reader.application.extensions[LEAVES].clear()  # as after a new start
    asks = {"If-None-Match": tag}
    assert reader.get("/manual/glosario", headers=asks).status_code == 304
    whole = reader.get("/manual/glosario")
    assert whole.status_code == 200
    assert "</html>" in whole.text
