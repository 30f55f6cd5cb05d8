"""A sandbox with Rosa in it, a clock moved by hand and a real client."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from telegram import Bot

from bot.sandbox import Person, Sandbox


class HandClock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **much: float) -> None:
        self.now += timedelta(**much)


@pytest.fixture(autouse=True)
def lengths_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client warns until it is told which of its two ways to count seconds is wanted."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def hand_clock() -> HandClock:
    return HandClock()


@pytest.fixture
def sandbox(hand_clock: HandClock) -> Iterator[Sandbox]:
    with Sandbox(now=hand_clock, webhook_wait=0.05) as running:
        yield running


@pytest.fixture
def rosa(sandbox: Sandbox) -> Person:
    person = sandbox.person("Rosa")
    person.starts()
    return person


def client_of(sandbox: Sandbox, token: str | None = None) -> Bot:
    """The real client, pointed at the sandbox as the product points it."""
    return Bot(
        token or sandbox.token,
        base_url=f"{sandbox.url}/bot",
        base_file_url=f"{sandbox.url}/file/bot",
    )


@pytest_asyncio.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    async with client_of(sandbox) as client:
        yield client
