"""Updates posted to a bot's webhook: in order within a chat, side by side between chats."""

import asyncio
import contextlib
import json
from collections import deque
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.sandbox.methods import METHODS
from bot.sandbox.parameters import Parameters
from bot.sandbox.refusals import TelegramRefuses, bad_request
from bot.sandbox.updates import DAY, Update
from bot.sandbox.world import Bot, Webhook, World

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SECRET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
SECRET_LENGTH = 256
LONGEST_WAIT = 60.0
LONGEST_ASKED = 3600
CONNECTIONS = 40
MOST_CONNECTIONS = 100
ANSWER_SECONDS = 60
GOOD = range(200, 300)


def checked(parameters: Parameters) -> Webhook | None:
    """The webhook these parameters ask for; None takes it away."""
    url = parameters.text("url").strip()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if parts.hostname not in LOOPBACK:
        raise bad_request(
            "bad webhook: Failed to resolve host: the sandbox knows this machine only"
        )
    secret_token = parameters.text("secret_token")
    if len(secret_token) > SECRET_LENGTH:
        raise bad_request("secret token is too long")
    if not SECRET.issuperset(secret_token):
        raise bad_request("secret token contains unallowed characters")
    most = parameters.integer("max_connections") or CONNECTIONS
    return Webhook(url, secret_token, max(1, min(most, MOST_CONNECTIONS)))


class Deliveries:
    """One bot's deliveries to its present webhook."""

    def __init__(self, world: World, bot: Bot, webhook: Webhook, first_wait: float) -> None:
        self._world = world
        self._bot = bot
        self._webhook = webhook
        self._first_wait = first_wait
        self._queues: dict[int, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(webhook.max_connections)
        self._session = ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS))

    def start(self) -> None:
        """Takes up what waits already and whatever comes."""
        self._bot.updates.on_arrival = self.put
        for update in (*self._bot.updates.again, *self._bot.updates.waiting):
            self.put(update)

    def put(self, update: Update) -> None:
        """Queues an update behind the others of its chat."""
        queue = self._queues.get(update.queue)
        if queue is not None:
            queue.append(update)
            return
        self._queues[update.queue] = deque([update])
        task = asyncio.get_running_loop().create_task(self._drain(update.queue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Ends every delivery; what was not confirmed still waits."""
        self._bot.updates.on_arrival = None
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._session.close()

    async def _drain(self, key: int) -> None:
        queue = self._queues[key]
        while queue:
            await self._deliver(queue[0])
            queue.popleft()
        del self._queues[key]

    async def _deliver(self, update: Update) -> None:
        wait = 0.0
        while True:
            async with self._free:
                asked = await self._post(update)
            if asked is None:
                with contextlib.suppress(ValueError):
                    self._bot.updates.again.remove(update)
                self._bot.updates.confirm_one(update)
                return
            if self._world.seconds() > update.at + DAY:
                return
            await asyncio.sleep(asked or wait)
            wait = min(LONGEST_WAIT, wait * 2 or self._first_wait)

    async def _post(self, update: Update) -> float | None:
        """None when the webhook took it, otherwise the seconds it asked for (0: none)."""
        headers = {"Content-Type": "application/json"}
        if self._webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._webhook.secret_token
        body = json.dumps(update.body).encode()
        try:
            async with self._session.post(
                self._webhook.url, data=body, headers=headers, allow_redirects=False
            ) as response:
                content = await response.read()
                if response.status in GOOD:
                    self._call(content)
                    return None
                reason = f"Wrong response from the webhook: {response.status} {response.reason}"
                asked = response.headers.get("Retry-After", "")
        except (ClientError, TimeoutError, OSError) as failure:
            reason = "Connection refused" if "refused" in str(failure).lower() else "Read timed out"
            asked = ""
        self._webhook.last_error = reason
        self._webhook.last_error_at = self._world.seconds()
        return float(min(int(asked), LONGEST_ASKED)) if asked.isdigit() else 0.0

    def _call(self, content: bytes) -> None:
        """A webhook may answer with one call of a method; its result is not told."""
        try:
            answer = json.loads(content)
        except ValueError:
            return
        name = str(answer.pop("method", "")).lower() if isinstance(answer, dict) else ""
        if name and not name.startswith("get") and name in METHODS:
            with contextlib.suppress(TelegramRefuses):
                METHODS[name](self._world, self._bot, Parameters(answer))
