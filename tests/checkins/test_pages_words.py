"""What an alarm and a trip say on a page is true of whom they are about, and when they are over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from network.checkins import services
from network.checkins.tables import EndingRow
from network.door import Door
from network.kernel.ids import CaseId, new_id
from tests.cases.browsing import TOKEN, Browser, signed_in
from tests.cast import Cast, Somebody
from tests.checkins.conftest import WORD, Life, alarms, asked, rows, writes
from tests.ground.databases import PAGES

pytestmark = PAGES
MINUTES = timedelta(minutes=1)
OVER = "Esta alarma ya terminó, o no es para ti."
Sign = Callable[[Somebody], Browser]


@pytest.fixture
def at(app: Flask) -> Sign:
    return lambda who: signed_in(app, who)


def test_who_looks_after_somebody_learns_that_they_answered_and_keeps_what_they_typed(
    at: Sign, door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(32 * MINUTES)
    (ringing,) = alarms(door, cast)
    path = f"/alarms/{ringing.id}"
    bilal = at(cast.bilal)
    assert bilal.sends(f"{path}/own").status_code == 303
    writes(door, cast, "canary: I was asleep")
    opened = bilal.looks(path)
    assert opened.status_code == 404
    assert OVER in opened.text
    assert 'href="/cases/"' in opened.text
    late = bilal.sends(f"{path}/renew", doing="canary: I am calling them")
    assert late.status_code == 404
    assert OVER in late.text
    assert "canary: I am calling them" in late.text
    for verb in ("own", "resolve", "trip"):
        assert OVER in bilal.sends(f"{path}/{verb}", outcome="false", words="canary").text


@pytest.mark.usefixtures("life", "case_id")
def test_nobody_can_tell_an_alarm_that_is_not_theirs_from_none(
    at: Sign, door: Door, cast: Cast
) -> None:
    writes(door, cast, f"canary: {WORD}")
    (ringing,) = alarms(door, cast)
    chiara = at(cast.chiara)
    theirs, none = chiara.looks(f"/alarms/{ringing.id}"), chiara.looks(f"/alarms/{new_id()}")
    assert theirs.status_code == none.status_code == 404
    assert OVER in theirs.text
    assert TOKEN.sub("", theirs.text) == TOKEN.sub("", none.text)


def test_a_members_call_is_no_danger_word_and_no_room_is_promised(
    at: Sign, door: Door, cast: Cast, life: Life
) -> None:
    bilal, alice = at(cast.bilal), at(cast.alice)
    assert bilal.sends("/trip/help", page="/trip").status_code == 303
    (ringing,) = alarms(door, cast)
    path = f"/alarms/{ringing.id}"
    assert alice.sends(f"{path}/own", page="/desk").status_code == 303
    for page in (alice.reads(path), alice.reads("/desk")):
        assert "Pidió ayuda." in page
        assert "Palabra de peligro" not in page
    page = alice.reads(path)
    assert "sellado en la sala" not in page
    assert "La coordinación lo lee aquí mientras esta alarma está abierta" in page
    assert "Vuelve a sonar en 30 minutos (" in page
    life.knock()


def test_a_familys_danger_word_says_whom_not_to_call_and_who_reads(
    at: Sign, door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    writes(door, cast, f"canary: {WORD}")
    (ringing,) = alarms(door, cast)
    assert ringing.case_id == case_id
    bilal, path = at(cast.bilal), f"/alarms/{ringing.id}"
    assert bilal.sends(f"{path}/own").status_code == 303
    page = bilal.reads(path)
    assert "Palabra de peligro. No les llames" in page
    assert "sellado en la sala" in page
    life.knock()


@pytest.mark.usefixtures("life")
def test_a_page_left_open_after_the_trip_still_calls_for_help_and_leads_back(
    at: Sign, door: Door, cast: Cast
) -> None:
    bilal = at(cast.bilal)
    assert "con el reloj de Ciudad de México" in bilal.reads("/trip")
    bilal.sends("/trip", page="/trip", destination="canary", back_at="2030-01-01T10:00")
    door.ask(services.arrive, cast.bilal.in_chat)
    later = {"minutes": "30", "shown": "1893499200"}
    assert bilal.sends("/trip/later", page="/trip", **later).status_code == 303
    assert "Ese viaje ya terminó" in bilal.reads("/trip")
    assert bilal.sends("/trip/arrived", page="/trip").status_code == 303
    assert alarms(door, cast) == ()
    assert bilal.sends("/trip/help", page="/trip").status_code == 303
    assert len(alarms(door, cast)) == 1


@pytest.mark.usefixtures("life")
def test_a_plan_that_took_longer_than_the_session_is_given_back_to_copy(
    at: Sign, cast: Cast, case_id: CaseId
) -> None:
    typed = {"never": "canary: the uncle", "accompanier": "canary: the aunt", "csrf_token": "old"}
    expired = at(cast.bilal).client.post(f"/cases/{case_id}/checkins/plan", data=typed)
    assert expired.status_code == 400
    assert "canary: the uncle" in expired.text
    assert "canary: the aunt" in expired.text


def test_whoever_takes_over_reads_what_is_being_done_about_a_member(
    at: Sign, door: Door, cast: Cast, life: Life
) -> None:
    """Also beside words that do not open; nothing of it once the alarm is over, nor for them."""
    at(cast.bilal).sends("/trip/help", page="/trip")
    (ringing,) = alarms(door, cast)
    path = f"/alarms/{ringing.id}"
    alice = at(cast.alice)
    alice.sends(f"{path}/own", page="/desk")
    alice.sends(f"{path}/renew", page="/desk", doing="canary: calling the hotel <b>now</b>")
    (kept,) = rows(door, EndingRow)
    with door.database.writing.begin() as session:  # moved, so that it does not open
        session.execute(insert(EndingRow).values(kept | {"id": new_id()}))
    life.clock.advance(31 * MINUTES)
    elena = at(cast.elena)
    assert elena.sends(f"{path}/own", page="/desk").status_code == 303
    page = elena.looks(path).text
    assert page.count("canary: calling the hotel &lt;b&gt;now&lt;/b&gt;") == 1
    elena.sends(f"{path}/resolve", page="/desk", outcome="helped", words="canary: he is back")
    assert "canary" not in elena.looks(path).text
    assert "canary" not in at(cast.bilal).looks(path).text
