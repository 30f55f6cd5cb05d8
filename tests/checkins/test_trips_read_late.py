"""What travellers say is read hours later, or twice; it means what it meant when they said it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import trips
from bot.dialogue import Step, Talk
from bot.replies import Here
from bot.visit import Scene
from network import heartbeats
from network.checkins import services
from network.checkins.services import Underway
from network.checkins.services.asking import ARE_YOU_BACK
from network.checkins.tables import TripRow
from network.db import Tx
from network.door import Door
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotVisible
from network.kernel.hidden import Plaintext
from tests.cast import Cast
from tests.checkins.conftest import CLOCK, Life, alarms, rows
from tests.checkins.test_trips import HOURS, MINUTES, WHERE, travels

ZONE = ZoneInfo("America/Mexico_City")


@pytest.fixture
def life(life: Life) -> Life:
    """Two in the afternoon, where they are."""
    life.clock.instant = datetime(2030, 1, 7, 14, tzinfo=ZONE).astimezone(UTC)
    life.alive = heartbeats.ENGINES
    life.beat()
    return life


def plays(door: Door, cast: Cast, scene: Scene[...], here: dict[str, Any], **words: Any) -> Turn:  # noqa: ANN401  # whatever the scene takes
    def play(tx: Tx, actor: Actor) -> Turn:
        return scene(tx, actor, Here(cast.bilal.chat, "es", **{"talk": Talk(), **here}), **words)

    return door.ask(play, cast.bilal.in_chat)


def trip_of(door: Door, cast: Cast) -> Underway:
    found = door.look(services.my_trip, cast.bilal.at_desk)
    assert found is not None
    return found


def we_are_away(life: Life, hours: int) -> None:
    """Then all of us are back, and the clock knocks."""
    life.clock.advance(hours * HOURS)
    life.beat()
    life.knock()


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2030, 1, 7, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize("way", ["one line", "asked"])
def test_an_hour_that_passed_before_we_read_it_is_today_and_they_are_asked_at_once(
    door: Door, cast: Cast, life: Life, way: str
) -> None:
    said = life.clock.instant
    we_are_away(life, 6)
    if way == "one line":
        plays(door, cast, trips.travel, {"at": said}, words=Plaintext("canary: the river 18:00"))
    else:
        talk = Talk(step=Step.TRIP_BACK, draft="canary: the river")
        plays(door, cast, trips.words, {"at": said, "talk": talk}, text=Plaintext("18:00"))
    opened = trip_of(door, cast).opened
    assert opened is not None
    assert opened.back_at == at(18)
    life.passes(MINUTES)
    assert life.postman.to(cast.bilal.chat) == [ARE_YOU_BACK]
    life.passes(31 * MINUTES)
    assert len(alarms(door, cast)) == 1


def test_an_hour_that_is_still_to_come_is_kept_though_we_read_it_late(
    door: Door, cast: Cast, life: Life
) -> None:
    said = life.clock.instant
    we_are_away(life, 3)
    plays(door, cast, trips.travel, {"at": said}, words=Plaintext("canary: the river 18:00"))
    assert trip_of(door, cast).back_at == at(18)
    door.ask(services.arrive, cast.bilal.in_chat)
    with pytest.raises(BadInput):
        plays(door, cast, trips.travel, {"at": said}, words=Plaintext("canary: there 14:02"))


def test_hours_count_from_the_press_as_nearly_as_it_can_be_known(
    door: Door, cast: Cast, life: Life
) -> None:
    sent = life.clock.instant
    talk = Talk(step=Step.TRIP_BACK, draft="canary: the river")
    we_are_away(life, 6)
    plays(door, cast, trips.in_hours, {"shown_at": sent, "talk": talk}, hours=8)
    assert trip_of(door, cast).back_at == at(22)
    door.ask(services.arrive, cast.bilal.in_chat)
    plays(door, cast, trips.in_hours, {"shown_at": door.now(), "talk": talk}, hours=1)
    assert trip_of(door, cast).back_at == at(21)
    door.ask(services.arrive, cast.bilal.in_chat)
    life.passes(HOURS)
    plays(door, cast, trips.in_hours, {"shown_at": sent, "talk": talk}, hours=2)
    assert trip_of(door, cast).back_at == at(23)


def test_whoever_presses_for_more_time_again_and_again_asked_for_it_once(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    shown = trip_of(door, cast).back_at
    for minutes in (120, 120, 30, 120):
        plays(door, cast, trips.later, {}, trip_id=trip, minutes=minutes, shown=shown)
    assert trip_of(door, cast).back_at == shown + 2 * HOURS
    again = trip_of(door, cast).back_at
    plays(door, cast, trips.later, {}, trip_id=trip, minutes=30, shown=again)
    assert trip_of(door, cast).back_at == again + 30 * MINUTES
    assert life.postman.asleep is False


def test_more_time_that_was_pressed_while_we_were_away_counts_from_then(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    sent, shown = life.clock.instant, trip_of(door, cast).back_at
    we_are_away(life, 6)
    here = {"shown_at": sent}
    plays(door, cast, trips.later, here, trip_id=trip, minutes=120, shown=shown)
    assert trip_of(door, cast).back_at <= door.now()
    life.passes(2 * MINUTES)
    assert life.postman.to(cast.bilal.chat)[-1] == ARE_YOU_BACK
    life.passes(30 * MINUTES)
    assert len(alarms(door, cast)) == 1


def test_a_button_for_more_time_from_before_counts_as_it_did(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    plays(door, cast, trips.later, {}, trip_id=trip, minutes=30)
    assert trip_of(door, cast).back_at == at(16, 30)
    assert life.postman.asleep is False


def test_a_place_that_is_read_late_says_when_they_were_there(
    door: Door, cast: Cast, life: Life
) -> None:
    travels(door, cast)
    there = life.clock.instant + 20 * MINUTES
    we_are_away(life, 1)
    plays(door, cast, trips.moved, {}, location=(19.4, -99.1), at=there)
    opened = trip_of(door, cast).opened
    assert opened is not None
    assert opened.place is not None
    assert opened.place.at == there
    plays(door, cast, trips.moved, {}, location=(19.5, -99.1), at=door.now() + HOURS)
    opened = trip_of(door, cast).opened
    assert opened is not None
    assert opened.place is not None
    assert opened.place.at == door.now()


def test_whoever_searches_sees_where_the_telephone_goes_after_an_arrival_that_was_none(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    quiet = plays(door, cast, trips.moved, {}, location=(20.5, -99.1))
    assert quiet.letters == ()
    hinted = plays(door, cast, trips.place, {}, location=(20.6, -99.1))
    assert [one.say for one in hinted.letters] != [trips.PLACE_KEPT]
    (ringing,) = alarms(door, cast)
    found = door.ask(services.trip_of_alarm, cast.alice.at_desk, watch_id=ringing.id)
    assert found is not None
    assert found.opened is not None
    assert found.opened.place is not None
    assert found.opened.place.latitude == 20.6
    assert life.postman.asleep is False


def test_help_is_help_under_whichever_trip_of_theirs_it_is_pressed(
    door: Door, cast: Cast, life: Life
) -> None:
    first = travels(door, cast)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=first)
    theirs = door.ask(
        services.begin_trip,
        cast.chiara.in_chat,
        destination=WHERE,
        back_at=door.now() + 2 * HOURS,
    )
    with pytest.raises(NotVisible):
        plays(door, cast, trips.help_, {}, trip_id=theirs.id)
    assert alarms(door, cast) == ()
    travels(door, cast)
    plays(door, cast, trips.help_, {}, trip_id=first)
    assert len(alarms(door, cast)) == 1
    assert len(rows(door, TripRow)) == 2
    assert life.postman.asleep is False


def test_help_is_help_after_the_trip_too(door: Door, cast: Cast, life: Life) -> None:
    trip = travels(door, cast)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    plays(door, cast, trips.help_, {}, trip_id=trip)
    (ringing,) = alarms(door, cast)
    assert door.ask(services.trip_of_alarm, cast.alice.at_desk, watch_id=ringing.id) is None
    assert life.postman.asleep is False
    assert door.ask(services.sweep_trips, CLOCK) == 0
