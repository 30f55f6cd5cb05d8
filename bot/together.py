"""Arrivals that come at about the same time share one commit: it costs more than an answer does."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, cast

from network.door import Call, Outcome

MOST: Final = 24  # answers of one commit: what is urgent waits for no more than these
Handle = Callable[[Sequence[Call]], Awaitable[list[Outcome]]]


class Together:
    """While one batch is handled the next gathers by itself; alone, an arrival waits for nobody."""

    def __init__(self, handle: Handle, *, side_by_side: int) -> None:
        self._handle = handle
        self._side_by_side = side_by_side
        self._waiting: deque[tuple[Call, asyncio.Future[Any]]] = deque()
        self._rounds: set[asyncio.Task[None]] = set()

    async def answer(self, call: Call) -> Any:  # noqa: ANN401  # whatever the service gives
        """The result of this one, when the commit it is in is done."""
        promised: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, promised))
        if len(self._rounds) < self._side_by_side:
            self._rounds.add(asyncio.create_task(self._work()))
        return await promised

    async def _work(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            try:
                outcomes = await self._handle([call for call, _ in batch])
            except BaseException as error:  # noqa: BLE001  # told to each who waits
                outcomes = [Outcome(error=_of(error))] * len(batch)
            for (_, promised), outcome in zip(batch, outcomes, strict=True):
                if promised.done():  # whoever waited may have gone
                    continue
                if outcome.error is not None:
                    promised.set_exception(outcome.error)
                else:
                    promised.set_result(outcome.result)
        # Here, not in a callback: whoever comes between the two would wait for nobody.
        self._rounds.discard(cast(asyncio.Task[None], asyncio.current_task()))


def _of(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
