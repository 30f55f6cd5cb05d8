"""A family is asked, answers, is reminded, is late; lateness is counted from delivery."""

from datetime import timedelta

import pytest

from config.language import say
from network.cases import services as cases
from network.cases.domain import Outcome
from network.checkins import services
from network.checkins.domain.prompts import PromptStatus
from network.checkins.domain.watches import Outcome as Ended
from network.checkins.services.asking import ASKING_AGAIN, HOW_ARE_YOU, I_AM_WELL
from network.checkins.services.telling import ALARM, OVER, TALK, WELL
from network.door import Door
from network.kernel.errors import NotAllowed, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from tests.cast import Cast
from tests.checkins.conftest import CLOCK, Life, alarms, asked, latest, watch_of, writes

MINUTES = timedelta(minutes=1)


def test_a_press_is_heard_stops_the_reminder_and_is_sealed_into_the_case(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    prompt = asked(door, cast, life, case_id)
    answered = door.ask(services.answer_well, cast.family, prompt_id=prompt)
    assert not answered.already
    assert not answered.wants_to_talk
    life.passes(timedelta(hours=3), 5 * MINUTES)
    assert life.postman.to(cast.family.chat) == [HOW_ARE_YOU]
    assert life.postman.to(cast.bilal.chat) == [WELL]
    assert alarms(door, cast) == ()
    room = door.ask(cases.room, cast.bilal.at_desk, case_id=case_id)
    words = say(cast.family.language, I_AM_WELL)
    assert words in {entry.text.reveal() for entry in room.entries}


def test_a_second_press_is_answered_calmly_and_changes_nothing(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    prompt = asked(door, cast, life, case_id)
    door.ask(services.answer_well, cast.family, prompt_id=prompt)
    again = door.ask(services.answer_well, cast.family, prompt_id=prompt)
    life.passes(timedelta(hours=1), 10 * MINUTES)
    assert again.already
    assert life.postman.to(cast.bilal.chat) == [WELL]


def test_whoever_wants_to_talk_is_heard_also_under_an_old_question(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    prompt = asked(door, cast, life, case_id)
    door.ask(services.answer_well, cast.family, prompt_id=prompt)
    life.passes(timedelta(hours=5), timedelta(hours=1))
    answered = door.ask(services.answer_talk, cast.family, prompt_id=prompt)
    life.knock()
    assert answered.wants_to_talk
    assert answered.already
    assert life.postman.to(cast.bilal.chat) == [WELL, TALK]
    door.ask(services.answer_talk, cast.family, prompt_id=prompt)
    life.knock()
    assert life.postman.to(cast.bilal.chat) == [WELL, TALK]
    life.passes(timedelta(hours=1), timedelta(hours=1))
    door.ask(services.answer_talk, cast.family, prompt_id=prompt)
    life.knock()
    assert life.postman.to(cast.bilal.chat) == [WELL, TALK, TALK]


def test_a_press_under_the_question_of_yesterday_answers_that_of_today(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    yesterday = asked(door, cast, life, case_id)
    door.ask(services.answer_well, cast.family, prompt_id=yesterday)
    life.passes(timedelta(hours=24), timedelta(hours=1))
    asked(door, cast, life, case_id)
    life.passes(5 * MINUTES)
    for _ in range(2):
        door.ask(services.answer_well, cast.family, prompt_id=yesterday)
    life.passes(timedelta(hours=1), 5 * MINUTES)
    assert alarms(door, cast) == ()
    assert life.postman.to(cast.family.chat) == [HOW_ARE_YOU, HOW_ARE_YOU]
    assert life.postman.to(cast.bilal.chat) == [WELL, WELL]


def test_a_press_under_an_old_question_answers_none_that_is_still_on_its_way(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    before = asked(door, cast, life, case_id)
    door.ask(services.answer_well, cast.family, prompt_id=before)
    life.passes(timedelta(hours=1), 10 * MINUTES)
    life.postman.asleep = True
    asked(door, cast, life, case_id)
    assert door.ask(services.answer_well, cast.family, prompt_id=before).already
    life.postman.asleep = False
    life.passes(40 * MINUTES)
    assert len(alarms(door, cast)) == 1


def test_a_member_who_presses_under_an_old_question_is_heard(
    door: Door, cast: Cast, life: Life
) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, every=timedelta(hours=2))
    while HOW_ARE_YOU not in life.postman.to(cast.bilal.chat):
        life.passes(10 * MINUTES)
    first = door.look(services.my_checkins, cast.bilal.at_desk).asked[0].prompt.id
    door.ask(services.answer_well, cast.bilal.in_chat, prompt_id=first)
    while life.postman.to(cast.bilal.chat).count(HOW_ARE_YOU) < 2:
        life.passes(10 * MINUTES)
    door.ask(services.answer_well, cast.bilal.in_chat, prompt_id=first)
    life.passes(timedelta(hours=1), 5 * MINUTES)
    assert alarms(door, cast) == ()


def test_a_press_after_coordination_ended_the_alarm_is_kept_too(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    prompt = asked(door, cast, life, case_id)
    life.passes(31 * MINUTES)
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.alice.in_chat, watch_id=ringing.id)
    words = Plaintext("canary: I spoke with them")
    door.ask(
        services.resolve,
        cast.alice.at_desk,
        watch_id=ringing.id,
        outcome=Ended.FORGOT,
        words=words,
    )
    door.ask(services.answer_well, cast.family, prompt_id=prompt)
    life.knock()
    room = door.ask(cases.room, cast.bilal.at_desk, case_id=case_id)
    assert say(cast.family.language, I_AM_WELL) in {one.text.reveal() for one in room.entries}
    assert WELL in life.postman.to(cast.bilal.chat)


def test_silence_is_reminded_then_climbs_rung_by_rung_until_somebody_takes_it(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(16 * MINUTES)
    assert life.postman.to(cast.family.chat) == [HOW_ARE_YOU, ASKING_AGAIN]
    assert alarms(door, cast) == ()
    life.passes(16 * MINUTES)
    assert life.postman.to(cast.bilal.chat) == [ALARM]
    assert life.postman.to(cast.alice.chat) == []
    life.passes(16 * MINUTES)
    assert life.postman.to(cast.alice.chat) == [ALARM]
    assert life.postman.to(cast.elena.chat) == []
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.alice.in_chat, watch_id=ringing.id)
    life.passes(25 * MINUTES)
    assert ALARM not in life.postman.to(cast.elena.chat)


def test_a_press_on_a_late_question_ends_the_alarm_and_tells_those_who_knew(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    prompt = asked(door, cast, life, case_id)
    life.passes(50 * MINUTES)
    assert len(alarms(door, cast)) == 1
    door.ask(services.answer_well, cast.family, prompt_id=prompt)
    assert alarms(door, cast) == ()
    life.passes(timedelta(hours=4), 10 * MINUTES)
    assert life.postman.to(cast.alice.chat) == [ALARM, OVER]
    assert life.postman.to(cast.elena.chat) == []


def test_any_word_after_delivery_is_a_sign_of_life(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    prompt = asked(door, cast, life, case_id)
    writes(door, cast, "canary: we are here")
    life.passes(timedelta(hours=2), 5 * MINUTES)
    assert alarms(door, cast) == ()
    assert life.postman.to(cast.family.chat) == [HOW_ARE_YOU]
    assert door.ask(services.answer_well, cast.family, prompt_id=prompt).already


def test_lateness_counts_from_delivery_not_from_plan(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.postman.asleep = True
    asked(door, cast, life, case_id)
    life.passes(timedelta(hours=5), 5 * MINUTES)
    assert alarms(door, cast) == ()
    life.postman.asleep = False
    life.knock()
    life.passes(29 * MINUTES)
    assert alarms(door, cast) == ()
    life.passes(3 * MINUTES)
    assert len(alarms(door, cast)) == 1


def test_somebody_who_cannot_be_reached_is_an_alarm_at_once(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.postman.gone.add(cast.family.chat)
    asked(door, cast, life, case_id)
    life.passes(2 * MINUTES)
    (late,) = door.look(services.late, cast.alice.at_desk)
    assert late.status is PromptStatus.UNREACHABLE
    assert life.postman.to(cast.bilal.chat) == [ALARM]


def test_after_our_own_absence_nobody_is_late_who_was_not_reminded(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    prompt = asked(door, cast, life, case_id)
    life.clock.advance(timedelta(hours=6))
    life.knock()
    assert life.postman.to(cast.family.chat) == [HOW_ARE_YOU, ASKING_AGAIN]
    assert alarms(door, cast) == ()
    door.ask(services.answer_well, cast.family, prompt_id=prompt)
    life.passes(timedelta(hours=1), 5 * MINUTES)
    assert life.postman.to(cast.bilal.chat) == [WELL]


def test_one_silent_family_is_one_alarm_however_often_it_is_asked(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id, every=timedelta(hours=2))
    life.passes(timedelta(hours=24), 10 * MINUTES)
    assert len(alarms(door, cast)) == 1
    seen = door.look(services.overview, cast.bilal.at_desk, case_id=case_id)
    assert life.postman.to(cast.family.chat).count(HOW_ARE_YOU) > 3
    assert len(seen.asked) == 1


def test_a_rhythm_that_is_paused_asks_nothing_and_goes_on_when_resumed(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    rhythm = door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id)
    door.ask(services.pause, cast.bilal.at_desk, case_id=case_id, rhythm_id=rhythm)
    life.passes(timedelta(days=2), timedelta(minutes=30))
    assert life.postman.to(cast.family.chat) == []
    door.ask(services.resume, cast.alice.at_desk, case_id=case_id, rhythm_id=rhythm)
    life.passes(timedelta(hours=13), timedelta(minutes=30))
    assert HOW_ARE_YOU in life.postman.to(cast.family.chat)


def test_an_ended_rhythm_expects_no_answer(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    rhythm = door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id)
    while HOW_ARE_YOU not in life.postman.to(cast.family.chat):
        life.passes(timedelta(minutes=30), timedelta(minutes=10))
    door.ask(services.end_rhythm, cast.bilal.at_desk, case_id=case_id, rhythm_id=rhythm)
    life.passes(timedelta(days=1), timedelta(minutes=30))
    assert alarms(door, cast) == ()
    assert len(life.postman.to(cast.family.chat)) <= 2


def test_only_those_who_look_after_a_family_set_its_rhythm(
    door: Door, cast: Cast, case_id: CaseId
) -> None:
    for who in (cast.chiara.at_desk, cast.dino.at_desk, cast.family, cast.strangers):
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(services.set_rhythm, who, case_id=case_id)
        with pytest.raises((NotVisible, NotAllowed)):
            door.look(services.overview, who, case_id=case_id)


def test_nobody_answers_somebody_elses_question(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    prompt = asked(door, cast, life, case_id)
    for who in (cast.neighbours, cast.bilal.in_chat, CLOCK):
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(services.answer_well, who, prompt_id=prompt)
    assert latest(door, cast, case_id) == prompt


def test_a_closed_case_is_asked_nothing_more(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id, every=timedelta(hours=1))
    asked(door, cast, life, case_id)
    door.ask(cases.close, cast.alice.at_desk, case_id=case_id, outcome=Outcome.REUNITED)
    life.passes(timedelta(days=1), timedelta(minutes=30))
    assert alarms(door, cast) == ()
    assert ALARM not in life.postman.to(cast.bilal.chat)
    assert life.postman.to(cast.family.chat)[2:] == []


def test_the_letter_that_asks_says_nothing_to_a_stranger(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    (letter,) = [one for one in life.postman.sent if one.to == cast.family.chat]
    assert letter.params == {}
    assert letter.words is None
    assert [row[0].data[:5] for row in letter.buttons] == ["well:", "talk:"]


def test_the_alarm_letter_says_the_reference_and_nothing_else(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(35 * MINUTES)
    (letter,) = [one for one in life.postman.sent if one.say == ALARM]
    (ringing,) = alarms(door, cast)
    assert letter.params == {"reference": ringing.reference}
    assert watch_of([letter]) == ringing.id
