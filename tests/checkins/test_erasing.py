"""A wish to be forgotten cannot switch off an alarm, and an alarm cannot put it off for ever."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.dialogue import Step, Talk
from bot.keys import HEARD_AND_STAYED, SURE_IN_WORDS, WILL_BE_ERASED, confirm_leaving
from bot.replies import Here
from config.language import say
from network import audit
from network.audit import Receipt
from network.cases import services as cases
from network.cases.domain import Outcome, Purpose
from network.cases.erasure import MOST_HELD
from network.cases.services import copying, glass
from network.cases.services.closing import ENDS_HERE
from network.cases.services.erasing import (
    HAS_ENDED,
    IS_DONE,
    IT_WAITS,
    LISTENED,
    STAYS_AFTER_ALL,
)
from network.cases.services.erasing import (
    WILL_BE_ERASED as WILL_BE,
)
from network.cases.tables import CaseRow, ContactRow, EntryRow, StatisticRow
from network.checkins import services
from network.checkins.domain.watches import Cause
from network.checkins.domain.watches import Outcome as Ended
from network.db import Database, Tx
from network.door import Door
from network.inbox import services as inbox
from network.inbox.domain import Incoming
from network.kernel.actor import Actor, Engine, InChat, Role
from network.kernel.errors import NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from network.people import services as people
from tests.cases.browsing import signed_in
from tests.cases.test_races import together
from tests.cast import Cast, Somebody, somebody
from tests.checkins.conftest import CLOCK, WORD, Life, alarms, asked, statements, writes

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
    """It is one in the morning of that day in Mexico City: the clock that erases has knocked."""
    life.clock.advance(datetime.combine(day, time(7), UTC) - life.clock.instant)
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


def test_a_hold_outlives_that_it_is_taken_back_and_asked_again(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)
    until = door.ask(services.hold_erasure, cast.alice.at_desk, watch_id=watch_id)
    door.ask(cases.keep_after_all, cast.family)
    assert door.ask(cases.ask_erasure, cast.family) == day
    ends(door, cast, watch_id)
    dawns(life, until - DAY)
    assert is_kept(sessions, case_id)
    dawns(life, until)
    assert not is_kept(sessions, case_id)


def test_who_takes_it_back_is_kept_however_long_it_was_held(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    day = door.ask(cases.ask_erasure, cast.family)
    door.ask(cases.hold_erasure, cast.alice.at_desk, case_id=case_id)
    door.ask(cases.keep_after_all, cast.family)
    dawns(life, day + timedelta(days=30))
    assert is_kept(sessions, case_id)


def says_it_in_the_chat(door: Door, cast: Cast, words: str = SURE_IN_WORDS) -> str:
    """/salir, and the words that confirm it; what the chat is answered."""

    def confirmed(tx: Tx, actor: Actor) -> str:
        here = Here(cast.family.chat, actor.language, Talk(Step.ERASE), at=tx.now)
        text = Plaintext(say(actor.language, words))
        return confirm_leaving(tx, actor, here, text=text).letters[0].say

    return door.ask(confirmed, cast.family)


def is_silent(door: Door, cast: Cast, life: Life, case_id: CaseId) -> AlarmId:
    """Asked and not answered: it rings."""
    asked(door, cast, life, case_id)
    life.passes(timedelta(hours=2), timedelta(minutes=5))
    (alarm,) = alarms(door, cast)
    return alarm.id


def test_who_confirms_in_the_chat_to_be_erased_does_not_end_an_alarm_of_silence(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    watch_id = is_silent(door, cast, life, case_id)
    assert says_it_in_the_chat(door, cast) == WILL_BE_ERASED
    assert [one.id for one in alarms(door, cast)] == [watch_id]
    found = door.look(cases.my_wishes, cast.family)
    assert found is not None
    assert found.erase_on is not None
    dawns(life, found.erase_on)
    assert is_kept(sessions, case_id)
    assert [one.id for one in alarms(door, cast)] == [watch_id]
    assert chat_of(life, cast)[-1] == IS_DONE


def test_other_words_than_those_end_it_and_a_question_that_does_not_ring_is_answered_by_any(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    is_silent(door, cast, life, case_id)
    assert says_it_in_the_chat(door, cast, "no, I am here") == HEARD_AND_STAYED
    assert alarms(door, cast) == ()
    asked(door, cast, life, case_id)
    says_it_in_the_chat(door, cast)
    life.passes(timedelta(hours=2), timedelta(minutes=5))
    assert alarms(door, cast) == ()


def test_what_was_confirmed_answers_the_question_so_no_later_word_ends_the_alarm(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    """Also not by being silent once more, and answering then."""
    watch_id = is_silent(door, cast, life, case_id)
    says_it_in_the_chat(door, cast)
    writes(door, cast, "canary: here I am")
    assert [one.id for one in alarms(door, cast)] == [watch_id]
    asked(door, cast, life, case_id)
    life.passes(timedelta(hours=2), timedelta(minutes=5))
    assert len(alarms(door, cast)) == 2
    writes(door, cast, "canary: here I am")
    assert [one.id for one in alarms(door, cast)] == [watch_id]
    ends(door, cast, watch_id)
    assert alarms(door, cast) == ()


def test_after_the_wish_the_chat_is_asked_the_same_whether_an_alarm_of_silence_rings_or_not(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    every = timedelta(hours=4)
    chats = []
    for silent in (True, False):
        door.ask(
            services.set_rhythm, cast.bilal.at_desk, case_id=case_id,
            every=every, begins=time(0, 0), ends=time(23, 59),
        )  # fmt: skip
        life.postman.sent.clear()
        while not chat_of(life, cast):
            life.passes(timedelta(minutes=5), timedelta(minutes=5))
        if not silent:
            writes(door, cast, "canary: all is well")
        life.passes(timedelta(hours=1, minutes=20), timedelta(minutes=10))
        rings = alarms(door, cast)
        assert bool(rings) is silent
        says_it_in_the_chat(door, cast)
        life.postman.sent.clear()
        life.passes(timedelta(hours=3, minutes=30), timedelta(minutes=10))
        chats.append(
            [(one.say, len(one.buttons)) for one in life.postman.sent if one.to == cast.family.chat]
        )
        for alarm in alarms(door, cast):
            ends(door, cast, alarm.id)
        door.ask(cases.keep_after_all, cast.family)
        writes(door, cast, "canary: all is well")
    assert len(chats[0]) == 2  # asked, and reminded
    assert chats[0] == chats[1]


def test_confirming_leaves_the_same_whether_the_word_of_danger_stands_in_it_or_not(
    door: Door, cast: Cast, life: Life, case_id: CaseId, database: Database
) -> None:
    traces = []
    for _ in range(2):
        watch_id = is_silent(door, cast, life, case_id)
        with statements(database) as found:
            says_it_in_the_chat(door, cast)
        traces.append(found)
        door.ask(cases.keep_after_all, cast.family)
        door.ask(cases.set_danger_word, cast.family, word=Plaintext(say("es", SURE_IN_WORDS)))
        ends(door, cast, watch_id)
        life.passes(timedelta(hours=1), timedelta(minutes=10))
        life.postman.walk()
    assert traces[0] == traces[1]
    assert [one.cause for one in alarms(door, cast)] == [Cause.DANGER]  # the second time it rang


def test_coordination_holds_it_from_the_room_where_nothing_rings(
    app: Flask, door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    page = f"/cases/{case_id}"
    hold = f"{page}/hold-erasure"
    alice = signed_in(app, cast.alice)
    assert hold not in alice.reads(page)
    day = door.ask(cases.ask_erasure, cast.family)
    assert hold not in signed_in(app, cast.bilal).reads(page)
    assert hold in alice.reads(page)
    assert alice.sends(hold, page=page).status_code == 303
    assert hold not in alice.reads(page)  # the same week once more would be refused
    assert alice.sends(hold, page=page).status_code == 409
    until = day + timedelta(days=7)
    life.postman.walk()
    assert any("holds back" in one for one in life.postman.to(cast.elena.chat))
    dawns(life, until - DAY)
    assert is_kept(sessions, case_id)
    assert chat_of(life, cast)[-1] == IS_DONE
    dawns(life, until)
    assert not is_kept(sessions, case_id)


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


def test_the_page_of_an_alarm_offers_no_hold_that_would_be_refused(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)

    def can_be_held() -> bool:
        found = door.look(services.waiting_erasure, cast.alice.at_desk, watch_id=watch_id)
        assert found is not None
        return found.can_be_held

    assert can_be_held()
    door.ask(services.hold_erasure, cast.alice.at_desk, watch_id=watch_id)
    assert not can_be_held()
    dawns(life, day + DAY)
    assert can_be_held()
    held = door.ask(cases.hold_erasure, cast.elena.at_desk, case_id=case_id)
    assert held == day + timedelta(days=8)


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
    life.clock.advance(datetime.combine(day, time(7), UTC) - life.clock.instant)
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


def on_duty(door: Door) -> Somebody:
    """Bilal and Alice hold the key; Grace has the duty tonight, and Elena has none."""
    grace = somebody(door, "grace", Role.COORDINATOR)
    door.ask(people.set_duty, grace.at_desk)
    return grace


def test_only_whoever_is_on_duty_finds_what_is_to_be_erased_by_its_reference(
    app: Flask, door: Door, cast: Cast, case_id: CaseId
) -> None:
    hold, desk = f"/desk/{case_id}/hold-erasure", "/desk"
    grace, elena = signed_in(app, on_duty(door)), signed_in(app, cast.elena)
    assert grace.sends(hold, page=desk).status_code == 404  # nobody asked: nothing to find here
    door.ask(cases.ask_erasure, cast.family)
    assert hold in grace.reads(desk)
    assert f"/cases/{case_id}" not in grace.reads(desk)
    assert hold not in elena.reads(desk)
    assert elena.sends(hold, page=desk).status_code == 404
    assert signed_in(app, cast.bilal).sends(hold, page="/cases/").status_code in {403, 404}
    assert grace.sends(hold, page=desk).status_code == 303
    assert grace.looks(f"/cases/{case_id}").status_code == 404
    assert hold not in grace.reads(desk)


def test_what_is_held_by_reference_waits_a_week_and_the_chat_is_as_it_always_is(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    grace = on_duty(door)
    day = door.ask(cases.ask_erasure, cast.family)
    before = answers(door, cast)
    door.ask(cases.hold_unread, grace.at_desk, case_id=case_id)
    assert answers(door, cast) == before
    life.postman.walk()
    assert chat_of(life, cast) == []
    assert any("holds back" in one for one in life.postman.to(cast.alice.chat))
    dawns(life, day + timedelta(days=6))
    assert is_kept(sessions, case_id)
    assert chat_of(life, cast) == [IS_DONE]  # on the day it was told, as always
    dawns(life, day + timedelta(days=7))
    assert not is_kept(sessions, case_id)


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


def test_a_hold_that_is_over_is_not_shown_when_they_ask_again(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(cases.ask_erasure, cast.family)
    door.ask(cases.hold_erasure, cast.alice.at_desk, case_id=case_id)
    door.ask(cases.keep_after_all, cast.family)
    life.clock.advance(timedelta(days=20))
    door.ask(cases.ask_erasure, cast.family)
    assert door.look(cases.wishes, cast.alice.at_desk, case_id=case_id).held_until is None
    with sessions() as session:
        assert session.scalar(select(CaseRow.hold_ends_on)) is None


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


def test_what_waits_without_its_family_is_read_and_noted_in_and_nobody_new_is_let_in(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    watch_id = rings(door, cast)
    dawns(life, door.ask(cases.ask_erasure, cast.family))
    assert _room(door, cast, case_id).entries
    door.ask(cases.note, cast.alice.at_desk, case_id=case_id, text=Plaintext("canary: nobody home"))
    with pytest.raises(NotAllowed):
        door.ask(cases.share, cast.alice.at_desk, case_id=case_id, with_=cast.chiara.id)
    with pytest.raises(NotAllowed):
        door.ask(
            copying.propose_copy, cast.alice.at_desk, case_id=case_id, reason=Plaintext("canary")
        )
    with pytest.raises(NotAllowed):
        door.ask(cases.write, cast.bilal.at_desk, case_id=case_id, text=Plaintext("canary: hello"))
    reference = _room(door, cast, case_id).case.card.reference
    with pytest.raises(WrongMoment):  # nobody is left to be told of it, or to say no
        door.ask(
            glass.ask_opening, cast.alice.at_desk,
            reference=reference, case_id=case_id, opener=cast.elena.id, reason="canary",
        )  # fmt: skip
    assert [one.id for one in alarms(door, cast)] == [watch_id]
