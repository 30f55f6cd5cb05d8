"""What the database keeps to itself."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, make_url
from sqlalchemy.exc import IntegrityError

from network import inbox
from network.db import Database, open_database, writing
from network.door import Door
from network.heartbeats import HeartbeatRow
from network.inbox.domain import Incoming
from network.kernel.hidden import Plaintext

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@only_sqlite
def test_a_broken_statement_does_not_say_what_was_in_it(database: Database, door: Door) -> None:
    row = insert(HeartbeatRow).values(engine="canary-engine", beat_at=door.now())
    with database.writing.begin() as session:
        session.execute(row)

    with database.writing() as session, pytest.raises(IntegrityError) as broken:
        session.execute(row)

    assert "canary-engine" not in str(broken.value).partition("\n")[2]


@pytest.fixture
def files_of(database_url: str) -> Callable[[], bytes]:
    """Everything the database has on the disk."""
    path = Path(make_url(database_url).database or "")
    return lambda: b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def handle_one(door: Door) -> bytes:
    """A family's word arrives and is handled; says how it was sealed."""
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        inbox.put(tx, [Incoming(1, 2001, Plaintext("canary"), 1)])
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        (arrival,) = inbox.claim(tx, 1)
        sealed = tx.session.connection().exec_driver_sql("SELECT body FROM inbox").scalar_one()
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        inbox.settle(tx, arrival)
    return bytes(sealed)


@only_sqlite
def test_a_word_that_was_handled_is_nowhere_on_the_disk(
    door: Door, files_of: Callable[[], bytes]
) -> None:
    sealed = handle_one(door)

    door.database.forget_pages()

    assert sealed[-64:] not in files_of()


@only_sqlite
def test_forgetting_waits_for_nobody(door: Door) -> None:
    with closing(door.database.reading()) as reader, closing(door.database.writing()) as writer:
        writer.execute(insert(HeartbeatRow).values(engine="clock", beat_at=door.now()))
        reader.execute(HeartbeatRow.__table__.select()).all()
        door.database.forget_pages()
        writer.rollback()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("more", "seconds"), [({}, "5"), ({"connect_timeout": "30"}, "30")])
def test_a_server_that_says_nothing_any_more_is_not_waited_for(
    database_url: str, more: dict[str, str], seconds: str
) -> None:
    """Its machine lost its power, and no word came of that; an address may ask for more time."""
    address = make_url(database_url).update_query_dict(more)
    opened = open_database(address.render_as_string(hide_password=False))
    with closing(opened.engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        known = driver.info.get_parameters()
    opened.dispose()
    silence = int(known["keepalives_idle"]) + int(known["keepalives_interval"]) * int(
        known["keepalives_count"]
    )
    assert silence < 20
    assert int(known["tcp_user_timeout"]) < 20_000
    assert known["connect_timeout"] == seconds
