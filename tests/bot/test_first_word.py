"""The first words somebody writes, and what they read."""

from functools import partial

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.people import Person
from network import outbox
from network.cases import services as cases
from network.cases.domain import Purpose
from network.cases.erasure import TO_TAKE_IT_BACK
from network.checkins import services as checkins
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine, InChat
from network.outbox.domain import ROUND
from tests.bot.conftest import RunningBot, chooses, opens, until
from tests.cast import Cast
from tests.ground.clock import StillClock

TICK = "✓ Received"


def test_a_greeting_is_neutral_and_offers_situations(bot: RunningBot, sandbox: Sandbox) -> None:
    bot.start()
    rosa = sandbox.person("Rosa", language_code="en")
    rosa.starts()
    greeting = rosa.wait_for("Hello")
    assert "They are calling me now" in greeting.labels
    for word in ("kidnap", "victim", "case"):
        assert word not in greeting.text.lower()


@pytest.mark.usefixtures("cast")
def test_the_first_answer_opens_the_case(bot: RunningBot, rosa: Person, door: Door) -> None:
    bot.start()
    rosa.starts()
    rosa.wait_for("Hello")
    rosa.presses("go:taken")
    rosa.wait_for(lambda shown: bool(shown.buttons) and "Next" in shown.labels)
    rosa.presses("person:taken")
    rosa.wait_for("Who can see this phone?")
    assert door.look(cases.case_of, InChat(rosa.user_id)) is None
    rosa.presses("Only I")
    rosa.wait_for("In which state")
    assert door.look(cases.case_of, InChat(rosa.user_id)) is not None


def test_a_whole_talk_ends_with_words_to_know_each_other_by(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    bot.start()
    opens(rosa)
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    case, _ = found
    told = rosa.wait_for("Your reference").text
    assert case.card.reference in told
    assert case.card.verification in told
    room = door.ask(cases.room, cast.alice.at_desk, case_id=case.id)
    said = [entry.text.reveal() for entry in room.entries]
    assert any("canary: they took my brother" in one for one in said)


def _wrote_to(phone: Person) -> bool:
    return bool(phone.messages)


def test_coordinators_hear_of_it_without_a_detail(
    bot: RunningBot, rosa: Person, phones: dict[str, Person]
) -> None:
    bot.start()
    opens(rosa)
    for name in ("alice", "elena"):
        until(partial(_wrote_to, phones[name]))
        assert all("canary" not in one.text for one in phones[name].messages)


@pytest.mark.usefixtures("cast")
def test_words_nobody_would_read_are_not_kept_and_it_is_said(
    bot: RunningBot, rosa: Person, door: Door
) -> None:
    bot.start()
    rosa.says("help, they took my brother")
    rosa.wait_for("Nobody has read this")
    assert door.look(cases.case_of, InChat(rosa.user_id)) is None


def test_the_same_chat_for_calm_words_and_the_danger_word(
    bot: RunningBot, rosa: Person, cast: Cast, phones: dict[str, Person], door: Door
) -> None:
    bot.start()
    opens(rosa)
    chooses(rosa, "pineapple")
    before = rosa.last_id
    rosa.says("we are waiting")
    calm = rosa.wait_for(TICK, after=before)
    alarms = len(door.look(checkins.alarms, cast.alice.at_desk))
    before = rosa.last_id
    rosa.says("the pineapple is fine")
    danger = rosa.wait_for(TICK, after=before)
    assert (calm.text, calm.labels, calm.protected) == (
        danger.text,
        danger.labels,
        danger.protected,
    )
    assert alarms == 0
    assert len(door.look(checkins.alarms, cast.alice.at_desk)) == 1
    phones["alice"].wait_for(lambda shown: "own:" in str([one.data for one in shown.buttons]))


@pytest.mark.usefixtures("phones")
def test_the_danger_word_is_heard_behind_a_command(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    bot.start()
    opens(rosa)
    chooses(rosa, "pineapple")
    before = rosa.last_id
    rosa.says("/help pineapple")
    rosa.wait_for("We are neither police", after=before)
    assert len(door.look(checkins.alarms, cast.alice.at_desk)) == 1


def test_files_come_in_clean_and_strange_ones_are_refused_in_a_sentence(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    bot.start()
    opens(rosa)
    before = rosa.last_id
    rosa.sends_voice()
    rosa.wait_for(TICK, after=before)
    before = rosa.last_id
    rosa.sends_document(b"MZ\x90\x00" + bytes(200), "holiday.exe")
    rosa.wait_for("cannot receive files of this kind", after=before)
    rosa.sends_location(19.04, -98.2)
    rosa.wait_for(TICK, after=before)
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    room = door.ask(cases.room, cast.alice.at_desk, case_id=found[0].id)
    assert [entry.file.kind for entry in room.entries if entry.file] == ["voice"]
    assert any(entry.location for entry in room.entries)


@pytest.mark.usefixtures("phones")
def test_the_danger_word_is_heard_under_a_file_that_is_refused(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    bot.start()
    opens(rosa)
    chooses(rosa, "pineapple")
    before = rosa.last_id
    rosa.sends_document(b"MZ\x90\x00" + bytes(200), "holiday.exe", "no pineapple today")
    rosa.wait_for("cannot receive files of this kind", after=before)
    assert len(door.look(checkins.alarms, cast.alice.at_desk)) == 1


@pytest.mark.usefixtures("phones")
def test_a_letter_in_place_of_a_word_is_heard_alike_with_and_without_the_word(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    bot.start()
    opens(rosa)
    chooses(rosa, "pineapple")
    answers = []
    for letter in ("we are all at home and waiting " * 4, "bring a pineapple with you please " * 4):
        rosa.says("/word")
        rosa.wait_for("Write now only your word", after=rosa.last_id)
        before = rosa.last_id
        rosa.says(letter)
        answers.append(rosa.wait_for(TICK, after=before).text)
    assert answers[0] == answers[1]
    assert len(door.look(checkins.alarms, cast.alice.at_desk)) == 1


@pytest.mark.usefixtures("phones")
@pytest.mark.usefixtures("cast")
def test_the_family_sees_who_reads_wipes_the_chat_and_leaves(
    bot: RunningBot, rosa: Person, door: Door
) -> None:
    bot.start()
    opens(rosa)
    rosa.says("/quien")
    rosa.wait_for("Alice, coordination: has not read it yet")
    rosa.says("/quitar")
    rosa.wait_for("should not read any more")
    rosa.presses("Remove Alice")
    rosa.wait_for("From now on that person")
    rosa.says("/borrar")
    rosa.wait_for("Messages erased")
    assert not any("canary" in one.text for one in rosa.messages)
    rosa.says("/salir")
    rosa.wait_for("If you are sure, write: erase everything")
    rosa.says("Erase everything.")
    rosa.wait_for("It will be erased on")
    mine = door.look(cases.my_wishes, InChat(rosa.user_id))
    assert mine is not None
    assert mine.erase_on == door.now().date() + TO_TAKE_IT_BACK
    assert door.look(cases.case_of, InChat(rosa.user_id)) is not None


@pytest.mark.usefixtures("cast")
def test_leaving_is_taken_back_and_other_words_are_heard_as_words(
    bot: RunningBot, rosa: Person, door: Door
) -> None:
    bot.start()
    opens(rosa)
    door.ask(cases.ask_erasure, InChat(rosa.user_id))
    rosa.says("/leave")
    rosa.wait_for("If you change your mind")
    rosa.presses("Keep it after all")
    rosa.wait_for("Nothing was erased")
    rosa.says("/leave")
    rosa.wait_for("If you are sure, write: erase everything")
    rosa.says("no, I wanted to say that he rang")
    rosa.wait_for("✓ Received. Nothing was erased")
    still = door.look(cases.my_wishes, InChat(rosa.user_id))
    assert still is not None
    assert still.erase_on is None


@pytest.mark.usefixtures("cast")
def test_the_family_decides_in_the_chat_what_may_be_done(
    bot: RunningBot, rosa: Person, door: Door
) -> None:
    bot.start()
    opens(rosa)
    rosa.says("/permisos")
    rosa.wait_for("Each is no until you say yes")
    rosa.presses("Who advises me: no")
    rosa.wait_for("What was shown cannot be made unseen")
    rosa.presses("Yes, they may")
    rosa.wait_for("Noted: yes")
    allowed = door.look(cases.my_wishes, InChat(rosa.user_id))
    assert allowed is not None
    assert allowed.allowed == {Purpose.LAWYER}
    rosa.says("/copia")
    rosa.wait_for("It does not come to this chat")
    rosa.presses("I want it")
    rosa.wait_for("by voice or in person")


def due(door: Door) -> int:
    def look(tx: Tx, _actor: Actor) -> int:
        return outbox.backlog(tx)[0]

    return door.look(look, Engine("test"))


def test_ten_messages_of_a_family_ring_twice_at_a_desk(
    bot: RunningBot, rosa: Person, phones: dict[str, Person], door: Door, clock: StillClock
) -> None:
    bot.start()
    opens(rosa)
    alice = phones["alice"]

    def news() -> int:
        return sum("novedades" in one.text.lower() for one in alice.messages)

    until(lambda: news() == 1)
    for number in range(10):
        rosa.says(f"canary {number}")
    until(lambda: sum(one.text == TICK for one in rosa.messages) >= 9)
    until(lambda: due(door) == 0)
    assert news() == 1
    clock.advance(ROUND)
    until(lambda: news() == 2)
    until(lambda: due(door) == 0)
    assert news() == 2
