"""The log grows at its end and cannot be changed unseen."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from config.country import Pack
from network import audit
from network.audit import store
from network.audit.tables import HeadRow, PrintedHeadRow, ReceiptRow
from network.audit.words import PALABRAS
from network.db import Database, Tx, writing
from network.encryption.chain import link
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor, Role
from network.kernel.ids import CaseId, PersonId, new_id
from tests.ground.clock import StillClock

Open = Callable[[], AbstractContextManager[Tx]]
FIRST_WORDS = "8b356789fe035bfc58e674e5da8b23ebabedcb08300a8decacdf1eed6934458d"


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


COLUMNS: dict[str, object] = {
    "at": datetime(2031, 1, 1, tzinfo=UTC),
    "actor": "somebody",
    "verb": "nothing",
    "case_id": new_id(),
    "subject": new_id(),
    "link": bytes(32),
}


@pytest.mark.parametrize("column", [*COLUMNS, "number"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_column_of_a_line_changes_unseen(opened: Open, column: str) -> None:
    write(opened, 4, CaseId(new_id()))
    with opened() as tx:
        value = 9 if column == "number" else COLUMNS[column]
        changed = update(ReceiptRow).where(ReceiptRow.number == 2).values({column: value})
        tx.session.execute(changed)

    found = verdict(opened)
    assert found is not None
    assert found.number == 2


def rewritten(opened: Open, verb: str) -> None:
    """Whoever owns the database writes the whole chain anew from its third line, head and all."""
    with opened() as tx:
        rows = list(tx.session.scalars(select(ReceiptRow).order_by(ReceiptRow.number)))
        previous = rows[1].link
        for row in rows[2:]:
            row.verb = verb
            line = store._receipt(row)
            previous = row.link = link(previous, store._fields(line))
        tx.session.execute(update(HeadRow).values(link=previous))


def test_a_chain_written_anew_by_its_owner_is_not_the_one_that_was_printed(opened: Open) -> None:
    write(opened, 5)
    with opened() as tx:
        said = audit.write_down(tx)
        assert audit.write_down(tx) is None
    assert said is not None
    rewritten(opened, "case.looked-away")

    assert verdict(opened) is None
    with opened() as tx:
        assert audit.verify_with_heads(tx) == audit.Broken(5, "not what was printed")
        tx.session.execute(update(PrintedHeadRow).values(link=audit.head(tx)[1]))
        assert audit.verify_with_heads(tx) is None
        (shown,) = audit.printed(tx)
    assert shown.words != said.words


def test_a_tail_cut_off_with_its_head_is_missed_by_the_day_it_was_printed(opened: Open) -> None:
    write(opened, 5)
    with opened() as tx:
        audit.write_down(tx)
        fourth = tx.session.scalar(select(ReceiptRow.link).where(ReceiptRow.number == 4))
        tx.session.execute(delete(ReceiptRow).where(ReceiptRow.number == 5))
        tx.session.execute(update(HeadRow).values(number=4, link=fourth))
        assert audit.verify(tx) is None
        assert audit.verify_with_heads(tx) == audit.Broken(5, "not what was printed")


@given(st.binary(min_size=32, max_size=32))
def test_a_head_is_six_words_of_each_language_and_any_of_its_first_bits_shows(raw: bytes) -> None:
    for language in audit.LANGUAGES:
        words = audit.in_words(raw, language)
        assert len(words.split()) == 6
        assert audit.are_words_of(f" {words.upper()} ", raw)
        for bit in (0, 30, 59):
            other = bytearray(raw)
            other[bit // 8] ^= 0x80 >> bit % 8
            assert audit.in_words(bytes(other), language) != words
            assert not audit.are_words_of(words, bytes(other))


def test_the_spanish_words_are_as_many_as_the_english_and_told_apart_by_their_beginning() -> None:
    """Ten bits a word in each language, so sixty in six; and the list is never to change."""
    words = PALABRAS.read_text(encoding="ascii").split()
    assert len(words) == len({each[:5] for each in words}) == 1024
    assert hashlib.sha256(" ".join(words).encode()).hexdigest() == FIRST_WORDS
