"""Whoever has an alarm hears what becomes of it first: they may be at the door by now."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from network.checkins import services
from network.checkins.domain.watches import Outcome
from network.checkins.services.telling import ALARM, OVER, RESOLVED, SOMEBODY_HAS_IT
from network.db import Database
from network.door import Door
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from network.outbox.tables import LetterRow
from network.people import services as people
from tests.cast import Cast, Somebody
from tests.checkins.conftest import WORD, Life, alarms, asked, rows, statements, watch_of, writes

MINUTES = timedelta(minutes=1)


def silence_taken_by(door: Door, cast: Cast, life: Life, case_id: CaseId, who: Somebody) -> AlarmId:
    """The family does not answer; only Bilal was called, and this one took it at the desk."""
    asked(door, cast, life, case_id)
    life.passes(33 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert life.postman.to(who.chat) == []
    door.ask(services.own, who.at_desk, watch_id=ringing.id)
    life.postman.walk()
    life.postman.sent.clear()
    return ringing.id


def test_whoever_has_it_hears_that_the_family_answered(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    silence_taken_by(door, cast, life, case_id, cast.elena)
    writes(door, cast, "canary: we slept")
    life.postman.walk()
    assert life.postman.to(cast.elena.chat) == [OVER]
    assert OVER in life.postman.to(cast.bilal.chat)


def test_however_many_were_called_before_them(
    door: Door, cast: Cast, life: Life, case_id: CaseId, crowd: Callable[[int], list[int]]
) -> None:
    crowd(9)
    asked(door, cast, life, case_id)
    life.passes(49 * MINUTES)
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.elena.at_desk, watch_id=ringing.id)
    life.postman.walk()
    life.postman.sent.clear()
    writes(door, cast, "canary: we slept")
    life.postman.walk()
    assert life.postman.to(cast.elena.chat) == [OVER]


def test_a_danger_word_after_silence_calls_whoever_looked_after_it_and_sends_nobody_home(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    silence_taken_by(door, cast, life, case_id, cast.elena)
    writes(door, cast, f"canary: all fine, {WORD}")
    life.postman.walk()
    for one in (cast.alice, cast.bilal, cast.elena):
        assert life.postman.to(one.chat).count(ALARM) == 1
    assert OVER not in {one.say for one in life.postman.sent}
    called = [one for one in life.postman.sent if one.to == cast.elena.chat]
    assert watch_of(called) == alarms(door, cast)[0].id


@pytest.mark.parametrize("words", ["", f" {WORD}"])
def test_word_and_danger_word_after_silence_tell_the_database_the_same(
    door: Door, cast: Cast, life: Life, case_id: CaseId, database: Database, words: str
) -> None:
    told = []
    for said in ("", words):
        silence_taken_by(door, cast, life, case_id, cast.elena)
        before = len(rows(door, LetterRow))
        with statements(database) as heard:
            writes(door, cast, f"canary: all fine{said}")
        told.append((heard, len(rows(door, LetterRow)) - before))
        for one in alarms(door, cast):
            door.ask(services.own, cast.elena.at_desk, watch_id=one.id)
            end(door, cast.elena, one.id)
        life.passes(60 * MINUTES, 10 * MINUTES)
        life.postman.sent.clear()
    assert told[0] == told[1]


def test_whoever_had_it_before_hears_that_another_one_has_it_and_how_it_ended(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    watch_id = silence_taken_by(door, cast, life, case_id, cast.elena)
    life.passes(31 * MINUTES)
    life.postman.sent.clear()
    door.ask(services.own, cast.bilal.at_desk, watch_id=watch_id)
    life.postman.walk()
    assert SOMEBODY_HAS_IT in life.postman.to(cast.elena.chat)
    end(door, cast.bilal, watch_id)
    life.postman.walk()
    assert RESOLVED in life.postman.to(cast.elena.chat)


def test_whoever_had_it_and_was_stopped_hears_nothing(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    watch_id = silence_taken_by(door, cast, life, case_id, cast.elena)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    door.ask(services.own, cast.bilal.at_desk, watch_id=watch_id)
    end(door, cast.bilal, watch_id)
    life.postman.walk()
    assert {SOMEBODY_HAS_IT, RESOLVED}.isdisjoint(life.postman.to(cast.elena.chat))


def test_a_crowd_hears_that_somebody_has_it_to_the_last_of_them(
    door: Door, cast: Cast, life: Life, case_id: CaseId, crowd: Callable[[int], list[int]]
) -> None:
    chats = crowd(40)
    asked(door, cast, life, case_id)
    life.passes(49 * MINUTES)
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.bilal.at_desk, watch_id=ringing.id)
    life.postman.walk()
    assert all(life.postman.to(chat)[-1] == SOMEBODY_HAS_IT for chat in chats)


def end(door: Door, who: Somebody, watch_id: AlarmId) -> None:
    door.ask(
        services.resolve,
        who.at_desk,
        watch_id=watch_id,
        outcome=Outcome.FORGOT,
        words=Plaintext("canary: slept"),
    )
