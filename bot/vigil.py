"""Rings coordinators' other ways about ourselves, and again those that did not ring."""

import logging
from typing import Final

from bot.channels import Channels
from bot.gateway import Gateway
from network.delivery import services
from network.delivery.services import Said
from network.kernel.actor import Engine

ME: Final = Engine("clock")
AT_EACH: Final = 10  # looks, at each of which what is silent is rung again; then at every tenth

log = logging.getLogger(__name__)


class Vigil:
    """What is still to be rung is kept in memory: whoever takes it over rings all of it again."""

    def __init__(self, gateway: Gateway, channels: Channels) -> None:
        self._gateway = gateway
        self._channels = channels
        self._well = True
        self._left: tuple[Said, ...] = ()
        self._looks = 0
        self._told = True

    async def keep(self) -> None:
        """One look: what is new is rung, and what is left of the last."""
        found = await self._gateway.ask(services.keep_vigil, ME)
        if found.said or found.well != self._well:
            if self._told or found.well != self._well:
                self._looks = 0
            self._well, self._left, self._told = found.well, found.said, found.well
        self._looks += 1
        if not self._left or (self._looks > AT_EACH and self._looks % AT_EACH):
            return
        calls = self._left
        rang = await self._channels.ring([(one.way.address, one.text) for one in calls])
        self._left = tuple(one for one, ok in zip(calls, rang, strict=True) if not ok)
        log.warning("told of us: %s of %s channels rang", sum(rang), len(calls))
        if not self._told and (any(rang) or self._looks >= AT_EACH):
            await self._gateway.ask(services.vigil_told, ME)
            self._told = True
