"""A wish to be forgotten cannot switch off an alarm, and an alarm cannot put it off for ever."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network import audit
from network.audit import Receipt
from network.cases import services as cases
from network.cases.domain import Outcome, Purpose
from network.cases.erasure import MOST_HELD
from network.cases.services.erasing import HAS_ENDED, IS_DONE
from network.cases.tables import CaseRow, ContactRow, EntryRow, StatisticRow
from network.checkins import services
from network.checkins.domain.watches import Outcome as Ended
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, InChat
from network.kernel.errors import NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from network.people import services as people
from tests.cases.test_races import together
from tests.cast import Cast
from tests.checkins.conftest import CLOCK, WORD, Life, alarms, asked, writes

DAY = timedelta(days=1)
ROUNDS = 6


def rings(door: Door, cast: Cast) -> AlarmId:
    """The danger word was written; nobody has ended the alarm."""
    writes(door, cast, f"canary: {WORD}")
    (alarm,) = alarms(door, cast)
    return alarm.id


def ends(door: Door, cast: Cast, watch_id: AlarmId) -> None:
    door.ask(services.own, cast.alice.at_desk, watch_id=watch_id)
    words = Plaintext("canary: their aunt has them")
    door.ask(
        services.resolve,
        cast.alice.at_desk,
        watch_id=watch_id,
        outcome=Ended.FALSE,
        words=words,
    )


def dawns(life: Life, day: date) -> None:
    """It is one in the morning of that day: the clock that erases has knocked."""
    life.clock.advance(datetime.combine(day, time(1), UTC) - life.clock.instant)
    while life.door.ask(services.erase_due, CLOCK):
        pass
    life.postman.walk()


def is_kept(sessions: sessionmaker[Session], case_id: CaseId) -> bool:
    with sessions() as session:
        return session.scalar(select(CaseRow.id).where(CaseRow.id == case_id)) is not None


def chat_of(life: Life, cast: Cast) -> list[str]:
    return life.postman.to(cast.family.chat)


def answers(door: Door, cast: Cast) -> tuple[object, object, object]:
    """Everything the family's chat can find of its own."""
    return (
        door.look(cases.my_wishes, cast.family),
        door.look(cases.case_of, cast.family),
        door.look(cases.was_accompanied, cast.family),
    )


def test_whoever_holds_the_phone_does_not_end_the_alarm_by_asking_to_be_forgotten(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)
    dawns(life, day)

    assert is_kept(sessions, case_id)
    assert [one.id for one in alarms(door, cast)] == [watch_id]
    assert [one.text.reveal() for one in _room(door, cast, case_id).entries]
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


def test_a_hold_outlives_its_alarm_is_in_the_log_and_the_others_hear_of_it(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)
    until = door.ask(services.hold_erasure, cast.elena.at_desk, watch_id=watch_id)
    assert until == day + timedelta(days=7)
    ends(door, cast, watch_id)
    life.postman.walk()
    assert any("holds back" in one for one in life.postman.to(cast.alice.chat))
    assert not any("holds back" in one for one in life.postman.to(cast.elena.chat))
    dawns(life, until - DAY)
    assert is_kept(sessions, case_id)

    def of_it(tx: Tx, _actor: Actor) -> list[Receipt]:
        return list(audit.receipts_of(tx, case_id, limit=99))

    held = [one for one in door.look(of_it, cast.alice.id) if one.verb == "case.erasure-held"]
    assert [one.person_id for one in held] == [cast.elena.id]
    dawns(life, until)
    assert not is_kept(sessions, case_id)


@pytest.mark.usefixtures("case_id")
def test_only_coordination_holds_it_and_only_what_was_asked_while_it_rings(
    door: Door, cast: Cast, life: Life
) -> None:
    watch_id = rings(door, cast)
    with pytest.raises(WrongMoment):  # nobody asked to be erased
        door.ask(services.hold_erasure, cast.alice.at_desk, watch_id=watch_id)
    door.ask(cases.ask_erasure, cast.family)
    for who in (cast.bilal.at_desk, cast.family, CLOCK):
        with pytest.raises(NotAllowed):
            door.ask(services.hold_erasure, who, watch_id=watch_id)
    ends(door, cast, watch_id)
    with pytest.raises(NotVisible):
        door.ask(services.hold_erasure, cast.alice.at_desk, watch_id=watch_id)
    writes(door, cast, "canary: nothing at all")
    life.postman.walk()
    assert alarms(door, cast) == ()


def test_who_takes_it_back_is_held_no_longer(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)
    door.ask(services.hold_erasure, cast.alice.at_desk, watch_id=watch_id)
    door.ask(cases.keep_after_all, cast.family)
    ends(door, cast, watch_id)
    dawns(life, day + timedelta(days=30))
    assert is_kept(sessions, case_id)
    with sessions() as session:
        assert session.scalar(select(CaseRow.hold_ends_on)) is None


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


def test_a_hold_and_the_clock_at_the_same_moment_never_cross(
    door: Door, cast: Cast, life: Life, sessions: sessionmaker[Session]
) -> None:
    """Whoever is told that it is held finds it still there; and an alarm saves it either way."""
    door.ask(people.set_duty, cast.alice.at_desk)
    chats = [InChat(8_500_000 + number) for number in range(ROUNDS)]
    for chat in chats:
        door.ask(services.intake, chat, situation="missing", text=Plaintext("canary"))
        door.ask(cases.set_danger_word, chat, word=Plaintext(WORD))
        door.ask(services.hear, chat, text=Plaintext(WORD))
    day = max(door.ask(cases.ask_erasure, chat) for chat in chats)
    life.clock.advance(datetime.combine(day, time(1), UTC) - life.clock.instant)
    ringing = alarms(door, cast)
    desks = (cast.alice.at_desk, cast.elena.at_desk)
    for alarm in ringing:
        hold = [partial(door.ask, services.hold_erasure, desk, watch_id=alarm.id) for desk in desks]
        told = together(*hold, partial(door.ask, services.erase_due, CLOCK))
        assert sorted(told[:2]) == ["done", "wrong_moment"]
        assert alarm.case_id is not None
        assert is_kept(sessions, alarm.case_id)
    while door.ask(services.erase_due, CLOCK):
        pass
    with sessions() as session:
        assert session.scalars(select(ContactRow.id)).all() == []
        held = session.scalars(select(CaseRow.hold_ends_on)).all()
    assert held == [day + timedelta(days=7)] * ROUNDS


def _room(door: Door, cast: Cast, case_id: CaseId) -> cases.Room:
    return door.ask(cases.room, cast.alice.at_desk, case_id=case_id)
