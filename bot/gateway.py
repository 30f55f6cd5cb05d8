"""The network's door, seen from asyncio: every crossing runs in a thread, the urgent ones first."""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from bot.together import Together
from network.db import Tx
from network.door import Call, Door, Outcome, Service
from network.inbox.domain import Arrival, Turn
from network.kernel.actor import Actor, Who

P = ParamSpec("P")
R = TypeVar("R")

URGENT, ORDINARY = 0, 1
FILES_AT_ONCE = 2  # each may take several times its 20 MB while it is cleaned


@dataclass(order=True, slots=True)
class _Errand:
    """One crossing that waits for a thread."""

    urgency: int
    number: int
    run: Callable[[], None] | None = field(compare=False)


class Lane:
    """A few threads that take errands, urgent before ordinary, else in the order they came."""

    def __init__(self, name: str, threads: int) -> None:
        self._errands: queue.PriorityQueue[_Errand] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, job: Callable[[], R], urgency: int = ORDINARY) -> R:
        """The job's result, from another thread."""
        loop = asyncio.get_running_loop()
        promised: asyncio.Future[R] = loop.create_future()

        def run() -> None:
            try:
                result = job()
            except BaseException as error:  # noqa: BLE001  # handed over whole to whoever waits
                _tell(loop, promised, promised.set_exception, error)
            else:
                _tell(loop, promised, promised.set_result, result)

        self._errands.put(_Errand(urgency, next(self._numbers), run))
        return await promised

    def close(self) -> None:
        """Let what was begun end; nothing new is taken up."""
        for _ in self._threads:
            self._errands.put(_Errand(URGENT - 1, next(self._numbers), None))
        for thread in self._threads:
            thread.join(timeout=20)

    def _work(self) -> None:
        while (errand := self._errands.get()).run is not None:
            errand.run()


class Gateway:
    """One door for all engines of this process.

    SQLite has one writer at a time: a single lane queues them here, instead of colliding there.
    """

    def __init__(self, door: Door) -> None:
        self.door = door
        one_writer = door.database.engine.dialect.name == "sqlite"
        self._writing = Lane("writing", 1 if one_writer else 4)
        self._reading = Lane("reading", 2)
        self._together = Together(self._answer_all, side_by_side=1 if one_writer else 2)
        self.files = asyncio.Semaphore(FILES_AT_ONCE)

    async def ask(
        self, service: Service[P, R], who: Who, /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run one service that writes."""
        return await self._writing.run(lambda: self.door.ask(service, who, *args, **kwargs))

    async def ask_first(
        self, service: Service[P, R], who: Who, /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The same, before all that waits: letters on their way out, updates on their way in."""
        return await self._writing.run(lambda: self.door.ask(service, who, *args, **kwargs), URGENT)

    async def look(
        self, service: Service[P, R], who: Who, /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run one service that only reads."""
        return await self._reading.run(lambda: self.door.look(service, who, *args, **kwargs))

    async def answer(
        self,
        arrival: Arrival,
        service: Service[P, R],
        who: Who,
        say: Callable[[R], Turn],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Handle one arrival in one commit: effects, replies, where the talk stands."""
        serve = _bound(service, *args, **kwargs)
        found: R = await self._together.answer(Call(arrival, serve, who, say))
        return found

    async def aside(self, job: Callable[[], R]) -> R:
        """Work that touches no database and would hold up everybody: stripping, sealing a file."""
        return await asyncio.to_thread(job)

    async def _answer_all(self, calls: Sequence[Call]) -> list[Outcome]:
        return await self._writing.run(lambda: self.door.answer_all(calls))

    def close(self) -> None:
        """Wait for the crossings under way."""
        self._writing.close()
        self._reading.close()


def _bound(
    service: Service[P, R], /, *args: P.args, **kwargs: P.kwargs
) -> Callable[[Tx, Actor], R]:
    """The service with its words, under its own name in the log."""

    def serve(tx: Tx, actor: Actor) -> R:
        return service(tx, actor, *args, **kwargs)

    serve.__module__, serve.__name__ = service.__module__, service.__name__
    return serve


def _tell(
    loop: asyncio.AbstractEventLoop,
    promised: asyncio.Future[Any],
    tell: Callable[[Any], None],
    what: object,
) -> None:
    def now() -> None:
        if not promised.done():  # whoever waited may have gone
            tell(what)

    if not loop.is_closed():
        loop.call_soon_threadsafe(now)
