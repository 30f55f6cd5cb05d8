"""The Bot API over HTTP: /bot<token>/METHOD and /file/bot<token>/<path>."""

import asyncio
import json
import re
import time
from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from bot.sandbox.faults import Fault, Kind
from bot.sandbox.incoming import parameters_of
from bot.sandbox.methods import METHODS, body_of
from bot.sandbox.parameters import Parameters
from bot.sandbox.refusals import MANY, TelegramRefuses, bad_request, conflict
from bot.sandbox.webhook import Deliveries, checked
from bot.sandbox.world import Bot, World

Json = dict[str, Any]

TOKEN = re.compile(r"[1-9]\d*:[\w-]{30,}")
LONGEST_POLL = 50
MOST_UPDATES = 100
HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a bot, as it came in. `at` is time.monotonic()."""

    method: str
    parameters: Json
    at: float


class Cut(Exception):
    """The connection is to break here."""


class BotApi:
    """Answers bots. Runs on the server's loop."""

    def __init__(self, world: World, *, calls_kept: int, webhook_wait: float) -> None:
        self.world = world
        self.calls: deque[Call] = deque(maxlen=calls_kept)
        self.answered = 0
        self._keeps_calls = calls_kept > 0
        self._webhook_wait = webhook_wait
        self._polls: dict[str, asyncio.Future[str]] = {}
        self._deliveries: dict[str, Deliveries] = {}
        self._methods = {
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
        }

    async def answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Answers /bot… with Telegram's JSON and its real HTTP status."""
        came = time.monotonic()
        path, _, query = path.partition("?")
        try:
            bot, method = self._find(path.removeprefix("/bot"))
            parameters = await parameters_of(request, query)
            body, status = await self._called(bot, method, parameters, came), 200
        except TelegramRefuses as refusal:
            body, status = json.dumps(refusal.answer()).encode(), refusal.code
            if refusal.code == MANY and refusal.parameters:
                retry = {"Retry-After": str(refusal.parameters["retry_after"])}
                return await self._late(
                    web.Response(body=body, status=status, headers=HEADERS | retry)
                )
        except Cut:
            return _cut(request)
        except web.HTTPRequestEntityTooLarge:
            body, status = _error(413, "Request Entity Too Large"), 413
        return await self._late(web.Response(body=body, status=status, headers=HEADERS))

    async def _late(self, response: web.Response) -> web.Response:
        self.answered += 1
        if self.world.faults.latency:
            await asyncio.sleep(self.world.faults.latency)
        return response

    def _find(self, path: str) -> tuple[Bot, str]:
        token, _, method = path.partition("/")
        bot = self.world.bots.get(token) or self.world.bots.get(unquote(token))
        if bot is not None:
            return bot, method.lower()
        if TOKEN.fullmatch(unquote(token)):
            raise TelegramRefuses(401, "Unauthorized")
        raise TelegramRefuses(404, "Not Found")

    async def _called(self, bot: Bot, method: str, parameters: Parameters, came: float) -> bytes:
        if self._keeps_calls:
            self.calls.append(Call(method, parameters.values | parameters.uploads, came))
        if not self.world.faults.on:
            return await self._do(bot, method, parameters)
        met = self.world.faults.striking(method, parameters.text("chat_id"))
        await _before(met)
        body = await self._do(bot, method, parameters)
        if any(fault.kind is Kind.CUT_AFTER for fault in met):
            raise Cut
        return body

    async def _do(self, bot: Bot, method: str, parameters: Parameters) -> bytes:
        plain = METHODS.get(method)
        if plain is not None:
            return body_of(plain(self.world, bot, parameters))
        waiting = self._methods.get(method)
        if waiting is None:
            raise TelegramRefuses(404, "Not Found: method not found")
        return body_of(await waiting(bot, parameters))

    async def download(self, path: str) -> web.StreamResponse:
        """Answers /file/bot<token>/<path>."""
        token, _, name = unquote(path.removeprefix("/file/bot")).partition("/")
        bot = self.world.bots.get(token)
        stored = bot.files.download(name, self.world.now()) if bot else None
        if stored is None:
            code, why = (404, "Not Found") if bot else (401, "Unauthorized")
            response = web.Response(body=_error(code, why), status=code, headers=HEADERS)
        else:
            response = web.Response(body=stored.content, content_type="application/octet-stream")
        return await self._late(response)

    async def stop(self) -> None:
        """Ends every wait and every delivery."""
        for poll in self._polls.values():
            if not poll.done():
                poll.set_result("stop")
        for deliveries in tuple(self._deliveries.values()):
            await deliveries.stop()

    def end_polls(self) -> None:
        """Every open question is answered now: nothing has come."""
        for poll in self._polls.values():
            if not poll.done():
                poll.set_result("timeout")

    async def _get_updates(self, bot: Bot, parameters: Parameters) -> list[Any]:
        if bot.webhook is not None:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        self._end_poll(bot, "other")
        _ask_for(bot, parameters)
        offset = parameters.integer("offset")
        limit = parameters.integer("limit", MOST_UPDATES)
        limit = limit if 1 <= limit <= MOST_UPDATES else MOST_UPDATES
        updates = bot.updates.read(offset, limit, self.world.seconds())
        timeout = min(parameters.integer("timeout"), LONGEST_POLL)
        if updates or timeout <= 0:
            return updates
        if await self._wait(bot, timeout) == "timeout":
            return []
        return bot.updates.read(0, limit, self.world.seconds())

    async def _wait(self, bot: Bot, seconds: int) -> str:
        loop = asyncio.get_running_loop()
        poll: asyncio.Future[str] = loop.create_future()
        self._polls[bot.token] = poll

        def wake(why: str) -> None:
            if not poll.done():
                poll.set_result(why)

        timer = loop.call_later(seconds, wake, "timeout")
        bot.updates.on_arrival = lambda _update: wake("update")
        why = await poll
        timer.cancel()
        if self._polls.get(bot.token) is poll:
            del self._polls[bot.token]
            bot.updates.on_arrival = None
        if why == "other":
            raise conflict(
                "terminated by other getUpdates request; "
                "make sure that only one bot instance is running"
            )
        if why == "webhook":
            raise conflict("terminated by setWebhook request")
        return why

    def _end_poll(self, bot: Bot, why: str) -> None:
        poll = self._polls.pop(bot.token, None)
        if poll is not None:
            bot.updates.on_arrival = None
            if not poll.done():
                poll.set_result(why)

    async def _set_webhook(self, bot: Bot, parameters: Parameters) -> bool:
        webhook = checked(parameters)
        _ask_for(bot, parameters)
        await self._forget_webhook(bot, parameters)
        if webhook is not None:
            self._end_poll(bot, "webhook")
            bot.webhook = webhook
            deliveries = Deliveries(self.world, bot, webhook, self._webhook_wait)
            self._deliveries[bot.token] = deliveries
            deliveries.start()
        return True

    async def _delete_webhook(self, bot: Bot, parameters: Parameters) -> bool:
        await self._forget_webhook(bot, parameters)
        return True

    async def _forget_webhook(self, bot: Bot, parameters: Parameters) -> None:
        bot.webhook = None
        deliveries = self._deliveries.pop(bot.token, None)
        if deliveries is not None:
            await deliveries.stop()
        if parameters.flag("drop_pending_updates"):
            bot.updates.drop()

    async def _get_webhook_info(self, bot: Bot, parameters: Parameters) -> Json:
        webhook = bot.webhook
        info: Json = {
            "url": webhook.url if webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(bot.updates.waiting) + len(bot.updates.again),
        }
        if webhook is not None:
            info["max_connections"] = webhook.max_connections
            info["ip_address"] = "127.0.0.1"
            if webhook.last_error:
                info["last_error_date"] = webhook.last_error_at
                info["last_error_message"] = webhook.last_error
        if bot.updates.allowed is not None:
            info["allowed_updates"] = sorted(bot.updates.allowed)
        return info


def _ask_for(bot: Bot, parameters: Parameters) -> None:
    if "allowed_updates" in parameters:
        kinds = parameters.structure("allowed_updates", "can't parse allowed_updates JSON array")
        if not isinstance(kinds, list):
            raise bad_request("can't parse allowed_updates: expected an Array")
        bot.updates.ask_for([str(kind) for kind in kinds])


async def _before(met: list[Fault]) -> None:
    for fault in met:
        if fault.kind is Kind.SLOW:
            await asyncio.sleep(fault.seconds)
        elif fault.kind is Kind.CUT_BEFORE:
            raise Cut
        elif refusal := fault.refusal():
            raise refusal


def _cut(request: web.BaseRequest) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _error(code: int, why: str) -> bytes:
    return json.dumps(TelegramRefuses(code, why).answer()).encode()
