"""A family's chat, scene by scene, without the engines around it."""

from dataclasses import dataclass
from typing import Any

from bot import danger, family
from bot.dialogue import Talk
from bot.replies import Here
from bot.visit import Scene
from network import outbox
from network.cases import services as cases
from network.cases.domain import EntryKind
from network.checkins import services as checkins
from network.checkins.domain.watches import Cause
from network.db import Tx
from network.door import Door
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from tests.cast import Cast
from tests.checkins.conftest import Postman


@dataclass
class Chat:
    """What a family does in its chat; where its talk stands goes on from scene to scene."""

    door: Door
    cast: Cast
    talk: Talk
    message: int = 100  # the number of the last one

    def __post_init__(self) -> None:
        self.postman = Postman(self.door)

    def plays(self, scene: Scene[...], **words: Any) -> list[str]:  # noqa: ANN401  # whatever the scene takes
        """One scene as the worker plays it; what is answered."""

        def play(tx: Tx, actor: Actor) -> Turn:
            here = Here(self.cast.family.chat, "es", self.talk, at=tx.now, message=self.message)
            turn = scene(tx, actor, here, **words)
            for letter in turn.letters:
                outbox.promise(tx, letter)
            return turn

        turn = self.door.ask(play, self.cast.family)
        self.talk = Talk.read(turn.talk)
        return [letter.say for letter in turn.letters]

    def says(self, words: str) -> list[str]:
        self.message += 1
        return self.plays(family.words, text=Plaintext(words))

    def edits(self, message: int, words: str) -> list[str]:
        last, self.message = self.message, message
        said = self.plays(family.corrected, text=Plaintext(words))
        self.message = last
        return said

    def chooses(self, word: str) -> list[str]:
        self.plays(danger.ask)
        return self.says(word)

    def promised(self) -> list[str]:
        """Everything that has left for this chat so far."""
        self.postman.walk()
        return self.postman.to(self.cast.family.chat)

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
