"""An engine's sign of life, given after real work and not oftener than needed."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.gateway import Gateway
from network import heartbeats
from network.kernel.actor import Engine


class Hold:
    """When it is time to say again that we still hold what we took: by the house's clock, which
    measures leases. Where that clock leaps, it is time at once.
    """

    def __init__(self, now: Callable[[], datetime], lease: timedelta) -> None:
        self._now = now
        self._every = lease / 3
        self._last: datetime | None = None

    @property
    def is_due(self) -> bool:
        """Whether a third of a lease went by."""
        return self._last is None or not self._last <= self._now() < self._last + self._every

    def done(self) -> None:
        """It was said."""
        self._last = self._now()


class Pulse:
    """Beats for one engine, at most every ten seconds."""

    def __init__(self, gateway: Gateway, engine: str) -> None:
        self._gateway = gateway
        self._engine = engine
        self._next = 0.0

    async def beat(self) -> None:
        """Say we are well; raises what the database raises."""
        now = asyncio.get_running_loop().time()
        if now < self._next:
            return
        await self._gateway.ask(heartbeats.beat, Engine(self._engine), engine=self._engine)
        self._next = now + heartbeats.BEAT_EVERY.total_seconds()
