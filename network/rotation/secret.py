"""The server secret is changed: what was sealed under the old one is sealed again, some at a time.

Each batch is a transaction of its own and what is done shows on the row, so a process that is
killed loses nothing and goes on where it stood. Nobody needs to be absent, and nobody present.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, func, select, tuple_, update

from network import audit, inbox
from network.db import Tx, sealed_columns
from network.encryption.sealed import EncryptionError, Sealed
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed
from network.kernel.ids import PersonId
from network.people.store import locks, passkeys
from network.rotation.indexes import BESIDE, chats_of
from network.rotation.places import Values, place_of

AT_ONCE = 200
WRAPS = "people.keys"  # members' keys lie under the pepper, which is the secret's
DEVICES = "passkeys.keys"
MARK_BYTES = 6
TURNED = "secret.turned"
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """How many were sealed again, how many could not be opened, and where the next one begins."""

    done: int
    shut: int
    after: Key | None


def parts(tx: Tx, actor: Actor) -> dict[str, int]:
    """How much there is still under another secret, by column."""
    _machine(actor)
    found = {}
    for column in sealed_columns("server"):
        query = select(func.count()).select_from(_table(column)).where(_stale(tx, column))
        found[_name(column)] = tx.session.scalar(query) or 0
    found[WRAPS] = locks.count_other_pepper(tx)
    found[DEVICES] = passkeys.count_other_pepper(tx)
    return found


def turn(
    tx: Tx, actor: Actor, *, part: str, after: Key | None = None, most: int = AT_ONCE
) -> Batch:
    """Seal some of a column again, with the indexes that stand beside them."""
    _machine(actor)
    if part == WRAPS:
        begin = None if after is None else PersonId(after[0])
        done, shut, last = locks.repepper_some(tx, begin, most)
        return Batch(done, shut, None if last is None else (last,))
    if part == DEVICES:
        done, shut, passkey = passkeys.repepper_some(tx, None if after is None else after[0], most)
        return Batch(done, shut, None if passkey is None else (passkey,))
    (column,) = (each for each in sealed_columns("server") if _name(each) == part)
    rows = _some(tx, column, after, most)
    done = shut = 0
    moves: dict[bytes, bytes] = {}
    for row in rows:
        try:
            done += _sealed_again(tx, column, row, moves)
        except EncryptionError:
            shut += 1  # under no secret we were given: left as it is, and said
    inbox.move_talks(tx, moves)
    return Batch(done, shut, _key(column, rows[-1]) if len(rows) == most else None)


def finish(tx: Tx, actor: Actor) -> None:
    """Write down that nothing is left under another secret."""
    _machine(actor)
    audit.receipt(tx, actor, TURNED)


def _sealed_again(tx: Tx, column: Column[Any], row: Values, moves: dict[bytes, bytes]) -> int:
    name, values = _name(column), row
    sealed, place = Sealed(values[column.name]), place_of(column, values)
    fresh: dict[str, bytes] = {column.name: tx.secret.reseal(sealed, place)}
    reindex = BESIDE.get(name)
    if reindex is not None:
        text = tx.secret.open(sealed, place)
        fresh |= reindex(tx, values, text)
        for chat in chats_of(name, text):
            now, *before = tx.secret.indexes("chat", str(chat))
            moves |= dict.fromkeys(before, now)
    table = _table(column)
    # Whoever wrote it meanwhile wrote it under a secret of their own: it is looked at again.
    done = tx.session.execute(
        update(table)
        .where(
            *(each == values[each.name] for each in table.primary_key.columns),
            column == values[column.name],
        )
        .values(**fresh)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts its rows


def _some(tx: Tx, column: Column[Any], after: Key | None, most: int) -> Sequence[Values]:
    table = _table(column)
    keys = list(table.primary_key.columns)
    query = select(table).where(_stale(tx, column)).order_by(*keys).limit(most)
    if after:
        query = query.where(tuple_(*keys) > tuple_(*after) if len(keys) > 1 else keys[0] > after[0])
    return [dict(row) for row in tx.session.execute(query).mappings()]


def _stale(tx: Tx, column: Column[Any]) -> ColumnElement[bool]:
    return and_(
        column.is_not(None),
        func.length(column) > MARK_BYTES,
        func.substr(column, 1, MARK_BYTES) != tx.secret.mark,
    )


def _key(column: Column[Any], row: Values) -> Key:
    return tuple(row[each.name] for each in _table(column).primary_key.columns)


def _table(column: Column[Any]) -> Table:
    return column.table


def _name(column: Column[Any]) -> str:
    return f"{_table(column).name}.{column.name}"


def _machine(actor: Actor) -> None:
    if actor.role is not Role.MACHINE:
        raise NotAllowed
