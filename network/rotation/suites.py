"""With which suite everything in the house is sealed: how far the change to another one is."""

from typing import Final

from sqlalchemy import func, select

from network.db import Tx, sealed_columns
from network.encryption.sealed import VERSION, Suite
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed

MARK_BYTES: Final = 2
# Ways in stand several in one envelope; later pieces of a file carry no mark of their own.
UNMARKED: Final = frozenset({"people.covers", "file_chunks.sealed"})


def counted(tx: Tx, actor: Actor) -> dict[str, dict[str, int]]:
    """By column, how many envelopes are of which suite. Nothing is opened."""
    if actor.role is not Role.MACHINE:
        raise NotAllowed
    found: dict[str, dict[str, int]] = {}
    for column in sealed_columns():
        if (name := str(column)) in UNMARKED:
            continue
        mark = func.substr(column, 1, MARK_BYTES, type_=column.type)
        rows = tx.session.execute(
            select(mark, func.count()).where(func.length(column) > MARK_BYTES).group_by(mark)
        )
        found[name] = {_called(bytes(each)): many for each, many in rows}
    return {name: suites for name, suites in found.items() if suites}


def _called(mark: bytes) -> str:
    known = {bytes((VERSION, suite)): suite.name for suite in Suite}
    return known.get(mark, "unknown")
