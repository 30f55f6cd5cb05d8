"""The demo as a newcomer finds it, on a clock that can be moved."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.sandbox import Sandbox
from network import heartbeats
from network.clock import utc_now
from network.demo import seed
from network.house import open_house
from network.kernel.actor import Engine
from tests.ground.chromium import PHONE, Visits
from tests.ground.house import Account, BotThread, House, MovedClock, pages, settings_for
from tests.journeys.conftest import Screen
from tests.journeys.waiting import until
from tests.screens.camera import Camera

ALBUM = Path(__file__).parents[2] / "docs" / "screens"
PATIENCE = 90.0  # seconds; pictures are often made beside other work
MORNING = 15  # o'clock in UTC: nine in the morning where the story happens


@dataclass(slots=True)
class Stage:
    """The house, the camera, and everybody's windows."""

    house: House
    camera: Camera
    bot: BotThread
    visit: Visits
    screens: dict[str, Screen] = field(default_factory=dict)

    def screen(self, name: str) -> Screen:
        """A member's browser, signed in; again where the session has gone idle."""
        if name not in self.screens:
            account = self.house.accounts[name]
            self.screens[name] = Screen(self.visit(PHONE), self.house, account)
            self.screens[name].signs_in()
        return self.screens[name]

    def later(self, minutes: float) -> None:
        """Time passes; whoever was signed in is asked again."""
        if self.bot.runs:
            self.house.lives(timedelta(minutes=minutes))
        else:
            self.house.clock.advance(timedelta(minutes=minutes))
        self.screens.clear()
        if self.bot.runs:
            until(self._is_well, PATIENCE)

    def _is_well(self) -> bool:
        pulses = self.house.door.look(heartbeats.pulses, Engine("screens"))
        return all(pulse.fresh for pulse in pulses)


def tomorrow_morning() -> timedelta:
    """How far ahead the story begins, so that its hours are those of a day."""
    now: datetime = utc_now()
    begins = (now + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return begins - now


@pytest.fixture
def stage(database_url: str, tmp_path: Path, visit: Visits) -> Iterator[Stage]:
    """Everything running, with the demo's own accounts."""
    clock = MovedClock(tomorrow_morning())
    people = tmp_path / "var" / "demo.json"
    people.parent.mkdir()
    album = tmp_path / "album"
    album.mkdir()
    with ExitStack() as running:
        sandbox = running.enter_context(Sandbox(people_file=people, now=clock))
        link = {"HILO_TELEGRAM_LINK": sandbox.url}
        settings = settings_for(database_url, sandbox, tmp_path, **link)
        door = replace(open_house(settings), now=clock)
        assert seed(door, settings)
        facts = json.loads(people.read_text(encoding="utf-8"))["accounts"]
        accounts = {one["name"]: _account(one) for one in facts}
        sandbox.do(sandbox.meet_accounts)
        bot = BotThread(settings, replace(open_house(settings), now=clock))
        bot.start()
        running.callback(door.database.dispose)
        running.callback(bot.stop)
        url = running.enter_context(pages(door, settings))
        people.write_text(json.dumps({"web": url, "accounts": facts}), encoding="utf-8")
        house = House(url, sandbox, door, settings, clock, accounts, tmp_path, tmp_path / "log")
        yield Stage(house, Camera(album), bot, visit)


def _account(facts: dict[str, str]) -> Account:
    chat = int(facts["telegram_user_id"])
    return Account(facts["name"], facts["handle"], facts["passphrase"], facts["totp_secret"], chat)
