"""The log's head, written down once a day and said aloud, so that a rewritten history is noticed.

Whoever holds the whole machine can write another chain, and its heads too: but not the ones that
stand in every coordinator's letters.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select

from network.audit.store import Broken, head, verify
from network.audit.tables import PrintedHeadRow, ReceiptRow
from network.audit.words import in_words
from network.db import Tx

SHOWN_FOR: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class PrintedHead:
    """What was said of the log on one day."""

    on: date
    number: int
    link: bytes = field(repr=False)

    @property
    def words(self) -> str:
        """In English, as in a proof."""
        return in_words(self.link)

    def in_words(self, language: str) -> str:
        """In the words of a reader's language."""
        return in_words(self.link, language)


def write_down(tx: Tx) -> PrintedHead | None:
    """Today's head, the first time it is asked for today; None after that."""
    number, link = head(tx)
    written = tx.session.scalar(
        tx.insert(PrintedHeadRow)
        .values(on=tx.now.date(), number=number, link=link)
        .on_conflict_do_nothing(index_elements=["on"])
        .returning(PrintedHeadRow.number)
    )
    return None if written is None else PrintedHead(tx.now.date(), number, link)


def said_today(tx: Tx) -> bool:
    """Whether today's head is written down already."""
    query = select(PrintedHeadRow.number).where(PrintedHeadRow.on == tx.now.date())
    return tx.session.scalar(query) is not None


def printed(tx: Tx) -> tuple[PrintedHead, ...]:
    """What was said on each day, the newest first."""
    rows = tx.session.execute(
        select(PrintedHeadRow.on, PrintedHeadRow.number, PrintedHeadRow.link)
        .where(PrintedHeadRow.on > tx.now.date() - SHOWN_FOR)
        .order_by(PrintedHeadRow.on.desc())
    )
    return tuple(PrintedHead(row.on, row.number, row.link) for row in rows)


def verify_with_heads(tx: Tx) -> Broken | None:
    """Walk the chain, and look whether every head of before is still a link of it."""
    broken = verify(tx)
    if broken is not None:
        return broken
    row = tx.session.execute(
        select(PrintedHeadRow.number)
        .outerjoin(ReceiptRow, ReceiptRow.number == PrintedHeadRow.number)
        .where(PrintedHeadRow.number > 0)
        .where(ReceiptRow.link.is_(None) | (ReceiptRow.link != PrintedHeadRow.link))
        .order_by(PrintedHeadRow.on)
        .limit(1)
    ).first()
    return None if row is None else Broken(row.number, "not what was printed")
