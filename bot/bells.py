"""How engines of one process wake each other; across processes they look again by themselves."""

import asyncio
from dataclasses import dataclass, field

LOOK_AGAIN = 0.15  # seconds; what another process stored or promised is seen this soon


@dataclass(slots=True)
class Bell:
    """Rings once for any number of pulls."""

    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Wake whoever listens, now or at their next wait."""
        self._event.set()

    async def heard(self, within: float = LOOK_AGAIN) -> None:
        """Wait for a ring, at most so many seconds."""
        if not self._event.is_set():
            try:
                async with asyncio.timeout(within):
                    await self._event.wait()
            except TimeoutError:
                return
        self._event.clear()


@dataclass(slots=True)
class Bells:
    """The three reasons to wake up."""

    arrived: Bell = field(default_factory=Bell)  # something waits in the inbox, or a chat is free
    promised: Bell = field(default_factory=Bell)  # something waits in the outbox
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def pause(self, seconds: float) -> None:
        """Wait that long, or until we are to stop."""
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return
