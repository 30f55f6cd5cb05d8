"""A wish to be forgotten cannot switch off an alarm, and an alarm cannot put it off for ever."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network import audit
from network.audit import Receipt
from network.cases import services as cases
from network.cases.domain import Outcome, Purpose
from network.cases.erasure import MOST_HELD
from network.cases.services import copying, glass
from network.cases.services.erasing import (
    HAS_ENDED,
    IS_DONE,
    STAYS_AFTER_ALL,
)
from network.cases.services.erasing import (
    WILL_BE_ERASED as WILL_BE,
)
from network.cases.tables import ContactRow, EntryRow, StatisticRow
from network.checkins import services
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor
from network.kernel.errors import NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from tests.cast import Cast
from tests.checkins.conftest import WORD, Life, alarms, asked, writes
from tests.checkins.erasing import DAY, answers, chat_of, dawns, ends, is_kept, rings, room_of


def test_whoever_holds_the_phone_does_not_end_the_alarm_by_asking_to_be_forgotten(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)
    dawns(life, day)

    assert is_kept(sessions, case_id)
    assert [one.id for one in alarms(door, cast)] == [watch_id]
    assert [one.text.reveal() for one in room_of(door, cast, case_id).entries]
    assert door.look(cases.wishes, cast.alice.at_desk, case_id=case_id).held_until == day + DAY

    ends(door, cast, watch_id)
    dawns(life, day + DAY)
    assert not is_kept(sessions, case_id)


@pytest.mark.usefixtures("case_id")
@pytest.mark.parametrize("held", [False, True])
def test_their_chat_is_told_the_same_and_finds_the_same_whether_it_waits_or_not(
    door: Door, cast: Cast, life: Life, sessions: sessionmaker[Session], held: bool
) -> None:
    writes(door, cast, f"canary: {WORD if held else 'all is well'}")
    door.ask(cases.allow, cast.family, purpose=Purpose.STATISTICS, noted=Plaintext("yes"))
    day = door.ask(cases.ask_erasure, cast.family)
    if held:
        (alarm,) = alarms(door, cast)
        door.ask(services.hold_erasure, cast.elena.at_desk, watch_id=alarm.id)
    found = door.look(cases.my_wishes, cast.family)
    assert found is not None
    assert found.erase_on == day
    life.postman.walk()
    life.postman.sent.clear()
    dawns(life, day)

    assert chat_of(life, cast) == [IS_DONE]
    assert answers(door, cast) == (None, None, False)
    with pytest.raises(NotVisible):
        door.ask(cases.keep_after_all, cast.family)
    with sessions() as session:
        assert session.scalars(select(ContactRow.id)).all() == []
        assert session.scalars(select(StatisticRow.outcome)).all() == [Outcome.LEFT.value]
    opened = door.ask(
        services.intake, cast.family, situation="missing", text=Plaintext("canary: again")
    )
    assert isinstance(opened, cases.Opened)
    dawns(life, day + MOST_HELD)
    assert chat_of(life, cast) == [IS_DONE]
    assert (HAS_ENDED in life.postman.to(cast.alice.chat)) is True


def test_after_two_weeks_the_wish_is_honoured_whatever_rings(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)
    latest = day + MOST_HELD
    until = [door.ask(services.hold_erasure, cast.elena.at_desk, watch_id=watch_id)]
    with pytest.raises(WrongMoment):  # the same week once more
        door.ask(services.hold_erasure, cast.alice.at_desk, watch_id=watch_id)
    assert until == [day + timedelta(days=7)]
    dawns(life, latest - DAY)
    assert is_kept(sessions, case_id)
    dawns(life, latest)
    assert not is_kept(sessions, case_id)
    with sessions() as session:
        assert session.scalars(select(EntryRow.id)).all() == []


def test_the_clock_writes_no_line_about_a_case_because_an_alarm_rings(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    def lines() -> list[str]:
        def of_it(tx: Tx, _actor: Actor) -> list[Receipt]:
            return list(audit.receipts_of(tx, case_id, limit=99))

        return [one.verb for one in door.look(of_it, cast.alice.id)]

    rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)
    before = lines()
    dawns(life, day)
    assert lines() == before


def test_a_question_that_is_out_does_not_ring_for_a_family_that_has_left(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)
    life.clock.advance(datetime.combine(day, time(0), UTC) - life.clock.instant - DAY / 48)
    asked(door, cast, life, case_id)
    dawns(life, day)
    life.passes(timedelta(hours=6), timedelta(minutes=10))
    assert [one.id for one in alarms(door, cast)] == [watch_id]
    assert chat_of(life, cast)[-1] == IS_DONE
    ends(door, cast, watch_id)
    dawns(life, day + DAY)
    assert not is_kept(sessions, case_id)


@pytest.mark.usefixtures("case_id")
def test_all_of_coordination_hears_that_it_was_asked_and_taken_back(
    door: Door, cast: Cast, life: Life
) -> None:
    """Whoever holds it may be forced: Elena does not, and can hold it back."""
    door.ask(cases.ask_erasure, cast.family)
    door.ask(cases.keep_after_all, cast.family)
    life.postman.walk()
    for who in (cast.alice, cast.elena, cast.bilal):
        told = life.postman.to(who.chat)
        assert told.count(WILL_BE) == told.count(STAYS_AFTER_ALL) == 1


def test_what_waits_without_its_family_is_read_and_noted_in_and_nobody_new_is_let_in(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    watch_id = rings(door, cast)
    dawns(life, door.ask(cases.ask_erasure, cast.family))
    assert room_of(door, cast, case_id).entries
    door.ask(cases.note, cast.alice.at_desk, case_id=case_id, text=Plaintext("canary: nobody home"))
    with pytest.raises(NotAllowed):
        door.ask(cases.share, cast.alice.at_desk, case_id=case_id, with_=cast.chiara.id)
    with pytest.raises(NotAllowed):
        door.ask(
            copying.propose_copy, cast.alice.at_desk, case_id=case_id, reason=Plaintext("canary")
        )
    with pytest.raises(NotAllowed):
        door.ask(cases.write, cast.bilal.at_desk, case_id=case_id, text=Plaintext("canary: hello"))
    reference = room_of(door, cast, case_id).case.card.reference
    with pytest.raises(WrongMoment):  # nobody is left to be told of it, or to say no
        door.ask(
            glass.ask_opening, cast.alice.at_desk,
            reference=reference, case_id=case_id, opener=cast.elena.id, reason="canary",
        )  # fmt: skip
    assert [one.id for one in alarms(door, cast)] == [watch_id]
