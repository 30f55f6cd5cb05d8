"""Statements about very many rows: what they name goes as one value, however many that are.

A statement with a thousand placeholders costs more to write, send and read than what it asks for,
and so does a list that the driver puts together item by item.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Dialect,
    Executable,
    LargeBinary,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    insert,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from network.db import Tx


@contextmanager
def uncounted() -> Iterator[None]:
    """While thousands of rows are worked through, nobody goes through all objects of the process to
    find rings among them: every few thousand new ones that would be done again, for a tenth of the
    time. What is not in a ring goes as it always does; rings wait for a moment.
    """
    counted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if counted:
            gc.enable()


IDS = "ids"  # what `among` is given when the statement runs


class _Ids(TypeDecorator[Sequence[UUID]]):
    """Ids as one text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[UUID] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            return ",".join([each.hex for each in value])
        return '["' + '","'.join([each.hex for each in value]) + '"]' if value else "[]"


class among(FunctionElement[bool]):  # noqa: N801  # reads as a word within a statement
    """Whether a column of ids is one of those given as `ids`."""

    inherit_cache = True
    type = Boolean()

    def __init__(self, column: ColumnElement[UUID]) -> None:
        super().__init__(column, bindparam(IDS, type_=_Ids()))


@compiles(among)
def _in_a_list(element: "among", compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  # as asked
    column, ids = (compiler.process(each, **more) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608  # placeholders


@compiles(among, "postgresql")
def _in_an_array(element: "among", compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  # as asked
    column, ids = (compiler.process(each, **more) for each in element.clauses)
    return f"{column} = ANY (CAST(string_to_array({ids}, ',') AS UUID[]))"


def pour(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert very many rows, which all name the same columns. None of them holds free text."""
    if not rows:
        return
    connection = tx.session.connection()
    if not tx.on_postgresql:
        connection.execute(_inserting(table), rows)
        return
    names = tuple(rows[0])
    given: dict[str, object] = {}
    for name in names:
        values = [row[name] for row in rows]
        if isinstance(table.c[name].type, LargeBinary):
            given |= _end_to_end(name, values)
        else:
            given[name] = ",".join(map(_text_of, values))
    connection.execute(_unnesting(table, names), given)


def _text_of(value: object) -> str:
    """As PostgreSQL reads it, without a comma; nothing stands for null."""
    match value:
        case None:
            return ""
        case UUID():
            return value.hex
        case Enum() if isinstance(value.value, str):
            return value.value
        case bool() | int():
            return str(value)
        case _ if hasattr(value, "isoformat"):
            return str(value.isoformat())
        case _:
            raise TypeError("free text may hold a comma")


def _end_to_end(name: str, values: Sequence[bytes | None]) -> dict[str, object]:
    """Envelopes in one value, and where each of them begins and how long it is."""
    begins, at = [], 1
    for each in values:
        begins.append("" if each is None else str(at))
        at += len(each or b"")
    return {
        name: b"".join(each for each in values if each is not None),
        f"{name}_at": ",".join(begins),
        f"{name}_size": ",".join(["" if each is None else str(len(each)) for each in values]),
    }


@lru_cache(maxsize=64)
def _inserting(table: Table) -> Executable:
    return insert(table).inline()


@lru_cache(maxsize=64)
def _unnesting(table: Table, names: tuple[str, ...]) -> Executable:
    """A list for each column, laid side by side: one round trip, and one thing to plan."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    lists: dict[str, str] = {}
    shown = []
    for name in names:
        kind = table.c[name].type
        if isinstance(kind, LargeBinary):
            lists |= {f"{name}_at": "INTEGER", f"{name}_size": "INTEGER"}
            shown.append(f"substring(CAST(:{name} AS BYTEA) FROM {name}_at FOR {name}_size)")
        else:
            lists[name] = kind.compile(dialect)
            shown.append(name)
    unnested = ", ".join(
        f"CAST(string_to_array(:{name}, ',', '') AS {kind}[])" for name, kind in lists.items()
    )
    return text(
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(shown)}"  # noqa: S608  # our own names
        f" FROM unnest({unnested}) AS given ({', '.join(lists)})"
    )
