"""How long a trip is kept, and what its traveller is told, when coordination ends its alarm."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot import trips
from bot.dialogue import Talk
from bot.replies import Here
from network.checkins import services
from network.checkins.domain.watches import Cause, Outcome
from network.checkins.services.asking import ARE_YOU_BACK
from network.checkins.tables import PromptRow, RhythmRow, TripRow
from network.db import Tx
from network.door import Door
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from tests.cast import Cast
from tests.checkins.conftest import CLOCK, Life, alarms, rows
from tests.checkins.test_trips import HOURS, MINUTES, travels

DAY = timedelta(days=1)


def ends_the_alarm(door: Door, cast: Cast) -> None:
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.alice.in_chat, watch_id=ringing.id)
    words = Plaintext("canary: they are still on the road")
    door.ask(
        services.resolve,
        cast.alice.at_desk,
        watch_id=ringing.id,
        outcome=Outcome.FORGOT,
        words=words,
    )


def asks_for_it(door: Door, cast: Cast) -> str:
    """What /viaje answers."""

    def play(tx: Tx, actor: Actor) -> Turn:
        return trips.travel(tx, actor, Here(cast.bilal.chat, "es", Talk()))

    (letter,) = door.ask(play, cast.bilal.in_chat).letters
    return letter.say


def test_who_is_not_waited_for_any_more_is_told_so_and_can_be_waited_for_again(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    assert asks_for_it(door, cast) == trips.UNDERWAY
    life.passes(155 * MINUTES)
    ends_the_alarm(door, cast)
    mine = door.look(services.my_trip, cast.bilal.at_desk)
    assert mine is not None
    assert not mine.waited
    assert asks_for_it(door, cast) == trips.NOBODY_WAITS
    asked = life.postman.to(cast.bilal.chat).count(ARE_YOU_BACK)
    door.ask(services.extend, cast.bilal.in_chat, trip_id=trip, more=30 * MINUTES)
    assert asks_for_it(door, cast) == trips.UNDERWAY
    life.passes(31 * MINUTES)
    assert life.postman.to(cast.bilal.chat).count(ARE_YOU_BACK) == asked + 1
    life.passes(31 * MINUTES)
    assert len(alarms(door, cast)) == 1


def test_a_trip_that_coordination_ended_is_kept_for_a_day(
    door: Door, cast: Cast, life: Life
) -> None:
    travels(door, cast)
    door.ask(services.sweep_trips, CLOCK)
    life.passes(155 * MINUTES)
    door.ask(services.sweep_trips, CLOCK)
    ends_the_alarm(door, cast)
    assert door.ask(services.sweep_trips, CLOCK) == 0
    life.passes(23 * HOURS, HOURS)
    assert door.ask(services.sweep_trips, CLOCK) == 0
    life.passes(2 * HOURS, HOURS)
    assert door.ask(services.sweep_trips, CLOCK) == 1
    assert rows(door, TripRow) == rows(door, RhythmRow) == rows(door, PromptRow) == []


@pytest.mark.parametrize("arrived", [True, False])
def test_while_somebody_is_searched_for_their_trip_is_kept_however_long_it_lasts(
    door: Door, cast: Cast, life: Life, arrived: bool
) -> None:
    trip = travels(door, cast)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    if arrived:
        door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    life.clock.advance(40 * DAY)
    assert door.ask(services.sweep_trips, CLOCK) == 0
    (ringing,) = alarms(door, cast)
    found = door.ask(services.trip_of_alarm, cast.alice.at_desk, watch_id=ringing.id)
    assert found is not None
    assert found.opened is not None


def test_what_was_kept_for_a_search_is_erased_when_the_search_is_over(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    back_at = rows(door, RhythmRow)[0]["next_at"]
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    life.passes(20 * MINUTES)
    (ringing,) = alarms(door, cast)
    found = door.ask(services.trip_of_alarm, cast.alice.at_desk, watch_id=ringing.id)
    assert found is not None
    assert found.back_at == back_at
    ends_the_alarm(door, cast)
    life.passes(31 * MINUTES)
    assert door.ask(services.sweep_trips, CLOCK) == 1
    assert rows(door, TripRow) == rows(door, RhythmRow) == []


def test_a_trip_whose_plan_cannot_be_read_is_asked_about_all_the_same(
    door: Door, cast: Cast, life: Life
) -> None:
    travels(door, cast)
    with door.database.writing.begin() as session:
        session.execute(update(RhythmRow).values(plan=b"torn" * 128))
    door.ask(services.set_rhythm, cast.bilal.at_desk, every=4 * HOURS)
    life.passes(121 * MINUTES)
    assert ARE_YOU_BACK in life.postman.to(cast.bilal.chat)
    life.passes(31 * MINUTES)
    assert [one.cause for one in alarms(door, cast)] == [Cause.SILENCE]
