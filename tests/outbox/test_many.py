"""Very many rows go into the database as one value for each column, and come out as they were."""

import gc
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import Table, insert, select

from network import outbox
from network.db import reading, writing
from network.door import Door
from network.kernel.actor import Engine
from network.kernel.ids import LetterId, new_id, new_ids, read_id
from network.many import pour, uncounted
from network.outbox.domain import Letter, LetterStatus, Priority, Signal
from network.outbox.services import take
from network.outbox.tables import LetterRow

POSTMAN = Engine("postman")
ROWS = cast(Table, LetterRow.__table__)


def test_letters_of_every_size_come_out_as_they_went_in_and_in_their_order(door: Door) -> None:
    said = [f"canary {number}: " + "ñ," * number * 40 for number in range(30)]
    letters = [
        Letter(to=9_000 + number, language="es", say=each, priority=Priority.CHECKIN)
        for number, each in enumerate(said)
    ]
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        outbox.promise_all(tx, letters)
        outbox.promise_signals(tx, [Signal(()), Signal(tuple(letters[:2]))])
    taken = door.ask(take, POSTMAN, limit=100)
    assert [one.letters[0].say for one in taken if not one.is_signal] == said
    assert [len(one.letters) for one in taken if one.is_signal] == [0, 2]


def test_rows_poured_are_the_rows_inserted_one_by_one(door: Door) -> None:
    """Also where an envelope is missing, is empty, or stands alone."""
    due = door.now() + timedelta(hours=1, microseconds=7)
    rows = [
        {
            "id": new_id(),
            "once": once,
            "chat_index": index,
            "priority": number,
            "is_signal": index is None,
            "payload": payload,
            "status": LetterStatus.REFUSED if number else LetterStatus.WAITING,
            "promised_at": door.now(),
            "due_at": due,
            "leased_until": due if number else None,
            "attempts": number,
        }
        for number, (once, index, payload) in enumerate(
            [
                (None, b"a" * 32, b"\0,\\x00"),
                (b"\x80" * 32, None, b""),
                (None, b"c" * 32, bytes(range(256))),
            ]
        )
    ]
    columns = [ROWS.c[name] for name in rows[0]]
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(insert(ROWS), [row | {"id": new_id(), "once": None} for row in rows])
        pour(tx, ROWS, rows)
        pour(tx, ROWS, [])
    with reading(door.database, door.now(), door.secret, door.pack) as tx:
        found = [
            row._asdict() for row in tx.session.execute(select(*columns).order_by(ROWS.c.number))
        ]
    assert found[3:] == rows
    assert [row | {"id": 0, "once": 0} for row in found[:3]] == [
        row | {"id": 0, "once": 0} for row in found[3:]
    ]


def test_many_ids_are_one_value_and_none_is_no_question(door: Door) -> None:
    letters = [Letter(to=9_100 + number, language="es", say="hi") for number in range(40)]
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        outbox.promise_all(tx, letters)
    with reading(door.database, door.now(), door.secret, door.pack) as tx:
        wanted = [one.id for one in letters[:25]]
        found = outbox.deliveries(tx, [*wanted, *wanted, LetterId(new_id())])
        assert set(found) == set(wanted)
        assert outbox.deliveries(tx, []) == {}


def test_ids_made_together_are_random_ids_as_any_other() -> None:
    found = new_ids(1000)
    assert len(set(found)) == 1000
    assert {one.version for one in found} == {4}
    assert {one.variant for one in found} == {new_id().variant}
    assert [read_id(one.hex) for one in found] == found
    assert {hash(one): one for one in found} == {hash(read_id(one.hex)): one for one in found}
    assert new_ids(0) == []


def test_whatever_breaks_inside_rings_of_objects_are_looked_for_afterwards() -> None:
    def breaks() -> None:
        with uncounted():
            with uncounted():
                assert not gc.isenabled()
            assert not gc.isenabled()
            raise LookupError

    with pytest.raises(LookupError):
        breaks()
    assert gc.isenabled()
