"""What a thief reads out of a database: every row as it is, judged by its bytes alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.exc import NoSuchTableError

from network.db import Row, Tx, sealed_columns
from network.door import Door
from network.encryption.sealed import VERSION, Sealed, Suite, Tampered
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor, Engine
from network.people.store import ways
from network.rotation.places import place_of

THIEF = Engine("thief")
SUITES = frozenset(int(each) for each in Suite)
SMALLEST = 18  # the front of a file: two bytes and its salt
OWN_BOOKS = frozenset({"alembic_version"})


@dataclass(frozen=True, slots=True)
class Dump:
    """Every row of every table."""

    rows: Mapping[str, list[Mapping[str, Any]]]
    columns: Mapping[str, tuple[str, ...]]  # as the database itself names them

    def values(self, table: str, column: str) -> list[Any]:
        return [row[column] for row in self.rows[table] if row[column] not in {None, b""}]

    @property
    def secrets(self) -> set[bytes]:
        """Everything of thirty-two bytes, and the front of all that is longer and not sealed."""
        found = set()
        for rows in self.rows.values():
            for value in (each for row in rows for each in row.values()):
                if isinstance(value, bytes) and len(value) >= 32:
                    found |= {value[:32], value[-32:]}
        return found


def taken(door: Door) -> Dump:
    """A copy of the database as it stands."""
    return door.look(_taken, THIEF)


def shown(dump: Dump) -> dict[str, set[str]]:
    """By table, every column that holds anything which is no envelope, and those that are empty
    and were not declared to hold one.
    """
    found: dict[str, set[str]] = {}
    for table, columns in dump.columns.items():
        for column in columns:
            values = dump.values(table, column)
            declared = Row.metadata.tables[table].columns[column].info.get("sealed")
            if not (all(map(_is_envelope, _parts(table, column, values))) if values else declared):
                found.setdefault(table, set()).add(column)
    return found


def opened_by(secret: ServerSecret, dump: Dump) -> Iterator[tuple[str, str]]:
    """Everything that opens with the server secret: which column, and what is in it."""
    for column in sealed_columns("server"):
        for row in dump.rows[column.table.name]:
            if row[column.name]:
                try:
                    text = secret.open(Sealed(row[column.name]), place_of(column, row))
                except Tampered:
                    continue
                yield f"{column.table.name}.{column.name}", text.reveal()


def _taken(tx: Tx, _actor: Actor) -> Dump:
    there = inspect(tx.session.connection())
    rows: dict[str, list[Mapping[str, Any]]] = {}
    columns: dict[str, tuple[str, ...]] = {}
    for name in set(there.get_table_names()) - OWN_BOOKS:
        if name not in Row.metadata.tables:
            raise NoSuchTableError(name)
        columns[name] = tuple(each["name"] for each in there.get_columns(name))
        found = tx.session.execute(select(Row.metadata.tables[name])).mappings()
        rows[name] = [dict(row) for row in found]
    return Dump(rows, columns)


def _parts(table: str, column: str, values: list[Any]) -> list[Any]:
    if (table, column) == ("people", "covers"):
        return [
            part
            for value in values
            for way in ways.unpacked(value)
            for part in (way.by_passphrase, way.by_recovery, way.totp)
        ]
    if (table, column) == ("file_chunks", "sealed"):  # only the first piece says how it was sealed
        return [value for value in values if _is_envelope(value)] or values
    return values


def _is_envelope(value: object) -> bool:
    if not isinstance(value, bytes) or len(value) < SMALLEST:
        return False
    return value[0] == VERSION and value[1] in SUITES
