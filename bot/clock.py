"""Knocks: APScheduler says when, a service does it. Rows with due times are the truth."""

import logging

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.bells import Bells
from bot.gateway import Gateway
from bot.pulse import Pulse
from network.db import TROUBLE
from network.kernel.actor import Engine
from network.scheduler import TICKS, WATCH

log = logging.getLogger(__name__)

ME = Engine("clock")
FORGET_EVERY = 60  # seconds
MOST_ROUNDS = 100  # of one knock; what is still due then is done at the next one


class Clock:
    """Any number may run: claims keep them from doing a thing twice."""

    def __init__(self, gateway: Gateway, bells: Bells) -> None:
        self._gateway = gateway
        self._bells = bells
        self._pulse = Pulse(gateway, "clock")

    async def run(self) -> None:
        """Until we are to stop. Each tick also runs once at the start: we may have been away."""
        for name in TICKS:
            await self._knock(name)
        scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for name, (every, _) in TICKS.items():
            scheduler.add_job(
                self._knock, "interval", seconds=every.total_seconds(), args=[name], id=name
            )
        scheduler.add_job(self._forget, "interval", seconds=FORGET_EVERY, id="forget")
        scheduler.start()
        await self._bells.stop.wait()
        scheduler.shutdown(wait=False)

    async def _forget(self) -> None:
        """What was erased leaves the disk too."""
        try:
            await self._gateway.aside(self._gateway.door.database.forget_pages)
        except TROUBLE as error:
            log.error("pages not forgotten: %s", type(error).__name__)  # noqa: TRY400  # no content in logs

    async def _knock(self, name: str) -> None:
        """Until nothing is due; then, for the watch, a sign of life."""
        _, service = TICKS[name]
        try:
            for _ in range(MOST_ROUNDS):
                if self._bells.stop.is_set() or not await self._gateway.ask(service, ME):
                    break
                self._bells.promised.ring_everywhere()
            if name == WATCH:
                await self._pulse.beat()
        except TROUBLE as error:
            log.error("%s: %s", name, type(error).__name__)  # noqa: TRY400  # no content in logs
        except Exception as error:  # noqa: BLE001  # one broken tick never stops the others
            log.error("%s broke: %s", name, type(error).__name__)  # noqa: TRY400  # no content in logs
