"""The whole house on one machine: sandbox, bot, clock and pages, real HTTP between them."""

import asyncio
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from werkzeug.serving import make_server

from bot.__main__ import ENGINES, run
from bot.bells import Bells
from bot.sandbox.people import Person
from bot.sandbox.sandbox import Sandbox
from config.settings import Settings, load
from network import heartbeats
from network.app import create_app
from network.clock import utc_now
from network.door import Door
from network.encryption.server import ServerSecret
from network.house import open_house
from network.kernel.actor import Engine
from network.people.demo import seed_people

SECRET = ServerSecret.new_text()
STARTS_WITHIN = 60
WITHOUT_A_BEAT = timedelta(seconds=40)


@dataclass(slots=True)
class MovedClock:
    """Real time, moved forward by hand: hours of silence pass in a moment."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def advance(self, by: timedelta) -> None:
        self.ahead += by


@dataclass(frozen=True, slots=True)
class Account:
    """What a demo member types to sign in."""

    name: str
    handle: str
    passphrase: str
    totp_secret: str
    chat: int | None

    def code(self, at: datetime) -> str:
        """The six digits their phone shows at this moment."""
        return pyotp.TOTP(self.totp_secret).at(at)


@dataclass(slots=True)
class House:
    """Everything running, and the people who use it."""

    url: str
    sandbox: Sandbox
    door: Door
    settings: Settings
    clock: MovedClock
    accounts: dict[str, Account]
    folder: Path
    log: Path

    def phone(self, name: str) -> Person:
        """The phone of a member, already linked, or of somebody who only just found the bot."""
        account = self.accounts.get(name)
        if account is None or account.chat is None:
            return self.sandbox.person(name)
        return self.sandbox.person(name, user_id=account.chat, has_started=True)

    def lives(self, by: timedelta) -> None:
        """Time passes while every engine is well. A clock moved by hand alone would be an absence
        of ours, for which nobody is late.
        """
        while by > timedelta(0):
            step = min(by, WITHOUT_A_BEAT)
            self.clock.advance(step)
            by -= step
            for engine in (*heartbeats.ENGINES, heartbeats.ROAD):
                self.door.ask(heartbeats.beat, Engine("test"), engine=engine)


class BotThread:
    """The bot's engines in a thread of their own, ended as a signal would end them."""

    def __init__(self, settings: Settings, door: Door, engines: Sequence[str] = ENGINES) -> None:
        self._settings = settings
        self._engines = engines
        self._door = door
        self._bells: Bells | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bot", daemon=True)

    def start(self) -> None:
        """Begin; returns when the engines' loop runs."""
        self._thread.start()
        assert self._started.wait(STARTS_WITHIN)

    @property
    def runs(self) -> bool:
        """Whether the engines are still at work."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Ask every engine to end and wait for it."""
        if self._loop is not None and self._bells is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._bells.stop.set)
        self._thread.join(STARTS_WITHIN)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        async def engines() -> None:
            self._bells, self._loop = Bells(), asyncio.get_running_loop()
            self._started.set()
            await run(self._engines, self._settings, self._door, self._bells)

        asyncio.run(engines())


@contextmanager
def pages(door: Door, settings: Settings, port: int = 0) -> Iterator[str]:
    """The web app on a loopback port."""
    app = create_app(settings, door)
    server = make_server("localhost", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="web", daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings_for(database_url: str, sandbox: Sandbox, folder: Path, **more: str) -> Settings:
    """The settings of a test's house, as the environment would give them."""
    return load(
        {
            "HILO_DATABASE_URL": database_url.replace("+psycopg", ""),
            "HILO_SECRET": SECRET,
            "HILO_TELEGRAM_TOKEN": sandbox.token,
            "HILO_TELEGRAM_API": sandbox.url,
            "HILO_TELEGRAM_RATE": "0",
            "HILO_VAR": str(folder / "var"),
            **more,
        }
    )


def _account(facts: dict[str, object]) -> Account:
    return Account(
        name=str(facts["name"]),
        handle=str(facts["handle"]),
        passphrase=str(facts["passphrase"]),
        totp_secret=str(facts["totp_secret"]),
        chat=int(str(facts["telegram_user_id"])),
    )


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A whole house with the demo's people: Alice and Elena coordinate, Bilal and Chiara help."""
    clock = MovedClock()
    log = tmp_path / "log"
    handler = logging.FileHandler(log)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    with Sandbox() as sandbox:
        settings = settings_for(database_url, sandbox, tmp_path)
        door = replace(open_house(settings), now=clock)
        accounts = [_account(facts) for facts in seed_people(door)]
        bot = BotThread(settings, replace(open_house(settings), now=clock))
        bot.start()
        try:
            with pages(door, settings) as url:
                yield House(
                    url=url,
                    sandbox=sandbox,
                    door=door,
                    settings=settings,
                    clock=clock,
                    accounts={one.name: one for one in accounts},
                    folder=tmp_path,
                    log=log,
                )
        finally:
            bot.stop()
            door.database.dispose()
            root.removeHandler(handler)
            root.setLevel(before)
            handler.close()
