"""Whoever is afraid writes the word again and again: it is one family, and one person has it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.watches import Outcome
from network.checkins.services.telling import ALARM, ONE_IS_OVER, OVER, RESOLVED, SOMEBODY_HAS_IT
from network.door import Door
from network.kernel.errors import Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from network.people import services as people
from tests.cast import Cast, Somebody
from tests.checkins.conftest import WORD, Life, alarms, asked, watch_of, writes

MINUTES = timedelta(minutes=1)
DOING = Plaintext("canary: a neighbour is on her way")
ENDED = Plaintext("canary: safe")


def cries(door: Door, cast: Cast, life: Life, times: int) -> list[AlarmId]:
    """The word, so many times, a minute apart; the alarms in their order."""
    found = []
    for number in range(times):
        writes(door, cast, f"canary {number}: {WORD}")
        found.append(watch_of(life.postman.walk()))
        writes(door, cast, f"canary {number}: nothing, nothing")
        life.passes(MINUTES)
    return found


def owners(door: Door, cast: Cast) -> list[str]:
    return [one.owner.alias if one.owner else "" for one in alarms(door, cast)]


def end(door: Door, who: Somebody, watch_id: AlarmId) -> None:
    door.ask(
        services.resolve,
        who.at_desk,
        watch_id=watch_id,
        outcome=Outcome.HELPED,
        words=ENDED,
    )


def test_whoever_takes_one_has_them_all_keeps_them_all_and_ends_them_all(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    first, *_, last = cries(door, cast, life, 4)
    door.ask(services.own, cast.bilal.in_chat, watch_id=first)
    assert owners(door, cast) == ["Bilal"] * 4
    life.postman.sent.clear()
    life.passes(25 * MINUTES)
    assert ALARM not in {one.say for one in life.postman.sent}
    assert life.postman.to(cast.alice.chat).count(SOMEBODY_HAS_IT) == 1
    door.ask(services.renew, cast.bilal.at_desk, watch_id=last, doing=DOING)
    life.passes(25 * MINUTES)
    assert owners(door, cast) == ["Bilal"] * 4
    end(door, cast.bilal, last)
    assert alarms(door, cast) == ()
    life.passes(3 * 60 * MINUTES, 10 * MINUTES)
    assert life.postman.to(cast.alice.chat).count(RESOLVED) == 1
    assert ALARM not in {one.say for one in life.postman.sent}
    room = door.ask(cases.room, cast.bilal.at_desk, case_id=case_id)
    assert sum(ENDED.reveal() in entry.text.reveal() for entry in room.entries) == 1


@pytest.mark.usefixtures("case_id")
def test_when_their_time_runs_out_they_ring_as_one(door: Door, cast: Cast, life: Life) -> None:
    first, *_ = cries(door, cast, life, 4)
    door.ask(services.own, cast.bilal.in_chat, watch_id=first)
    life.passes(5 * MINUTES)
    life.postman.sent.clear()
    life.passes(26 * MINUTES)
    for one in (cast.alice, cast.elena):
        assert life.postman.to(one.chat).count(ALARM) == 1
    assert owners(door, cast) == [""] * 4
    life.passes(30 * MINUTES)
    assert life.postman.to(cast.elena.chat).count(ALARM) == 2


@pytest.mark.usefixtures("case_id")
def test_a_word_written_since_rings_for_itself_and_is_not_ended_with_the_others(
    door: Door, cast: Cast, life: Life
) -> None:
    (first,) = cries(door, cast, life, 1)
    door.ask(services.own, cast.bilal.in_chat, watch_id=first)
    life.postman.walk()
    life.postman.sent.clear()
    (again,) = cries(door, cast, life, 1)
    assert ALARM in life.postman.to(cast.alice.chat)
    end(door, cast.bilal, first)
    assert [one.id for one in alarms(door, cast)] == [again]
    assert owners(door, cast) == [""]


@pytest.mark.usefixtures("case_id")
def test_while_a_word_rings_on_nobody_is_told_that_there_is_nothing_more_to_do(
    door: Door, cast: Cast, life: Life
) -> None:
    (first,) = cries(door, cast, life, 1)
    door.ask(services.own, cast.bilal.in_chat, watch_id=first)
    (again,) = cries(door, cast, life, 1)
    life.postman.sent.clear()
    end(door, cast.bilal, first)
    life.postman.walk()
    assert life.postman.to(cast.alice.chat) == [ONE_IS_OVER]
    door.ask(services.own, cast.bilal.in_chat, watch_id=again)
    end(door, cast.bilal, again)
    life.postman.walk()
    assert life.postman.to(cast.alice.chat)[-1] == RESOLVED


def test_nor_when_they_answer_a_question_calmly(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    (first,) = cries(door, cast, life, 1)
    door.ask(services.own, cast.bilal.in_chat, watch_id=first)
    asked(door, cast, life, case_id)
    life.passes(50 * MINUTES)
    assert len(alarms(door, cast)) == 2
    life.postman.sent.clear()
    writes(door, cast, "canary: all is well")
    life.postman.walk()
    assert ONE_IS_OVER in life.postman.to(cast.bilal.chat)
    assert OVER not in {one.say for one in life.postman.sent}
    assert [one.id for one in alarms(door, cast)] == [first]


@pytest.mark.usefixtures("case_id")
def test_what_another_one_has_stays_theirs(door: Door, cast: Cast, life: Life) -> None:
    (first,) = cries(door, cast, life, 1)
    door.ask(services.own, cast.bilal.in_chat, watch_id=first)
    second, _third = cries(door, cast, life, 2)
    door.ask(services.own, cast.alice.in_chat, watch_id=second)
    assert sorted(owners(door, cast)) == ["Alice", "Alice", "Bilal"]
    door.ask(services.renew, cast.alice.at_desk, watch_id=second, doing=DOING)
    end(door, cast.alice, second)
    assert owners(door, cast) == ["Bilal"]


@pytest.mark.usefixtures("case_id")
def test_what_a_stopped_member_had_is_taken_with_them(door: Door, cast: Cast, life: Life) -> None:
    (first,) = cries(door, cast, life, 1)
    door.ask(services.own, cast.elena.in_chat, watch_id=first)
    (again,) = cries(door, cast, life, 1)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    door.ask(services.own, cast.alice.in_chat, watch_id=again)
    assert owners(door, cast) == ["Alice"] * 2


@pytest.mark.usefixtures("case_id")
def test_of_several_who_take_several_at_once_each_alarm_has_one(
    door: Door, cast: Cast, life: Life
) -> None:
    words = cries(door, cast, life, 3)

    def take(pressed: tuple[Somebody, AlarmId]) -> str:
        who, watch_id = pressed
        try:
            door.ask(services.own, who.in_chat, watch_id=watch_id)
        except Refused as refusal:
            return refusal.key
        return who.alias

    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(take, zip((cast.alice, cast.bilal, cast.elena), words, strict=True)))
    (who,) = set(owners(door, cast))
    assert said.count(who) == 1
    assert set(said) <= {who, "taken", "wrong_moment"}
