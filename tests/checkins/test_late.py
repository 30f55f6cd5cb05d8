"""Thousands may fall silent at once: each is judged with as little opened as can be."""

from datetime import timedelta

from sqlalchemy import update

from network.cases.tables import ContactRow
from network.checkins.domain.prompts import (
    Fate,
    Heard,
    Post,
    Prompt,
    PromptStatus,
    Step,
    judged,
)
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import Cause
from network.checkins.tables import RhythmRow
from network.db import writing
from network.door import Door
from network.kernel.ids import CaseId, PromptId, RhythmId, new_id
from tests.cast import Cast
from tests.checkins.conftest import Life, alarms, asked, statements
from tests.ground.clock import StillClock

MINUTES = timedelta(minutes=1)


def reminded(clock: StillClock) -> Prompt:
    return Prompt(
        PromptId(new_id()),
        RhythmId(new_id()),
        Subject(case=CaseId(new_id())),
        PromptStatus.REMINDED,
        clock() - 31 * MINUTES,
        clock() - 30 * MINUTES,
        clock(),
        clock() - 15 * MINUTES,
        2,
    )


def test_whoever_was_asked_twice_and_heard_clearly_is_late_without_their_plan(
    clock: StillClock,
) -> None:
    one = reminded(clock)
    assert judged(one, Post(Fate.DELIVERED, clock()), Heard(), clock()) == Step(
        PromptStatus.LATE, one.delivered_at, None, one.asked_at, 2, climbs=True
    )


def test_whoever_we_may_not_have_heard_is_not_judged_in_haste(clock: StillClock) -> None:
    one, post = reminded(clock), Post(Fate.DELIVERED, clock())
    assert judged(one, post, Heard(unread=True), clock()) is None
    assert judged(one, post, Heard(away=MINUTES), clock()) is None
    assert judged(one, post, Heard(), clock() - MINUTES) is None
    assert judged(one, Post(Fate.REFUSED), Heard(), clock()) is None


def test_silence_rings_also_where_plan_and_contact_do_not_open(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(25 * MINUTES)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(update(ContactRow).values(sealed=b"torn"))
        tx.session.execute(update(RhythmRow).values(plan=b"torn"))
    life.passes(10 * MINUTES)
    (ringing,) = alarms(door, cast)
    assert ringing.cause is Cause.SILENCE
    assert ringing.about == Subject(case=case_id)


def test_a_tick_that_finds_somebody_late_reads_no_contact(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(29 * MINUTES)
    with statements(door.database) as said:
        life.passes(3 * MINUTES)
    assert len(alarms(door, cast)) == 1
    knocks = [one for one in said if "FROM cases" in one and "contacts" in one]
    assert knocks == []
