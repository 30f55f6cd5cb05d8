"""Fetches updates and keeps them, sealed, before Telegram is told that we have them."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

from telegram.error import Conflict, RetryAfter, TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.bells import Bells
from bot.gateway import Gateway
from bot.hearing import ALLOWED, ME, Rivals, Webhook
from bot.http import LeanRequest
from bot.pulse import Pulse
from bot.telegram_bot import Bot, seconds
from config.language import say
from config.settings import Settings
from network.db import TROUBLE
from network.inbox import services
from network.inbox.domain import Incoming
from network.inbox.updates import read_update
from network.kernel.errors import BadInput
from network.kernel.words import N_

log = logging.getLogger(__name__)

BATCH: Final = 100
POLL: Final = 25  # seconds Telegram holds a question open
LONGEST_WAIT: Final = 5.0
TELL_AFTER: Final = 5.0  # seconds of not being able to keep anything
CHECK_WEBHOOK: Final = 20.0
CANNOT_RECEIVE: Final = N_(
    "We cannot receive messages right now. Yours will arrive by itself when we can."
    " If it cannot wait, call the emergency number of your country."
)


class Ingress:
    """Long poll, or a watch over the webhook. Confirms nothing that is not stored."""

    def __init__(self, bot: Bot, gateway: Gateway, bells: Bells, settings: Settings) -> None:
        self._bot = bot
        self._gateway = gateway
        self._bells = bells
        self._settings = settings
        self._pulse = Pulse(gateway, "ingress")
        self._webhook = Webhook(bot, gateway, settings)
        self._rivals = Rivals(gateway.door.now)
        self._request = LeanRequest(connections=2)
        self._offset = 0
        self._hold = 0  # the first question waits for nobody, so that the first beat comes at once

    async def run(self) -> None:
        """Until we are to stop."""
        if self._settings.webhook:
            await self._watch_webhook()
            return
        await self._request.initialize()
        try:
            await self._poll()
        finally:
            await self._request.shutdown()

    async def _poll(self) -> None:
        wait = 0.0
        while not self._bells.stop.is_set():
            try:
                found = await self._fetch()
            except RetryAfter as busy:
                wait = seconds(busy)
            except Conflict:
                self._rivals.met()
                await self._settle_conflict()
                wait = 1.0
            except TelegramError as error:
                wait = min(max(wait * 2, 0.25), LONGEST_WAIT)
                log.warning("fetching failed: %s", type(error).__name__)
            else:
                wait = 0.0
                await self._keep(found)
            if wait:
                await self._bells.pause(wait)

    async def _fetch(self) -> list[Any]:
        asked = asyncio.ensure_future(
            self._request.post(
                f"{self._bot.base_url}/getUpdates",
                RequestData(
                    [
                        RequestParameter("offset", self._offset, None),
                        RequestParameter("limit", BATCH, None),
                        RequestParameter("timeout", self._hold, None),
                        RequestParameter("allowed_updates", ALLOWED, None),
                    ]
                ),
                read_timeout=POLL + 10,
            )
        )
        stop = asyncio.ensure_future(self._bells.stop.wait())
        await asyncio.wait((asked, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not asked.done():
            asked.cancel()
            return []
        found = asked.result()
        return found if isinstance(found, list) else []

    async def _keep(self, found: Sequence[Any]) -> None:
        """Store the whole batch in one commit; only then does the next question confirm it."""
        updates = tuple(_readable(found))
        outage = _Outage(self._bot, updates, self._settings.language)
        while not self._bells.stop.is_set():
            try:
                if updates:
                    await self._gateway.ask_first(services.receive, ME, updates=updates)
                # While a batch is full Telegram holds more: whoever has answered may be in that.
                if len(found) < BATCH and not self._rivals.there():
                    await self._pulse.beat()
            except TROUBLE as error:
                log.error("cannot keep updates: %s", type(error).__name__)  # noqa: TRY400  # no content in logs
                await self._bells.pause(await outage.lasts())
            else:
                self._confirm(found)
                self._bells.arrived.ring_everywhere()
                return

    def _confirm(self, found: Sequence[Any]) -> None:
        numbers = [one["update_id"] for one in found if _numbered(one)]
        # An empty answer has confirmed what came before. From then on no number is named: after a
        # week without updates Telegram's begin anywhere, and what is below ours would be lost.
        self._offset = max(numbers) + 1 if numbers else 0
        self._hold = POLL

    async def _settle_conflict(self) -> None:
        """A webhook is set, or another process polls too. The first we can end."""
        try:
            await self._bot.delete_webhook()
        except TelegramError as error:
            log.warning("cannot end the webhook: %s", type(error).__name__)

    async def _watch_webhook(self) -> None:
        while not self._bells.stop.is_set():
            await self._check_webhook()
            await self._bells.pause(CHECK_WEBHOOK)

    async def _check_webhook(self) -> None:
        """A sign of life where Telegram gets through to us; else an absence, and nobody is late."""
        try:
            if await self._webhook.hears():
                await self._pulse.beat()
            else:
                log.warning("telegram holds updates that it cannot deliver to us")
        except TelegramError as error:
            log.warning("cannot watch the webhook: %s", type(error).__name__)
        except TROUBLE as error:
            log.error("no heartbeat: %s", type(error).__name__)  # noqa: TRY400  # no content in logs


class _Outage:
    """What those who write are told, once, while nothing can be kept."""

    def __init__(self, bot: Bot, updates: Sequence[Incoming], language: str) -> None:
        self._bot = bot
        self._chats = {one.chat for one in updates if one.chat is not None}
        self._language = language
        self._waited = 0.0
        self._told = False

    async def lasts(self) -> float:
        """Seconds until the next try; past the first few, people are told."""
        if self._waited >= TELL_AFTER and not self._told:
            self._told = True
            await asyncio.gather(*(self._tell(chat) for chat in self._chats))
        wait = min(max(self._waited, 0.25), LONGEST_WAIT)
        self._waited += wait
        return wait

    async def _tell(self, chat: int) -> None:
        try:
            await self._bot.send_message(chat, say(self._language, CANNOT_RECEIVE))
        except TelegramError as error:
            log.info("could not tell a chat of the outage: %s", type(error).__name__)


def _numbered(one: object) -> bool:
    return isinstance(one, dict) and type(one.get("update_id")) is int


def _readable(found: Sequence[Any]) -> list[Incoming]:
    kept = []
    for one in found:
        try:
            kept.append(read_update(one))
        except BadInput:
            log.warning("an update without a number was passed over")
    return kept
