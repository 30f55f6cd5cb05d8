"""Who answers, or ends an alarm, at the very moment the clock judges: nobody rings for an answer,
and nobody's later silence goes unheard.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from network.cases import services as cases
from network.cases.domain import Outcome as Ended
from network.checkins import services
from network.checkins.domain.prompts import PromptStatus
from network.checkins.domain.watches import Cause, Outcome
from network.checkins.store import watches
from network.checkins.tables import PromptRow, WatchRow
from network.db import writing
from network.door import Door
from network.kernel.actor import Actor, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from tests.cast import Cast
from tests.checkins.conftest import (
    CLOCK,
    WORD,
    Life,
    alarms,
    asked,
    latest,
    rows,
    watch_of,
    writes,
)
from tests.ground.crossing import crossed_by, several, waits

MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
MACHINE = Actor(Role.MACHINE)


def while_the_clock_judges(door: Door, verb: Callable[[], None]) -> None:
    """The clock has decided and not yet committed when somebody else begins."""
    with crossed_by(door, verb) as tx:
        assert services.watch(tx, MACHINE)


def statuses(door: Door) -> set[PromptStatus]:
    return {one["status"] for one in rows(door, PromptRow)}


def ends(door: Door, cast: Cast, watch_id: AlarmId) -> None:
    door.ask(
        services.resolve,
        cast.alice.at_desk,
        watch_id=watch_id,
        outcome=Outcome.FORGOT,
        words=Plaintext("canary: home"),
    )


@several
@pytest.mark.parametrize("how", ["button", "word", "rhythm"])
def test_an_answer_that_crosses_the_judgement_leaves_no_alarm(
    door: Door, cast: Cast, life: Life, case_id: CaseId, how: str
) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id, every=24 * HOURS)
    (rhythm,) = door.look(services.overview, cast.bilal.at_desk, case_id=case_id).rhythms
    assert rhythm.next_at is not None
    life.clock.advance(rhythm.next_at - life.clock.instant)
    life.knock()
    prompt = latest(door, cast, case_id)
    life.passes(29 * MINUTES)
    life.clock.advance(2 * MINUTES)

    def answers() -> None:
        if how == "button":
            door.ask(services.answer_well, cast.family, prompt_id=prompt)
        elif how == "word":
            writes(door, cast, "canary: we are fine")
        else:
            at_desk = cast.bilal.at_desk
            door.ask(services.end_rhythm, at_desk, case_id=case_id, rhythm_id=rhythm.id)

    while_the_clock_judges(door, answers)
    if how == "rhythm":  # which is no answer: what rings already goes on, and a word ends it
        (_,) = alarms(door, cast)
        writes(door, cast, "canary: we are fine")
    assert alarms(door, cast) == ()
    assert statuses(door) == {PromptStatus.ANSWERED}


@several
def test_a_question_that_becomes_late_while_their_alarm_is_ended_ends_with_it(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(10 * MINUTES)
    asked(door, cast, life, case_id)
    life.passes(21 * MINUTES)
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.alice.in_chat, watch_id=ringing.id)
    life.passes(8 * MINUTES)
    life.clock.advance(2 * MINUTES)
    while_the_clock_judges(door, lambda: ends(door, cast, ringing.id))
    assert statuses(door) == {PromptStatus.RESOLVED}
    assert alarms(door, cast) == ()
    asked(door, cast, life, case_id)
    life.passes(35 * MINUTES)
    (again,) = alarms(door, cast)
    assert again.cause is Cause.SILENCE


@several
def test_the_clock_does_not_wait_for_whoever_answers_what_it_asks_again(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id, every=HOURS)
    life.passes(2 * HOURS - 5 * MINUTES, 5 * MINUTES)
    (ringing,) = alarms(door, cast)
    life.clock.advance(10 * MINUTES)
    with ThreadPoolExecutor(1) as pool:
        with writing(door.database, door.now(), door.secret, door.pack) as tx:
            tx.session.execute(update(PromptRow).values(status=PromptRow.status))
            knocking = pool.submit(door.ask, services.watch, CLOCK)
            assert not waits(door.database, knocking)
        assert knocking.result()
    assert [one.id for one in alarms(door, cast)] == [ringing.id]


def unreadable(door: Door, watch_id: AlarmId) -> None:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(update(WatchRow).where(WatchRow.id == watch_id).values(state=b"x" * 600))


def test_after_an_alarm_that_could_not_be_read_the_next_silence_rings(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(32 * MINUTES)
    (ringing,) = alarms(door, cast)
    unreadable(door, ringing.id)
    ends(door, cast, ringing.id)
    assert statuses(door) == {PromptStatus.RESOLVED}
    assert door.look(services.late, cast.alice.at_desk) == ()
    asked(door, cast, life, case_id)
    life.passes(35 * MINUTES)
    (again,) = alarms(door, cast)
    assert again.cause is Cause.SILENCE


def test_an_alarm_that_cannot_be_read_leaves_the_questions_of_another(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    writes(door, cast, f"canary {WORD}")
    danger = watch_of(life.postman.walk())
    asked(door, cast, life, case_id)
    life.passes(32 * MINUTES)
    unreadable(door, danger)
    ends(door, cast, danger)
    (ringing,) = alarms(door, cast)
    assert ringing.cause is Cause.SILENCE
    assert statuses(door) == {PromptStatus.LATE}
    writes(door, cast, "canary: we are fine")
    assert alarms(door, cast) == ()


@pytest.fixture
def lost(door: Door, cast: Cast, life: Life, case_id: CaseId) -> AlarmId:
    """The family is late, and the alarm that told of it is gone. Which one that was."""
    asked(door, cast, life, case_id)
    life.passes(32 * MINUTES)
    (ringing,) = alarms(door, cast)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        watches.remove(tx, [ringing.id])
    return ringing.id


@pytest.mark.usefixtures("lost")
def test_a_late_question_of_which_nobody_is_told_hides_no_later_silence(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    assert alarms(door, cast) == ()
    asked(door, cast, life, case_id)
    life.passes(35 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert ringing.cause is Cause.SILENCE


def test_whoever_is_late_while_nobody_is_told_is_found_by_the_clock_once(
    door: Door, cast: Cast, life: Life, lost: AlarmId
) -> None:
    assert door.ask(services.find_lost, CLOCK) == 1
    (ringing,) = alarms(door, cast)
    assert ringing.id != lost
    assert ringing.cause is Cause.SILENCE
    assert watch_of(life.postman.walk()) == ringing.id
    assert door.ask(services.find_lost, CLOCK) == 0
    writes(door, cast, "canary: we are fine")
    assert alarms(door, cast) == ()


@pytest.mark.usefixtures("lost")
def test_of_a_closed_case_it_is_only_called_off(door: Door, cast: Cast, case_id: CaseId) -> None:
    door.ask(cases.close, cast.alice.at_desk, case_id=case_id, outcome=Ended.REUNITED)
    assert door.ask(services.find_lost, CLOCK) == 1
    assert alarms(door, cast) == ()
    assert statuses(door) == {PromptStatus.CANCELLED}
    assert door.look(services.late, cast.alice.at_desk) == ()


def test_closing_a_case_ends_none_of_its_alarms(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    writes(door, cast, f"canary {WORD}")
    asked(door, cast, life, case_id)
    life.passes(32 * MINUTES)
    door.ask(cases.close, cast.alice.at_desk, case_id=case_id, outcome=Ended.REUNITED)
    told = len(life.postman.to(cast.elena.chat))
    life.passes(2 * HOURS, MINUTES)
    ringing = alarms(door, cast)
    assert {one.cause for one in ringing} == {Cause.DANGER, Cause.SILENCE}
    assert len(life.postman.to(cast.elena.chat)) > told
    for one in ringing:
        door.ask(services.own, cast.alice.in_chat, watch_id=one.id)
        ends(door, cast, one.id)
    assert alarms(door, cast) == ()
    assert statuses(door) == {PromptStatus.RESOLVED}
    assert door.look(services.late, cast.alice.at_desk) == ()
    life.passes(HOURS, MINUTES)
    assert rows(door, WatchRow) == []
