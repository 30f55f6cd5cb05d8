"""«Did this help?» leaves a total, and nothing of whoever pressed."""

import pytest
from flask import Flask

from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Nobody
from network.kernel.errors import NotAllowed, NotVisible
from network.manual import services
from network.manual.domain import Total
from network.manual.tables import HelpedRow
from tests.cases.browsing import Browser
from tests.cast import Cast
from tests.manual.conftest import Sign

PLACE = "/manual/primeras-horas/telefono/helped"


def test_a_press_on_the_page_adds_one_without_a_cookie(app: Flask, door: Door, cast: Cast) -> None:
    browser = app.test_client()
    page = browser.get("/manual/primeras-horas")
    assert f'action="{PLACE}"' in page.text
    for said in ("yes", "yes", "no"):
        answer = browser.post(PLACE, data={"helped": said, "who": "canario"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "/manual/primeras-horas#telefono" in answer.text
    (total,) = door.look(services.totals, cast.alice.at_desk)
    assert total == Total("primeras-horas", "telefono", f"{door.now():%Y-%m}", 2, 1)


def test_in_english_too(app: Flask) -> None:
    browser = app.test_client()
    assert f'action="{PLACE}?lang=en"' in browser.get("/manual/primeras-horas?lang=en").text
    answer = browser.post(f"{PLACE}?lang=en", data={"helped": "no"})
    assert "Nothing is kept about you" in answer.text
    assert "lang=en" in answer.text


def test_a_total_has_no_time_finer_than_a_month_and_nobody_in_it(door: Door) -> None:
    columns = {column.name for column in HelpedRow.__table__.columns}
    assert columns == {"chapter", "section", "month", "useful", "times"}
    for _ in range(3):
        door.ask(services.did_it_help, Nobody(), chapter="prevenir", section="ahora", useful=True)

    def rows(tx: Tx, _actor: Actor) -> list[tuple[object, ...]]:
        return [tuple(row) for row in tx.session.execute(HelpedRow.__table__.select())]

    (row,) = door.look(rows, Nobody())
    assert sorted(map(str, row)) == sorted(
        ["prevenir", "ahora", f"{door.now():%Y-%m}", "True", "3"]
    )


@pytest.mark.parametrize(
    ("place", "said", "status"),
    [
        ("/manual/nada/ahora/helped", "yes", 404),
        ("/manual/primeras-horas/nada/helped", "yes", 404),
        (PLACE, "maybe", 400),
        (PLACE, "", 400),
        ("/manual/primeras-horas/%00/helped", "yes", 404),
        ("/manual/" + "x" * 3000 + "/ahora/helped", "no", 404),
    ],
)
def test_what_is_no_section_adds_no_row(
    app: Flask, door: Door, cast: Cast, place: str, said: str, status: int
) -> None:
    assert app.test_client().post(place, data={"helped": said}).status_code == status
    assert door.look(services.totals, cast.alice.at_desk) == ()


def test_one_address_cannot_flood_the_totals(app: Flask, door: Door, cast: Cast) -> None:
    browser = app.test_client()
    answers = [browser.post(PLACE, data={"helped": "yes"}).status_code for _ in range(40)]
    assert answers.count(200) == 30
    assert set(answers[30:]) == {429}
    other = browser.post(PLACE, data={"helped": "yes"}, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200
    (total,) = door.look(services.totals, cast.alice.at_desk)
    assert total.yes == 31
    assert browser.get("/manual/primeras-horas").status_code == 200


def test_behind_a_proxy_who_floods_shuts_out_themselves_alone(app: Flask) -> None:
    """All come from the proxy's own address; what it wrote last is who asked."""
    browser = app.test_client()

    def pressed(told: str, at: str = "127.0.0.1") -> int:
        return browser.post(
            PLACE,
            data={"helped": "yes"},
            headers={"X-Forwarded-For": told},
            environ_base={"REMOTE_ADDR": at},
        ).status_code

    flood = [pressed(f"203.0.113.{number}, 198.51.100.7") for number in range(31)]
    assert (flood.count(200), flood[-1]) == (30, 429)
    assert pressed("198.51.100.7, 198.51.100.8") == 200
    far = [pressed(f"203.0.113.{number}", at="8.8.8.8") for number in range(31)]
    assert far[-1] == 429, "no proxy of ours is there: whoever asks may have written it"
    vague = [pressed(f"not an address {number}") for number in range(31)]
    assert vague[-1] == 429


def test_many_addresses_together_cannot_keep_the_writer_busy(app: Flask) -> None:
    browser = app.test_client()
    answers = [
        browser.post(
            PLACE,
            data={"helped": "yes"},
            environ_base={"REMOTE_ADDR": f"192.0.2.{number % 250}"},
        ).status_code
        for number in range(320)
    ]
    assert answers.count(200) == 300


def test_coordination_reads_the_table(at: Sign, cast: Cast, stranger: Browser) -> None:
    stranger.client.post(PLACE, data={"helped": "no"})
    page = at(cast.alice).reads("/desk/helped")
    assert "telefono" in page
    assert "Primeras horas" in page or "primeras horas" in page


def test_only_coordination_reads_it(door: Door, cast: Cast) -> None:
    for who in (cast.bilal.at_desk, cast.dino.at_desk, Nobody()):
        with pytest.raises(NotAllowed):
            door.look(services.totals, who)
    with pytest.raises(NotVisible):
        door.ask(services.did_it_help, Nobody(), chapter="x", section="y", useful=True)
