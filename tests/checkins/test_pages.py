"""The desk, one alarm and a family's check-ins, as they are seen in a browser."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from network import heartbeats
from network.checkins import services
from network.checkins.services.alarms import MOST_LATE
from network.checkins.services.asking import HOW_ARE_YOU
from network.checkins.tables import PromptRow
from network.db import writing
from network.door import Door
from network.heartbeats import ENGINES
from network.kernel.actor import Engine
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, new_id
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody
from tests.checkins.conftest import CLOCK, WORD, Life, alarms, asked, rows, watch_of, writes
from tests.ground.databases import PAGES

pytestmark = PAGES
MINUTES = timedelta(minutes=1)
Sign = Callable[[Somebody], Browser]


@pytest.fixture
def at(app: Flask) -> Sign:
    return lambda who: signed_in(app, who)


def test_the_desk_answers_whether_anybody_is_falling_through(
    at: Sign, door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.alive = ENGINES
    life.beat()
    assert "Nadie espera y nada suena" in at(cast.alice).reads("/desk") or (
        "Nobody waits and nothing rings" in at(cast.alice).reads("/desk")
    )
    opened = door.ask(
        services.intake, cast.neighbours, situation="calling", text=Plaintext("canary: next door")
    )
    asked(door, cast, life, case_id)
    life.passes(32 * MINUTES)
    page = at(cast.alice).reads("/desk?lang=en")
    (ringing,) = alarms(door, cast)
    assert opened.case.card.reference in page
    assert ringing.reference in page
    assert "I take it" in page
    assert "next door" not in page
    assert "<rect" in page
    assert "style=" not in page


def test_old_late_questions_do_not_crowd_new_ones_out_of_the_desk(
    at: Sign, door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(32 * MINUTES)
    (late,) = rows(door, PromptRow)
    month = timedelta(days=30)
    old = [
        {**late, "id": new_id(), "planned_at": late["planned_at"] - month} for _ in range(MOST_LATE)
    ]
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(insert(PromptRow), old)
    shown = door.look(services.late, cast.alice.at_desk)
    assert len(shown) == MOST_LATE
    assert shown[-1].planned_at == late["planned_at"]
    desk = door.look(services.desk, cast.alice.at_desk)
    assert desk.late_in_all == MOST_LATE + 1
    assert "And 1 from before" in at(cast.alice).reads("/desk?lang=en")


def test_a_silent_machine_never_says_that_all_is_well(
    at: Sign, door: Door, cast: Cast, life: Life
) -> None:
    for name in ENGINES:
        door.ask(heartbeats.beat, Engine(name), engine=name)
    assert "Nadie espera y nada suena" in at(cast.alice).reads("/desk")
    life.clock.advance(3 * MINUTES)
    page = at(cast.alice).reads("/desk")
    assert "Nadie espera y nada suena" not in page
    assert "Una parte de la red no responde: Recibir de Telegram" in page


def test_the_desk_says_when_nothing_gets_through_to_telegram(
    at: Sign, door: Door, cast: Cast, life: Life
) -> None:
    def beats(*names: str) -> None:
        for name in names:
            door.ask(heartbeats.beat, Engine(name), engine=name)

    beats(*ENGINES, heartbeats.ROAD)
    assert "Nada llega a Telegram" not in at(cast.alice).reads("/desk")
    life.clock.advance(10 * MINUTES)
    beats(*ENGINES)
    page = at(cast.alice).reads("/desk")
    assert "Nada llega a Telegram" in page
    assert "Nadie espera y nada suena" not in page
    beats(heartbeats.ROAD)
    assert "Nadie espera y nada suena" in at(cast.alice).reads("/desk")


@pytest.mark.usefixtures("life", "case_id")
def test_a_drill_is_found_from_the_desk_also_while_an_alarm_rings(
    at: Sign, door: Door, cast: Cast
) -> None:
    writes(door, cast, f"canary: {WORD}")
    assert 'href="/drills"' in at(cast.alice).reads("/desk")
    assert 'href="/desk"' in at(cast.alice).reads("/drills").partition("<main")[2]


@pytest.mark.usefixtures("case_id")
def test_a_coordinator_takes_an_alarm_and_ends_it(
    at: Sign, door: Door, cast: Cast, life: Life
) -> None:
    writes(door, cast, f"canary: {WORD}")
    watch_id = watch_of(life.postman.walk())
    alice, elena = at(cast.alice), at(cast.elena)
    taken = alice.sends(f"/alarms/{watch_id}/own", page="/desk")
    assert taken.status_code == 303
    too_late = elena.sends(f"/alarms/{watch_id}/own", page="/desk")
    assert too_late.status_code == 409
    path = f"/alarms/{watch_id}"
    words = {"outcome": "forgot", "words": "canary: at home"}
    assert elena.sends(f"{path}/resolve", page="/desk", **words).status_code == 409
    assert elena.sends(f"{path}/renew", page="/desk", doing="canary").status_code == 409
    empty = alice.sends(f"{path}/renew", page="/desk", doing=" ")
    assert empty.status_code == 400
    assert 'aria-describedby="doing-problem"' in empty.text
    assert alice.sends(f"{path}/renew", page="/desk", doing="canary").status_code == 303
    for wrong in ({"words": " "}, {"outcome": ""}, {"outcome": "answered"}, {"outcome": "x"}):
        assert alice.sends(f"{path}/resolve", page="/desk", **words | wrong).status_code == 400
    ended = alice.sends(f"{path}/resolve", page="/desk", **words)
    assert ended.status_code == 303
    assert alarms(door, cast) == ()
    assert alice.looks(f"/alarms/{watch_id}").status_code == 404


@pytest.mark.usefixtures("life")
def test_a_coordinator_without_the_key_sees_the_reference_and_no_way_in(
    at: Sign, door: Door, cast: Cast, case_id: CaseId
) -> None:
    writes(door, cast, f"canary: {WORD}")
    (ringing,) = alarms(door, cast)
    page = at(cast.elena).reads("/desk")
    assert ringing.reference in page
    assert f"/cases/{case_id}" not in page
    assert at(cast.elena).looks(f"/cases/{case_id}/checkins").status_code == 404


def test_whoever_accompanies_sets_the_rhythm_and_sees_the_answers(
    at: Sign, door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    bilal, path = at(cast.bilal), f"/cases/{case_id}/checkins"
    wrong = bilal.sends(path, page=path, every="6", begins="22:00", ends="08:00")
    assert wrong.status_code == 400
    assert 'aria-describedby="ends-problem"' in wrong.text
    for begins in ("x", "08:00+01:00", ""):
        bad = bilal.sends(path, page=path, every="6", begins=begins, ends="20:00")
        assert bad.status_code == 400
    assert bilal.sends(path, page=path, every="5", begins="08:00", ends="20:00").status_code == 400
    kept = bilal.sends(path, page=path, every="6", begins="08:00", ends="20:00")
    assert kept.status_code == 303
    assert bilal.sends(f"{path}/once", page=path, at="never").status_code == 400
    assert bilal.sends(f"{path}/once", page=path, at="2050-01-01T10:00").status_code == 400
    assert bilal.sends(f"{path}/once", page=path, at="").status_code == 303
    life.knock()
    assert life.postman.to(cast.family.chat) == [HOW_ARE_YOU]
    page = bilal.reads(path)
    assert "<svg" in page
    assert "08:00" in page
    (rhythm,) = door.look(services.overview, cast.bilal.at_desk, case_id=case_id).rhythms
    for verb in ("pause", "resume", "end"):
        done = bilal.sends(f"{path}/{rhythm.id}/{verb}", page=path)
        assert done.status_code == 303
    again = bilal.sends(f"{path}/{rhythm.id}/end", page=path)
    assert again.status_code == 409


@pytest.mark.usefixtures("life")
def test_others_find_nothing_there(at: Sign, door: Door, cast: Cast, case_id: CaseId) -> None:
    writes(door, cast, f"canary: {WORD}")
    (ringing,) = alarms(door, cast)
    chiara = at(cast.chiara)
    for path in ("/desk", f"/cases/{case_id}/checkins", f"/alarms/{ringing.id}"):
        assert chiara.looks(path).status_code == 404
    for path in (f"/alarms/{ringing.id}/own", f"/cases/{case_id}/checkins/once"):
        assert chiara.sends(path, at="").status_code == 404
    assert door.ask(services.watch, CLOCK) == 0


def test_a_member_sets_their_own_rhythm_in_every_way_the_form_knows(
    at: Sign, door: Door, cast: Cast, life: Life
) -> None:
    bilal, path = at(cast.bilal), "/my/checkins"
    usual = {"every": "4", "begins": "08:00", "ends": "20:00"}
    for wrong in (
        {"every": "5"},
        {"every": "30x"},
        {"times": "9 o'clock"},
        {"days": "9"},
        {"every": "48", "days": "1"},
        {"night": "1"},
        {"night": "2"},
        {"last": "someday"},
        {"last": "2020-01-01"},
        {"zone": "Mars/Olympus"},
        {"begins": "20:00", "ends": "08:00"},
    ):
        answer = bilal.sends(path, page=path, **{**usual, **wrong})
        assert answer.status_code == 400, wrong
        assert "problem" in answer.text
    more = {"times": "21:00 09:00", "zone": "America/Tijuana", "last": "2031-01-01"}
    assert bilal.sends(path, page=path, **usual, **more).status_code == 303
    (rhythm,) = door.look(services.my_checkins, cast.bilal.at_desk).rhythms
    assert rhythm.plan is not None
    assert [f"{each:%H:%M}" for each in rhythm.plan.times] == ["09:00", "21:00"]
    assert rhythm.plan.zone == "America/Tijuana"
    page = bilal.reads(path)
    assert "09:00, 21:00" in page
    assert "style=" not in page
    assert bilal.sends(f"{path}/{rhythm.id}/skip", page=path).status_code == 303
    assert bilal.sends(f"{path}/{rhythm.id}/pause", page=path, until="x").status_code == 400
    paused = bilal.sends(f"{path}/{rhythm.id}/pause", page=path, until="2030-01-20T09:00")
    assert paused.status_code == 303
    assert "20/01 09:00" in bilal.reads(path)
    assert bilal.sends(f"{path}/{rhythm.id}/resume", page=path).status_code == 303
    assert bilal.sends(f"{path}/{rhythm.id}/end", page=path).status_code == 303
    assert door.look(services.my_checkins, cast.bilal.at_desk).rhythms == ()
    assert life.postman.sent == []


def test_a_trip_on_the_page_and_what_a_responder_opens(
    at: Sign, door: Door, cast: Cast, life: Life
) -> None:
    bilal, alice = at(cast.bilal), at(cast.alice)
    for wrong in (
        {"destination": "", "back_at": "2030-01-01T10:00"},
        {"destination": "canary", "back_at": "never"},
        {"destination": "canary", "back_at": "2035-01-01T10:00"},
    ):
        assert bilal.sends("/trip", page="/trip", **wrong).status_code == 400
    begun = bilal.sends(
        "/trip", page="/trip", destination="canary: el rancho", back_at="2030-01-01T10:00"
    )
    assert begun.status_code == 303
    assert "canary: el rancho" in bilal.reads("/trip")
    assert "canary" not in alice.reads("/trip")
    asks_for_more_time_again_and_again(bilal)
    assert "01/01 10:30" in bilal.reads("/trip")
    assert bilal.sends("/trip/help", page="/trip").status_code == 303
    (ringing,) = alarms(door, cast)
    assert "canary" not in alice.reads(f"/alarms/{ringing.id}")
    opened = alice.sends(f"/alarms/{ringing.id}/trip", page="/desk")
    assert "canary: el rancho" in opened.text
    assert at(cast.chiara).sends(f"/alarms/{ringing.id}/trip", page="/trip").status_code == 404
    assert bilal.sends(f"/alarms/{ringing.id}/trip", page="/trip").status_code == 404
    assert bilal.sends("/trip/arrived", page="/trip").status_code == 303
    assert "canary" not in bilal.reads("/trip")
    bilal.sends("/trip", page="/trip", destination="canary: home", back_at="2030-01-01T10:00")
    assert "rancho" not in bilal.reads("/trip")
    opened = alice.sends(f"/alarms/{ringing.id}/trip", page="/desk")
    assert "canary: home" in opened.text
    assert "canary: el rancho" in opened.text
    assert life.postman.asleep is False


def test_the_next_question_is_left_out_once_however_often_it_is_pressed(
    at: Sign, door: Door, cast: Cast, life: Life
) -> None:
    bilal, path = at(cast.bilal), "/my/checkins"
    rhythm = door.ask(services.set_rhythm, cast.bilal.at_desk, every=timedelta(hours=2))
    turns = [next_of(door, cast)]
    shown = f"{turns[0].timestamp():.0f}"
    assert f'value="{shown}"' in bilal.reads(path)
    for _ in range(3):
        answer = bilal.sends(f"{path}/{rhythm}/skip", page=path, next=shown)
        assert answer.status_code == 303
        turns.append(next_of(door, cast))
    assert turns[1:] == [turns[0] + timedelta(hours=2)] * 3
    assert life.postman.asleep is False


def next_of(door: Door, cast: Cast) -> datetime:
    (rhythm,) = door.look(services.my_checkins, cast.bilal.at_desk).rhythms
    assert rhythm.next_at is not None
    return rhythm.next_at


def asks_for_more_time_again_and_again(who: Browser) -> None:
    """As whoever sees nothing happen."""
    shown = "1893513600"  # that hour, as the page holds it
    assert f'value="{shown}"' in who.reads("/trip")
    for wrong in ({"minutes": "7", "shown": shown}, {"minutes": "30", "shown": "soon"}):
        assert who.sends("/trip/later", page="/trip", **wrong).status_code == 400
    for _ in range(3):
        later = who.sends("/trip/later", page="/trip", minutes="30", shown=shown)
        assert later.status_code == 303
