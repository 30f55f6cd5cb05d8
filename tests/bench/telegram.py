"""Telegram in a process of its own, so that the load costs the measured bot no thread.

As a program it answers one JSON line for each it reads; `Telegram` is the other end.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Coroutine, Sequence
from typing import Any, Self

from bot.sandbox import Sandbox
from bot.sandbox.world import Bot, Chat, Profile
from tests.bench.crowd import Crowd

Json = dict[str, Any]


class Telegram:
    """A sandbox that any number of bots of one bench talk to."""

    def __init__(self, *, latency: float, program: str = "tests.bench.telegram") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._tokens = 0
        self.url: str = self.ask("start", latency=latency)["url"]

    @property
    def pid(self) -> int:
        """The process, for looking at what it costs."""
        return self._process.pid

    def ask(self, verb: str, **words: object) -> Json:
        """One command and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"verb": verb} | words) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the sandbox ended"
        answer: Json = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer

    def new_token(self) -> str:
        """One more bot."""
        self._tokens += 1
        token = f"{200_000_000 + self._tokens}:BENCH-sandbox-only-never-a-real-token"
        self.ask("bot", token=token)
        return token

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()


class Desk:
    """The commands, inside the process."""

    def __init__(self) -> None:
        self._sandbox = Sandbox(calls_kept=0)
        self._bots: dict[str, Bot] = {}
        self._staff: dict[int, str] = {}
        self._letters: list[tuple[float, int, str]] = []

    def start(self, latency: float) -> Json:
        self._sandbox.start()
        self._sandbox.faults.latency = latency
        return {"url": self._sandbox.url}

    def stop(self) -> None:
        self._sandbox.stop()

    def bot(self, token: str) -> Json:
        self._bots[token] = self._sandbox.add_bot(token, username=f"b{token[:9]}_bot", name="Bench")
        return {}

    def latency(self, seconds: float) -> Json:
        self._sandbox.faults.latency = seconds
        return {}

    def staff(self, token: str, chats: Sequence[int]) -> Json:
        """These chats are members'; what reaches them is noted with its moment."""

        def meet() -> None:
            for number in chats:
                chat = self._sandbox.world.private_chat(
                    self._bots[token], Profile(number, f"Staff {number}")
                )
                chat.started = True
                self._staff[id(chat)] = token
            if self._noted not in self._sandbox.world.listeners:
                self._sandbox.world.listeners.append(self._noted)

        self._sandbox.do(meet)
        return {}

    def walk(self, token: str, first_id: int, scripts: list[list[str]]) -> Json:
        return self._with_crowd(token, first_id, len(scripts), lambda crowd: crowd.walk(scripts))

    def talk(  # the words of one command
        self, token: str, first_id: int, people: int, words: list[str], warm: float, seconds: float
    ) -> Json:
        return self._with_crowd(
            token, first_id, people, lambda crowd: crowd.talk(words, warm=warm, seconds=seconds)
        )

    def alarms(  # the words of one command
        self,
        token: str,
        first_id: int,
        ringing: list[list[Any]],
        others: int,
        rate: float,
        every: float,
    ) -> Json:
        """While `others` write `rate` times a second, each of `ringing` writes a word once."""
        letters = len(self._letters)

        async def both(crowd: Crowd) -> Json:
            said: list[tuple[float, int]] = []
            seconds = every * len(ringing) + 2.0
            paced = asyncio.create_task(crowd.pace(["Seguimos aquí"], rate=rate, seconds=seconds))
            await asyncio.sleep(1.0)
            for number, word in ringing:
                chat = self._bots[token].chats[number]
                self._sandbox.world.say(self._bots[token], chat, word)
                said.append((time.monotonic(), number))
                await asyncio.sleep(every)
            facts = await paced
            return facts | {"said": said, "letters": self._letters[letters:]}

        return self._with_crowd(token, first_id, others, both)

    def letters(self, token: str) -> Json:
        """What reached members so far: the moment and the chat of each."""
        return {"letters": [(at, chat) for at, chat, _ in self._letters]}

    def waiting(self, token: str) -> Json:
        """Updates the bot has not confirmed."""
        return {"waiting": self._sandbox.do(lambda: len(self._bots[token].updates.waiting))}

    def pour(self, token: str, first_id: int, people: int, updates: int, text: str) -> Json:
        """So many words at once, and the seconds until the bot has confirmed them all."""
        bot = self._bots[token]

        async def poured(_crowd: Crowd) -> Json:
            chats = [bot.chats[first_id + number] for number in range(people)]
            for number in range(updates):
                self._sandbox.world.say(bot, chats[number % people], text)
            began, last = time.monotonic(), len(bot.updates.waiting)
            while bot.updates.waiting and time.monotonic() < began + 120:
                await asyncio.sleep(0.002)
                last = min(last, len(bot.updates.waiting))
            return {"seconds": time.monotonic() - began, "left": last}

        return self._with_crowd(token, first_id, people, poured)

    def drop(self, token: str) -> Json:
        """Forgets what nobody answered; the bot's process is gone."""
        self._sandbox.do(self._bots[token].updates.drop)
        return {}

    def _with_crowd(self, token: str, first_id: int, people: int, act: Any) -> Json:  # noqa: ANN401
        async def run() -> Json:
            crowd = Crowd(self._sandbox.world, self._bots[token], first_id=first_id, people=people)
            try:
                return dict(await act(crowd))
            finally:
                crowd.leave()

        return self._run(run())

    def _run(self, work: Coroutine[Any, Any, Json]) -> Json:
        loop = self._sandbox._loop
        assert loop is not None
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    def _noted(self, chat: Chat, what: str, message: Json) -> None:
        if what == "message" and id(chat) in self._staff and message["from"]["is_bot"]:
            self._letters.append((time.monotonic(), chat.chat_id, message.get("text", "")))


def main(desk: Desk) -> None:
    """Answer until nobody asks any more."""
    for line in sys.stdin:
        words = json.loads(line)
        try:
            answer = getattr(desk, words.pop("verb"))(**words)
        except Exception as error:  # noqa: BLE001  # told to whoever asked
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    desk.stop()


if __name__ == "__main__":
    main(Desk())
