"""The bot whole, in a thread, talking over HTTP to a sandbox; the real door behind it."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.__main__ import run
from bot.bells import Bells
from bot.sandbox import Sandbox
from bot.sandbox.people import Person
from config.settings import Settings, load
from network.door import Door
from network.encryption.server import ServerSecret
from tests.cast import Cast


class RunningBot:
    """Engines in a thread of their own; `stop` asks them to end as a signal would."""

    def __init__(self, settings: Settings, door: Door) -> None:
        self._settings = settings
        self._door = door
        self._bells: Bells | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.error: BaseException | None = None

    def start(self, *engines: str) -> "RunningBot":
        begun = threading.Event()

        async def live() -> None:
            self._loop = asyncio.get_running_loop()
            self._bells = Bells()
            begun.set()
            await run(
                engines or ("ingress", "worker", "postman"), self._settings, self._door, self._bells
            )

        def main() -> None:
            try:
                asyncio.run(live())
            except BaseException as error:  # noqa: BLE001  # raised again when it is stopped
                self.error = error

        self._thread = threading.Thread(target=main, name="bot", daemon=True)
        self._thread.start()
        assert begun.wait(60)
        return self

    def stop(self) -> None:
        if self._thread is None or self._loop is None or self._bells is None:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._bells.stop.set)
        self._thread.join(60)
        assert not self._thread.is_alive(), "the bot did not end"
        self._thread = None
        if self.error is not None:
            raise self.error


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> Settings:
    return load(
        {
            "HILO_TELEGRAM_TOKEN": sandbox.token,
            "HILO_TELEGRAM_API": sandbox.url,
            "HILO_SECRET": ServerSecret.new_text(),
            "HILO_VAR": str(tmp_path),
            "HILO_PAPER": str(tmp_path / "paper"),
            "HILO_TELEGRAM_RATE": "0",
        }
    )


@pytest.fixture
def bot(settings: Settings, door: Door) -> Iterator[RunningBot]:
    running = RunningBot(settings, door)
    yield running
    running.stop()


@pytest.fixture
def rosa(sandbox: Sandbox) -> Person:
    """Somebody who never wrote to us before; her phone speaks English."""
    return sandbox.person("Rosa", language_code="en")


@pytest.fixture
def phones(sandbox: Sandbox, cast: Cast) -> dict[str, Person]:
    """The phones of the cast, whose chats are linked."""
    return {
        one.name: sandbox.person(one.alias, user_id=one.chat, has_started=True)
        for one in cast.everybody
    }


def opens(rosa: Person) -> None:
    """Rosa asks for a person and answers every question."""
    rosa.starts()
    rosa.wait_for("Hello")
    rosa.presses("go:taken")
    rosa.wait_for(lambda shown: "person:taken" in [one.data for one in shown.buttons])
    rosa.presses("person:taken")
    rosa.wait_for("Who can see this phone?")
    rosa.presses("Only I")
    rosa.wait_for("In which state")
    rosa.says("Puebla")
    rosa.wait_for("Since when?")
    rosa.presses("Skip")
    rosa.wait_for("What is happening?")
    rosa.says("canary: they took my brother")
    rosa.wait_for("Your reference")
    rosa.wait_for("word of danger")


def chooses(rosa: Person, word: str) -> None:
    """Rosa chooses her word of danger with the button."""
    rosa.presses("word:choose")
    rosa.wait_for("Write now only your word")
    rosa.says(word)
    rosa.wait_for("Kept.")
