"""People and standings change while somebody is on the way; they are waited for all the same."""

import pytest

from network.checkins import services
from network.checkins.domain.watches import Cause, Outcome
from network.checkins.services.asking import ARE_YOU_BACK
from network.checkins.services.telling import ALARM
from network.checkins.tables import TripGrantRow, TripRow
from network.delivery import services as delivery
from network.door import Door
from network.kernel.actor import InChat, Role
from network.kernel.errors import NoKey, NotAllowed
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, TripId
from network.outbox.domain import Priority
from network.outbox.services import Postponed, settle, take
from network.people import services as people
from tests.cast import Cast, somebody
from tests.checkins.conftest import CLOCK, POSTMAN, Life, alarms, asked, rows
from tests.checkins.test_letting_go import calls
from tests.checkins.test_trips import MINUTES, WHERE, travels

NEW_CHAT = 9_000_001


def test_a_coordinator_who_came_later_opens_it_once_somebody_with_a_key_was_at_the_desk(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    late = somebody(door, "fatima", Role.COORDINATOR)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    (ringing,) = alarms(door, cast)
    found = door.ask(services.trip_of_alarm, late.at_desk, watch_id=ringing.id)
    assert found is not None
    assert found.opened is None
    assert door.look(services.desk, late.at_desk).trips_lack_keys is False
    with pytest.raises(NoKey):
        door.ask(services.pass_on_trips, cast.alice.in_chat)
    assert door.look(services.desk, cast.alice.at_desk).trips_lack_keys is True
    assert door.ask(services.pass_on_trips, cast.alice.at_desk) == 1
    assert door.look(services.desk, cast.alice.at_desk).trips_lack_keys is False
    found = door.ask(services.trip_of_alarm, late.at_desk, watch_id=ringing.id)
    assert found is not None
    assert found.opened is not None
    assert found.opened.destination == WHERE
    with pytest.raises(NotAllowed):
        door.ask(services.pass_on_trips, cast.dino.at_desk)
    assert life.postman.asleep is False


def test_whoever_does_not_coordinate_any_more_keeps_no_key_of_a_trip(
    door: Door, cast: Cast, life: Life
) -> None:
    travels(door, cast)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    door.ask(services.sweep_trips, CLOCK)
    assert {one["member_id"] for one in rows(door, TripGrantRow)} == {cast.alice.id, cast.bilal.id}
    assert life.postman.asleep is False


def test_help_that_still_waits_to_go_out_falls_silent_when_somebody_has_it(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    life.postman.asleep = True
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.elena.in_chat, watch_id=ringing.id)
    assert calls(life.postman.walk()) == {}


def test_somebody_suspended_on_the_way_is_waited_for_and_can_come_back(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    door.ask(services.set_rhythm, cast.bilal.at_desk, times=())
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.bilal.id)
    life.passes(125 * MINUTES)
    assert life.postman.to(cast.bilal.chat) == [ARE_YOU_BACK]
    life.passes(30 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert ringing.cause is Cause.SILENCE
    assert ALARM in life.postman.to(cast.alice.chat)
    with pytest.raises(NotAllowed):
        door.ask(services.my_checkins, cast.bilal.in_chat)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    assert alarms(door, cast) == ()
    assert rows(door, TripRow) == []
    back = door.now() + 60 * MINUTES
    with pytest.raises(NotAllowed):
        door.ask(services.begin_trip, cast.bilal.in_chat, destination=WHERE, back_at=back)


def test_while_nothing_gets_through_to_anybody_nobody_becomes_late(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    """The question is out, the reminder is not: Telegram answers nobody for forty minutes."""
    asked(door, cast, life, case_id)
    door.ask(delivery.walk_the_road, CLOCK)
    life.passes(14 * MINUTES)
    door.ask(delivery.walk_the_road, CLOCK)
    life.postman.asleep = True
    for _ in range(40):
        life.passes(MINUTES)
        leased = door.ask(take, POSTMAN, limit=9)
        door.ask(settle, POSTMAN, outcomes=[Postponed(one, "network") for one in leased])
        door.ask(delivery.walk_the_road, CLOCK)
    assert alarms(door, cast) == ()
    life.postman.asleep = False
    life.passes(MINUTES)
    door.ask(delivery.walk_the_road, CLOCK)
    for _ in range(12):
        life.passes(MINUTES)
        door.ask(delivery.walk_the_road, CLOCK)
    assert alarms(door, cast) == ()
    for _ in range(8):
        life.passes(MINUTES)
        door.ask(delivery.walk_the_road, CLOCK)
    assert len(alarms(door, cast)) == 1


def test_whoever_loses_their_telephone_while_the_question_waits_is_searched_for(
    door: Door, cast: Cast, life: Life
) -> None:
    waits_to_be_asked(door, cast, life)
    door.ask(people.unlink_chat, cast.bilal.at_desk)
    life.postman.asleep = False
    life.passes(10 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert ringing.cause is Cause.UNREACHABLE
    assert ALARM in life.postman.to(cast.alice.chat)


def test_a_question_of_a_trip_that_the_desk_took_back_is_asked_again(
    door: Door, cast: Cast, life: Life
) -> None:
    waits_to_be_asked(door, cast, life)
    life.passes(6 * MINUTES)
    (waiting,) = (
        one
        for one in door.look(delivery.letters, cast.alice.at_desk).letters
        if one.priority is Priority.CHECKIN
    )
    door.ask(delivery.cancel_letter, cast.alice.at_desk, letter_id=waiting.id)
    life.postman.asleep = False
    life.passes(10 * MINUTES)
    assert life.postman.to(cast.bilal.chat) == [ARE_YOU_BACK]
    assert alarms(door, cast) == ()
    life.passes(40 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert ringing.cause is Cause.SILENCE


def test_a_question_of_a_trip_goes_to_the_telephone_that_is_linked_now(
    door: Door, cast: Cast, life: Life
) -> None:
    waits_to_be_asked(door, cast, life)
    code = door.ask(people.new_link_code, cast.bilal.at_desk)
    door.ask(people.link_chat, InChat(NEW_CHAT), code=code)
    life.postman.asleep = False
    life.passes(10 * MINUTES)
    assert ARE_YOU_BACK not in life.postman.to(cast.bilal.chat)
    assert ARE_YOU_BACK in life.postman.to(NEW_CHAT)
    life.passes(40 * MINUTES)
    assert len(alarms(door, cast)) == 1


def test_who_holds_the_telephone_cannot_put_another_trip_in_the_place_of_the_one_searched_for(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    door.ask(services.share_place, cast.bilal.in_chat, latitude=19.4, longitude=-99.1)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    for where in ("canary: shopping", "canary: home"):
        again = begins(door, cast, where)
        door.ask(services.share_place, cast.bilal.in_chat, latitude=20.1, longitude=-100.2)
        mine = door.look(services.my_trip, cast.bilal.at_desk)
        assert mine is not None
        assert mine.opened is not None
        assert mine.opened.destination == Plaintext(where)
        (ringing,) = alarms(door, cast)
        found = door.ask(services.trip_of_alarm, cast.alice.at_desk, watch_id=ringing.id)
        assert found is not None
        assert found.opened is not None
        assert found.opened.destination == Plaintext(where)
        assert found.opened.place is not None
        assert found.opened.place.latitude == 20.1
        before = found.opened.before
        assert before is not None
        assert before.destination == WHERE
        assert before.place is not None
        assert (before.place.latitude, before.place.longitude) == (19.4, -99.1)
        door.ask(services.arrive, cast.bilal.in_chat, trip_id=again)
        assert door.look(services.my_trip, cast.bilal.at_desk) is None
    assert life.postman.asleep is False


def test_the_trip_they_begin_meanwhile_is_waited_for_like_any_other(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    begins(door, cast, "canary: home")
    life.passes(61 * MINUTES)
    assert life.postman.to(cast.bilal.chat) == [ARE_YOU_BACK]
    life.passes(32 * MINUTES)
    assert {one.cause for one in alarms(door, cast)} == {Cause.DANGER, Cause.SILENCE}


def test_when_the_alarm_is_resolved_nothing_of_the_earlier_trip_outlives_the_next(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=trip)
    beside = begins(door, cast, "canary: home")
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.alice.in_chat, watch_id=ringing.id)
    words = Plaintext("canary: I spoke with them")
    door.ask(
        services.resolve,
        cast.alice.at_desk,
        watch_id=ringing.id,
        outcome=Outcome.HELPED,
        words=words,
    )
    door.ask(services.arrive, cast.bilal.in_chat, trip_id=beside)
    assert rows(door, TripRow) == []
    assert life.postman.asleep is False


def begins(door: Door, cast: Cast, where: str) -> TripId:
    back = door.now() + 60 * MINUTES
    begun = door.ask(
        services.begin_trip, cast.bilal.in_chat, destination=Plaintext(where), back_at=back
    )
    return begun.id


def waits_to_be_asked(door: Door, cast: Cast, life: Life) -> None:
    """Bilal's trip is over its time, and its question is promised but not out."""
    travels(door, cast)
    life.passes(119 * MINUTES)
    life.postman.asleep = True
    life.passes(2 * MINUTES)
