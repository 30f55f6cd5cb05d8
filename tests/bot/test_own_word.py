"""A family's word of danger: chosen on purpose, never by chance, and nothing they write is lost."""

from dataclasses import replace

import pytest

from bot import danger, family, reading
from bot.dialogue import QUESTIONS, Step, Talk
from bot.sandbox.people import Person
from network.cases import services as cases
from network.cases.domain import EntryKind
from network.cases.store import families
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, InChat
from network.kernel.hidden import Plaintext
from network.people import services as people
from tests.bot.conftest import RunningBot, opens
from tests.bot.scenes import Chat
from tests.cast import Cast

PLATES = "una camioneta blanca, placas XKZ-123"


@pytest.fixture
def chat(door: Door, cast: Cast) -> Chat:
    """A family that has just answered the last question."""
    door.ask(people.set_duty, cast.alice.at_desk)
    chat = Chat(door, cast, Talk(language="es"))
    chat.plays(family.ask_for_person, situation="taken")
    for question in QUESTIONS:
        chat.says(f"canary {question.step.value}")
    return chat


def test_what_is_written_right_after_the_last_question_is_read_and_becomes_no_word(
    chat: Chat,
) -> None:
    for words in (PLATES, "no, gracias", "girasol"):
        assert chat.says(words) == [family.RECEIVED]
        assert words in chat.reads(EntryKind.FROM_FAMILY)
    assert chat.word == ""
    assert chat.says("no gracias") == [family.RECEIVED]
    assert chat.rings() == 0


def test_the_word_is_what_is_written_after_the_press_and_stands_nowhere(chat: Chat) -> None:
    assert chat.plays(danger.ask) == [danger.ASK_WORD]
    assert chat.says("girasol") == [danger.WORD_KEPT]
    assert chat.word == "girasol"
    assert not any("girasol" in one for one in chat.reads())
    assert chat.says("hoy vimos un girasol") == [family.RECEIVED]
    assert chat.rings() == 1


def test_the_word_can_stand_behind_its_command(chat: Chat) -> None:
    assert chat.plays(family.choose_word, text=Plaintext("girasol")) == [danger.WORD_KEPT]
    assert chat.word == "girasol"
    assert not any("girasol" in one for one in chat.reads())
    assert chat.plays(family.choose_word, text=None) == [danger.ASK_WORD]
    assert chat.plays(family.skip, step=Step.WORD.value) == [family.RECEIVED]
    assert chat.says("jacaranda") == [family.RECEIVED]
    assert chat.word == "girasol"


@pytest.mark.parametrize(
    "words",
    [PLATES, "placas XKZ-123", "no, gracias", "Sí", "ok", "hola", "¡Ayuda!", "mi hermana", "👍"],
)
def test_what_cannot_be_a_word_is_read_as_a_message_and_the_step_is_over(
    chat: Chat, words: str
) -> None:
    assert chat.chooses(words) == [danger.NO_WORD]
    assert chat.word == ""
    assert words in chat.reads(EntryKind.FROM_FAMILY)
    assert chat.says("ya llamaron otra vez") == [family.RECEIVED]
    assert chat.word == ""
    assert chat.rings() == 0


def test_what_became_the_word_and_was_a_message_is_read_and_there_is_no_word(chat: Chat) -> None:
    assert chat.chooses("vecina Lupe vio") == [danger.WORD_KEPT]
    assert chat.word == "vecina Lupe vio"
    assert chat.plays(danger.was_a_message) == [danger.IS_A_MESSAGE]
    assert "vecina Lupe vio" in chat.reads(EntryKind.FROM_FAMILY)
    assert chat.word == ""
    assert chat.rings() == 0


def test_the_old_word_rings_while_another_is_chosen_and_the_chat_answers_alike(
    chat: Chat,
) -> None:
    answers = []
    for word in ("jacaranda", "girasol ven"):
        chat.chooses("girasol")
        before = chat.rings()
        answers.append([chat.chooses(word), chat.plays(danger.was_a_message), chat.says("ya")])
        assert chat.rings() - before == ("girasol" in word)
    assert answers[0] == answers[1]


def test_a_word_from_before_that_would_be_refused_today_rings_on(chat: Chat) -> None:
    def as_before(tx: Tx, actor: Actor) -> None:
        found = families.hold_family(tx, actor)
        contact = replace(found.contact, danger_word="no gracias")
        families.save_contact(tx, found.contact_id, contact)

    chat.door.ask(as_before, chat.cast.family)
    chat.says("no, gracias")
    assert chat.rings() == 1
    assert chat.chooses("no gracias girasol") == [danger.WORD_KEPT]
    assert chat.rings() == 2
    assert chat.word == "no gracias"


def test_the_message_that_chose_the_word_is_edited_and_chooses_it_anew(chat: Chat) -> None:
    chat.chooses("jacaranda")
    chat.chooses("girazol")
    chosen_in = chat.message
    chat.says("seguimos en casa")
    for again in ("girasol", "girasol", "girasol azul", "/palabra girasol"):
        assert chat.edits(chosen_in, again) == [danger.WORD_KEPT]
    assert chat.word == "girasol"
    assert not any("gira" in one for one in chat.reads())
    assert chat.rings() == 0
    chat.says("hay un girasol en la puerta")
    assert chat.rings() == 1


def test_an_edit_that_is_no_word_is_read_and_the_word_stays(chat: Chat) -> None:
    chat.chooses("girasol")
    assert chat.edits(chat.message, PLATES) == [danger.WORD_STAYS]
    assert any(PLATES in one for one in chat.reads(EntryKind.FROM_FAMILY))
    assert chat.word == "girasol"
    assert chat.edits(chat.message, "ayer vino el girasol a vernos") == [danger.WORD_STAYS]
    assert chat.rings() == 1


def test_what_rang_while_a_word_was_chosen_is_edited_and_answered_as_any(chat: Chat) -> None:
    chat.chooses("girasol")
    chat.chooses("girasol ven")
    chat.plays(reading.enter, situation="taken")  # the talk forgets
    assert chat.edits(chat.message, "girasol ven ya") == [danger.WORD_KEPT]
    assert chat.rings() == 2
    assert chat.word == "girasol"


def test_the_word_is_edited_in_telegram(
    bot: RunningBot, rosa: Person, cast: Cast, door: Door
) -> None:
    bot.start()
    opens(rosa)
    rosa.presses("word:choose")
    rosa.wait_for("Write now only your word")
    mine = rosa.says("pinaple")
    before = rosa.wait_for("Kept.").message_id
    rosa.edits(mine, "pineapple")
    rosa.wait_for("Kept.", after=before)
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    assert found[1].danger_word == "pineapple"
    room = door.ask(cases.room, cast.alice.at_desk, case_id=found[0].id)
    assert not any("pineapple" in one.text.reveal() for one in room.entries)
