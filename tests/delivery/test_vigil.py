"""A request of our own comes out every five minutes, or coordination hears of it."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.bells import Bells
from bot.clock import Clock
from bot.gateway import Gateway
from bot.sandbox import Sandbox
from config.settings import Settings, load
from network import heartbeats, inbox, probes
from network.db import Database, Tx
from network.delivery import services
from network.door import Door
from network.inbox import services as arrivals
from network.kernel.actor import Actor, Engine
from network.outbox import services as post
from tests.bot.conftest import RunningBot, until
from tests.cast import Cast
from tests.delivery.conftest import Ntfy
from tests.delivery.test_channels import confirmed
from tests.ground.apps import SECRET
from tests.ground.clock import StillClock

MACHINE = Engine("test")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def settings_of(sandbox: Sandbox, tmp_path: Path, **more: str) -> Settings:
    return load(
        {
            "HILO_TELEGRAM_TOKEN": sandbox.token,
            "HILO_TELEGRAM_API": sandbox.url,
            "HILO_SECRET": SECRET,
            "HILO_VAR": str(tmp_path),
            "HILO_CHANNELS_PRIVATE": "127.0.0.0/8",
            **more,
        }
    )


def health(door: Door) -> probes.Health:
    return door.ask(probes.look, MACHINE)


def backlog(door: Door) -> tuple[int, int]:
    def look(tx: Tx, _actor: Actor) -> tuple[int, int]:
        return inbox.backlog(tx)

    return door.look(look, MACHINE)


def test_our_own_request_goes_the_whole_way_and_touches_nobody(
    door: Door, sandbox: Sandbox, tmp_path: Path, database: Database
) -> None:
    bot = RunningBot(settings_of(sandbox, tmp_path), door).start()
    try:
        door.ask(probes.begin, MACHINE)
        door.ask(probes.begin, MACHINE)  # another clock, in the same five minutes
        until(lambda: health(door).begun_at is not None)
    finally:
        bot.stop()
    assert health(door).took == timedelta(0)
    assert backlog(door) == (0, 0)
    assert sandbox.called("sendMessage") == []
    with database.reading() as session:
        for table in ("cases", "entries", "watches", "talks"):
            assert session.scalar(text(f"select count(*) from {table}")) == 0  # noqa: S608
        assert session.scalar(text("select count(*) from probes")) == 1


def test_what_does_not_come_out_is_told_to_all_coordinators_once_and_when_it_is_over(
    door: Door, clock: StillClock, cast: Cast
) -> None:
    channel = confirmed(door, cast.alice, "ntfys://ntfy.example.org/topic")
    (word,) = door.ask(post.take, MACHINE, limit=10)
    assert word.letters[0].by == channel
    door.ask(post.settle, MACHINE, outcomes=[post.Delivered(word)])
    door.ask(probes.begin, MACHINE)
    assert door.ask(services.keep_vigil, MACHINE).said == ()
    clock.advance(probes.LATE_AFTER + timedelta(seconds=1))

    (said,) = door.ask(services.keep_vigil, MACHINE).said
    assert said.way.id == channel
    assert said.text.startswith("Hilo mismo no está bien")
    letters = door.ask(post.take, MACHINE, limit=10)
    assert {one.letters[0].to for one in letters} == {cast.alice.chat, cast.elena.chat}
    assert door.ask(services.keep_vigil, MACHINE).said == ()
    door.ask(services.vigil_told, MACHINE)

    comes_out(door)
    (over,) = door.ask(services.keep_vigil, MACHINE).said
    assert over.text.startswith("Hilo ya está bien")
    assert door.ask(services.keep_vigil, MACHINE).said == ()


def test_what_a_killed_clock_did_not_ring_is_rung_by_the_next_and_by_telegram_once(
    door: Door, clock: StillClock, cast: Cast
) -> None:
    confirmed(door, cast.alice, "ntfys://ntfy.example.org/topic")
    door.ask(probes.begin, MACHINE)
    clock.advance(probes.LATE_AFTER + timedelta(seconds=1))
    (said,) = door.ask(services.keep_vigil, MACHINE).said  # and killed before it rang
    assert door.ask(services.keep_vigil, MACHINE).said == ()  # another clock, meanwhile
    clock.advance(probes.UNSAID_AFTER)
    assert door.ask(services.keep_vigil, MACHINE).said == (said,)
    door.ask(services.vigil_told, MACHINE)
    letters = door.ask(post.take, MACHINE, limit=10)
    told = [each for one in letters for each in one.letters if each.by is None]
    assert sorted(one.to for one in told) == sorted([cast.alice.chat, cast.elena.chat])
    clock.advance(probes.UNSAID_AFTER)
    assert door.ask(services.keep_vigil, MACHINE).said == ()


def test_coordination_is_told_again_each_hour_that_it_lasts(
    door: Door, clock: StillClock, cast: Cast
) -> None:
    told = []
    for _ in range(25):
        door.ask(probes.begin, MACHINE)
        clock.advance(probes.EVERY)
        if door.ask(services.keep_vigil, MACHINE).said:
            door.ask(services.vigil_told, MACHINE)
        fresh = [one for one in door.ask(post.take, MACHINE, limit=10) if one.letters[0].say]
        door.ask(post.settle, MACHINE, outcomes=[post.Delivered(one, 1) for one in fresh])
        told += [each.to for one in fresh for each in one.letters]
    assert told.count(cast.alice.chat) == 2 + 1  # at once, and after each of two hours


def comes_out(door: Door) -> None:
    """What a worker and a postman do with it."""
    (arrival,) = door.ask(arrivals.take, MACHINE, limit=10)
    assert probes.is_probe(arrival.update_id)
    door.ask(probes.echo, MACHINE, update_id=arrival.update_id)
    for one in door.ask(post.take, MACHINE, limit=10):
        door.ask(post.settle, MACHINE, outcomes=[post.Delivered(one)])


@pytest.mark.usefixtures("cast")
def test_our_own_outage_is_no_late_request(door: Door, clock: StillClock) -> None:
    door.ask(probes.begin, MACHINE)
    clock.advance(timedelta(hours=6))
    assert health(door).well
    assert door.ask(services.keep_vigil, MACHINE).said == ()


def test_the_clock_rings_the_other_ways_itself_when_no_postman_lives(
    door: Door, clock: StillClock, cast: Cast, sandbox: Sandbox, tmp_path: Path, ntfy: Ntfy
) -> None:
    confirmed(door, cast.alice, ntfy.address)
    door.ask(probes.begin, MACHINE)
    clock.advance(probes.LATE_AFTER + timedelta(seconds=1))
    gateway = Gateway(door)
    asyncio.run(Clock(gateway, Bells(), settings_of(sandbox, tmp_path))._keep_vigil())
    gateway.close()
    assert [each[:11] for each in ntfy.heard] == ["Hilo mismo "]


def test_a_channel_that_did_not_ring_is_rung_at_the_next_look(
    door: Door, clock: StillClock, cast: Cast, sandbox: Sandbox, tmp_path: Path, ntfy: Ntfy
) -> None:
    confirmed(door, cast.alice, ntfy.address)
    door.ask(probes.begin, MACHINE)
    clock.advance(probes.LATE_AFTER + timedelta(seconds=1))
    gateway = Gateway(door)
    watched = Clock(gateway, Bells(), settings_of(sandbox, tmp_path))
    ntfy.status = 500
    asyncio.run(watched._keep_vigil())
    refused = len(ntfy.heard)
    ntfy.status = 200
    asyncio.run(watched._keep_vigil())
    assert len(ntfy.heard) == refused + 1
    asyncio.run(watched._keep_vigil())
    gateway.close()
    assert len(ntfy.heard) == refused + 1


def test_whoever_watches_from_outside_hears_from_us_while_all_is_well(
    door: Door, clock: StillClock, sandbox: Sandbox, tmp_path: Path, ntfy: Ntfy
) -> None:
    url = f"http://127.0.0.1:{ntfy.server_port}/ping/secret"
    gateway = Gateway(door)
    watched = Clock(gateway, Bells(), settings_of(sandbox, tmp_path, HILO_HEARTBEAT_URL=url))
    asyncio.run(watched._ping())
    assert ntfy.heard == []  # no engine has beaten yet
    for engine in heartbeats.ENGINES:
        door.ask(heartbeats.beat, MACHINE, engine=engine)
    asyncio.run(watched._ping())
    assert len(ntfy.heard) == 1
    clock.advance(heartbeats.STALE_AFTER)
    asyncio.run(watched._ping())
    assert len(ntfy.heard) == 1
    gateway.close()
