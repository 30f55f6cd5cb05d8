"""The ground holds: a closed network, a fresh database each time, a browser beside async tests."""

import asyncio
import socket

import pytest
from cryptography.hazmat.primitives.kdf import argon2
from playwright.sync_api import Page
from sqlalchemy import text

from network.db import Database
from tests.ground.counting import derivations
from tests.ground.sockets import ReachedOutside
from tests.ground.stretched import REAL


@pytest.mark.parametrize("host", ["example.org", "192.0.2.1", "10.0.0.1", "2001:db8::1"])
def test_nothing_reaches_beyond_this_machine(host: str) -> None:
    with pytest.raises(ReachedOutside):
        socket.create_connection((host, 443), timeout=1)


def test_nothing_listens_for_other_machines() -> None:
    with socket.socket() as listener, pytest.raises(ReachedOutside):
        listener.bind(("0.0.0.0", 0))  # noqa: S104  # what must be refused


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        socket.create_connection(listener.getsockname(), timeout=1).close()


@pytest.mark.parametrize("time", ["first", "second"])
def test_every_test_finds_the_house_empty_and_migrated(database: Database, time: str) -> None:
    with database.writing.begin() as session:
        session.execute(
            text("insert into heartbeats (engine, beat_at) values (:engine, '2030-01-01')"),
            {"engine": time},
        )
    with database.reading() as session:
        assert session.scalars(text("select engine from heartbeats")).all() == [time]


@pytest.mark.browser
def test_a_phone_opens_in_spanish_and_narrow(page: Page) -> None:
    assert page.evaluate("[innerWidth, navigator.language]") == [360, "es-MX"]


@pytest.mark.asyncio
async def test_an_async_test_runs_beside_the_browser() -> None:
    await asyncio.sleep(0)


@pytest.mark.browser
def test_and_the_browser_is_still_there_afterwards(desktop: Page) -> None:
    assert desktop.evaluate("innerWidth") == 1280


def test_a_passphrase_is_stretched_by_the_package_and_where_it_is_counted_each_time() -> None:
    def stretched(words: bytes, salt: bytes) -> bytes:
        asked = [
            package(salt=salt, length=32, iterations=1, lanes=1, memory_cost=8).derive(words)
            for package in (argon2.Argon2id, REAL)
        ]
        assert asked[0] == asked[1]
        return asked[0]

    one, two = b"one salt........", b"another salt...."
    for _ in range(2):
        assert len({stretched(b"a", one), stretched(b"b", one), stretched(b"a", two)}) == 3
    with derivations() as worked_out:
        stretched(b"a", one)
    assert worked_out == ["Argon2id"] * 2
