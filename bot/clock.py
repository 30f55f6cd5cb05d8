"""Knocks: APScheduler says when, a service does it. Rows with due times are the truth."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import aiohttp
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.bells import Bells
from bot.channels import Channels
from bot.gateway import Gateway
from bot.pulse import Pulse
from bot.vigil import Vigil
from config.settings import Settings
from network import heartbeats, probes, schema
from network.clock import utc_now
from network.db import TROUBLE
from network.kernel.actor import Engine
from network.scheduler import TICKS, WATCH

log = logging.getLogger(__name__)

ME = Engine("clock")
FORGET_EVERY = 60  # seconds
VIGIL_EVERY = 30  # seconds
COMPLAIN_EVERY = 20  # seconds; a third of the time for which a complaint counts
PING_EVERY = 60  # seconds
PATIENCE = 10  # seconds for whoever watches us from outside
LOOK_EVERY = 1.0  # seconds between two looks at whether the machine's clock was set back
MOST_ROUNDS = 100  # of one knock; what is still due then is done at the next one


class Failures:
    """Which ticks break each time: at least twice in a row, and for at least a minute."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._broken: dict[str, tuple[datetime, int]] = {}

    def broke(self, name: str) -> None:
        """It did, once more."""
        now = self._now()
        since, times = self._broken.get(name, (now, 0))
        self._broken[name] = min(since, now), times + 1

    def went_well(self, name: str) -> None:
        """What was before is over."""
        self._broken.pop(name, None)

    @property
    def lasting(self) -> tuple[str, ...]:
        """Their names."""
        long_ago = self._now() - heartbeats.STALE_AFTER
        return tuple(
            name for name, (since, times) in self._broken.items() if times > 1 and since <= long_ago
        )


def bring_forward(scheduler: AsyncIOScheduler) -> None:
    """Knock now where the next knock is further away than it can be: the machine's clock was set
    back, and the scheduler, which goes by it, would stand still until that moment came again.
    """
    now = utc_now()
    for job in scheduler.get_jobs():
        if job.next_run_time - now > job.trigger.interval + timedelta(seconds=LOOK_EVERY):
            job.modify(next_run_time=now)


class Clock:
    """Any number may run: claims keep them from doing a thing twice."""

    def __init__(self, gateway: Gateway, bells: Bells, settings: Settings) -> None:
        self._gateway = gateway
        self._bells = bells
        self._pulse = Pulse(gateway, "clock")
        self._failures = Failures(gateway.door.now)
        self._channels = Channels(gateway, settings)
        self._vigil = Vigil(gateway, self._channels)
        self._vigil_broke = False
        self._heartbeat_url = settings.heartbeat_url

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
        scheduler.add_job(self._keep_vigil, "interval", seconds=VIGIL_EVERY, id="vigil")
        scheduler.add_job(self._complain, "interval", seconds=COMPLAIN_EVERY, id="complain")
        if self._heartbeat_url is not None:
            scheduler.add_job(self._ping, "interval", seconds=PING_EVERY, id="ping")
        scheduler.start()
        while not self._bells.stop.is_set():
            await self._bells.pause(LOOK_EVERY)
            bring_forward(scheduler)
        scheduler.shutdown(wait=False)
        self._channels.close()

    async def _forget(self) -> None:
        """What was erased leaves the disk too."""
        try:
            await self._gateway.aside(self._gateway.door.database.forget_pages)
        except TROUBLE as error:
            log.error("pages not forgotten: %s", type(error).__name__)  # noqa: TRY400  # no content in logs

    async def _complain(self) -> None:
        """Whoever watches us hears what breaks at each knock, while it does."""
        try:
            if lasting := self._failures.lasting:
                await self._gateway.ask(heartbeats.falter, ME, ticks=lasting)
        except TROUBLE as error:
            log.error("no complaint: %s", type(error).__name__)  # noqa: TRY400  # no content in logs

    async def _keep_vigil(self) -> None:
        """Do our own requests come out? If not, coordination hears of it by every way there is."""
        try:
            await self._vigil.keep()
            self._vigil_broke = False
        except Exception as error:  # noqa: BLE001  # the scheduler would swallow it without a line
            self._vigil_broke = True
            log.error("no vigil: %s", type(error).__name__)  # noqa: TRY400  # no content in logs

    async def _ping(self) -> None:
        """Whoever watches us from outside hears that every engine is fresh, or hears nothing; also
        where nobody keeps the vigil.
        """
        assert self._heartbeat_url is not None
        if self._vigil_broke:
            return
        try:
            pulses = await self._gateway.look(heartbeats.pulses, ME)
            health = await self._gateway.look(probes.health, ME)
            broken = await self._gateway.look(heartbeats.faltering, ME)
            known = await self._gateway.look(schema.standing, ME) is schema.Standing.OURS
            if broken or not (known and health.well and all(one.fresh for one in pulses)):
                return
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(
                    self._heartbeat_url.get_secret_value(), allow_redirects=False
                ) as answer,
            ):
                if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
                    log.warning("not heard outside: status %s", answer.status)
        except Exception as error:  # noqa: BLE001  # as above
            log.warning("not heard outside: %s", type(error).__name__)

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
            self._failures.broke(name)
            log.error("%s: %s", name, type(error).__name__)  # noqa: TRY400  # no content in logs
        except Exception as error:  # noqa: BLE001  # one broken tick never stops the others
            self._failures.broke(name)
            log.error("%s broke: %s", name, type(error).__name__)  # noqa: TRY400  # no content in logs
        else:
            self._failures.went_well(name)
