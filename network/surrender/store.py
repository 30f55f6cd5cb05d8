"""Counting rows of every table there is, whatever room it belongs to. Nothing is opened."""

from sqlalchemy import Table, func, select

from network.db import Row, Tx


def rows(tx: Tx) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: tx.session.scalar(select(func.count()).select_from(table)) or 0
        for table in _tables()
    }


def envelopes(tx: Tx) -> dict[str, tuple[str, int]]:
    """Each sealed column, who can open it, and how many envelopes stand in it. Those that were
    emptied when they had done their work do not count.
    """
    found: dict[str, tuple[str, int]] = {}
    for table in _tables():
        sealed = [column for column in table.columns if column.info.get("sealed")]
        if not sealed:
            continue
        counted = tx.session.execute(
            select(*(func.count(func.nullif(column, b"")) for column in sealed))
        ).one()
        for column, many in zip(sealed, counted, strict=True):
            found[f"{table.name}.{column.name}"] = (column.info["sealed"], many)
    return found


def passing(tx: Tx, name: str) -> dict[str, int]:
    """Of a queue, how many envelopes are not empty, by the state of their rows."""
    table = Row.metadata.tables[name]
    (sealed,) = (column for column in table.columns if column.info.get("sealed"))
    counted = tx.session.execute(
        select(table.c.status, func.count()).where(sealed != b"").group_by(table.c.status)
    )
    return {status.value: many for status, many in counted}


def _tables() -> list[Table]:
    return Row.metadata.sorted_tables
