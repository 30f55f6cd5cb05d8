"""A family's word of danger: chosen on purpose, never by chance, and nothing they write is lost."""

from dataclasses import dataclass

import pytest

from bot import danger, family
from bot.dialogue import QUESTIONS, Step, Talk
from bot.replies import Here
from bot.visit import Scene
from network.cases import services as cases
from network.cases.domain import EntryKind
from network.checkins import services as checkins
from network.checkins.domain.watches import Cause
from network.db import Tx
from network.door import Door
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from network.people import services as people
from tests.cast import Cast

PLATES = "una camioneta blanca, placas XKZ-123"


@dataclass
class Chat:
    """What a family does in its chat; where its talk stands goes on from scene to scene."""

    door: Door
    cast: Cast
    talk: Talk

    def plays(self, scene: Scene[...], **words: str | Plaintext | None) -> list[str]:
        """One scene as the worker plays it; what is answered."""

        def play(tx: Tx, actor: Actor) -> Turn:
            here = Here(self.cast.family.chat, "es", self.talk, at=tx.now)
            return scene(tx, actor, here, **words)

        turn = self.door.ask(play, self.cast.family)
        self.talk = Talk.read(turn.talk)
        return [letter.say for letter in turn.letters]

    def says(self, words: str) -> list[str]:
        return self.plays(family.words, text=Plaintext(words))

    def chooses(self, word: str) -> list[str]:
        self.plays(danger.ask)
        return self.says(word)

    @property
    def word(self) -> str:
        found = self.door.look(cases.case_of, self.cast.family)
        assert found is not None
        return found[1].danger_word

    def reads(self, *kinds: EntryKind) -> list[str]:
        """What stands in the room, readable."""
        found = self.door.look(cases.case_of, self.cast.family)
        assert found is not None
        room = self.door.ask(cases.room, self.cast.alice.at_desk, case_id=found[0].id)
        return [
            one.text.reveal() for one in room.entries if one.kind in (kinds or tuple(EntryKind))
        ]

    def rings(self) -> int:
        found = self.door.look(checkins.alarms, self.cast.alice.at_desk)
        return sum(one.cause is Cause.DANGER for one in found)


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


def test_what_became_the_word_and_was_a_message_is_read_and_the_word_of_before_holds(
    chat: Chat,
) -> None:
    chat.chooses("girasol")
    assert chat.chooses("vecina Lupe vio") == [danger.WORD_KEPT]
    assert chat.word == "vecina Lupe vio"
    assert chat.plays(danger.was_a_message) == [danger.IS_A_MESSAGE]
    assert "vecina Lupe vio" in chat.reads(EntryKind.FROM_FAMILY)
    assert chat.word == "girasol"
    assert chat.rings() == 0
    chat.says("un girasol")
    assert chat.rings() == 1


def test_the_old_word_rings_while_another_is_chosen_and_the_chat_answers_alike(
    chat: Chat,
) -> None:
    chat.chooses("girasol")
    calm = [chat.chooses("jacaranda"), chat.plays(danger.was_a_message), chat.chooses("no ok")]
    assert chat.rings() == 0
    rings = [chat.chooses("girasol ven"), chat.plays(danger.was_a_message), chat.chooses("no ok")]
    assert calm == rings
    assert chat.word == "girasol"
    assert chat.rings() == 2


def test_a_word_from_before_that_would_be_refused_today_rings_on(chat: Chat) -> None:
    chat.door.ask(cases.restore_danger_word, chat.cast.family, word=Plaintext("no gracias"))
    chat.says("no, gracias")
    assert chat.rings() == 1
    assert chat.chooses("no gracias girasol") == [danger.WORD_KEPT]
    assert chat.rings() == 2
    assert chat.word == "no gracias"
