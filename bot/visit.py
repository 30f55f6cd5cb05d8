"""One arrival in a worker's hands: who wrote, where the talk stands, and the way to answer."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, Self
from uuid import UUID

from telegram import Update
from telegram.ext import Application, CallbackContext

from bot.bells import Bells
from bot.dialogue import Talk
from bot.gateway import Gateway
from bot.replies import Here, refused
from bot.telegram_bot import Bot
from bot.wiping import wipe
from network.cases import services as cases
from network.checkins import services as checkins
from network.db import Tx
from network.door import Service
from network.inbox import services as inbox
from network.inbox.domain import AlreadyHandled, Arrival, Turn
from network.kernel.actor import Actor, Engine, InChat
from network.kernel.errors import Refused
from network.kernel.hidden import Plaintext
from network.outbox import services as outbox

P = ParamSpec("P")
Scene = Service[Concatenate[Here, P], Turn]
Updated = Update
VISITS = "visits"
WORKER = Engine("worker")


@dataclass(slots=True)
class Visit:
    """Every visit ends settled: answered, refused with a sentence, or put aside by the worker."""

    arrival: Arrival
    here: Here
    gateway: Gateway
    bells: Bells
    bot: Bot
    behind: Plaintext | None = None  # what was written after a command
    settled: bool = False
    error: Exception | None = field(default=None, repr=False)

    @property
    def who(self) -> InChat:
        """The card shown at the door."""
        return InChat(self.here.chat, self.here.language)

    async def answer(self, scene: Scene[P], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """Play one scene behind the door: what it does and what it says are one commit."""

        def play(tx: Tx, actor: Actor) -> Turn:
            return scene(tx, actor, self.here, *args, **kwargs)

        play.__module__, play.__name__ = scene.__module__, scene.__name__
        try:
            await self.gateway.answer(self.arrival, play, self.who, _as_it_is)
        except AlreadyHandled:
            pass
        except Refused as refusal:
            await self.apologize(refusal)
        self.settled = True
        self.bells.promised.ring_everywhere()

    async def command(self, scene: Scene[P], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """The same for a command; words written behind it are heard as any others are."""
        behind = self.behind

        def play(tx: Tx, actor: Actor, here: Here, /, *args: P.args, **kwargs: P.kwargs) -> Turn:
            if behind is not None and cases.case_of(tx, actor) is not None:
                checkins.hear(tx, actor, text=behind, at=here.at)
            return scene(tx, actor, here, *args, **kwargs)

        play.__module__, play.__name__ = scene.__module__, scene.__name__
        await self.answer(play, *args, **kwargs)

    async def is_heard(self) -> bool:
        """Whether somebody of the network will read what this family's chat sends now."""

        def heard(tx: Tx, actor: Actor) -> bool:
            if actor.person_id is not None:
                return False
            return self.here.talk.question is not None or cases.case_of(tx, actor) is not None

        return await self.gateway.look(heard, self.who)

    async def wipe(self) -> tuple[int, int]:
        """Erase this chat from Telegram as far as a bot may: how many went, how many stayed."""
        chat = self.here.chat
        theirs = await self.gateway.look(inbox.written_in, WORKER, chat=chat)
        ours = await self.gateway.look(outbox.written_to, WORKER, chat=chat)
        return await wipe(self.bot, chat, sorted({*theirs, *ours}))

    async def apologize(self, refusal: Refused) -> None:
        """Nothing was done; say why in one sentence. The talk stays where it was."""

        def refuse(tx: Tx, actor: Actor) -> Turn:
            return refused(actor, self.here, refusal)

        with suppress(AlreadyHandled):
            await self.gateway.answer(self.arrival, refuse, self.who, _as_it_is)
        self.settled = True
        self.bells.promised.ring_everywhere()


class Context(CallbackContext[Bot, Any, Any, dict[str, dict[int, Visit]]]):
    """python-telegram-bot's context, with the visit it is about."""

    visit: Visit

    def part(self, number: int) -> str:
        """One part of a pressed button's data, as its pattern found it."""
        assert self.matches
        return str(self.matches[0].group(number))

    def id_part(self, number: int) -> UUID:
        """The same where it is an id."""
        return UUID(self.part(number))

    @classmethod
    def from_update(
        cls, update: object, application: "Application[Any, Self, Any, Any, Any, Any]"
    ) -> Self:
        """The context of an update that a worker holds."""
        context = super().from_update(update, application)
        assert isinstance(update, Update)
        context.visit = application.bot_data[VISITS][update.update_id]
        return context


def _as_it_is(turn: Turn) -> Turn:
    return turn


def talk_of(arrival: Arrival) -> Talk:
    """Where the talk stood when this arrival was taken."""
    return Talk.read(arrival.talk)
