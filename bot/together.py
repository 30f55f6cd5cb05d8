"""Arrivals that come at about the same time share one commit, where there is one writer anyway."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from network.door import Call, Outcome

MOST: Final = 12  # answers of one commit: what is urgent waits for no more than these
Handle = Callable[[Sequence[Call]], Awaitable[list[Outcome]]]


class Together:
    """While one batch is handled the next gathers by itself; alone, an arrival waits for nobody."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._waiting: deque[tuple[Call, asyncio.Future[Any]]] = deque()
        self._round: asyncio.Task[None] | None = None

    async def answer(self, call: Call) -> Any:  # noqa: ANN401  # whatever the service gives
        """The result of this one, when the commit it is in is done."""
        promised: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, promised))
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._rounds())
        return await promised

    async def _rounds(self) -> None:
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


def _of(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
