"""An hour of Telegram's worst: every letter delivered once it can be, each chat in its order.

The hour is simulated: the real postman talks HTTP to the sandbox, and the house's clock is moved by
hand, ten seconds at a time, while 429, 500, cut connections and stalls come and go.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, groupby, islice
from pathlib import Path

import pytest

from bot.__main__ import run
from bot.bells import Bells
from bot.sandbox import Sandbox
from config.settings import Settings, load
from network import outbox
from network.db import Database, Tx
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor, Engine
from network.outbox.domain import Letter, LetterStatus, Priority
from network.outbox.tables import LetterRow
from tests.bot.conftest import until
from tests.ground.clock import StillClock

MACHINE = Engine("test")
STEP = timedelta(seconds=10)
FIRST_CHAT = 6_100_000
# A request that was done but whose answer was lost is sent again: that is «at least once».
KINDS = ("too_many", "server_error", "cut_before", "slow", "none", "cut_after")


class Postmen:
    """Several postmen of one machine, each with its own loop, as processes would be."""

    def __init__(self, door: Door, settings: Settings, number: int) -> None:
        self._door, self._settings, self._number = door, settings, number
        self._running: list[tuple[asyncio.AbstractEventLoop, Bells, threading.Thread]] = []

    def start(self) -> None:
        for _ in range(self._number):
            begun = threading.Event()

            def live(begun: threading.Event = begun) -> None:
                async def engine() -> None:
                    bells = Bells()
                    self._running.append(
                        (asyncio.get_running_loop(), bells, threading.current_thread())
                    )
                    begun.set()
                    await run(("postman",), self._settings, self._door, bells)

                asyncio.run(engine())

            threading.Thread(target=live, name="postman", daemon=True).start()
            assert begun.wait(60)

    def stop(self) -> None:
        for loop, bells, _ in self._running:
            loop.call_soon_threadsafe(bells.stop.set)
        for *_, thread in self._running:
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def settings_of(sandbox: Sandbox, folder: Path) -> Settings:
    return load(
        {
            "HILO_TELEGRAM_TOKEN": sandbox.token,
            "HILO_TELEGRAM_API": sandbox.url,
            "HILO_SECRET": ServerSecret.new_text(),
            "HILO_VAR": str(folder),
        }
    )


def promised(door: Door, chats: list[int], numbers: range) -> None:
    def promise(tx: Tx, _actor: Actor) -> None:
        outbox.promise_all(
            tx,
            [
                Letter(chat, "en", "%(n)s", {"n": f"letter {n}"}, priority=Priority.CHECKIN)
                for n in numbers
                for chat in chats
            ],
        )

    door.ask(promise, MACHINE)


def strike(sandbox: Sandbox, kind: str) -> None:
    """The fault of these minutes, instead of that of the last ones."""

    def change() -> None:
        faults = sandbox.faults
        faults.clear()
        match kind:
            case "too_many":
                faults.too_many_requests("sendMessage", retry_after=20, every=4)
            case "server_error":
                faults.server_error("sendMessage")
            case "cut_before":
                faults.cut_before("sendMessage", every=2)
            case "cut_after":
                faults.cut_after("sendMessage", times=2)
            case "slow":
                # Longer than the step: the house's clock sees a minute of it.
                faults.slow("sendMessage", seconds=0.5, times=3)
            case _:
                pass

    sandbox.do(change)


@dataclass(frozen=True, slots=True)
class Story:
    """Some people, and the house that writes to them."""

    sandbox: Sandbox
    door: Door
    database: Database
    clock: StillClock

    def plays(self, *, minutes: int, chats: int, each: int) -> None:
        """Another fault every minute, and `each` letters more to everybody."""
        everybody = [FIRST_CHAT + n for n in range(chats)]
        people = [self.sandbox.person(f"P{n}", user_id=n, has_started=True) for n in everybody]
        for minute, kind in enumerate(islice(cycle(KINDS), minutes)):
            strike(self.sandbox, kind)
            promised(self.door, everybody, range(minute * each, (minute + 1) * each))
            for _ in range(6):
                self.passes(STEP)
                self.gives_it_a_chance()
        strike(self.sandbox, "none")
        over = self.clock()
        until(self.is_settled, 150)
        late = self.clock() - over
        expected = [f"letter {n}" for n in range(minutes * each)]
        for one in people:
            shown = [message.text for message in one.messages if message.from_bot]
            assert [text for text, _ in groupby(shown)] == expected
        with self.database.reading() as session:
            rows = session.query(LetterRow.status).all()
        assert rows == [(LetterStatus.DELIVERED,)] * (chats * minutes * each)
        print(f"{len(rows)} letters, {minutes} min of faults; last out {late} after them")

    def passes(self, time: timedelta) -> None:
        """No lease lapses only because an hour goes by in two minutes: whoever lives says that they
        hold what they hold, as they would in ten seconds.
        """
        self.clock.advance(time)
        until(self.is_held, 60)

    def is_held(self) -> bool:
        with self.database.reading() as session:
            lapsing = session.query(LetterRow).filter(
                LetterRow.status == LetterStatus.WAITING,
                LetterRow.error.is_(None),
                LetterRow.leased_until <= self.clock() + STEP,
            )
            return lapsing.count() == 0

    def gives_it_a_chance(self) -> None:
        """Nothing due, or Telegram's quiet, is no reason to wait for long."""
        before = len(self.sandbox.called("sendMessage"))
        with suppress(AssertionError):
            until(lambda: len(self.sandbox.called("sendMessage")) > before, 0.25)

    def is_settled(self) -> bool:
        """Time passes, until no letter waits."""
        self.passes(timedelta(seconds=2))
        with self.database.reading() as session:
            waiting = session.query(LetterRow).filter(LetterRow.status == LetterStatus.WAITING)
            return waiting.count() == 0


@pytest.fixture
def story(sandbox: Sandbox, door: Door, database: Database, clock: StillClock) -> Story:
    return Story(sandbox, door, database, clock)


def test_minutes_of_faults_lose_no_letter_and_mix_up_no_chat(story: Story, tmp_path: Path) -> None:
    postmen = Postmen(story.door, settings_of(story.sandbox, tmp_path), 1)
    postmen.start()
    try:
        story.plays(minutes=len(KINDS), chats=3, each=2)
    finally:
        postmen.stop()


@pytest.mark.chaos
@pytest.mark.parametrize("number", [1, 2, 4])
def test_an_hour_of_faults_loses_no_letter_and_mixes_up_no_chat(
    story: Story, tmp_path: Path, number: int
) -> None:
    postmen = Postmen(story.door, settings_of(story.sandbox, tmp_path), number)
    postmen.start()
    try:
        story.plays(minutes=60, chats=12, each=2)
    finally:
        postmen.stop()
