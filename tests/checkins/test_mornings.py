"""What we owe, or Telegram kept, is asked when people wake and not in their night."""

from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from network.checkins import services
from network.checkins.domain.prompts import PromptStatus
from network.checkins.domain.watches import Cause
from network.checkins.services.asking import ARE_YOU_BACK, ASKING_AGAIN, HOW_ARE_YOU
from network.checkins.tables import PromptRow
from network.delivery import services as delivery
from network.door import Door
from network.heartbeats import ENGINES
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.outbox.domain import Priority
from network.people import services as people
from tests.cast import Cast
from tests.checkins.conftest import Life, alarms, rows, writes
from tests.checkins.test_nights import (
    ALL,
    HOURS,
    MINUTES,
    ZONE,
    are_well,
    asked_at,
    evening,
    heard,
    nobody_is_here,
    until,
)


def test_a_question_that_waits_for_telegram_waits_for_the_morning_when_it_is_night(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.postman.asleep = True
    asked_at(door, cast, life, case_id, time(20, 50))
    until(life, "22:02", well=ENGINES)
    life.postman.asleep = False
    until(life, "07:55", step=5 * MINUTES)
    assert heard(life, cast) == []
    until(life, "08:01")
    assert heard(life, cast) == [HOW_ARE_YOU]
    until(life, "08:29")
    assert heard(life, cast) == [ASKING_AGAIN]
    assert alarms(door, cast) == ()
    until(life, "08:32")
    assert len(alarms(door, cast)) == 1


def test_a_question_that_waits_a_little_is_asked_though_the_night_begins(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.postman.asleep = True
    asked_at(door, cast, life, case_id, time(22))
    until(life, "22:07")
    life.postman.asleep = False
    until(life, "22:08")
    assert heard(life, cast) == [HOW_ARE_YOU]


@pytest.mark.parametrize("ends", ["plan", "trip"])
def test_who_asked_to_be_watched_at_night_is_asked_when_telegram_is_back(
    door: Door, cast: Cast, life: Life, case_id: CaseId, ends: str
) -> None:
    evening(life)
    chat = cast.family.chat
    if ends == "plan":
        habits: dict[str, Any] = {"every": 6 * HOURS, "night": 6 * HOURS}
        door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id, **habits)
        until(life, "03:55", step=HOURS)
    else:
        chat = cast.bilal.chat
        words, back = Plaintext("canary: the river"), life.clock.instant + 110 * MINUTES
        door.ask(services.begin_trip, cast.bilal.in_chat, destination=words, back_at=back)
        until(life, "21:45", step=HOURS)
    life.postman.sent.clear()
    life.postman.asleep = True
    until(life, "04:50", well=ENGINES, step=5 * MINUTES)
    life.postman.asleep = False
    until(life, "04:52")
    assert life.postman.to(chat) == [HOW_ARE_YOU if ends == "plan" else ARE_YOU_BACK]


def test_what_waits_for_the_morning_is_not_asked_in_a_pause_and_can_be_taken_back(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.postman.asleep = True
    asked_at(door, cast, life, case_id, time(20, 50))
    until(life, "22:30", well=ENGINES)
    life.postman.asleep = False
    (rhythm,) = door.look(services.overview, cast.bilal.at_desk, case_id=case_id).rhythms
    door.ask(services.pause, cast.bilal.at_desk, case_id=case_id, rhythm_id=rhythm.id)
    until(life, "09:00", step=5 * MINUTES)
    assert heard(life, cast) == []
    assert {one["status"] for one in rows(door, PromptRow)} == {PromptStatus.CANCELLED}


def test_a_question_of_the_morning_that_the_desk_takes_back_stays_so(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.postman.asleep = True
    asked_at(door, cast, life, case_id, time(20, 50))
    until(life, "08:10", well=ENGINES, step=5 * MINUTES)
    (waiting,) = (
        one
        for one in door.look(delivery.letters, cast.alice.at_desk).letters
        if one.priority is Priority.CHECKIN
    )
    door.ask(delivery.cancel_letter, cast.alice.at_desk, letter_id=waiting.id)
    life.postman.asleep = False
    until(life, "08:30")
    assert heard(life, cast) == []


def test_a_member_who_has_no_chat_in_the_morning_is_out_of_reach(
    door: Door, cast: Cast, life: Life
) -> None:
    life.postman.asleep = True
    evening(life)
    door.ask(services.set_rhythm, cast.bilal.at_desk, times=(time(20, 50),))
    until(life, "23:00", well=ENGINES, step=5 * MINUTES)
    door.ask(people.unlink_chat, cast.bilal.at_desk)
    life.postman.asleep = False
    until(life, "07:55", step=5 * MINUTES)
    assert alarms(door, cast) == ()
    until(life, "08:02")
    assert [one.cause for one in alarms(door, cast)] == [Cause.UNREACHABLE]


@pytest.mark.parametrize(
    ("habits", "walls"),
    [
        ({"times": (time(9),), "days": frozenset({0})}, ["08:00"]),
        ({"every": 72 * HOURS}, ["08:00"]),
        ({"times": (time(20),)}, ["08:00", "20:00"]),
        ({"times": (time(9),)}, ["09:00"]),
        ({"times": (time(9),), "last": True}, ["08:00"]),
    ],
)
def test_what_we_did_not_ask_all_day_is_asked_once_when_they_wake(
    door: Door,
    cast: Cast,
    life: Life,
    case_id: CaseId,
    habits: dict[str, Any],
    walls: list[str],
) -> None:
    evening(life)
    today = life.clock.instant.astimezone(ZoneInfo(ZONE)).date()
    more = {**habits, "last": today + timedelta(days=1)} if "last" in habits else habits
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id, **more)
    (rhythm,) = door.look(services.overview, cast.bilal.at_desk, case_id=case_id).rhythms
    assert rhythm.next_at is not None
    life.clock.instant = rhythm.next_at - 10 * MINUTES
    are_well(life, ALL)
    nobody_is_here(life, "23:00")
    assert heard(life, cast) == []
    found = []
    for _ in range(23 * 12):
        life.clock.advance(5 * MINUTES)
        are_well(life, ALL)
        life.knock()
        if heard(life, cast):
            found.append(f"{life.clock.instant.astimezone(ZoneInfo(ZONE)):%H:%M}")
            writes(door, cast, "canary: all well")
    assert found == walls


def test_who_is_late_is_asked_once_and_not_twenty_times_when_telegram_is_back(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    evening(life)
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id, every=15 * MINUTES)
    until(life, "10:00", step=10 * MINUTES)
    assert len(alarms(door, cast)) == 1
    life.postman.asleep = True
    until(life, "16:00", well=ENGINES, step=5 * MINUTES)
    life.postman.sent.clear()
    life.postman.asleep = False
    until(life, "16:05")
    assert heard(life, cast) == [HOW_ARE_YOU]
