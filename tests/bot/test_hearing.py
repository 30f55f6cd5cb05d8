"""What Telegram cannot deliver we do not hear: ingress gives no sign of life, nobody is late."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from socket import socket

import pytest
import pytest_asyncio

from bot.bells import Bells
from bot.gateway import Gateway
from bot.hearing import OVERCOME_AFTER, Rivals, Webhook
from bot.ingress import Ingress
from bot.sandbox import Sandbox
from bot.sandbox.people import Person
from bot.telegram_bot import Bot, make_bot
from config.settings import Settings, load
from network import heartbeats, inbox
from network.db import Tx
from network.door import Door
from network.inbox import services
from network.inbox.domain import Incoming
from network.kernel.actor import Actor, Engine
from network.kernel.hidden import Plaintext
from tests.bot.conftest import until
from tests.ground.apps import SECRET
from tests.ground.clock import StillClock
from tests.ground.house import pages

MACHINE = Engine("test")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def theirs(clock: StillClock) -> StillClock:
    """Telegram's own clock, some seconds off ours."""
    return StillClock(clock() + 20 * SECOND)


@pytest.fixture
def sandbox(theirs: StillClock) -> Iterator[Sandbox]:
    with Sandbox(now=theirs, webhook_wait=0.05) as sandbox:
        yield sandbox


@pytest.fixture
def hooked(sandbox: Sandbox, tmp_path: Path) -> Settings:
    with socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    return load(
        {
            "HILO_TELEGRAM_TOKEN": sandbox.token,
            "HILO_TELEGRAM_API": sandbox.url,
            "HILO_TELEGRAM_WEBHOOK_SECRET": "a-word-that-telegram-brings",
            "HILO_PUBLIC_URL": f"http://localhost:{port}",
            "HILO_BIND": f"localhost:{port}",
            "HILO_SECRET": SECRET,
            "HILO_VAR": str(tmp_path),
        }
    )


@pytest_asyncio.fixture
async def client(hooked: Settings) -> AsyncIterator[Bot]:
    bot = make_bot(hooked)
    async with bot:
        yield bot


@pytest.fixture
def webhook(client: Bot, gateway: Gateway, hooked: Settings) -> Webhook:
    return Webhook(client, gateway, hooked)


@pytest.fixture
def gateway(door: Door) -> Iterator[Gateway]:
    gateway = Gateway(door)
    yield gateway
    gateway.close()


def failed_at(sandbox: Sandbox) -> int:
    hook = sandbox.bot.webhook
    return 0 if hook is None or not hook.last_error else hook.last_error_at


async def cannot_deliver(sandbox: Sandbox, after: int = 0) -> None:
    await asyncio.to_thread(until, lambda: failed_at(sandbox) > after)


async def beaten(client: Bot, gateway: Gateway, hooked: Settings) -> datetime | None:
    """When ingress last gave a sign of life, once it has looked anew."""
    await Ingress(client, gateway, Bells(), hooked)._check_webhook()
    found = await gateway.look(heartbeats.pulses, MACHINE)
    return next(one.beat_at for one in found if one.engine == "ingress")


def waiting(door: Door) -> bool:
    def look(tx: Tx, _actor: Actor) -> bool:
        return inbox.anything_waits(tx)

    return door.look(look, MACHINE)


@pytest.mark.asyncio
async def test_while_our_pages_are_away_we_are_deaf_and_it_is_an_absence(
    client: Bot, gateway: Gateway, hooked: Settings, sandbox: Sandbox, clock: StillClock
) -> None:
    door, begun = gateway.door, clock()
    rosa = sandbox.person("Rosa")
    assert await beaten(client, gateway, hooked) == begun
    rosa.starts()
    await cannot_deliver(sandbox)
    for _ in range(5):
        clock.advance(MINUTE)
        assert await beaten(client, gateway, hooked) == begun

    def away(tx: Tx, _actor: Actor) -> timedelta:
        return heartbeats.ledger(tx, begun).away(begun, tx.now)

    assert door.look(away, MACHINE) == 5 * MINUTE
    with pages(door, hooked, hooked.bind_port):
        await asyncio.to_thread(until, lambda: not sandbox.bot.updates.waiting)
        assert waiting(door)
        # Telegram still names its last error; it was overcome.
        assert failed_at(sandbox)
        assert await beaten(client, gateway, hooked) == clock()
    clock.advance(SECOND)
    assert door.look(away, MACHINE) == 5 * MINUTE


@pytest.fixture
def rosa(sandbox: Sandbox) -> Person:
    return sandbox.person("Rosa")


@pytest.mark.asyncio
async def test_what_came_since_the_last_failure_shows_that_we_hear(
    webhook: Webhook,
    door: Door,
    sandbox: Sandbox,
    rosa: Person,
    clock: StillClock,
    theirs: StillClock,
) -> None:
    def comes(update_id: int) -> None:
        body = Plaintext(f'{{"update_id": {update_id}}}')
        door.ask(services.receive, MACHINE, updates=[Incoming(update_id, None, body)])

    assert await webhook.hears()
    comes(1_000_001)
    clock.advance(SECOND)
    rosa.starts()
    await cannot_deliver(sandbox)
    assert not await webhook.hears()
    clock.advance(SECOND)
    comes(-5)  # our own request does not come by Telegram
    assert not await webhook.hears()
    comes(1_000_002)
    assert await webhook.hears()

    theirs.advance(MINUTE)  # it fails again, and nothing came since
    clock.advance(MINUTE)
    await cannot_deliver(sandbox, after=int((theirs() - SECOND).timestamp()))
    assert not await webhook.hears()


@pytest.mark.asyncio
async def test_a_failure_of_long_ago_makes_nobody_deaf_for_ever(
    webhook: Webhook,
    sandbox: Sandbox,
    rosa: Person,
    clock: StillClock,
) -> None:
    assert await webhook.hears()
    rosa.starts()
    await cannot_deliver(sandbox)
    clock.advance(OVERCOME_AFTER)
    assert not await webhook.hears()
    clock.advance(MINUTE)  # by Telegram's clock it is as old as it was
    assert await webhook.hears()


def test_one_refusal_is_no_rival_and_two_within_a_minute_are(clock: StillClock) -> None:
    rivals = Rivals(clock)
    rivals.met()
    assert not rivals.there()
    clock.advance(2 * MINUTE)
    rivals.met()
    assert not rivals.there()
    clock.advance(30 * SECOND)
    rivals.met()
    assert rivals.there()
    clock.advance(30 * SECOND)
    assert not rivals.there()
