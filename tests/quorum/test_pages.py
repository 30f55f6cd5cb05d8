"""The ceremony in the browser, from the first asking to the room."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services as cases
from network.door import Door
from network.kernel.hidden import Plaintext
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody
from tests.people.devices import adds
from tests.quorum.conftest import DAY, FIRST, Coordination, loses_every_key

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def form_of(page: str, part: str) -> str:
    """Where the form goes whose address holds this."""
    found = [piece.split('"')[0] for piece in page.split('action="')[1:]]
    (one,) = {each for each in found if part in each}
    return one


def proves(c: Coordination, browser: Browser, who: Somebody, part: str) -> None:
    where = form_of(browser.reads("/quorum"), part)
    sent = browser.sends(where, page="/quorum", code=c.code(who))
    assert sent.status_code == 303, sent.text


def test_a_key_is_founded_in_the_web(app: Flask, coordination: Coordination) -> None:
    c = coordination
    fatima, gael = signed_in(app, c.fatima), signed_in(app, c.gael)
    sent = fatima.sends(
        "/quorum/found",
        page="/quorum",
        holders=[str(c.elena.id), str(c.fatima.id)],
        needed="2",
        reason="para que nadie se quede sin nadie",
    )
    assert sent.status_code == 303
    assert "para que nadie se quede sin nadie" in gael.reads("/quorum")
    assert "/yes" not in gael.reads("/quorum")
    for who in (c.elena, c.fatima):
        proves(c, signed_in(app, who), who, "/yes")
    c.clock.advance(DAY)
    proves(c, signed_in(app, c.fatima), c.fatima, "/settle")
    assert "Hacen falta 2 de estas 2" in signed_in(app, c.gael).reads("/quorum")


def test_what_nobody_could_open_is_opened_in_the_web(
    app: Flask, founded: Coordination, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    c = founded
    opened = c.door.ask(cases.intake, cast.family, situation="missing", text=Plaintext(FIRST))
    loses_every_key(sessions)

    gael = signed_in(app, c.gael)
    reference = opened.case.card.reference
    page = gael.sends("/cases/quorum", page="/cases/quorum", reference=reference.upper()).text
    assert str(opened.case.id) in page
    assert FIRST not in page
    asked = {"case": str(opened.case.id), "reference": reference, "opener": str(c.alice.id)}
    assert (
        gael.sends("/cases/quorum/ask", page="/cases/quorum", **asked, reason="").status_code == 400
    )
    sent = gael.sends("/cases/quorum/ask", page="/cases/quorum", **asked, reason="no hay nadie")
    assert sent.status_code == 303
    c.clock.advance(DAY)
    for who in (c.elena, c.fatima):
        proves(c, signed_in(app, who), who, "/yes")
    alice = signed_in(app, c.alice)
    where = form_of(alice.reads("/quorum"), "/open")
    sent = alice.sends(where, page="/quorum", code=c.code(c.alice))
    assert sent.status_code == 303
    assert FIRST in alice.reads(sent.location)


def test_a_device_says_yes_in_place_of_a_code(
    app: Flask, door: Door, coordination: Coordination
) -> None:
    c = coordination
    elena, device = signed_in(app, c.elena), adds(door, c.elena.at_desk, alone=False)
    holders = [str(c.elena.id), str(c.fatima.id)]
    elena.sends("/quorum/found", page="/quorum", holders=holders, needed="2", reason="x")
    page = elena.reads("/quorum")
    (ask,) = {piece.split('"')[0] for piece in page.split('data-ask="')[1:] if "/yes" in piece}
    where, other = ask.split("about=")[1], ask.replace("/yes", "/settle")

    def answers(said: str) -> int:
        return elena.sends(where, page="/quorum", credential=said).status_code

    assert answers(device.answers(elena.looks(other).text)) == 400, "about something else"
    said = device.answers(elena.looks(ask).text)
    assert answers(said) == 303
    assert "1 de 2 dijeron que sí" in elena.reads("/quorum")
    assert answers(said) == 400, "an answer works once"
    assert "data-ask" not in signed_in(app, c.fatima).reads("/quorum"), "who has no device"


def test_a_wrong_code_is_told_beside_the_form_and_tries_slow_down(
    app: Flask, coordination: Coordination
) -> None:
    c = coordination
    elena = signed_in(app, c.elena)
    holders = [str(c.elena.id), str(c.fatima.id)]
    sent = elena.sends("/quorum/found", page="/quorum", holders=holders, needed="2", reason="x")
    assert sent.status_code == 303
    where = form_of(elena.reads("/quorum"), "/yes")
    answers = [elena.sends(where, page="/quorum", code="1").status_code for _ in range(4)]
    assert answers[0] == 400
    assert answers[-1] == 429


def test_what_cannot_be_a_quorum_is_said_in_a_sentence(
    app: Flask, coordination: Coordination
) -> None:
    c = coordination
    elena = signed_in(app, c.elena)
    for holders, needed in (([str(c.elena.id)], "2"), ([], "x"), (["nobody"], "2")):
        sent = elena.sends(
            "/quorum/found", page="/quorum", holders=holders, needed=needed, reason="x"
        )
        assert sent.status_code == 400
    nothing = {"case": "", "opener": "", "reference": "", "reason": ""}
    assert elena.sends("/cases/quorum/ask", page="/cases/quorum", **nothing).status_code == 400


def test_the_log_is_shown_with_the_words_of_each_day(
    app: Flask, coordination: Coordination
) -> None:
    page = signed_in(app, coordination.elena).reads("/quorum/log")
    assert "La bitácora está completa" in page
