"""A postman is killed when Telegram has a letter and we have not written it down: no third copy.

Deterministic: Telegram answers late, the database is held shut, and each kill waits for its moment.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from network import outbox
from network.db import writing
from network.outbox.domain import Letter
from tests.bench.telegram import Telegram
from tests.chaos.nursery import Nursery
from tests.chaos.town import FIRST, Town, until
from tests.ground.postgresql import plain

CHAT = FIRST
USUAL, LATE = 0.01, 1.0  # seconds until Telegram answers
SOON = 60.0


@contextmanager
def shut(url: str) -> Iterator[None]:
    """Nobody can write a letter down."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        lite = sqlite3.connect(str(where.database), isolation_level=None)
        lite.execute("begin immediate")
        yield
        lite.execute("rollback")
        lite.close()
        return
    with psycopg.connect(plain(where)) as server:
        server.execute("lock table outbox in exclusive mode")
        yield
        server.rollback()


@pytest.fixture
def town(database_url: str, tmp_path: Path, nursery: Nursery, telegram: Telegram) -> Iterator[Town]:
    made = Town(telegram, nursery, database_url, tmp_path / "var", {"postman": ("postman",)})
    telegram.ask("start_chats", token=made.token, chats=[CHAT])
    telegram.ask("latency", seconds=LATE)
    try:
        yield made
    finally:
        made.stop()
        telegram.ask("latency", seconds=USUAL)


def promised(town: Town, text: str) -> None:
    door = town.door
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        outbox.promise(tx, Letter(CHAT, "es", "%(text)s", {"text": text}))


def came(town: Town, text: str) -> int:
    heard = town.telegram.ask("record")["heard"].get(str(CHAT), [])
    return sum(words == text for words, _ in heard)


def dies(town: Town) -> None:
    """And nobody is born yet."""
    town.nursery.kill(town.alive.pop("postman"))


def lapsed(town: Town) -> None:
    """What the dead one held is free at once, as it is after a lease."""
    door = town.door
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.connection().exec_driver_sql("update outbox set leased_until = promised_at")


def test_two_postmen_die_over_a_letter_and_it_comes_no_third_time(town: Town) -> None:
    promised(town, "una")
    town.begin("postman")
    until(lambda: came(town, "una") == 1, SOON, "it did not come")
    dies(town)  # before Telegram answered: nobody can know, so it goes out again

    lapsed(town)
    town.begin("postman")
    until(lambda: came(town, "una") == 2, SOON, "it was lost")
    with shut(town.url):
        until(lambda: town.noted() == 1, SOON, "it was not noted")
        dies(town)  # after the answer, before the commit

    lapsed(town)
    promised(town, "otra")
    town.begin("postman")
    until(lambda: came(town, "otra") == 1, SOON, "what comes after it stands")
    until(lambda: town.count("outbox where status = 'waiting'") == 0, SOON, "it is stuck")
    until(lambda: town.noted() == 0, SOON, "a note stays for ever")
    assert came(town, "una") == 2
    assert came(town, "otra") == 1
