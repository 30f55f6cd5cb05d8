"""Two at the same moment, where the database lets one wait for the other: on PostgreSQL."""

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from network.db import Database, Tx, writing
from network.door import Door

several = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def waits(database: Database, crossing: Future[Any]) -> bool:
    """Whether somebody waits for what somebody else holds; False where they did not have to."""
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    while not crossing.done():
        with database.engine.connect() as connection:
            if connection.scalar(text(f"{query} and datname = current_database()")):
                return True
    return False


@contextmanager
def crossed_by(door: Door, verb: Callable[[], object]) -> Generator[Tx]:
    """What is done inside has happened and is not committed when `verb` begins."""
    with ThreadPoolExecutor(1) as pool:
        with writing(door.database, door.now(), door.secret, door.pack) as tx:
            yield tx
            crossing = pool.submit(verb)
            assert waits(door.database, crossing)
        crossing.result()
