"""The one door into the network, for pages, bot updates and scheduled ticks alike."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from config.country import Pack
from network import inbox, outbox
from network.db import Database, Tx, reading, writing
from network.encryption.server import ServerSecret
from network.inbox.domain import Arrival, Turn
from network.kernel.actor import Actor, Who
from network.kernel.errors import Refused

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
Service = Callable[Concatenate[Tx, Actor, P], R]


@dataclass(frozen=True, slots=True)
class Door:
    """Everything that happens, happens through one of these three verbs."""

    database: Database
    now: Callable[[], datetime]
    secret: ServerSecret
    pack: Pack
    identify: Callable[[Tx, Who], Actor]

    def ask(self, service: Service[P, R], who: Who, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run one service in one writing transaction; commit it whole or not at all."""
        return self._cross(
            self._writing(), service, who, lambda tx, actor: service(tx, actor, *args, **kwargs)
        )

    def look(self, service: Service[P, R], who: Who, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run one service that only reads. Whatever it tried to write is rolled back."""
        return self._cross(
            self._reading(), service, who, lambda tx, actor: service(tx, actor, *args, **kwargs)
        )

    def answer(
        self,
        arrival: Arrival,
        service: Service[P, R],
        who: Who,
        say: Callable[[R], Turn],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Handle one arrival: what it does, the replies, where the talk stands and the inbox mark,
        in one commit.

        Raises AlreadyHandled, with nothing done, when another worker handled this arrival first.
        """

        def handle(tx: Tx, actor: Actor) -> R:
            inbox.settle(tx, arrival)
            result = service(tx, actor, *args, **kwargs)
            turn = say(result)
            for letter in turn.letters:
                outbox.promise(tx, letter)
            inbox.remember(tx, arrival, turn.talk)
            return result

        return self._cross(self._writing(), service, who, handle)

    def _cross(
        self,
        opened: AbstractContextManager[Tx],
        service: Callable[..., R],
        who: Who,
        run: Callable[[Tx, Actor], R],
    ) -> R:
        verb = f"{service.__module__.removeprefix('network.')}.{service.__name__}"
        label = "?"
        try:
            with opened as tx:
                actor = self.identify(tx, who)
                label = actor.label
                result = run(tx, actor)
        except Refused as refusal:
            log.warning("%s refused: %s by %s", verb, refusal.key, label)
            raise
        log.info("%s by %s", verb, label)
        return result

    def _writing(self) -> AbstractContextManager[Tx]:
        return writing(self.database, self.now(), self.secret, self.pack)

    def _reading(self) -> AbstractContextManager[Tx]:
        return reading(self.database, self.now(), self.secret, self.pack)
