"""One arrival in a worker's hands: who wrote, where the talk stands, and the way to answer."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, Self

from telegram import Update
from telegram.ext import Application, CallbackContext

from bot.bells import Bells
from bot.dialogue import Talk
from bot.gateway import Gateway
from bot.replies import Here, refused
from bot.telegram_bot import Bot
from network.db import Tx
from network.door import Service
from network.inbox.domain import AlreadyHandled, Arrival, Turn
from network.kernel.actor import Actor, InChat
from network.kernel.errors import Refused

P = ParamSpec("P")
Scene = Service[Concatenate[Here, P], Turn]
VISITS = "visits"


@dataclass(slots=True)
class Visit:
    """Every visit ends settled: answered, refused with a sentence, or put aside by the worker."""

    arrival: Arrival
    here: Here
    gateway: Gateway
    bells: Bells
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
        self.bells.promised.ring()

    async def apologize(self, refusal: Refused) -> None:
        """Nothing was done; say why in one sentence. The talk stays where it was."""

        def refuse(tx: Tx, actor: Actor) -> Turn:
            return refused(actor, self.here, refusal)

        with suppress(AlreadyHandled):
            await self.gateway.answer(self.arrival, refuse, self.who, _as_it_is)
        self.settled = True
        self.bells.promised.ring()


class Context(CallbackContext[Bot, Any, Any, dict[str, dict[int, Visit]]]):
    """python-telegram-bot's context, with the visit it is about."""

    visit: Visit

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
