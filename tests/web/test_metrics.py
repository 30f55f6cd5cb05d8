"""`/metrics` is for whoever holds its token, names nobody, and is no page for others."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from config.settings import load
from network import heartbeats, outbox, probes
from network.app import create_app
from network.checkins import services as checkins
from network.checkins.domain.drills import Rehearsed
from network.checkins.domain.watches import Whom
from network.checkins.tables import RhythmRow, WatchRow
from network.db import Tx, writing
from network.door import Door
from network.kernel.actor import Actor, Engine
from network.kernel.hidden import Plaintext
from network.outbox.domain import Letter, Priority
from tests.cast import Cast
from tests.ground.apps import SECRET
from tests.ground.clock import StillClock

MACHINE = Engine("test")
TOKEN = "a-token-for-prometheus-of-forty-letters-"
LABELS = {"priority", "engine", "of", "version", "implementation", "major", "minor", "patchlevel"}


def browser(door: Door, **more: str) -> FlaskClient:
    return create_app(load({"HILO_SECRET": SECRET, **more}), door).test_client()


@pytest.fixture
def scraper(door: Door) -> FlaskClient:
    return browser(door, HILO_METRICS_TOKEN=TOKEN)


def read(scraper: FlaskClient) -> str:
    answer = scraper.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return answer.text


def test_without_a_token_configured_there_is_no_such_page(door: Door) -> None:
    for token in ("", "None", TOKEN):
        answer = browser(door).get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", f"Bearer {TOKEN}x", "Bearer ñ", "Basic abc"])
def test_with_another_token_there_is_none_either(scraper: FlaskClient, header: str) -> None:
    assert scraper.get("/metrics", headers={"Authorization": header}).status_code == 404
    assert scraper.get("/metrics").status_code == 404


def test_it_says_how_the_machine_is(
    scraper: FlaskClient, door: Door, cast: Cast, clock: StillClock
) -> None:
    def promise(tx: Tx, _actor: Actor) -> None:
        outbox.promise(
            tx, Letter(cast.alice.chat, "es", "canary sentence", priority=Priority.CHECKIN)
        )

    door.ask(promise, MACHINE)
    door.ask(heartbeats.beat, MACHINE, engine="clock")
    door.ask(probes.begin, MACHINE)
    clock.advance(timedelta(minutes=4))
    found = read(scraper)
    assert 'hilo_letters_due{priority="checkin"} 1.0' in found
    assert 'hilo_letters_oldest_seconds{priority="checkin"} 240.0' in found
    assert 'hilo_engine_fresh{engine="clock"} 0.0' in found
    assert "hilo_request_late 1.0" in found
    assert "hilo_arrivals_waiting 1.0" in found


def test_no_label_carries_a_person_and_no_figure_a_word(
    scraper: FlaskClient, door: Door, cast: Cast
) -> None:
    door.ask(checkins.intake, cast.family, situation="canary", text=Plaintext("canary words"))
    found = read(scraper)
    assert set(re.findall(r'(\w+)="', found)) <= LABELS
    assert "canary" not in found
    for one in cast.everybody:
        assert str(one.chat) not in found
        assert one.alias not in found
        assert str(one.id) not in found
    assert "hilo_ladders_open 0.0" in found


def test_it_says_how_long_ago_the_last_drill_was_and_how_long_it_took(
    scraper: FlaskClient, door: Door, cast: Cast, clock: StillClock
) -> None:
    assert "hilo_drill_seconds" not in read(scraper)
    drill = door.ask(
        checkins.start_drill, cast.alice.at_desk, ladder=Rehearsed.ALARMS, rungs=tuple(Whom)[1:]
    )
    clock.advance(timedelta(minutes=3))
    door.ask(checkins.take_drill, cast.elena.in_chat, drill_id=drill.id)
    clock.advance(timedelta(hours=2))
    found = read(scraper)
    assert "hilo_drill_seconds 180.0" in found
    assert "hilo_drill_age_seconds 7380.0" in found
    assert "hilo_drills_untaken 0.0" in found


def test_it_says_how_late_the_clock_is_and_how_long_nobody_has_an_alarm(
    scraper: FlaskClient, door: Door, cast: Cast, clock: StillClock
) -> None:
    found = read(scraper)
    for what in ("asking", "questions", "alarms"):
        assert f'hilo_overdue_seconds{{of="{what}"}} 0.0' in found
    door.ask(checkins.set_rhythm, cast.bilal.at_desk, every=timedelta(hours=4))
    due = door.look(checkins.my_checkins, cast.bilal.at_desk).rhythms[0].next_at
    assert due is not None
    clock.advance(due - clock() + timedelta(minutes=7))
    assert 'hilo_overdue_seconds{of="asking"} 420.0' in read(scraper)
    door.ask(checkins.watch, MACHINE)  # asked now; then nobody looks whether it went out
    trip = door.ask(
        checkins.begin_trip,
        cast.bilal.in_chat,
        destination=Plaintext("canary ranch"),
        back_at=clock() + timedelta(hours=2),
    )
    door.ask(checkins.need_help, cast.bilal.in_chat, trip_id=trip.id)
    clock.advance(timedelta(minutes=20))
    found = read(scraper)
    assert 'hilo_overdue_seconds{of="asking"} 0.0' in found
    assert 'hilo_overdue_seconds{of="questions"} 1170.0' in found
    assert re.search(r'hilo_overdue_seconds\{of="alarms"\} [1-9]', found)
    assert "hilo_ladders_unowned 1.0" in found
    assert "hilo_ladders_unowned_seconds 1200.0" in found


def test_what_cannot_be_read_is_counted_and_so_is_how_long_an_arrival_waits(
    scraper: FlaskClient, door: Door, cast: Cast, clock: StillClock
) -> None:
    door.ask(checkins.set_rhythm, cast.bilal.at_desk, every=timedelta(hours=1))
    door.ask(checkins.intake, cast.family, situation="missing", text=Plaintext("canary words"))
    door.ask(probes.begin, MACHINE)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(update(RhythmRow).values(plan=b"torn"))
        tx.session.execute(update(WatchRow).values(state=b"torn"))
    clock.advance(timedelta(hours=20))
    door.ask(checkins.watch, MACHINE)
    found = read(scraper)
    assert "hilo_alarms_unreadable 1.0" in found
    assert "hilo_rhythms_set_aside 1.0" in found
    assert "hilo_arrivals_oldest_seconds 72000.0" in found
