"""Whoever holds the phone asks in the chat to be forgotten: it ends no alarm, and shows none."""

from datetime import time, timedelta

from sqlalchemy.orm import Session, sessionmaker

from bot.dialogue import Step, Talk
from bot.keys import HEARD_AND_STAYED, SURE_IN_WORDS, WILL_BE_ERASED, confirm_leaving
from bot.replies import Here
from config.language import say
from network.cases import services as cases
from network.cases.services.erasing import (
    IS_DONE,
)
from network.checkins import services
from network.checkins.domain.watches import Cause
from network.db import Database, Tx
from network.door import Door
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from tests.cast import Cast
from tests.checkins.conftest import Life, alarms, asked, statements, writes
from tests.checkins.erasing import chat_of, dawns, ends, is_kept


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
