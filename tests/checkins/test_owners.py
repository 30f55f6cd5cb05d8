"""An alarm is nobody's as soon as whoever has it can do nothing about it any more."""

from datetime import timedelta

import pytest

from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.watches import Happened
from network.checkins.services.telling import ALARM
from network.door import Door
from network.kernel.ids import AlarmId, CaseId
from network.people import services as people
from tests.cast import Cast, Somebody
from tests.checkins.conftest import CLOCK, WORD, Life, alarms, asked, writes

MINUTES = timedelta(minutes=1)


def taken_by(door: Door, cast: Cast, life: Life, who: Somebody) -> AlarmId:
    """A danger word rang, and this one took it."""
    writes(door, cast, f"canary {WORD}")
    life.knock()
    (ringing,) = alarms(door, cast)
    door.ask(services.own, who.in_chat, watch_id=ringing.id)
    life.postman.walk()
    life.postman.sent.clear()
    return ringing.id


@pytest.mark.usefixtures("case_id")
def test_another_one_takes_at_once_what_a_stopped_member_had(
    door: Door, cast: Cast, life: Life
) -> None:
    watch_id = taken_by(door, cast, life, cast.elena)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    mine = door.ask(services.own, cast.alice.in_chat, watch_id=watch_id)
    assert mine.mine
    assert [line.what for line in mine.history][-2:] == [Happened.LAPSED, Happened.OWNED]


@pytest.mark.usefixtures("case_id")
def test_the_ladder_goes_on_within_a_minute_when_its_owner_is_stopped(
    door: Door, cast: Cast, life: Life
) -> None:
    taken_by(door, cast, life, cast.elena)
    assert door.ask(services.find_abandoned, CLOCK) == 0
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    assert door.ask(services.find_abandoned, CLOCK) == 1
    life.knock()
    assert ALARM in life.postman.to(cast.alice.chat)
    (ringing,) = alarms(door, cast)
    assert ringing.owner is None
    assert door.ask(services.find_abandoned, CLOCK) == 0, "it is found once"
    life.postman.sent.clear()
    life.knock()
    assert life.postman.to(cast.alice.chat) == [], "and told once"


def test_whoever_does_not_go_with_the_family_any_more_leaves_their_alarm(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(60 * MINUTES)
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.bilal.in_chat, watch_id=ringing.id)
    door.ask(cases.withdraw, cast.bilal.at_desk, case_id=case_id)
    life.postman.walk()
    life.postman.sent.clear()
    assert door.ask(services.find_abandoned, CLOCK) == 1
    life.knock()
    assert ALARM in life.postman.to(cast.alice.chat)
    assert alarms(door, cast)[0].owner is None


@pytest.mark.usefixtures("case_id")
def test_whoever_has_it_and_can_act_keeps_it(door: Door, cast: Cast, life: Life) -> None:
    watch_id = taken_by(door, cast, life, cast.elena)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.chiara.id)
    assert door.ask(services.find_abandoned, CLOCK) == 0
    life.passes(20 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert ringing.id == watch_id
    assert ringing.owner is not None
    assert ringing.owner.id == cast.elena.id
    assert ALARM not in life.postman.to(cast.alice.chat)
