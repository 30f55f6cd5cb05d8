"""Telegram while everything is killed: families write on, and every letter that comes is noted.

A program in a process of its own, as `tests.bench.telegram` is; nobody kills this one.
"""

import asyncio
import sys
import time
from collections import defaultdict
from typing import Any

from bot.sandbox.markup import buttons_of
from bot.sandbox.world import Bot, Chat, Profile
from tests.bench.crowd import PRESS, TWO
from tests.bench.telegram import Desk, Json, main

PROGRAM = "tests.chaos.telegram"
READERS = (
    "/quien"  # answered by other words than a message is, so that no two neighbours look alike
)
PATIENCE = 900.0  # seconds until a newcomer who waits counts as forgotten


class Town(Desk):
    """The bench's Telegram, with people who write whether or not they are answered."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: dict[int, list[list[str]]] = defaultdict(list)
        self._said: dict[int, list[str]] = defaultdict(list)
        self._asked: dict[int, int] = defaultdict(int)
        self._news: dict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self._writing: asyncio.Task[None] | None = None
        self._coming: list[asyncio.Task[bool]] = []

    def listen(self) -> Json:
        """From now on every letter of ours is noted, in the order of its chat."""

        def begin() -> None:
            self._heard.clear()
            self._said.clear()
            self._asked.clear()
            if self._hears not in self._sandbox.world.listeners:
                self._sandbox.world.listeners.append(self._hears)

        self._sandbox.do(begin)
        return {}

    def start_chats(self, token: str, chats: list[int]) -> Json:
        """These people have written to the bot before."""

        def meet() -> None:
            for number in chats:
                profile = Profile(number, f"Persona {number}")
                self._sandbox.world.private_chat(self._bots[token], profile).started = True

        self._sandbox.do(meet)
        return {}

    def write(  # the words of one command
        self, token: str, chats: list[int], rate: float, calls: int, word: str
    ) -> Json:
        """These chats write in turn, `rate` times a second in all, until `hush`.

        Every other thing is a question for who can read it; each `calls`-th message is a danger
        word.
        """

        async def begin() -> Json:
            bot = self._bots[token]
            self._writing = asyncio.create_task(self._write(bot, chats, rate, calls, word))
            return {}

        return self._run(begin())

    def come(self, token: str, first_id: int, scripts: list[list[str]], every: float) -> Json:
        """New families, one each `every` seconds, each through its script."""

        async def begin() -> Json:
            bot = self._bots[token]
            self._coming = [
                asyncio.create_task(self._come(bot, first_id + number, script, number * every))
                for number, script in enumerate(scripts)
            ]
            return {}

        return self._run(begin())

    def hush(self) -> Json:
        """Nobody writes any more; whoever was coming in has come. How many did not?"""

        async def end() -> Json:
            if self._writing is not None:
                self._writing.cancel()
            came = await asyncio.gather(*self._coming)
            self._writing, self._coming = None, []
            return {"forgotten": came.count(False)}

        return self._run(end())

    def record(self) -> Json:
        """What each chat said and heard, and how many answers it is owed."""
        return self._sandbox.do(
            lambda: {
                "said": dict(self._said),
                "heard": dict(self._heard),
                "asked": dict(self._asked),
            }
        )

    async def _write(self, bot: Bot, chats: list[int], rate: float, calls: int, word: str) -> None:
        rooms = [self._sandbox.world.private_chat(bot, Profile(n, f"Persona {n}")) for n in chats]
        began, number = time.monotonic(), 0
        while True:
            while number < (time.monotonic() - began) * rate:
                turn, chat = divmod(number, len(rooms))
                number += 1
                room = rooms[chat]
                self._asked[room.chat_id] += 1
                if turn % 2:
                    self._sandbox.world.say(bot, room, READERS)
                    continue
                said = self._said[room.chat_id]
                text = f"mensaje {len(said)}"
                if number // 2 % calls == 0:
                    text = f"{text}, {word}, gracias"
                said.append(text)
                self._sandbox.world.say(bot, room, text)
            await asyncio.sleep(0.01)

    async def _come(self, bot: Bot, number: int, script: list[str], after: float) -> bool:
        """A step for each answer. A letter that came twice is no answer to the next step."""
        chat = self._sandbox.world.private_chat(bot, Profile(number, f"Persona {number}"))
        seen: set[str] = set()
        await asyncio.sleep(after)
        try:
            async with asyncio.timeout(PATIENCE):
                for step in script:
                    wanted = len(seen) + (2 if step.startswith(TWO) else 1)
                    self._act(bot, chat, step.removeprefix(TWO))
                    while len(seen) < wanted:
                        seen = {text for text, _ in self._heard[number]}
                        if len(seen) < wanted:
                            self._news[number].clear()
                            await self._news[number].wait()
        except TimeoutError:
            return False
        return True

    def _act(self, bot: Bot, chat: Chat, step: str) -> None:
        if not step.startswith(PRESS):
            self._said[chat.chat_id].append(step)
            self._sandbox.world.say(bot, chat, step)
            return
        begins = step.removeprefix(PRESS)
        for message in reversed(chat.messages.values()):
            for button in buttons_of(message):
                if button.get("callback_data", "").startswith(begins):
                    self._sandbox.world.press(bot, chat, message, button["callback_data"])
                    return
        sys.stderr.write(f"nobody offered {begins}\n")

    def _hears(self, chat: Chat, what: str, message: dict[str, Any]) -> None:
        if what != "message" or not message["from"]["is_bot"]:
            return
        data = next((one.get("callback_data", "") for one in buttons_of(message)), "")
        self._heard[chat.chat_id].append([message.get("text", ""), data])
        self._news[chat.chat_id].set()


if __name__ == "__main__":
    main(Town())
