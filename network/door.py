"""The one door into the network, for pages, bot updates and scheduled ticks alike."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DataError, IntegrityError

from config.country import Pack
from network import inbox, outbox
from network.db import TROUBLE, Database, Tx, reading, writing
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
    """Everything that happens, happens through one of these four verbs."""

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
            def serve(tx: Tx, actor: Actor) -> R:
                return service(tx, actor, *args, **kwargs)

            found: R = _handle(tx, actor, Call(arrival, serve, who, say))
            return found

        return self._cross(self._writing(), service, who, handle)

    def answer_all(self, calls: Sequence[Call]) -> list[Outcome]:
        """The same for several arrivals in one commit, where a commit costs more than an answer.

        Each is handled whole or not at all: what one refuses or breaks with is its own outcome and
        undoes nothing of the others. When the commit fails, nothing of any is done, and it raises.

        Tried without a savepoint for each, which costs more than most of what is inside; where one
        of them does not go through, all are undone and played again, each within its own.
        """
        lines: list[str] = []
        try:
            with self._writing() as tx:
                outcomes = [Outcome(self._handled(tx, call, lines)) for call in calls]
        except TROUBLE as error:
            if not isinstance(error, IntegrityError | DataError):
                raise
        except Exception:  # noqa: BLE001  # whose it was, the second round finds out
            log.debug("one of %d broke their commit", len(calls))
        else:
            return _told(outcomes, lines)
        lines.clear()
        with self._writing() as tx:
            outcomes = [self._one_of_many(tx, call, lines) for call in calls]
        return _told(outcomes, lines)

    def _handled(self, tx: Tx, call: Call, lines: list[str]) -> Any:  # noqa: ANN401  # as the service
        actor = self.identify(tx, call.who)
        result = _handle(tx, actor, call)
        lines.append(f"{_verb(call.service)} by {actor.label}")
        return result

    def _one_of_many(self, tx: Tx, call: Call, lines: list[str]) -> Outcome:
        verb = _verb(call.service)
        label = "?"
        try:
            with tx.session.begin_nested():
                actor = self.identify(tx, call.who)
                label = actor.label
                outcome = Outcome(_handle(tx, actor, call))
        except Refused as refusal:
            log.warning("%s refused: %s by %s", verb, refusal.key, label)
            tx.known.clear()  # what was read inside was undone with it
            return Outcome(error=refusal)
        except (IntegrityError, DataError) as error:  # this one's doing, undone with it
            tx.known.clear()
            return Outcome(error=error)
        except TROUBLE:
            raise  # the database itself is in trouble: nothing of this batch may count
        except Exception as error:  # noqa: BLE001  # handed over whole to whoever asked
            tx.known.clear()
            return Outcome(error=error)
        lines.append(f"{verb} by {label}")
        return outcome

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

    def _reading(self) -> AbstractContextManager[Tx]:
        return reading(self.database, self.now(), self.secret, self.pack)


def _handle(tx: Tx, actor: Actor, call: Call) -> Any:  # noqa: ANN401  # whatever the service gives
    """The inbox mark first, so that nothing happens twice; then the effects, replies and talk."""
    inbox.settle(tx, call.arrival)
    result = call.service(tx, actor)
    turn = call.say(result)
    for letter in turn.letters:
        outbox.promise(tx, letter)
    inbox.remember(tx, call.arrival, turn.talk)
    return result


def _told(outcomes: list[Outcome], lines: Sequence[str]) -> list[Outcome]:
    for line in lines:
        log.info("%s", line)
    return outcomes


def _verb(service: Callable[..., Any]) -> str:
    return f"{service.__module__.removeprefix('network.')}.{service.__name__}"
