"""The sandbox as one object: start it, play people, switch faults, look at the calls."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.sandbox.accounts import Accounts
from bot.sandbox.api import BotApi, Call
from bot.sandbox.control import Control
from bot.sandbox.faults import Faults
from bot.sandbox.people import Person
from bot.sandbox.server import Server
from bot.sandbox.world import Bot, Profile, World
from network.clock import utc_now

T = TypeVar("T")

DEMO_TOKEN = "100000001:HILO-sandbox-only-never-a-real-token"  # noqa: S105 - opens nothing
FIRST_PERSON = 5001
CALLS_KEPT = 20_000
STARTING_SECONDS = 10
STOPPING_SECONDS = 5
LOOK_SECONDS = 1.0


class NotInProduction(RuntimeError):
    """The sandbox is for demos, drills and tests; production talks to Telegram."""


class Sandbox:
    """A loopback Bot API server in a thread of its own.

    `url` is what a bot takes as its Bot API server; python-telegram-bot wants
    `base_url=f"{url}/bot"` and `base_file_url=f"{url}/file/bot"`. `calls_kept=0` records no
    calls. `webhook_wait` is the second pause, in seconds, before a refused webhook is tried again.
    Two sandboxes in one story with a clock that stands still need different `first_update_id`s.
    """

    def __init__(  # noqa: PLR0913 - each is one setting of the server, all by keyword
        self,
        *,
        port: int = 0,
        token: str = DEMO_TOKEN,
        now: Callable[[], datetime] = utc_now,
        people_file: Path | None = None,
        calls_kept: int = CALLS_KEPT,
        webhook_wait: float = 1.0,
        first_update_id: int | None = None,
    ) -> None:
        self.faults = Faults()
        self.world = World(now, self.faults)
        self.bot: Bot = self.world.add_bot(
            token, "hilo_sandbox_bot", "Hilo", first_update_id=first_update_id
        )
        self.api = BotApi(self.world, calls_kept=calls_kept, webhook_wait=webhook_wait)
        self.accounts = Accounts(people_file)
        self.people: dict[int, Person] = {}
        self.token = token
        self._port = port
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._ending: asyncio.Event | None = None

    def start(self) -> Self:
        """Serves until `stop()`; returns when it answers."""
        if os.environ.get("HILO_MODE", "").strip().lower() == "production":
            raise NotInProduction("The sandbox does not run when HILO_MODE is production.")
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(ready)), name="sandbox", daemon=True
        )
        self._thread.start()
        ready.result(STARTING_SECONDS)
        return self

    def stop(self) -> None:
        """Ends it, open long polls and event streams too."""
        if self._thread is None:
            return
        if self._loop is not None and self._ending is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(STOPPING_SECONDS)
        self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, for instance http://localhost:8081."""
        return f"http://localhost:{self._server.port if self._server else self._port}"

    @property
    def calls(self) -> list[Call]:
        """Every call of a bot, oldest first, as long as they are kept."""
        return self.do(lambda: list(self.api.calls))

    def called(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method.lower()]

    def person(
        self,
        name: str,
        *,
        language_code: str = "es",
        user_id: int | None = None,
        has_started: bool = False,
        username: str = "",
        bot: Bot | None = None,
    ) -> Person:
        """Somebody with a phone. Until they write, the bot cannot find their chat."""

        def meet() -> Person:
            number = user_id or max((FIRST_PERSON - 1, *self.world.profiles)) + 1
            profile = Profile(number, name, language_code, username=username)
            known = self.world.profiles.get(number, profile)
            chat = self.world.private_chat(bot or self.bot, known)
            chat.started = chat.started or has_started
            person = Person(self, self.world, bot or self.bot, chat)
            if bot is None:
                self.people[number] = person
            return person

        return self.do(meet)

    def add_bot(self, token: str, *, username: str, name: str) -> Bot:
        """Registers one more token, for `person(…, bot=…)`."""
        return self.do(lambda: self.world.add_bot(token, username, name))

    def inject(self, update: Any) -> int:  # noqa: ANN401 - malformed on purpose
        """Hands the bot any update, foreign or malformed; its update_id."""

        def put() -> int:
            chat = _chat_in(update)
            if chat is not None and chat["type"] != "private":
                self.world.group(self.bot, chat)
            queue = chat["id"] if chat else 0
            return self.bot.updates.put_raw(update, queue=queue, at=self.world.seconds())

        return self.do(put)

    def redeliver(self, last: int = 1) -> int:
        """Hands over again the last confirmed updates, same ids; how many there were."""
        return self.do(lambda: len(self.bot.updates.repeat(last)))

    def quiet_week(self, first_update_id: int, word: Callable[[], object]) -> None:
        """A week without updates: questions end empty and numbers begin anywhere, as Telegram's do;
        then `word` is said, before the bot asks again.
        """

        def pass_by() -> None:
            self.api.end_polls()
            self.bot.updates.next_id = first_update_id
            word()

        self.do(pass_by)

    def meet_accounts(self) -> None:
        """Gives every demo account with a Telegram id its phone. For the server's own thread."""
        if not self.accounts.refresh():
            return
        for account in self.accounts.entries:
            if account.user_id and account.user_id not in self.people:
                self.person(account.person, user_id=account.user_id, has_started=True)

    def role_of(self, person: Person) -> str:
        """The role of the account this phone belongs to; empty for families."""
        for account in self.accounts.entries:
            if account.user_id == person.user_id:
                return account.role
        return ""

    def do(self, act: Callable[[], T]) -> T:
        """Runs a function where the world lives and returns its result."""
        alive = self._thread is not None and self._thread.is_alive()
        if not alive or self._thread is threading.current_thread() or self._loop is None:
            return act()
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(act())
            except BaseException as error:  # noqa: BLE001 - raised again where it was asked
                done.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return done.result()

    async def _serve(self, ready: "Future[None]") -> None:
        self._loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        self._server = Server(self.api, Control(self))
        try:
            await self._server.start(self._port)
        except OSError as error:
            ready.set_exception(error)
            return
        self.meet_accounts()
        ready.set_result(None)
        while not self._ending.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), LOOK_SECONDS)
            self.meet_accounts()
        await self._server.stop()


def _chat_in(update: object) -> dict[str, Any] | None:
    """The chat a raw update speaks of, where it can be found."""
    if not isinstance(update, dict):
        return None
    for content in update.values():
        chat = content.get("chat") if isinstance(content, dict) else None
        if isinstance(chat, dict) and type(chat.get("id")) is int and "type" in chat:
            return chat
    return None
