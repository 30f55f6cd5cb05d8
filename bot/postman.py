"""Sends what was promised: leases letters, renders them, sends them side by side, marks them."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.bells import Bells
from bot.channels import Channels
from bot.counterfoils import Counterfoils
from bot.gateway import Gateway
from bot.lately import Lately
from bot.pulse import Hold, Pulse
from bot.quiet import Quiet
from bot.rendering import Carrier
from bot.telegram_bot import Bot, seconds
from config.settings import Settings
from network.db import TROUBLE, Tx
from network.kernel.actor import Actor, Engine
from network.outbox import services
from network.outbox.domain import LEASE, Leased, Letter
from network.outbox.services import Delivered, Outcome, Partly, Postponed, Refused

log = logging.getLogger(__name__)

AT_A_TIME: Final = 64
KEPT_FREE: Final = 16  # places more, for alarms alone: stalled letters never stand in their way
GAP: Final = 0.012  # seconds between two turns at the outbox, so that a turn gathers some letters
ME: Final = Engine("postman")
REASONS: Final = (
    ("blocked by the user", "blocked"),
    ("deactivated", "deactivated"),
    ("chat not found", "chat_not_found"),
    ("initiate conversation", "never_started"),
    ("message is too long", "too_long"),
    ("entity too large", "too_long"),
    ("migrated to supergroup", "chat_not_found"),
)


@dataclass(frozen=True, slots=True)
class Places:
    """How many letters more the postman can carry, how many alarms, and how fast all may go."""

    limit: int = 0
    urgent: int = 0
    rate: int = 0


def turn(
    tx: Tx, actor: Actor, *, outcomes: list[Outcome], held: list[Letter], places: Places
) -> list[Leased]:
    """Settle what was sent or held back and take what is due, in one commit."""
    services.settle(tx, actor, outcomes=outcomes, held=held)
    if places.limit <= 0 and places.urgent <= 0:
        return []
    return services.take(tx, actor, limit=places.limit, urgent=places.urgent, rate=places.rate)


class Silent(NetworkError):
    """A channel did not ring."""

    def __init__(self) -> None:
        super().__init__("silent")


class Still(RetryAfter):
    """Telegram's last «wait» still holds for this letter: it was not asked again."""


class Postman:
    """Any number may run; a lease keeps a letter from two of them."""

    def __init__(self, bot: Bot, gateway: Gateway, bells: Bells, settings: Settings) -> None:
        self._gateway = gateway
        self._bells = bells
        self._carrier = Carrier(bot, gateway)
        self._channels = Channels(gateway, settings)
        self._pulse = Pulse(gateway, "postman")
        self._counterfoils = Counterfoils(settings.var / "out")
        self._outcomes: list[Outcome] = []
        self._held: list[Letter] = []
        self._lately = Lately()
        self._quiet = Quiet(gateway.door.now)
        self._on_the_way: dict[asyncio.Task[None], Leased] = {}
        self._rate = settings.telegram_rate
        self._hold = Hold(gateway.door.now, LEASE)

    async def run(self) -> None:
        """Until we are to stop; then what is on the way may arrive, and the rest is given back."""
        while not self._bells.stop.is_set():
            try:
                await self._hold_on()
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
        held, self._held = self._held, []
        limit = AT_A_TIME - len(self._on_the_way)
        places = Places(limit, limit + KEPT_FREE, self._rate)
        try:
            leased = await self._gateway.ask_first(
                turn, ME, outcomes=outcomes, held=held, places=places
            )
        except BaseException:
            self._outcomes = outcomes + self._outcomes
            self._held = held + self._held
            raise
        self._forget(outcomes)
        return leased

    def _forget(self, settled: Sequence[Outcome]) -> None:
        for one in settled:
            self._counterfoils.forget(one.leased.id)

    async def _hold_on(self) -> None:
        """Keep what is on the way for longer than a lease, as a large file is."""
        if not self._hold.is_due:
            return
        await self._inherit()
        if held := list(self._on_the_way.values()):
            await self._gateway.ask_first(services.hold_on, ME, leased=held)
        self._hold.done()

    async def _inherit(self) -> None:
        """What postmen of this machine had sent when they died is out: it is not sent again."""
        for left in self._counterfoils.left():
            try:
                if left.out:
                    await self._gateway.ask_first(services.settle_left, ME, out=left.out)
            except BaseException:
                left.later()
                raise
            left.done()

    def _start(self, leased: Leased) -> None:
        if any(one.number == leased.number for one in self._on_the_way.values()):
            return  # our own lease lapsed while it was on its way
        task = asyncio.create_task(self._deliver(leased))
        self._on_the_way[task] = leased
        task.add_done_callback(self._arrived)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._on_the_way.pop(task, None)
        self._bells.promised.ring()

    async def _deliver(self, leased: Leased) -> None:
        now, held = self._sifted(leased) if leased.is_signal else (leased, ())
        try:
            outcome = await (self._signal(now) if leased.is_signal else self._letter(now))
        except Exception as error:  # noqa: BLE001  # one letter never stops the postman
            log.error("a letter broke us: %s", type(error).__name__)  # noqa: TRY400  # no content
            outcome = Postponed(leased, "error")
        if not isinstance(outcome, Delivered):
            self._lately.forget(now.letters)
        self._outcomes.append(outcome)
        if held:
            self._held += self._lately.not_gathered(held, self._gateway.door.now())

    def _sifted(self, leased: Leased) -> tuple[Leased, tuple[Letter, ...]]:
        fresh, held = self._lately.sift(leased.letters)
        return replace(leased, letters=fresh), held

    async def _carry(self, leased: Leased, letter: Letter) -> int | None:
        """By Telegram, or by the channel it names; noted as soon as it is there."""
        number = None
        if letter.by is None:
            if left := self._quiet.left(letter.id):
                raise Still(left)
            number = await self._carrier.carry(letter)
        elif not await self._channels.carry(letter):
            raise Silent
        self._counterfoils.note(leased.id, letter.id, number)
        return number

    async def _letter(self, leased: Leased) -> Outcome:
        try:
            return Delivered(leased, await self._carry(leased, leased.letters[0]))
        except TelegramError as error:
            if final := never(error):
                return Refused(leased, final)
            return Postponed(leased, _word(error), _pause(error))

    async def _signal(self, leased: Leased) -> Outcome:
        """Each letter on its own; what failed for now is not sent again with what arrived."""
        found = await asyncio.gather(
            *(self._carry(leased, letter) for letter in leased.letters), return_exceptions=True
        )
        unsent = [
            (letter, error)
            for letter, error in zip(leased.letters, found, strict=True)
            if isinstance(error, Exception)
        ]
        if not unsent:
            return Delivered(leased)
        lost = [letter for letter, error in unsent if never(error)]
        later = [(letter, error) for letter, error in unsent if not never(error)]
        wait = max((wait for _, error in later if (wait := _pause(error))), default=None)
        quiet = self._keep_quiet(later)
        # Whoever can never be reached here is rung elsewhere at once, whatever the time.
        rung = await self._elsewhere(leased, lost, timedelta.max)
        waiting = [letter for letter, _ in later]
        held = await self._elsewhere(leased, waiting, wait or timedelta(0))
        left = tuple(waiting) if held is None else held
        # Where nobody can say by which ways they are reached, that is asked again.
        left += tuple(lost if rung is None else (one for one in rung if one.by is not None))
        if left:
            return Partly(leased, left, _word(unsent[0][1]), quiet)
        if len(lost) == len(leased.letters):
            return Refused(leased, never(unsent[0][1]) or "refused")
        return Delivered(leased)

    def _keep_quiet(self, later: Sequence[tuple[Letter, Exception]]) -> timedelta | None:
        """The longest «wait» that Telegram said now."""
        said = [
            (letter.id, wait)
            for letter, error in later
            if (wait := _pause(error)) and not isinstance(error, Still)
        ]
        for letter_id, wait in said:
            self._quiet.keep(letter_id, wait)
        return max((wait for _, wait in said), default=None)

    async def _elsewhere(
        self, leased: Leased, letters: list[Letter], wait: timedelta
    ) -> tuple[Letter, ...] | None:
        """What is left of them; None where that broke, and nothing rang."""
        if not letters:
            return ()
        try:
            return await self._channels.elsewhere(leased, letters, wait)
        except Exception as error:  # noqa: BLE001  # what did arrive is never sent again for this
            log.error("no way elsewhere: %s", type(error).__name__)  # noqa: TRY400  # no content
            return None

    async def _finish(self) -> None:
        self._channels.close()
        waiting = tuple(self._on_the_way)
        if waiting:
            await asyncio.wait(waiting, timeout=3.0)
        left = list(self._on_the_way.values())
        for task in tuple(self._on_the_way):
            task.cancel()
        try:
            await self._gateway.ask_first(
                turn, ME, outcomes=self._outcomes, held=self._held, places=Places()
            )
            self._forget(self._outcomes)
            if left:
                await self._gateway.ask_first(services.give_back, ME, leased=left)
        except TROUBLE as error:
            log.error("leases not given back: %s", type(error).__name__)  # noqa: TRY400  # no content in logs
        self._counterfoils.close()


def never(error: Exception) -> str | None:
    """Why it can never be delivered, in one word; None where trying again may help."""
    if not isinstance(error, Forbidden | BadRequest | ChatMigrated):
        return None
    said = str(error).lower()
    for part, word in REASONS:
        if part in said:
            return word
    return "forbidden" if isinstance(error, Forbidden) else "bad_request"


def _pause(error: Exception) -> timedelta | None:
    """Telegram's own word on when to try again; every postman is quiet until then."""
    return timedelta(seconds=seconds(error)) if isinstance(error, RetryAfter) else None


def _word(error: Exception) -> str:
    if isinstance(error, Silent):
        return "silent"
    return services.TOO_MANY if isinstance(error, RetryAfter) else services.NETWORK
