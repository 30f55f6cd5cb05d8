"""An update is stored once, handled once, and in its chat's order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import text, update

from config.country import Pack
from network import inbox
from network.db import Database, Tx, writing
from network.encryption.server import ServerSecret
from network.inbox.domain import ALONE, LEASE, TRIES, AlreadyHandled, Arrival, Incoming
from network.inbox.tables import ArrivalRow
from network.kernel.hidden import Plaintext
from tests.ground.clock import StillClock

ROSA, BILAL = 2001, 1002
Open = Callable[[], AbstractContextManager[Tx]]


@pytest.fixture
def opened(database: Database, clock: StillClock, secret: ServerSecret, pack: Pack) -> Open:
    return lambda: writing(database, clock(), secret, pack)


def arrive(opened: Open, *updates: tuple[int, int]) -> None:
    with opened() as tx:
        inbox.put(tx, [Incoming(n, chat, Plaintext(f"words {n}"), n) for n, chat in updates])


def claim(opened: Open, limit: int = 10) -> list[Arrival]:
    with opened() as tx:
        return inbox.claim(tx, limit)


def numbers(arrivals: list[Arrival]) -> list[int]:
    return [one.update_id for one in arrivals]


def handle(opened: Open, arrival: Arrival, talk: str | None = None) -> None:
    with opened() as tx:
        inbox.settle(tx, arrival)
        inbox.remember(tx, arrival, Plaintext(talk) if talk else None)


def test_an_update_that_telegram_sends_again_is_one_arrival(opened: Open) -> None:
    arrive(opened, (1, ROSA), (1, ROSA))
    arrive(opened, (1, ROSA))
    (only,) = claim(opened)
    handle(opened, only)

    arrive(opened, (1, ROSA))
    assert claim(opened) == []


def test_an_arrival_that_cannot_be_read_holds_up_no_other(opened: Open, database: Database) -> None:
    arrive(opened, (1, ROSA), (2, BILAL), (3, ROSA))
    with database.writing.begin() as session:
        session.execute(update(ArrivalRow).where(ArrivalRow.update_id == 1).values(body=b"rot"))

    assert numbers(claim(opened)) == [2]
    assert numbers(claim(opened)) == [3]


def test_one_chat_keeps_its_order_while_others_go_on(opened: Open) -> None:
    arrive(opened, (1, ROSA), (2, ROSA), (3, BILAL), (4, ROSA))

    first = claim(opened)
    assert numbers(first) == [1, 3]
    assert claim(opened) == []

    handle(opened, first[0])
    assert numbers(claim(opened)) == [2]


def test_handling_twice_is_refused(opened: Open) -> None:
    arrive(opened, (1, ROSA))
    (only,) = claim(opened)
    handle(opened, only)

    with pytest.raises(AlreadyHandled):
        handle(opened, only)


def test_an_arrival_whose_worker_was_killed_is_taken_up_again(
    opened: Open, clock: StillClock
) -> None:
    arrive(opened, (1, ROSA))
    claim(opened)
    assert claim(opened) == []

    clock.advance(LEASE + timedelta(seconds=1))
    assert numbers(claim(opened)) == [1]


def test_a_worker_busy_with_a_large_file_keeps_its_arrival(opened: Open, clock: StillClock) -> None:
    arrive(opened, (1, ROSA), (2, ROSA))
    (held,) = claim(opened)
    for _ in range(TRIES + 1):
        clock.advance(LEASE / 2)
        with opened() as tx:
            inbox.renew(tx, [held.update_id])
        assert claim(opened) == []

    handle(opened, held)
    assert numbers(claim(opened)) == [2]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_holding_on_waits_for_nobody_who_is_settling(opened: Open, clock: StillClock) -> None:
    arrive(opened, (1, ROSA), (2, BILAL))
    rosas, bilals = claim(opened)
    clock.advance(LEASE / 2)
    with opened() as settling:
        inbox.settle(settling, rosas)
        with opened() as holding:
            holding.session.execute(text("set local lock_timeout = '10s'"))  # waiting fails
            inbox.renew(holding, [rosas.update_id, bilals.update_id])
    clock.advance(LEASE * 2 / 3)
    assert claim(opened) == []


def test_an_arrival_that_breaks_us_again_and_again_makes_way(
    opened: Open, clock: StillClock
) -> None:
    arrive(opened, (1, ROSA), (2, ROSA))
    for _ in range(TRIES + ALONE):
        assert numbers(claim(opened)) == [1]
        clock.advance(LEASE + timedelta(seconds=1))

    assert claim(opened) == []
    assert numbers(claim(opened)) == [2]
    with opened() as tx:
        assert inbox.backlog(tx) == (1, 1)


def test_who_was_in_the_company_of_one_that_kills_its_workers_is_heard_all_the_same(
    opened: Open, clock: StillClock
) -> None:
    """Whoever holds Rosa's arrival dies. Bilal's was held beside it each time."""
    arrive(opened, (1, ROSA), (2, BILAL))
    for _ in range(TRIES):
        assert numbers(claim(opened)) == [1, 2]
        clock.advance(LEASE + timedelta(seconds=1))
    assert numbers(claim(opened)) == [1], "from now on by itself"
    (bilals,) = claim(opened)
    assert bilals.update_id == 2
    handle(opened, bilals)
    for _ in range(ALONE - 1):
        clock.advance(LEASE + timedelta(seconds=1))
        assert numbers(claim(opened)) == [1]
    clock.advance(LEASE + timedelta(seconds=1))
    assert claim(opened) == []
    with opened() as tx:
        assert inbox.backlog(tx) == (0, 1)


def test_where_a_talk_stands_comes_with_the_next_words(opened: Open) -> None:
    arrive(opened, (1, ROSA), (2, ROSA), (3, ROSA))
    (first,) = claim(opened)
    assert first.talk is None
    handle(opened, first, "asked for the place")

    (second,) = claim(opened)
    assert second.talk == Plaintext("asked for the place")
    handle(opened, second)

    (third,) = claim(opened)
    assert third.talk is None


def test_the_words_are_erased_when_they_are_handled(opened: Open, database: Database) -> None:
    arrive(opened, (1, ROSA))
    (only,) = claim(opened)
    assert only.body == Plaintext("words 1")
    handle(opened, only)

    with database.reading() as session:
        assert session.get_one(ArrivalRow, 1).body == b""


def test_two_workers_never_hold_the_same_chat(opened: Open) -> None:
    arrive(opened, *((n, n % 20) for n in range(1, 201)))
    start = Barrier(4)

    def work(_: int) -> list[tuple[int, int]]:
        start.wait()
        seen: list[tuple[int, int]] = []
        while found := claim(opened, 5):
            for one in found:
                seen.append((one.update_id % 20, one.update_id))
                handle(opened, one)
        return seen

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(work, range(4)))

    assert sorted(n for share in shares for _, n in share) == list(range(1, 201))
    for share in shares:
        for chat in range(20):
            mine = [n for c, n in share if c == chat]
            assert mine == sorted(mine)
