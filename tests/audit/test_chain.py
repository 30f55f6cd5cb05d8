"""The log grows at its end and cannot be changed unseen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import delete, select, update

from config.country import Pack
from network import audit
from network.audit.tables import HeadRow, ReceiptRow
from network.db import Database, Tx, writing
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor, Role
from network.kernel.ids import CaseId, PersonId, new_id
from tests.ground.clock import StillClock

Open = Callable[[], AbstractContextManager[Tx]]


@pytest.fixture
def opened(database: Database, clock: StillClock, secret: ServerSecret, pack: Pack) -> Open:
    return lambda: writing(database, clock(), secret, pack)


def alice() -> Actor:
    return Actor(Role.COORDINATOR, PersonId(new_id()), active=True)


def write(opened: Open, lines: int, case: CaseId | None = None) -> None:
    who = alice()
    for _ in range(lines):
        with opened() as tx:
            audit.receipt(tx, who, "case.opened", case=case)


def verdict(opened: Open) -> audit.Broken | None:
    with opened() as tx:
        return audit.verify(tx)


def test_an_untouched_log_is_whole(opened: Open) -> None:
    assert verdict(opened) is None
    write(opened, 5)
    assert verdict(opened) is None


def test_a_changed_line_is_noticed(opened: Open) -> None:
    write(opened, 5)
    with opened() as tx:
        tx.session.execute(update(ReceiptRow).where(ReceiptRow.number == 3).values(verb="nothing"))

    assert verdict(opened) == audit.Broken(3, "changed")


def test_a_missing_line_is_noticed(opened: Open) -> None:
    write(opened, 5)
    with opened() as tx:
        tx.session.execute(delete(ReceiptRow).where(ReceiptRow.number == 2))

    assert verdict(opened) == audit.Broken(2, "missing")


def test_a_log_cut_short_is_noticed(opened: Open) -> None:
    write(opened, 5)
    with opened() as tx:
        tx.session.execute(delete(ReceiptRow).where(ReceiptRow.number == 5))

    assert verdict(opened) == audit.Broken(5, "cut short")


def test_a_head_set_back_with_its_lines_differs_from_the_head_that_was_printed(
    opened: Open,
) -> None:
    write(opened, 5)
    with opened() as tx:
        printed = audit.head(tx)
        fourth = tx.session.scalar(select(ReceiptRow.link).where(ReceiptRow.number == 4))
        tx.session.execute(delete(ReceiptRow).where(ReceiptRow.number == 5))
        tx.session.execute(update(HeadRow).values(number=4, link=fourth))

    assert verdict(opened) is None
    with opened() as tx:
        assert audit.head(tx) != printed


def test_many_hands_write_one_chain_without_forks(opened: Open) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: write(opened, 10), range(4)))

    assert verdict(opened) is None
    with opened() as tx:
        assert audit.head(tx)[0] == 40


def test_a_cases_receipts_come_newest_first_and_page_by_page(opened: Open) -> None:
    case, other = CaseId(new_id()), CaseId(new_id())
    write(opened, 3, case)
    write(opened, 2, other)
    write(opened, 1, case)

    with opened() as tx:
        first = audit.receipts_of(tx, case, limit=2)
        rest = audit.receipts_of(tx, case, before=first[-1].number, limit=2)
    assert [line.number for line in first + rest] == [6, 3, 2, 1]
