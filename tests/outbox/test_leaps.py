"""The clock leapt forward and came back: what it wrote meanwhile holds nothing up."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest

from config.country import Pack
from network import heartbeats, outbox
from network.db import Database, Tx, writing
from network.delivery import services as delivery
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor, Role
from network.outbox import services
from network.outbox.domain import LONGEST_WAIT, Leased, Letter, Priority, Signal
from network.outbox.services import Delivered, Postponed
from tests.ground.clock import StillClock

SECOND = timedelta(seconds=1)
LEAP = timedelta(hours=2)
ROSA, BILAL = 2001, 1002
MACHINE = Actor(Role.MACHINE)
Open = Callable[[], AbstractContextManager[Tx]]


@pytest.fixture
def opened(database: Database, clock: StillClock, secret: ServerSecret, pack: Pack) -> Open:
    return lambda: writing(database, clock(), secret, pack)


def promise(opened: Open, *letters: Letter) -> None:
    with opened() as tx:
        outbox.promise_all(tx, letters)


def take(opened: Open) -> list[Leased]:
    with opened() as tx:
        return services.take(tx, MACHINE, limit=64, urgent=80, rate=30)


def send(opened: Open, taken: list[Leased]) -> None:
    with opened() as tx:
        services.settle(tx, MACHINE, outcomes=[Delivered(one, 1) for one in taken])


def question(to: int) -> Letter:
    return Letter(to=to, language="es", say="How are you?", priority=Priority.CHECKIN)


def test_letters_leave_though_others_left_in_the_future(opened: Open, clock: StillClock) -> None:
    clock.advance(LEAP)
    promise(opened, question(ROSA))
    send(opened, take(opened))
    clock.advance(-LEAP)
    promise(opened, question(ROSA), question(BILAL))
    assert len(take(opened)) == 2
    assert take(opened) == []


def test_what_was_held_or_promised_in_the_future_is_free(opened: Open, clock: StillClock) -> None:
    promise(opened, question(ROSA))
    clock.advance(LEAP)
    assert len(take(opened)) == 1  # by a postman that dies with it
    promise(opened, question(BILAL))
    with opened() as tx:
        outbox.promise_signal(tx, Signal(()))
    clock.advance(-LEAP)
    assert len(take(opened)) == 3


def test_telegrams_wait_of_the_future_is_over_when_the_clock_comes_back(
    opened: Open, clock: StillClock
) -> None:
    clock.advance(LEAP)
    promise(opened, question(ROSA))
    with opened() as tx:
        (one,) = services.take(tx, MACHINE, limit=1)
        late = Postponed(one, services.TOO_MANY, 60 * SECOND)
        services.settle(tx, MACHINE, outcomes=[late])
    clock.advance(-LEAP)
    with opened() as tx:
        assert outbox.road(tx).quiet_until is None
    promise(opened, question(BILAL))
    (one, other) = take(opened)
    late = Postponed(one, services.TOO_MANY, 60 * SECOND)
    with opened() as tx:
        services.settle(tx, MACHINE, outcomes=[late, Delivered(other, 1)])
        assert outbox.road(tx).quiet_until == clock() + 60 * SECOND
    assert take(opened) == []


def test_no_wait_is_longer_than_the_longest(opened: Open, clock: StillClock) -> None:
    promise(opened, question(ROSA))
    (one,) = take(opened)
    with opened() as tx:
        late = Postponed(one, services.TOO_MANY, timedelta(hours=9))
        services.settle(tx, MACHINE, outcomes=[late])
    clock.advance(LONGEST_WAIT - SECOND)
    assert take(opened) == []
    clock.advance(2 * SECOND)
    assert len(take(opened)) == 1


def test_a_road_that_fails_fails_from_now_where_it_failed_in_the_future(
    opened: Open, clock: StillClock
) -> None:
    clock.advance(LEAP)
    for _ in range(2):
        promise(opened, question(ROSA))
        with opened() as tx:
            taken = services.take(tx, MACHINE, limit=1)
            lost = [Postponed(one, services.NETWORK) for one in taken]
            services.settle(tx, MACHINE, outcomes=lost)
            assert outbox.road(tx).failing_since == clock()
        clock.advance(-LEAP)


def test_an_engine_that_died_in_the_future_is_missed_a_minute_after_the_clock_came_back(
    opened: Open, clock: StillClock
) -> None:
    begun, alive = clock(), ("ingress", "postman", "clock")
    beat(opened, *heartbeats.ENGINES)
    clock.advance(LEAP)
    beat(opened, *heartbeats.ENGINES)
    clock.advance(60 * SECOND - LEAP)
    assert fresh(opened) == set()
    beat(opened, *alive)
    clock.advance(5 * 60 * SECOND)
    beat(opened, *alive)
    assert fresh(opened) == set(alive)
    # The leap was an absence of all until the clock came back; since then the worker is missing.
    assert away(opened, begun, clock()) == clock() - begun
    beat(opened, "worker")
    returned = clock()
    clock.advance(30 * SECOND)
    assert away(opened, returned, clock()) == timedelta(0)


def beat(opened: Open, *names: str) -> None:
    """These engines are well; the clock is."""
    for name in names:
        with opened() as tx:
            heartbeats.beat(tx, MACHINE, engine=name)
    with opened() as tx:
        delivery.walk_the_road(tx, MACHINE)


def fresh(opened: Open) -> set[str]:
    with opened() as tx:
        return {one.engine for one in heartbeats.pulses(tx, MACHINE) if one.fresh}


def away(opened: Open, since: datetime, until: datetime) -> timedelta:
    with opened() as tx:
        return heartbeats.ledger(tx, since).away(since, until)
