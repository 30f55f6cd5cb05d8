"""Many people with phones in one sandbox: each waits for the bot's answer and then writes again."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from bot.sandbox.markup import buttons_of
from bot.sandbox.world import Bot, Chat, Profile, World

Json = dict[str, Any]

PRESS = "press:"  # a step of a script: the newest button whose data begins so
TWO = "two:"  # a step of a script: words that two messages answer
PATIENCE = 120.0  # seconds until silence counts as an answer lost
SETTLED = 0.5  # seconds in which an answer given twice would show


class Crowd:
    """People first_id, first_id + 1, … of one bot. Lives on the sandbox's loop."""

    def __init__(self, world: World, bot: Bot, *, first_id: int, people: int) -> None:
        self._world = world
        self._bot = bot
        self._chats = {
            number: world.private_chat(bot, Profile(number, f"Persona {number}"))
            for number in range(first_id, first_id + people)
        }
        self._waiting: dict[int, float] = {}
        self._written: Counter[int] = Counter()
        self._read: Counter[int] = Counter()
        self._answers: list[tuple[float, float]] = []
        self._owed: Counter[int] = Counter()
        self._next: Callable[[Chat], None] = lambda _chat: None
        world.listeners.append(self._heard)

    def leave(self) -> None:
        """Nobody listens any more."""
        self._world.listeners.remove(self._heard)

    async def walk(self, scripts: Sequence[Sequence[str]]) -> Json:
        """Each person walks through their script once, a step for each answer."""
        steps = dict(zip(self._chats, map(iter, scripts), strict=True))

        def next_step(chat: Chat) -> None:
            step = next(steps[chat.chat_id], None)
            if step is not None:
                self._act(chat, step)

        return await self._during(next_step, 0.0, None)

    async def talk(self, words: Sequence[str], *, warm: float, seconds: float) -> Json:
        """Everybody writes these words over and over; `seconds` are counted after `warm`."""
        said: Counter[int] = Counter()
        ends = time.monotonic() + warm + seconds

        def next_word(chat: Chat) -> None:
            if time.monotonic() < ends:
                number = said[chat.chat_id]
                said[chat.chat_id] += 1
                self._act(chat, words[number % len(words)])

        return await self._during(next_word, warm, seconds)

    async def pace(self, words: Sequence[str], *, rate: float, seconds: float) -> Json:
        """Somebody writes `rate` times a second, each in turn, whether answered or not."""
        began = time.monotonic()
        chats = list(self._chats.values())
        self._next = lambda _chat: None
        number = 0
        while (passed := time.monotonic() - began) < seconds:
            while number < passed * rate:
                self._act(chats[number % len(chats)], words[number % len(words)])
                number += 1
            await asyncio.sleep(0.002)
        return await self._drained(began, time.monotonic())

    async def _during(
        self, act: Callable[[Chat], None], warm: float, seconds: float | None
    ) -> Json:
        self._next = act
        began = time.monotonic()
        for chat in self._chats.values():
            act(chat)
        await asyncio.sleep(warm)
        opened = began if seconds is None else time.monotonic()
        if seconds is not None:
            await asyncio.sleep(seconds)
        return await self._drained(opened, None if seconds is None else time.monotonic())

    async def _drained(self, opened: float, closed: float | None) -> Json:
        """Waits until everybody has their answer, then a little longer for one too many."""
        heard, since = len(self._answers), time.monotonic()
        while self._waiting and time.monotonic() < since + PATIENCE:
            await asyncio.sleep(0.02)
            if len(self._answers) != heard:
                heard, since = len(self._answers), time.monotonic()
        last = self._answers[-1][0] if self._answers else time.monotonic()
        await asyncio.sleep(SETTLED)
        return self._facts(opened, closed or last)

    def _act(self, chat: Chat, step: str) -> None:
        owed = 2 if step.startswith(TWO) else 1
        step = step.removeprefix(TWO)
        if step.startswith(PRESS):
            found = self._button(chat, step.removeprefix(PRESS))
            if found is None:
                return  # nobody waits for this person, who will show as one who did not finish
            self._world.press(self._bot, chat, *found)
        else:
            self._world.say(self._bot, chat, step)
        self._written[chat.chat_id] += 1
        self._owed[chat.chat_id] += owed
        self._waiting.setdefault(chat.chat_id, time.monotonic())

    @staticmethod
    def _button(chat: Chat, begins: str) -> tuple[Json, str] | None:
        for message in reversed(chat.messages.values()):
            for button in buttons_of(message):
                if button.get("callback_data", "").startswith(begins):
                    return message, button["callback_data"]
        return None

    def _heard(self, chat: Chat, what: str, message: Json) -> None:
        if what not in {"message", "edited"} or not message["from"]["is_bot"]:
            return
        if chat.chat_id not in self._chats or self._chats[chat.chat_id] is not chat:
            return
        self._read[chat.chat_id] += 1
        if self._read[chat.chat_id] < self._owed[chat.chat_id]:
            return
        asked = self._waiting.pop(chat.chat_id, None)
        if asked is None:
            return
        now = time.monotonic()
        self._answers.append((now, now - asked))
        asyncio.get_running_loop().call_soon(self._next, chat)

    def _facts(self, opened: float, closed: float) -> Json:
        waits = sorted(wait for at, wait in self._answers if opened <= at <= closed)
        seconds = max(closed - opened, 1e-9)
        return {
            "people": len(self._chats),
            "written": self._written.total(),
            "read": self._read.total(),
            "answered": len(self._answers),
            "unanswered": len(self._waiting),
            "uneven": sum(self._read[n] != self._owed[n] for n in self._chats),
            "counted": len(waits),
            "seconds": round(seconds, 3),
            "per_second": round(len(waits) / seconds, 1),
            "p50_ms": percentile(waits, 0.5),
            "p99_ms": percentile(waits, 0.99),
        }


def percentile(sorted_seconds: Sequence[float], part: float) -> float:
    """In milliseconds; 0 where there is nothing."""
    if not sorted_seconds:
        return 0.0
    at = min(len(sorted_seconds) - 1, int(len(sorted_seconds) * part))
    return round(sorted_seconds[at] * 1000, 1)
