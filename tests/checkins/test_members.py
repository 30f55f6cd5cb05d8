"""Members have rhythms of their own: theirs to set, and theirs to answer."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import update

from network.checkins import services
from network.checkins.domain.rhythms import RhythmStatus
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import Happened
from network.checkins.services.asking import ASKING_AGAIN, HOW_ARE_YOU
from network.checkins.services.telling import ALARM, OVER, TALK
from network.checkins.store import endings
from network.checkins.tables import RhythmRow, WatchRow
from network.db import Tx, writing
from network.door import Door
from network.kernel.actor import Actor, Engine, Role
from network.kernel.errors import BadInput, NotAllowed, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PromptId, new_id
from network.people import services as people
from tests.cast import Cast, Somebody, somebody
from tests.checkins.conftest import CLOCK, Life, alarms, rows
from tests.ground.clock import StillClock

MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)


def asked(door: Door, life: Life, who: Somebody) -> PromptId:
    """Their rhythm comes round, and the question is out."""
    before = life.postman.to(who.chat).count(HOW_ARE_YOU)
    while life.postman.to(who.chat).count(HOW_ARE_YOU) == before:
        life.passes(10 * MINUTES, 10 * MINUTES)
    life.passes(MINUTES)
    return door.look(services.my_checkins, who.at_desk).asked[0].prompt.id


@pytest.mark.parametrize("name", ["bilal", "alice"])
def test_a_member_answers_from_their_chat_and_nobody_is_troubled(
    door: Door, cast: Cast, life: Life, name: str
) -> None:
    who = getattr(cast, name)
    door.ask(services.set_rhythm, who.in_chat, every=4 * HOURS)
    prompt = asked(door, life, who)
    assert not door.ask(services.answer_well, who.in_chat, prompt_id=prompt).already
    assert door.ask(services.answer_well, who.in_chat, prompt_id=prompt).already
    life.passes(2 * HOURS, 5 * MINUTES)
    assert {one.to for one in life.postman.sent} == {who.chat}


def test_a_silent_coordinator_rings_for_the_others_and_not_on_their_own_telephone(
    door: Door, cast: Cast, life: Life
) -> None:
    door.ask(people.set_duty, cast.alice.at_desk)
    door.ask(services.set_rhythm, cast.alice.at_desk, every=4 * HOURS)
    prompt = asked(door, life, cast.alice)
    life.passes(50 * MINUTES)
    assert life.postman.to(cast.alice.chat) == [HOW_ARE_YOU, ASKING_AGAIN]
    assert ALARM in life.postman.to(cast.elena.chat)
    assert alarms(door, cast) == ()  # as Alice sees it
    (ringing,) = door.look(services.alarms, cast.elena.at_desk)
    door.ask(services.answer_talk, cast.alice.in_chat, prompt_id=prompt)
    assert door.look(services.alarms, cast.elena.at_desk) == ()
    life.knock()
    assert {OVER, TALK} & set(life.postman.to(cast.elena.chat))
    assert ringing.reference == cast.alice.alias


def test_an_answer_is_kept_however_many_are_on_duty(
    door: Door, cast: Cast, life: Life, crowd: Callable[[int], list[int]]
) -> None:
    chats = crowd(60)
    door.ask(services.set_rhythm, cast.bilal.at_desk, every=4 * HOURS)
    prompt = asked(door, life, cast.bilal)
    life.passes(50 * MINUTES)
    assert any(ALARM in life.postman.to(chat) for chat in chats)
    assert not door.ask(services.answer_talk, cast.bilal.in_chat, prompt_id=prompt).already
    life.knock()
    assert any({OVER, TALK} & set(life.postman.to(chat)) for chat in chats)
    assert alarms(door, cast) == ()


def test_nobody_sets_or_answers_a_rhythm_of_somebody_else(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    rhythm = door.ask(services.set_rhythm, cast.bilal.at_desk, every=4 * HOURS)
    prompt = asked(door, life, cast.bilal)
    for who in (cast.chiara.in_chat, cast.alice.in_chat, cast.family):
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(services.answer_well, who, prompt_id=prompt)
        for verb in (services.pause, services.skip, services.end_rhythm, services.resume):
            with pytest.raises((NotVisible, NotAllowed)):
                door.ask(verb, who, rhythm_id=rhythm)
    with pytest.raises(NotVisible):
        door.ask(services.skip, cast.bilal.at_desk, case_id=case_id, rhythm_id=rhythm)
    with pytest.raises((NotVisible, NotAllowed)):
        door.ask(services.set_rhythm, cast.dino.at_desk, every=4 * HOURS)


def test_a_pause_ends_by_itself_and_one_question_is_left_out(
    door: Door, cast: Cast, life: Life
) -> None:
    rhythm = door.ask(services.set_rhythm, cast.bilal.at_desk, times=(time(9),))
    bilal = cast.bilal.at_desk
    until = door.now() + timedelta(days=3)
    door.ask(services.pause, bilal, rhythm_id=rhythm, until=until)
    life.passes(timedelta(days=3), HOURS)
    assert life.postman.sent == []
    prompt = asked(door, life, cast.bilal)
    door.ask(services.answer_well, cast.bilal.in_chat, prompt_id=prompt)
    door.ask(services.skip, cast.bilal.at_desk, rhythm_id=rhythm)
    life.passes(timedelta(hours=40), HOURS)
    assert life.postman.to(cast.bilal.chat) == [HOW_ARE_YOU]
    life.passes(timedelta(hours=8), 10 * MINUTES)
    assert HOW_ARE_YOU in life.postman.to(cast.bilal.chat)[1:]
    with pytest.raises(BadInput):
        door.ask(services.pause, cast.bilal.at_desk, rhythm_id=rhythm, until=door.now())
    with pytest.raises(BadInput):
        door.ask(
            services.pause,
            cast.bilal.at_desk,
            rhythm_id=rhythm,
            until=door.now() + timedelta(days=400),
        )


def test_a_pause_that_names_no_day_lasts_a_week_and_says_so(
    door: Door, cast: Cast, life: Life
) -> None:
    rhythm = door.ask(services.set_rhythm, cast.bilal.at_desk, times=(time(9),))
    door.ask(services.pause, cast.bilal.at_desk, rhythm_id=rhythm)
    (seen,) = door.look(services.my_checkins, cast.bilal.at_desk).rhythms
    assert seen.plan is not None
    assert seen.plan.quiet_until == door.now() + timedelta(days=7)
    assert seen.next_at is not None
    life.passes(timedelta(days=7), 6 * HOURS)
    assert life.postman.sent == []
    asked(door, life, cast.bilal)


def test_a_pause_of_before_that_names_no_day_ends_too(
    door: Door, cast: Cast, life: Life, clock: StillClock
) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, times=(time(9),))
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(update(RhythmRow).values(status=RhythmStatus.PAUSED, next_at=None))
    clock.advance(timedelta(days=30))
    assert door.ask(services.end_pauses, CLOCK) == 1
    assert door.ask(services.end_pauses, CLOCK) == 0
    life.passes(timedelta(days=7), 6 * HOURS)
    assert life.postman.sent == []
    asked(door, life, cast.bilal)


def test_no_pause_and_no_question_left_out_ends_a_rhythm_without_a_word(
    door: Door, cast: Cast
) -> None:
    last = (door.now() + timedelta(days=2)).date()
    rhythm = door.ask(services.set_rhythm, cast.bilal.at_desk, times=(time(9),), last=last)
    for until in (None, door.now() + timedelta(days=3)):
        with pytest.raises(BadInput) as refusal:
            door.ask(services.pause, cast.bilal.at_desk, rhythm_id=rhythm, until=until)
        assert (refusal.value.field, refusal.value.reason) == ("until", "past_last")
    while next_of(door, cast).date() < last:
        door.ask(services.skip, cast.bilal.at_desk, rhythm_id=rhythm)
    with pytest.raises(BadInput) as refused:
        door.ask(services.skip, cast.bilal.at_desk, rhythm_id=rhythm)
    assert refused.value.reason == "last_one"
    assert next_of(door, cast).date() == last


def next_of(door: Door, cast: Cast) -> datetime:
    (rhythm,) = door.look(services.my_checkins, cast.bilal.at_desk).rhythms
    assert rhythm.next_at is not None
    return rhythm.next_at


def test_a_rhythm_has_a_last_day(door: Door, cast: Cast, life: Life) -> None:
    door.ask(
        services.set_rhythm,
        cast.bilal.at_desk,
        times=(time(9),),
        last=(door.now() + timedelta(days=1)).date(),
    )
    prompt = asked(door, life, cast.bilal)
    door.ask(services.answer_well, cast.bilal.in_chat, prompt_id=prompt)
    prompt = asked(door, life, cast.bilal)
    door.ask(services.answer_well, cast.bilal.in_chat, prompt_id=prompt)
    life.passes(timedelta(days=3), HOURS)
    assert life.postman.to(cast.bilal.chat).count(HOW_ARE_YOU) == 2
    assert door.look(services.my_checkins, cast.bilal.at_desk).rhythms == ()
    with pytest.raises(BadInput):
        door.ask(services.set_rhythm, cast.bilal.at_desk, last=date(2020, 1, 1))


def test_a_suspended_member_is_asked_nothing_more(door: Door, cast: Cast, life: Life) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, every=4 * HOURS)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.bilal.id)
    life.passes(timedelta(days=1), HOURS)
    assert life.postman.to(cast.bilal.chat).count(HOW_ARE_YOU) == 0
    with pytest.raises((NotVisible, NotAllowed)):
        door.ask(services.answer_well, cast.bilal.in_chat, prompt_id=PromptId(new_id()))


def test_how_a_members_alarm_ended_is_forgotten_after_a_year(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    about = Subject(person=cast.bilal.id)
    machine = Engine("test")

    def kept(tx: Tx, _actor: Actor) -> int:
        return len(endings.of(tx, about, date.min))

    def end(tx: Tx, _actor: Actor) -> None:
        endings.add(tx, about, Plaintext("llegó tarde, sin señal"))

    door.ask(end, machine)
    clock.advance(timedelta(days=360))
    door.ask(services.sweep, machine)
    assert door.look(kept, machine) == 1
    clock.advance(timedelta(days=10))
    door.ask(services.sweep, machine)
    assert door.look(kept, machine) == 0


def test_no_letter_is_said_to_have_gone_out_where_nobody_could_be_told(
    door: Door, cast: Cast, life: Life
) -> None:
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    door.ask(services.set_rhythm, cast.alice.at_desk, every=timedelta(hours=2))
    while not rows(door, WatchRow):
        life.passes(timedelta(minutes=30), 10 * MINUTES)
    life.passes(timedelta(hours=2), 10 * MINUTES)
    gina = somebody(door, "gina", Role.COORDINATOR)
    (ringing,) = door.look(services.alarms, gina.at_desk)
    assert ringing.history == ()
    life.passes(timedelta(minutes=31))
    (ringing,) = door.look(services.alarms, gina.at_desk)
    assert [line.what for line in ringing.history] == [Happened.TOLD]
    assert ALARM in life.postman.to(gina.chat)
