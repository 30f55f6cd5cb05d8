"""The clock's knock: few statements, no poison, each rung taken once by however many clocks."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.rhythms import RhythmStatus
from network.checkins.domain.subjects import Subject
from network.checkins.services.asking import HOW_ARE_YOU
from network.checkins.services.telling import ALARM
from network.checkins.store import rhythms
from network.checkins.store.rhythms import Rhythm
from network.checkins.tables import PromptRow, RhythmRow, WatchRow
from network.db import Database, writing
from network.door import Door
from network.kernel.actor import InChat
from network.kernel.errors import NotAllowed
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, RhythmId, new_id
from network.outbox.tables import LetterRow
from tests.cases.leaving import leaves
from tests.cast import Cast
from tests.checkins.conftest import CLOCK, WORD, Life, alarms, rows, statements, writes
from tests.ground.clock import StillClock

MINUTES = timedelta(minutes=1)
FAMILIES = range(7001, 7013)


@pytest.fixture
def asked_together(
    door: Door, cast: Cast, clock: StillClock, case_id: CaseId
) -> Callable[[int], None]:
    """So many single questions, all due now: for the clock it is as many families."""

    def ask(count: int) -> None:
        usual = door.look(services.overview, cast.bilal.at_desk, case_id=case_id).usual
        once, now = replace(usual, every=None), clock.instant
        with writing(door.database, now, door.secret, door.pack) as tx:
            for _ in range(count):
                made = Rhythm(
                    RhythmId(new_id()), Subject(case=case_id), RhythmStatus.ACTIVE, once, now
                )
                rhythms.add(tx, made)

    return ask


def test_two_hundred_questions_cost_as_many_statements_as_two(
    door: Door,
    cast: Cast,
    life: Life,
    database: Database,
    asked_together: Callable[[int], None],
) -> None:
    costs = []
    for count in (2, 200):
        asked_together(count)
        with statements(database) as asking:
            assert door.ask(services.watch, CLOCK) == count
        life.postman.walk()
        life.clock.advance(MINUTES)
        with statements(database) as learning:
            assert door.ask(services.watch, CLOCK) == count
        life.clock.advance(15 * MINUTES)
        with statements(database) as reminding:
            assert door.ask(services.watch, CLOCK) == count
        costs.append((len(asking), len(learning), len(reminding)))
        writes(door, cast, "canary: we are here")
        life.passes(40 * MINUTES, 20 * MINUTES)
    assert costs[0] == costs[1]
    assert max(costs[1]) <= 20


@pytest.mark.usefixtures("life")
def test_nothing_due_costs_three_looks(door: Door, database: Database) -> None:
    with statements(database) as heard:
        assert door.ask(services.watch, CLOCK) == 0
    assert len([one for one in heard if one.startswith("SELECT")]) == 3


def test_a_state_that_does_not_open_is_set_aside_loudly_and_stops_nobody(
    door: Door, cast: Cast, life: Life, case_id: CaseId, caplog: pytest.LogCaptureFixture
) -> None:
    poison = new_id()
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(
            insert(WatchRow).values(
                id=poison, case_id=case_id, state=b"\x01\x02poison", next_look_at=tx.now
            )
        )
    writes(door, cast, f"canary: {WORD}")
    with caplog.at_level(logging.ERROR):
        life.passes(15 * MINUTES)
    assert str(poison) in caplog.text
    assert "canary" not in caplog.text
    assert ALARM in life.postman.to(cast.elena.chat)
    assert {one.cause for one in alarms(door, cast)} > {None}
    assert door.ask(services.watch, CLOCK) == 0


def test_a_plan_that_does_not_open_is_shown_on_the_desk(
    door: Door, cast: Cast, life: Life, case_id: CaseId, caplog: pytest.LogCaptureFixture
) -> None:
    bad = door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(
            update(RhythmRow).where(RhythmRow.id == bad).values(plan=b"poison", next_at=tx.now)
        )
    door.ask(services.ask_once, cast.bilal.at_desk, case_id=case_id)
    with caplog.at_level(logging.ERROR):
        life.knock()
    assert str(bad) in caplog.text
    assert life.postman.to(cast.family.chat) == [HOW_ARE_YOU]
    assert door.look(services.desk, cast.alice.at_desk).machine.rhythms_set_aside == 1
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id)
    assert door.look(services.desk, cast.alice.at_desk).machine.rhythms_set_aside == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_four_clocks_take_each_row_once(
    door: Door, life: Life, asked_together: Callable[[int], None]
) -> None:
    asked_together(60)

    def knock(_n: int) -> int:
        done = 0
        while due := door.ask(services.watch, CLOCK):
            done += due
        return done

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(knock, range(4))) == 60
        assert len(rows(door, PromptRow)) == 60
        life.postman.walk()
        assert sum(one.say == HOW_ARE_YOU for one in life.postman.sent) == 60
        for wait in (MINUTES, 16 * MINUTES, 16 * MINUTES):
            life.clock.advance(wait)
            list(pool.map(knock, range(4)))
            life.postman.walk()
    assert len(rows(door, WatchRow)) <= 4  # one family: a clock each may have seen it fall silent


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("case_id")
def test_four_clocks_tell_each_rung_once(door: Door, cast: Cast, life: Life) -> None:
    for family in map(InChat, FAMILIES):
        door.ask(services.intake, family, situation="taken", text=Plaintext("canary"))
        door.ask(cases.set_danger_word, family, word=Plaintext(WORD))
        door.ask(services.hear, family, text=Plaintext(f"canary: {WORD}"))
    life.postman.walk()
    life.postman.sent.clear()
    life.clock.advance(11 * MINUTES)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _n: door.ask(services.watch, CLOCK), range(8)))
    life.postman.walk()
    assert life.postman.to(cast.elena.chat).count(ALARM) == len(FAMILIES)


def test_only_the_clock_knocks(door: Door, cast: Cast) -> None:
    for who in (cast.alice.at_desk, cast.bilal.in_chat, cast.family):
        with pytest.raises(NotAllowed):
            door.ask(services.watch, who)


def test_an_erased_case_leaves_nothing_to_look_at(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id)
    writes(door, cast, "canary: good night")
    leaves(door, cast.family)
    life.passes(timedelta(days=2), timedelta(hours=1))
    assert alarms(door, cast) == ()
    assert life.postman.to(cast.family.chat).count(HOW_ARE_YOU) == 0


@pytest.mark.usefixtures("case_id")
def test_every_word_costs_one_envelope_and_one_watch(door: Door, cast: Cast, life: Life) -> None:
    for words in ("canary: one", f"canary: {WORD}"):
        watches, letters = len(rows(door, WatchRow)), len(rows(door, LetterRow))
        door.ask(services.hear, cast.family, text=Plaintext(words))
        assert len(rows(door, WatchRow)) == watches + 1
        assert len(rows(door, LetterRow)) == letters + 1
    assert life.postman.walk()
