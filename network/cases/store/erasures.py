"""The days on which cases end, what waits, what the clock destroys and what it counts of it."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, insert, or_, select, update

from network.cases.domain import Case, Outcome
from network.cases.erasure import TO_TAKE_IT_BACK, Erasure
from network.cases.store.cases import case_from
from network.cases.tables import CaseRow, ContactRow, StatisticRow
from network.db import Tx, skipping_locked
from network.kernel.errors import NotVisible
from network.kernel.ids import CaseId, new_id


def began(tx: Tx) -> datetime:
    """When this day began where the network is."""
    return datetime.combine(tx.today, time(), ZoneInfo(tx.pack.time_zone))


def erasure_from(tx: Tx, row: Any) -> Erasure:  # noqa: ANN401  # a case's row, or its columns
    """The days of a case, as its row says."""
    kept_for = tx.pack.access.kept_after_closing
    return Erasure(row.closed_on, row.erase_on, row.hold_ends_on, kept_for)


def erasure_of(tx: Tx, case_id: CaseId) -> Erasure:
    """The days of a case the caller has found; NotVisible where it was erased meanwhile."""
    query = select(CaseRow.closed_on, CaseRow.erase_on, CaseRow.hold_ends_on)
    row = tx.session.execute(query.where(CaseRow.id == case_id)).one_or_none()
    if row is None:
        raise NotVisible
    return erasure_from(tx, row)


def save(tx: Tx, case_id: CaseId, after: Erasure) -> None:
    """From that day on the clock destroys it, and not while it is held."""
    tx.session.execute(
        update(CaseRow)
        .where(CaseRow.id == case_id)
        .values(erase_on=after.erase_on, hold_ends_on=after.held_until)
    )


def due(tx: Tx, limit: int) -> tuple[Case, ...]:
    """Cases whose day has come, for the clock: taken until the commit. Of those that are held back
    the ones whose family was not parted with yet. By an index where there is none.
    """
    day = tx.today
    has_family = exists().where(ContactRow.case_id == CaseRow.id)
    query = (
        select(CaseRow)
        .where(CaseRow.erase_on <= day)
        .where(or_(CaseRow.hold_ends_on.is_(None), CaseRow.hold_ends_on <= day, has_family))
        .order_by(CaseRow.erase_on)
        .limit(limit)
    )
    return tuple(case_from(tx, row) for row in tx.session.scalars(skipping_locked(tx, query)))


def asked_for(tx: Tx, limit: int) -> tuple[tuple[Case, Erasure], ...]:
    """Cases whose family has asked that they be erased and that still are, the soonest first."""
    soon = tx.today + TO_TAKE_IT_BACK  # nobody's wish lies further ahead
    query = select(CaseRow).where(CaseRow.erase_on <= soon).order_by(CaseRow.erase_on, CaseRow.id)
    rows = tx.session.scalars(query.limit(limit))
    found = ((case_from(tx, row), erasure_from(tx, row)) for row in rows)
    return tuple((case, days) for case, days in found if days.is_asked)


def part(tx: Tx, case_id: CaseId) -> None:
    """Destroy whose case it is: nothing can be written to its family, or found by it, any more."""
    tx.session.execute(delete(ContactRow).where(ContactRow.case_id == case_id))


def count_in(tx: Tx, case: Case, outcome: Outcome) -> None:
    """One nameless row for the network's statistics. Only where its family allows it."""
    tx.session.execute(
        insert(StatisticRow)
        .inline()
        .values(
            id=new_id(),
            year=case.opened_at.year,
            state=case.card.zone[:2] if case.card.zone else None,
            outcome=outcome.value,
        )
    )


def erase(tx: Tx, case: Case) -> None:
    """Destroy the case and, by cascade, everything that hangs from it."""
    tx.session.execute(delete(CaseRow).where(CaseRow.id == case.id))
