"""Sends what was promised: leases letters, renders them, sends them side by side, marks them."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.bells import Bells
from bot.gateway import Gateway
from bot.pulse import Pulse
from bot.rendering import Carrier
from bot.telegram_bot import Bot, seconds
from network.db import TROUBLE, Tx
from network.kernel.actor import Actor, Engine
from network.outbox import services
from network.outbox.domain import Leased
from network.outbox.services import Delivered, Outcome, Partly, Postponed, Refused

log = logging.getLogger(__name__)

AT_A_TIME: Final = 64
GAP: Final = 0.012  # seconds between two turns at the outbox, so that a turn gathers some letters
ME: Final = Engine("postman")
REASONS: Final = (
    ("blocked by the user", "blocked"),
    ("deactivated", "deactivated"),
    ("chat not found", "chat_not_found"),
    ("initiate conversation", "never_started"),
    ("message is too long", "too_long"),
)


def turn(tx: Tx, actor: Actor, *, outcomes: list[Outcome], limit: int) -> list[Leased]:
    """Settle what was sent and take what is due, in one commit."""
    services.settle(tx, actor, outcomes=outcomes)
    return services.take(tx, actor, limit=limit) if limit else []


class Postman:
    """Any number may run; a lease keeps a letter from two of them."""

    def __init__(self, bot: Bot, gateway: Gateway, bells: Bells) -> None:
        self._gateway = gateway
        self._bells = bells
        self._carrier = Carrier(bot, gateway)
        self._pulse = Pulse(gateway, "postman")
        self._outcomes: list[Outcome] = []
        self._on_the_way: dict[asyncio.Task[None], Leased] = {}
        self._quiet_until = 0.0

    async def run(self) -> None:
        """Until we are to stop; then what is on the way may arrive, and the rest is given back."""
        while not self._bells.stop.is_set():
            try:
                leased = await self._turn()
                await self._pulse.beat()
            except TROUBLE as error:
                log.error("outbox out of reach: %s", type(error).__name__)  # noqa: TRY400  # no content in logs
                await self._bells.pause(1.0)
                continue
            for one in leased:
                self._start(one)
            await asyncio.sleep(GAP)
            await self._bells.promised.heard()
        await self._finish()

    async def _turn(self) -> list[Leased]:
        outcomes, self._outcomes = self._outcomes, []
        quiet = asyncio.get_running_loop().time() < self._quiet_until
        limit = 0 if quiet else AT_A_TIME - len(self._on_the_way)
        try:
            return await self._gateway.ask_first(turn, ME, outcomes=outcomes, limit=limit)
        except BaseException:
            self._outcomes = outcomes + self._outcomes
            raise

    def _start(self, leased: Leased) -> None:
        task = asyncio.create_task(self._deliver(leased))
        self._on_the_way[task] = leased
        task.add_done_callback(self._arrived)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._on_the_way.pop(task, None)
        self._bells.promised.ring()

    async def _deliver(self, leased: Leased) -> None:
        try:
            outcome = await (self._signal(leased) if leased.is_signal else self._letter(leased))
        except Exception as error:  # noqa: BLE001  # one letter never stops the postman
            log.error("a letter broke us: %s", type(error).__name__)  # noqa: TRY400  # no content
            outcome = Postponed(leased, "error")
        self._outcomes.append(outcome)

    async def _letter(self, leased: Leased) -> Outcome:
        try:
            return Delivered(leased, await self._carrier.carry(leased.letters[0]))
        except TelegramError as error:
            if final := never(error):
                return Refused(leased, final)
            return Postponed(leased, _word(error), self._pause(error))

    async def _signal(self, leased: Leased) -> Outcome:
        """Each letter on its own; what failed for now is not sent again with what arrived."""
        found = await asyncio.gather(
            *(self._carrier.carry(letter) for letter in leased.letters), return_exceptions=True
        )
        pairs = list(zip(leased.letters, found, strict=True))
        unsent = [(letter, error) for letter, error in pairs if isinstance(error, Exception)]
        later = [(letter, error) for letter, error in unsent if not never(error)]
        waits = [wait for _, error in later if (wait := self._pause(error))]
        if not later:
            errors = [never(error) for _, error in unsent]
            if errors and len(unsent) == len(pairs):
                return Refused(leased, errors[0] or "refused")
            return Delivered(leased)
        if len(later) == len(pairs):
            return Postponed(leased, _word(later[0][1]), max(waits, default=None))
        return Partly(leased, tuple(letter for letter, _ in later))

    def _pause(self, error: Exception) -> timedelta | None:
        """Telegram's own word on when to try again; the whole postman is quiet until then."""
        if not isinstance(error, RetryAfter):
            return None
        now = asyncio.get_running_loop().time()
        self._quiet_until = max(self._quiet_until, now + seconds(error))
        return timedelta(seconds=seconds(error))

    async def _finish(self) -> None:
        waiting = tuple(self._on_the_way)
        if waiting:
            await asyncio.wait(waiting, timeout=3.0)
        left = list(self._on_the_way.values())
        for task in tuple(self._on_the_way):
            task.cancel()
        try:
            await self._gateway.ask_first(turn, ME, outcomes=self._outcomes, limit=0)
            if left:
                await self._gateway.ask_first(services.give_back, ME, leased=left)
        except TROUBLE as error:
            log.error("leases not given back: %s", type(error).__name__)  # noqa: TRY400  # no content in logs


def never(error: Exception) -> str | None:
    """Why it can never be delivered, in one word; None where trying again may help."""
    if not isinstance(error, Forbidden | BadRequest):
        return None
    said = str(error).lower()
    for part, word in REASONS:
        if part in said:
            return word
    return "forbidden" if isinstance(error, Forbidden) else "bad_request"


def _word(error: Exception) -> str:
    return "too_many" if isinstance(error, RetryAfter) else "network"
