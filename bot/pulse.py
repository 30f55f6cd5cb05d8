"""An engine's sign of life, given after real work and not oftener than needed."""

import asyncio

from bot.gateway import Gateway
from network import heartbeats
from network.kernel.actor import Engine


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
