"""A member goes somewhere and is waited for; what is sealed opens only when it goes wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from network.checkins import services
from network.checkins.domain.trips import AlreadyTravelling
from network.checkins.domain.watches import Cause
from network.checkins.services.asking import (
    ARE_YOU_BACK,
    ARE_YOU_BACK_AGAIN,
    HOW_ARE_YOU,
)
from network.checkins.services.telling import ALARM, OVER
from network.checkins.tables import EndingRow, PromptRow, RhythmRow, TripGrantRow, TripRow
from network.door import Door
from network.kernel.errors import BadInput, NoKey, NotAllowed, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import TripId, new_id
from network.people import services as people
from tests.cast import Cast
from tests.checkins.conftest import CLOCK, Life, alarms, rows

MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
WHERE = Plaintext("canary: the ranch behind the hill")


def travels(door: Door, cast: Cast, hours: int = 2) -> TripId:
    door.ask(people.set_duty, cast.alice.at_desk)
    back = door.now() + hours * HOURS
    return door.ask(services.begin_trip, cast.bilal.in_chat, destination=WHERE, back_at=back).id


def test_whoever_arrives_leaves_nothing_behind(door: Door, cast: Cast, life: Life) -> None:
    trip = travels(door, cast)
    door.ask(services.share_place, cast.bilal.in_chat, latitude=19.4, longitude=-99.1)
    life.passes(119 * MINUTES)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    life.passes(3 * HOURS, 5 * MINUTES)
    assert rows(door, TripRow) == []
    assert rows(door, TripGrantRow) == []
    assert rows(door, RhythmRow) == []
    assert life.postman.sent == []
    assert alarms(door, cast) == ()


def test_whoever_arrives_late_leaves_no_hour_of_it_behind_and_nor_does_more_time(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    life.passes(155 * MINUTES)
    assert len(alarms(door, cast)) == 1
    door.ask(services.extend, cast.bilal.in_chat, trip_id=trip, more=30 * MINUTES)
    life.passes(31 * MINUTES)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    assert alarms(door, cast) == ()
    assert rows(door, TripRow) == []
    assert rows(door, PromptRow) == []
    assert rows(door, RhythmRow) == []
    life.passes(3 * HOURS, 5 * MINUTES)
    assert life.postman.to(cast.bilal.chat).count(ARE_YOU_BACK) == 2


def test_an_arrival_looks_the_same_to_whoever_arrives_while_help_is_called(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    life.passes(121 * MINUTES)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    assert len(door.look(services.my_checkins, cast.bilal.at_desk).asked) == 1
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    seen = door.look(services.my_checkins, cast.bilal.at_desk)
    assert (seen.asked, seen.rhythms) == ((), ())
    assert len(rows(door, TripRow)) == 1
    assert len(alarms(door, cast)) == 1


def test_what_a_member_was_asked_is_forgotten_after_a_year(
    door: Door, cast: Cast, life: Life
) -> None:
    rhythm = door.ask(services.set_rhythm, cast.bilal.at_desk, every=4 * HOURS)
    while not life.postman.to(cast.bilal.chat):
        life.passes(30 * MINUTES, 10 * MINUTES)
    prompt = door.look(services.my_checkins, cast.bilal.at_desk).asked[0].prompt
    door.ask(services.answer_well, cast.bilal.in_chat, prompt_id=prompt.id)
    door.ask(services.end_rhythm, cast.bilal.at_desk, rhythm_id=rhythm)
    door.ask(services.sweep, CLOCK)
    assert len(rows(door, PromptRow)) == len(rows(door, RhythmRow)) == 1
    life.clock.advance(timedelta(days=367))
    while door.ask(services.sweep, CLOCK):
        pass
    assert rows(door, PromptRow) == []
    assert rows(door, RhythmRow) == []


def test_at_the_return_time_they_are_asked_and_silence_climbs_the_ladder(
    door: Door, cast: Cast, life: Life
) -> None:
    travels(door, cast)
    life.passes(121 * MINUTES)
    assert life.postman.to(cast.bilal.chat) == [ARE_YOU_BACK]
    life.passes(16 * MINUTES)
    assert life.postman.to(cast.bilal.chat) == [ARE_YOU_BACK, ARE_YOU_BACK_AGAIN]
    assert alarms(door, cast) == ()
    life.passes(16 * MINUTES)
    assert life.postman.to(cast.alice.chat) == [ALARM]
    (ringing,) = alarms(door, cast)
    assert ringing.cause is Cause.SILENCE
    assert ringing.reference == cast.bilal.alias
    assert ringing.case_id is None


def test_more_time_is_given_before_and_after_the_return_time(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    door.ask(services.extend, cast.bilal.in_chat, trip_id=trip, more=2 * HOURS)
    life.passes(3 * HOURS, 10 * MINUTES)
    assert life.postman.sent == []
    life.passes(110 * MINUTES)
    assert len(alarms(door, cast)) == 1
    longer = door.ask(services.extend, cast.bilal.in_chat, trip_id=trip, more=30 * MINUTES)
    assert longer.back_at == door.now() + 30 * MINUTES
    assert alarms(door, cast) == ()
    life.knock()
    assert OVER in life.postman.to(cast.alice.chat)
    asked = life.postman.to(cast.bilal.chat).count(ARE_YOU_BACK)
    life.passes(31 * MINUTES)
    assert life.postman.to(cast.bilal.chat).count(ARE_YOU_BACK) == asked + 1


def test_help_rings_at_once_for_those_on_duty_and_never_for_the_traveller(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    life.knock()
    assert life.postman.to(cast.alice.chat) == [ALARM]
    life.passes(11 * MINUTES)
    assert ALARM in life.postman.to(cast.elena.chat)
    assert life.postman.to(cast.bilal.chat) == []
    (ringing,) = alarms(door, cast)
    assert ringing.cause is Cause.DANGER
    with pytest.raises(NotVisible):
        door.ask(services.own, cast.bilal.in_chat, watch_id=ringing.id)
    assert door.look(services.alarms, cast.bilal.at_desk) == ()


def test_responders_open_it_only_when_it_went_wrong_and_only_with_their_key(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    door.ask(services.share_place, cast.bilal.in_chat, latitude=19.4, longitude=-99.1)
    (row,) = rows(door, TripRow)
    assert b"canary" not in row["details"]
    assert b"19.4" not in row["place"]
    with pytest.raises(NotVisible):
        door.ask(services.trip_of_alarm, cast.alice.at_desk, watch_id=new_id())  # type: ignore[arg-type]  # of no alarm
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    (ringing,) = alarms(door, cast)
    found = door.ask(services.trip_of_alarm, cast.alice.at_desk, watch_id=ringing.id)
    assert found is not None
    assert found.opened is not None
    assert found.opened.destination == WHERE
    assert found.opened.place is not None
    assert (found.opened.place.latitude, found.opened.place.longitude) == (19.4, -99.1)
    with pytest.raises(NoKey):
        door.ask(services.trip_of_alarm, cast.alice.in_chat, watch_id=ringing.id)
    for who in (cast.chiara.at_desk, cast.dino.at_desk, cast.bilal.at_desk, cast.family):
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(services.trip_of_alarm, who, watch_id=ringing.id)
    assert life.postman.asleep is False


def test_an_arrival_while_help_is_called_leaves_what_is_sealed_to_those_who_search(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    assert door.look(services.my_trip, cast.bilal.at_desk) is None
    (ringing,) = alarms(door, cast)
    found = door.ask(services.trip_of_alarm, cast.alice.at_desk, watch_id=ringing.id)
    assert found is not None
    assert found.opened is not None
    travels(door, cast)
    assert len(rows(door, TripRow)) == 1
    assert life.postman.asleep is False


def test_another_answer_is_a_sign_of_life_but_not_their_return(
    door: Door, cast: Cast, life: Life
) -> None:
    travels(door, cast)
    life.passes(155 * MINUTES)
    assert len(alarms(door, cast)) == 1
    door.ask(services.set_rhythm, cast.bilal.at_desk, times=())
    while HOW_ARE_YOU not in life.postman.to(cast.bilal.chat):
        life.passes(30 * MINUTES, 10 * MINUTES)
    prompt = door.look(services.my_checkins, cast.bilal.at_desk).asked[0].prompt
    door.ask(services.answer_well, cast.bilal.in_chat, prompt_id=prompt.id)
    assert alarms(door, cast) == ()
    asked = life.postman.to(cast.bilal.chat).count(ARE_YOU_BACK)
    life.passes(32 * MINUTES)
    assert life.postman.to(cast.bilal.chat).count(ARE_YOU_BACK) == asked + 1


def test_nobody_turns_somebody_elses_trip(door: Door, cast: Cast, life: Life) -> None:
    trip = travels(door, cast)
    for who in (cast.chiara.in_chat, cast.alice.in_chat, cast.family, cast.strangers, CLOCK):
        for service in (services.arrive, services.need_help):
            with pytest.raises((NotVisible, NotAllowed)):
                door.ask(service, who, trip_id=trip)
    with pytest.raises(NotAllowed):
        door.ask(services.begin_trip, cast.dino.at_desk, destination=WHERE, back_at=door.now())
    assert life.postman.sent == []


@pytest.mark.usefixtures("life")
def test_what_makes_no_sense_is_refused_and_stores_nothing(door: Door, cast: Cast) -> None:
    now, bilal = door.now(), cast.bilal.in_chat
    for words, back_at in (
        ("", now + HOURS),
        ("x" * 400, now + HOURS),
        ("there", now),
        ("there", now - HOURS),
        ("there", now + timedelta(days=30)),
        ("there", datetime(9999, 1, 1, tzinfo=UTC)),
    ):
        with pytest.raises(BadInput):
            door.ask(services.begin_trip, bilal, destination=Plaintext(words), back_at=back_at)
    assert rows(door, TripRow) == []
    assert rows(door, RhythmRow) == []
    trip = travels(door, cast)
    with pytest.raises(AlreadyTravelling):
        travels(door, cast)
    with pytest.raises(BadInput):
        door.ask(services.extend, bilal, trip_id=trip, more=timedelta(days=3))


def test_a_trip_that_nobody_ends_is_erased_in_the_end(door: Door, cast: Cast, life: Life) -> None:
    travels(door, cast)
    life.clock.advance(timedelta(days=29))
    assert door.ask(services.sweep_trips, CLOCK) == 0
    life.clock.advance(timedelta(days=2))
    assert door.ask(services.sweep_trips, CLOCK) == 1
    with pytest.raises(NotAllowed):
        door.ask(services.sweep_trips, cast.alice.at_desk)


def test_a_member_who_blocked_the_bot_is_an_alarm_at_once(
    door: Door, cast: Cast, life: Life
) -> None:
    life.postman.gone.add(cast.bilal.chat)
    travels(door, cast)
    life.passes(123 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert ringing.cause is Cause.UNREACHABLE
    assert life.postman.to(cast.alice.chat) == [ALARM]


def test_a_member_who_unlinked_their_chat_is_not_forgotten(
    door: Door, cast: Cast, life: Life
) -> None:
    travels(door, cast)
    door.ask(people.unlink_chat, cast.bilal.at_desk)
    life.passes(123 * MINUTES)
    assert [one.cause for one in alarms(door, cast)] == [Cause.UNREACHABLE]
    (prompt,) = rows(door, PromptRow)
    assert prompt["status"].value == "unreachable"
    assert rows(door, EndingRow) == []
