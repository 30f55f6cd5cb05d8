"""The tree of each day: which commitments the log holds, and under which line."""

from sqlalchemy import func, insert, select

from network.cases.tables import AnchorRow, EntryRow, LeafRow
from network.db import Tx

# On PostgreSQL a smaller number may be committed after a larger one: so far back is looked again.
LATE = 10_000


def fresh(tx: Tx) -> tuple[tuple[bytes, ...], int]:
    """The commitments no tree holds yet, in an order that tells nothing, and the newest number."""
    upto = tx.session.scalar(select(func.max(AnchorRow.upto))) or 0
    rows = tx.session.execute(
        select(EntryRow.number, EntryRow.commitment)
        .outerjoin(LeafRow, LeafRow.leaf == EntryRow.commitment)
        .where(
            EntryRow.number > upto - LATE,
            EntryRow.commitment.is_not(None),
            LeafRow.leaf.is_(None),
        )
    ).all()
    found = sorted(row.commitment for row in rows if row.commitment is not None)
    return tuple(found), max((upto, *(row.number for row in rows)))


def anchor(tx: Tx, number: int, leaves: tuple[bytes, ...], upto: int) -> None:
    """From now on the log's line of this number holds the root over these."""
    tx.session.execute(insert(AnchorRow).values(number=number, upto=upto))
    tx.session.execute(
        insert(LeafRow).inline(), [{"leaf": leaf, "anchor": number} for leaf in leaves]
    )


def tree_of(tx: Tx, leaf: bytes) -> tuple[int, tuple[bytes, ...]] | None:
    """The line that holds the tree of this leaf, and the tree's leaves in order; None before."""
    number = tx.session.scalar(select(LeafRow.anchor).where(LeafRow.leaf == leaf))
    if number is None:
        return None
    rows = tx.session.scalars(
        select(LeafRow.leaf).where(LeafRow.anchor == number).order_by(LeafRow.leaf)
    )
    return number, tuple(rows)
