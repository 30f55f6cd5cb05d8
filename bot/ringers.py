"""A few processes that ring; whoever waits for one goes with all others who wait, in the next."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from network.ringing import AT_ONCE, Call, Network, ring_apart

Waiting = tuple[Call, "asyncio.Future[bool]"]
LANE: Final = "ringing"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Errand:
    """Calls of one process, and who waits for each."""

    calls: tuple[Call, ...]
    futures: tuple["asyncio.Future[bool]", ...]


class Ringers:
    """At most so many processes, and a thread for each. A slow channel holds a process for a
    while, and nobody but those who wait for it: each call is answered as soon as it has ended.
    """

    def __init__(self, processes: int, private: Sequence[Network]) -> None:
        self._free = processes
        self._private = tuple(private)
        self._waiting: deque[Waiting] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix=LANE)

    async def ring(self, calls: Sequence[Call]) -> list[bool]:
        """Which of these rang."""
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in calls]
        self._waiting.extend(zip(calls, futures, strict=True))
        self._go(loop)
        return list(await asyncio.gather(*futures))

    def close(self) -> None:
        """Take up nothing new; what rings may end by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _go(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._free and self._waiting:
            most = min(len(self._waiting), AT_ONCE)
            calls, futures = zip(*(self._waiting.popleft() for _ in range(most)), strict=True)
            self._free -= 1
            task = loop.create_task(self._run(_Errand(calls, futures)))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, errand: _Errand) -> None:
        loop = asyncio.get_running_loop()

        def tell(at: int, ok: bool) -> None:  # noqa: FBT001  # as ring_apart asks
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_answer, errand.futures[at], ok)

        rang = [False] * len(errand.calls)
        try:
            rang = await loop.run_in_executor(
                self._threads, lambda: ring_apart(errand.calls, private=self._private, tell=tell)
            )
        except RuntimeError:
            log.warning("no process rings any more")  # we are ending
        finally:
            for one, ok in zip(errand.futures, rang, strict=True):
                _answer(one, ok)
            self._free += 1
            self._go(loop)


def _answer(promised: "asyncio.Future[bool]", ok: bool) -> None:  # noqa: FBT001  # a future's result
    if not promised.done():  # whoever waited may have gone
        promised.set_result(ok)
