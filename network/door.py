"""The one door into the network, for pages, bot updates and scheduled ticks alike."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from config.country import Pack
from network import inbox, outbox
from network.db import (
    FAULTS,
    TROUBLE,
    Database,
    Tx,
    reading,
    savepoint,
    writing,
    writing_together,
)
from network.encryption.server import ServerSecret
from network.inbox.domain import Arrival, Turn
from network.kernel.actor import Actor, Who
from network.kernel.errors import Refused

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
Service = Callable[Concatenate[Tx, Actor, P], R]


@dataclass(frozen=True, slots=True)
class Call:
    """One arrival to be handled: what to do, for whom, and the turn that `say` makes of it."""

    arrival: Arrival
    service: Callable[[Tx, Actor], Any]
    who: Who
    say: Callable[[Any], Turn]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one call: its result, or what it refused or broke with."""

    result: Any = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """Everything that happens, happens through one of these three verbs."""

    database: Database
    now: Callable[[], datetime]
    secret: ServerSecret
    pack: Pack
    identify: Callable[[Tx, Who], Actor]
    read_ahead: Callable[[Tx, Sequence[Who]], None] = lambda _tx, _whos: None

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

    def answer_all(self, calls: Sequence[Call]) -> list[Outcome]:
        """Handle arrivals in one commit, which costs more than an answer: what each does, its
        replies, where its talk stands and its mark in the inbox.

        Each is handled whole or not at all: what one refuses or breaks with is its own outcome and
        undoes nothing of the others; AlreadyHandled says that another worker was first. When the
        commit fails, nothing of any is done, and it raises.
        """
        lines: list[str] = []
        if len(calls) == 1:
            outcomes = [self._outcome(calls[0], self._writing(), lines)]
        else:
            outcomes = self._without_savepoints(calls, lines) or self._with_savepoints(calls, lines)
        for line in lines:
            log.info("%s", line)
        return outcomes

    def _without_savepoints(self, calls: Sequence[Call], lines: list[str]) -> list[Outcome]:
        """All of them; none where one did not go through, which undoes all. A savepoint for each,
        and each of its statements, cost more than most of what is inside.
        """
        try:
            with self._writing_together() as tx:
                inbox.settle_all(tx, [call.arrival for call in calls])
                self.read_ahead(tx, [call.who for call in calls])
                return [Outcome(self._handled(tx, call, lines)) for call in calls]
        except FAULTS:
            log.debug("one of %d did what a table forbids", len(calls))
        except TROUBLE:
            raise
        except Exception:  # noqa: BLE001  # whose it was, the second round finds out
            log.debug("one of %d broke their commit", len(calls))
        lines.clear()
        return []

    def _with_savepoints(self, calls: Sequence[Call], lines: list[str]) -> list[Outcome]:
        with self._writing() as tx:
            return [self._outcome(call, savepoint(tx), lines) for call in calls]

    def _outcome(self, call: Call, opened: AbstractContextManager[Tx], lines: list[str]) -> Outcome:
        """What becomes of one call in a transaction of its own, or within a savepoint."""
        try:
            with opened as tx:
                inbox.settle(tx, call.arrival)
                return Outcome(self._handled(tx, call, lines))
        except Refused as refusal:
            log.warning("%s refused: %s", _verb(call.service), refusal.key)
            return Outcome(error=refusal)
        except FAULTS as error:
            return Outcome(error=error)
        except TROUBLE:
            raise  # the database itself is in trouble: nothing of this batch may count
        except Exception as error:  # noqa: BLE001  # handed over whole to whoever asked
            return Outcome(error=error)

    def _handled(self, tx: Tx, call: Call, lines: list[str]) -> Any:  # noqa: ANN401  # as the service
        """Effects, replies and talk, after the inbox mark: nothing happens twice."""
        actor = self.identify(tx, call.who)
        result = call.service(tx, actor)
        turn = call.say(result)
        for letter in turn.letters:
            outbox.promise(tx, letter)
        inbox.remember(tx, call.arrival, turn.talk)
        lines.append(f"{_verb(call.service)} by {actor.label}")
        return result

    def _cross(
        self,
        opened: AbstractContextManager[Tx],
        service: Callable[..., R],
        who: Who,
        run: Callable[[Tx, Actor], R],
    ) -> R:
        verb = _verb(service)
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

    def _writing_together(self) -> AbstractContextManager[Tx]:
        return writing_together(self.database, self.now(), self.secret, self.pack)

    def _reading(self) -> AbstractContextManager[Tx]:
        return reading(self.database, self.now(), self.secret, self.pack)


def _verb(service: Callable[..., Any]) -> str:
    return f"{service.__module__.removeprefix('network.')}.{service.__name__}"
