"""A part of us that stands still is told to coordination; a start, a restart or a sleep is not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.bells import Bells
from bot.clock import Clock, Failures
from bot.gateway import Gateway
from bot.sandbox import Sandbox
from network import heartbeats, inbox, probes
from network.db import Database, Tx
from network.delivery import services
from network.delivery.services.vigil import WALK
from network.door import Door
from network.inbox import services as arrivals
from network.inbox.domain import Arrival
from network.kernel.actor import Actor, Engine
from network.outbox import services as post
from network.scheduler import TICKS
from tests.cast import Cast
from tests.delivery.test_channels import confirmed
from tests.delivery.test_vigil import settings_of
from tests.ground.clock import StillClock
from tests.web.test_metrics import browser

MACHINE = Engine("test")
LOOK = timedelta(seconds=30)
MINUTE = timedelta(minutes=1)
STILL, WELL = "Hilo mismo no está bien: una parte", "Hilo ya está bien"


class Machine:
    """The engines, of which some may stand still, and the vigil over them."""

    def __init__(self, door: Door, clock: StillClock) -> None:
        self._door = door
        self._clock = clock
        self.asks = True  # whether our own requests are made

    def lives(
        self, time: timedelta, *, without: tuple[str, ...] = (), look: bool = True
    ) -> list[str]:
        """So much time passes; what the vigil rings meanwhile."""
        rang = []
        for _ in range(time // LOOK):
            self._clock.advance(LOOK)
            alive = [n for n in (*heartbeats.ENGINES, heartbeats.ROAD) if n not in without]

            def beat(tx: Tx, actor: Actor, names: list[str] = alive) -> None:
                for name in names:
                    heartbeats.beat(tx, actor, engine=name)

            self._door.ask(beat, MACHINE)
            if self.asks:
                self._door.ask(probes.begin, MACHINE)
            self._carry()
            said = self._door.ask(services.keep_vigil, MACHINE).said if look else ()
            if said:
                self._door.ask(services.vigil_told, MACHINE)
            rang += [one.text for one in said]
        return [STILL if each.startswith(STILL) else each[: len(WELL)] for each in rang]

    def _carry(self) -> None:
        """What comes in goes out: requests of ours do not pass the ear."""
        for arrival in self._door.ask(arrivals.take, MACHINE, limit=10):

            def echo(tx: Tx, actor: Actor, arrived: Arrival = arrival) -> None:
                inbox.settle(tx, arrived)
                probes.echo(tx, actor, update_id=arrived.update_id)

            self._door.ask(echo, MACHINE)
        for one in self._door.ask(post.take, MACHINE, limit=100):
            self._door.ask(post.settle, MACHINE, outcomes=[post.Delivered(one)])


@pytest.fixture
def machine(door: Door, clock: StillClock, cast: Cast) -> Machine:
    confirmed(door, cast.alice, "ntfys://ntfy.example.org/topic")
    return Machine(door, clock)


@pytest.mark.parametrize("engine", ["ingress"])
def test_who_stands_still_is_told_once_then_rarely_and_when_it_is_over(
    machine: Machine, engine: str
) -> None:
    assert machine.lives(20 * MINUTE) == []
    assert machine.lives(3 * MINUTE, without=(engine,)) == []
    assert machine.lives(MINUTE, without=(engine,)) == [STILL]
    assert machine.lives(58 * MINUTE, without=(engine,)) == []
    assert machine.lives(2 * MINUTE, without=(engine,)) == [STILL]
    assert machine.lives(9 * MINUTE) == []  # it may go again
    assert machine.lives(2 * MINUTE) == [WELL]
    assert machine.lives(20 * MINUTE) == []


def test_who_comes_and_goes_is_told_as_one(machine: Machine) -> None:
    assert machine.lives(20 * MINUTE) == []
    rang = []
    for _ in range(6):
        rang += machine.lives(5 * MINUTE, without=("ingress",))
        rang += machine.lives(4 * MINUTE)
    assert rang == [STILL]


def test_no_start_no_restart_and_no_sleep_is_told(machine: Machine, clock: StillClock) -> None:
    late = heartbeats.ENGINES[:3]
    assert machine.lives(2 * MINUTE, without=late) == []  # the first start of all
    assert machine.lives(20 * MINUTE) == []
    assert machine.lives(MINUTE, without=heartbeats.ENGINES, look=False) == []  # a restart
    assert machine.lives(MINUTE, without=late) == []
    assert machine.lives(20 * MINUTE) == []
    for away in (2 * MINUTE, 10 * MINUTE, timedelta(hours=6)):  # the machine slept, or was off
        clock.advance(away)
        (late_ones, on_time) = machine.lives(MINUTE, without=late), machine.lives(20 * MINUTE)
        assert (late_ones, on_time) == ([], [])


def test_who_does_not_come_back_after_a_restart_is_told_and_is_not_well_meanwhile(
    machine: Machine, clock: StillClock
) -> None:
    assert machine.lives(20 * MINUTE) == []
    assert machine.lives(5 * MINUTE, without=("ingress",)) == [STILL]
    clock.advance(5 * MINUTE)
    assert machine.lives(30 * MINUTE, without=("ingress",)) == []
    assert machine.lives(12 * MINUTE) == [WELL]


def test_who_never_came_at_all_is_told(machine: Machine) -> None:
    assert machine.lives(9 * MINUTE, without=("worker",)) == []
    assert machine.lives(3 * MINUTE, without=("worker",)) == [STILL]


def test_our_own_request_that_is_not_made_is_told(machine: Machine, door: Door) -> None:
    machine.asks = False
    assert machine.lives(9 * MINUTE) == []
    assert machine.lives(3 * MINUTE) == [STILL]  # none was ever made
    assert not door.look(probes.health, MACHINE).well
    machine.asks = True
    assert machine.lives(6 * MINUTE) == [WELL]
    assert door.look(probes.health, MACHINE).well
    machine.asks = False  # the last was made five minutes ago at most
    assert machine.lives(4 * MINUTE) == []
    assert machine.lives(8 * MINUTE) == [STILL]
    assert machine.lives(30 * MINUTE) == []


def stale(door: Door) -> tuple[int, list[str]]:
    answer = browser(door).get("/healthz")
    assert answer.json is not None
    assert set(answer.json) == {"ok", "stale", "request", "engines"}
    assert answer.json["ok"] is (not answer.json["stale"])
    return answer.status_code, answer.json["stale"]


def test_a_road_that_is_closed_for_minutes_is_in_healthz(machine: Machine, door: Door) -> None:
    machine.lives(5 * MINUTE)
    assert stale(door) == (200, [])
    machine.lives(3 * MINUTE, without=(heartbeats.ROAD,))
    assert stale(door) == (200, [])
    machine.lives(MINUTE, without=(heartbeats.ROAD,))
    assert stale(door) == (503, ["telegram"])
    machine.lives(MINUTE)
    assert stale(door) == (200, [])


@pytest.fixture
def clockwork(door: Door, tmp_path: Path) -> Iterator[Clock]:
    with Sandbox() as sandbox:
        gateway = Gateway(door)
        yield Clock(gateway, Bells(), settings_of(sandbox, tmp_path))
        gateway.close()


def renamed(database: Database, table: str, to: str) -> None:
    with database.writing.begin() as session:
        session.execute(text(f"alter table {table} rename to {to}"))


@pytest.mark.asyncio
async def test_what_breaks_at_each_knock_is_in_healthz_until_it_goes_again(
    machine: Machine, door: Door, database: Database, clockwork: Clock
) -> None:
    name = "quorum.lapse"
    assert name in TICKS
    machine.lives(5 * MINUTE)
    renamed(database, "ceremonies", "elsewhere")
    for expected in ([], [], [name], [name]):  # once, or within one minute, is not yet ill
        await clockwork._knock(name)
        await clockwork._complain()
        assert stale(door) == (503 if expected else 200, expected)
        machine.lives(LOOK)
    renamed(database, "elsewhere", "ceremonies")
    await clockwork._knock(name)
    for _ in range(2):
        await clockwork._complain()
        machine.lives(LOOK)
    assert stale(door) == (200, [])


def test_where_nobody_can_be_judged_it_is_told(machine: Machine, door: Door) -> None:
    """The road stands in the ledger as closed when it is we who do not look at it."""
    machine.lives(20 * MINUTE)
    assert machine.lives(10 * MINUTE, without=(heartbeats.ROAD,)) == []  # that has its own alarm
    machine.lives(5 * MINUTE)
    rang = []
    for _ in range(10):
        door.ask(heartbeats.falter, MACHINE, ticks=(WALK,))
        rang += machine.lives(LOOK, without=(heartbeats.ROAD,))
    assert rang == [STILL]
    assert machine.lives(3 * MINUTE) == [WELL]


def test_what_broke_once_breaks_not_each_time_however_long_ago(clock: StillClock) -> None:
    failures = Failures(clock)
    found = []
    failures.broke("hourly")
    clock.advance(timedelta(minutes=50))
    found.append(failures.lasting)
    failures.broke("hourly")
    found.append(failures.lasting)
    failures.went_well("hourly")
    failures.broke("hourly")
    found.append(failures.lasting)
    assert found == [(), ("hourly",), ()]
