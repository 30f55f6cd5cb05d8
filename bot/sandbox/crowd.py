"""A crowd for benches: many people who write, wait for the bot's answer and write again."""

import asyncio
import time
from typing import Any

from bot.sandbox.world import Bot, Chat, Profile, World

Json = dict[str, Any]

FIRST_ID = 7_000_000_000


class Crowd:
    """People who each keep one message in flight for a while; or write at a steady pace.

    `pace` is messages a second for the whole crowd; 0 means each waits for the bot's next message.
    """

    def __init__(
        self,
        world: World,
        bot: Bot,
        *,
        people: int = 200,
        seconds: float = 10.0,
        text: str = "hola",
        pace: float = 0.0,
    ) -> None:
        self._world = world
        self._bot = bot
        self._seconds = seconds
        self._text = text
        self._pace = pace
        self._asked: dict[int, float] = {}
        self._waits: list[float] = []
        self._sent = 0
        self._over = False
        self._chats = [
            world.private_chat(bot, Profile(FIRST_ID + number, f"Persona {number}"))
            for number in range(people)
        ]

    async def run(self) -> Json:
        """Writes for so many seconds; answers a second and how long people waited (ms)."""
        self._world.listeners.append(self._heard)
        began = time.monotonic()
        try:
            if self._pace:
                await self._steadily(began)
            else:
                for chat in self._chats:
                    self._say(chat)
                await asyncio.sleep(self._seconds)
        finally:
            self._over = True
            self._world.listeners.remove(self._heard)
        took = time.monotonic() - began
        return self._facts(took)

    async def _steadily(self, began: float) -> None:
        while (passed := time.monotonic() - began) < self._seconds:
            while self._sent < passed * self._pace:
                self._say(self._chats[self._sent % len(self._chats)])
            await asyncio.sleep(0.002)

    def _say(self, chat: Chat) -> None:
        self._sent += 1
        self._asked.setdefault(chat.chat_id, time.monotonic())
        self._world.say(self._bot, chat, self._text)

    def _heard(self, chat: Chat, what: str, message: Json) -> None:
        if what != "message" or not message["from"]["is_bot"]:
            return
        asked = self._asked.pop(chat.chat_id, None)
        if asked is None:
            return
        self._waits.append(time.monotonic() - asked)
        if not self._over and not self._pace:
            asyncio.get_running_loop().call_soon(self._say, chat)

    def _facts(self, took: float) -> Json:
        waits = sorted(self._waits)

        def at(part: float) -> float:
            return round(waits[min(len(waits) - 1, int(len(waits) * part))] * 1000, 1)

        return {
            "people": len(self._chats),
            "sent": self._sent,
            "answered": len(waits),
            "seconds": round(took, 3),
            "answers_per_second": round(len(waits) / took, 1),
            "p50_ms": at(0.5) if waits else None,
            "p99_ms": at(0.99) if waits else None,
        }
