"""The day somebody is erased: where it begins, what has to be heard first, and what is told."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services as cases
from network.cases.domain import Outcome
from network.cases.erasure import MOST_HELD
from network.cases.services.closing import ENDS_HERE
from network.cases.services.erasing import (
    IS_DONE,
    IT_WAITS,
    LISTENED,
)
from network.cases.tables import CaseRow
from network.checkins import services
from network.db import Database
from network.door import Door
from network.inbox import services as inbox
from network.inbox.domain import Incoming
from network.kernel.actor import Engine
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from tests.cast import Cast
from tests.checkins.conftest import CLOCK, Life, alarms, asked, statements
from tests.checkins.erasing import DAY, chat_of, dawns, is_kept


@pytest.mark.usefixtures("case_id")
def test_the_day_that_is_told_is_a_day_where_the_family_lives(
    door: Door, cast: Cast, life: Life
) -> None:
    """At nine in the evening in Mexico City it is the next day in Greenwich already."""
    evening = datetime(2030, 1, 9, 3, tzinfo=UTC)
    life.clock.advance(evening - life.clock.instant)
    day = door.ask(cases.ask_erasure, cast.family)
    assert day == date(2030, 1, 10)
    eve = datetime(2030, 1, 10, 5, 59, tzinfo=UTC)
    life.clock.advance(eve - life.clock.instant)
    assert door.ask(services.erase_due, CLOCK) == 0
    assert door.look(cases.my_wishes, cast.family) is not None
    life.clock.advance(timedelta(minutes=1) + LISTENED)
    assert door.ask(services.erase_due, CLOCK) == 1


def test_a_chat_with_something_else_open_is_not_told_that_it_is_over(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(cases.close, cast.alice.at_desk, case_id=case_id, outcome=Outcome.REUNITED)
    first = door.ask(cases.ask_erasure, cast.family)
    door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary: again"))
    dawns(life, first)
    assert not is_kept(sessions, case_id)
    assert IS_DONE not in chat_of(life, cast)
    assert door.look(cases.case_of, cast.family) is not None
    dawns(life, door.ask(cases.ask_erasure, cast.family))
    assert chat_of(life, cast)[-1] == IS_DONE


def test_of_two_that_end_on_one_day_the_chat_is_told_once(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    door.ask(cases.close, cast.alice.at_desk, case_id=case_id, outcome=Outcome.REUNITED)
    door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary: again"))
    dawns(life, door.ask(cases.ask_erasure, cast.family))
    assert chat_of(life, cast).count(IS_DONE) == 1


@pytest.mark.parametrize("asks", [False, True])
def test_who_is_closed_is_told_the_days_that_are_left(
    door: Door, cast: Cast, life: Life, case_id: CaseId, asks: bool
) -> None:
    if asks:
        door.ask(cases.ask_erasure, cast.family)
    door.ask(cases.close, cast.alice.at_desk, case_id=case_id, outcome=Outcome.REUNITED)
    life.postman.walk()
    (told,) = [one for one in life.postman.sent if one.say == ENDS_HERE]
    usual = door.pack.access.kept_after_closing + DAY
    assert told.params["days"] == str(2 if asks else usual.days)


ENGINES = ("ingress", "worker", "postman")
MINUTE = timedelta(minutes=1)


def knocks(life: Life, at: datetime) -> int:
    """The clock that erases knocks at that moment."""
    life.clock.advance(at - life.clock.instant)
    return life.door.ask(services.erase_due, CLOCK)


def begins(day: date) -> datetime:
    """Midnight in Mexico City."""
    return datetime.combine(day, time(6), UTC)


def test_nothing_is_erased_before_what_was_sent_during_an_outage_could_be_heard(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    """The evening before we fall silent. They press «keep it»; we are back in the morning."""
    life.alive = ENGINES
    life.beat()
    day = door.ask(cases.ask_erasure, cast.family)
    life.clock.advance(begins(day) - timedelta(hours=1) - life.clock.instant)
    life.beat()
    assert knocks(life, begins(day) + timedelta(minutes=30)) == 0  # nobody listens
    assert knocks(life, begins(day) + timedelta(hours=7)) == 0
    life.beat()
    assert knocks(life, begins(day) + timedelta(hours=7, minutes=1)) == 0  # back, and reading
    door.ask(cases.keep_after_all, cast.family)
    life.beat()
    assert knocks(life, begins(day) + timedelta(hours=8)) == 0
    assert is_kept(sessions, case_id)


def test_nothing_is_erased_while_words_of_theirs_wait_to_be_read(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    day = door.ask(cases.ask_erasure, cast.family)
    found = [Incoming(1, cast.family.chat, Plaintext("{}"), 1)]
    door.ask(inbox.receive, Engine("ingress"), updates=found)
    other = door.ask(
        services.intake, cast.neighbours, situation="missing", text=Plaintext("canary: us too")
    )
    door.ask(cases.ask_erasure, cast.neighbours)
    assert knocks(life, begins(day) + LISTENED) == 1  # the others do not wait for them
    assert not is_kept(sessions, other.case.id)
    assert knocks(life, begins(day) + timedelta(hours=9)) == 0
    assert is_kept(sessions, case_id)
    (arrival,) = door.ask(inbox.take, Engine("worker"), limit=9)
    door.ask(inbox.put_aside, Engine("worker"), arrivals=[arrival])
    assert knocks(life, begins(day) + timedelta(hours=10)) == 1
    assert not is_kept(sessions, case_id)


def test_who_never_can_be_heard_is_erased_after_two_weeks_all_the_same(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    life.alive = ENGINES
    life.beat()
    day = door.ask(cases.ask_erasure, cast.family)
    assert knocks(life, begins(day + MOST_HELD) - MINUTE) == 0
    assert is_kept(sessions, case_id)
    assert knocks(life, begins(day + MOST_HELD)) == 1
    assert not is_kept(sessions, case_id)


def test_a_question_that_was_not_answered_when_the_day_came_keeps_it_for_a_day(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    """It might have rung half an hour later, and nobody would have been left to hold anything."""
    day = door.ask(cases.ask_erasure, cast.family)
    life.clock.advance(begins(day) - 5 * MINUTE - life.clock.instant)
    asked(door, cast, life, case_id)
    life.passes(4 * MINUTE)
    dawns(life, day)
    assert is_kept(sessions, case_id)
    assert chat_of(life, cast)[-1] == IS_DONE
    assert IT_WAITS in life.postman.to(cast.elena.chat)
    life.passes(timedelta(hours=3), timedelta(minutes=10))
    assert alarms(door, cast) == ()
    dawns(life, day + DAY)
    assert not is_kept(sessions, case_id)


@pytest.mark.usefixtures("case_id")
def test_where_nothing_is_due_the_clock_asks_one_question_of_the_database(
    door: Door, cast: Cast, database: Database
) -> None:
    door.ask(cases.ask_erasure, cast.family)
    with statements(database) as found:
        assert door.ask(services.erase_due, CLOCK) == 0
    assert len([one for one in found if "SELECT" in one.upper()]) == 1


def test_the_chat_is_told_also_where_an_older_case_whose_time_is_over_goes_with_it(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(cases.close, cast.alice.at_desk, case_id=case_id, outcome=Outcome.REUNITED)
    door.ask(services.intake, cast.family, situation="missing", text=Plaintext("canary: again"))
    with sessions() as session:
        usual = session.scalar(select(CaseRow.erase_on).where(CaseRow.id == case_id))
    assert usual is not None
    life.clock.advance(begins(usual - 2 * DAY) + timedelta(hours=6) - life.clock.instant)
    assert door.ask(cases.ask_erasure, cast.family) == usual
    dawns(life, usual)
    with sessions() as session:
        assert session.scalars(select(CaseRow.id)).all() == []
    assert chat_of(life, cast).count(IS_DONE) == 1
