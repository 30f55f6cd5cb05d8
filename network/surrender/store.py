"""Counting rows of every table there is, whatever room it belongs to. Nothing is opened."""

from itertools import groupby

from sqlalchemy import func, select

from network.db import Row, Tx, sealed_columns


def rows(tx: Tx) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: tx.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Row.metadata.sorted_tables
    }


def envelopes(tx: Tx) -> dict[str, tuple[str, int]]:
    """Each sealed column, who can open it, and how many envelopes stand in it. Those that were
    emptied when they had done their work do not count.
    """
    found: dict[str, tuple[str, int]] = {}
    for table, columns in groupby(sealed_columns(), lambda column: column.table):
        sealed = list(columns)
        counted = tx.session.execute(
            select(*(func.count(func.nullif(column, b"")) for column in sealed)).select_from(table)
        ).one()
        for column, many in zip(sealed, counted, strict=True):
            found[str(column)] = (column.info["sealed"], many)
    return found


def passing(tx: Tx, name: str) -> dict[str, int]:
    """Of a queue, how many envelopes are not empty, by the state of their rows."""
    table = Row.metadata.tables[name]
    (sealed,) = (column for column in sealed_columns() if column.table is table)
    counted = tx.session.execute(
        select(table.c.status, func.count()).where(sealed != b"").group_by(table.c.status)
    )
    return {status.value: many for status, many in counted}
