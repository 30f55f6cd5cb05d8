"""How much each account can open, counted from the grants and kept by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, delete, func, select

from network.cases.domain import CaseStatus
from network.cases.store.ends import opens
from network.cases.tables import CaseRow, ContactRow, EntryRow, GrantRow, RaisedRow, ReachRow
from network.db import Tx
from network.kernel.ids import PersonId

KEPT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Day:
    """What one account could open on one day."""

    on: date
    cases: int
    entries: int
    families: int


def measure(tx: Tx) -> int:
    """Count for today, once; what is older than a year goes. Says how many accounts."""
    today = tx.now.date()
    if tx.session.scalar(select(ReachRow.on).where(ReachRow.on == today).limit(1)) is not None:
        return 0
    said = select(EntryRow.case_id, func.count().label("n")).group_by(EntryRow.case_id).subquery()
    rows = tx.session.execute(
        select(
            GrantRow.member_id,
            func.count().label("cases"),
            func.coalesce(func.sum(said.c.n), 0).label("entries"),
            func.count(ContactRow.id).label("families"),
        )
        .join(CaseRow, and_(CaseRow.id == GrantRow.case_id, CaseRow.epoch == GrantRow.epoch))
        .outerjoin(said, said.c.case_id == GrantRow.case_id)
        .outerjoin(ContactRow, ContactRow.case_id == GrantRow.case_id)
        .where(opens(today))
        .group_by(GrantRow.member_id)
    ).all()
    if rows:
        tx.session.execute(
            tx.insert(ReachRow).on_conflict_do_nothing(),  # another clock counts at this moment
            [
                {
                    "member_id": row.member_id,
                    "on": today,
                    "cases": row.cases,
                    "entries": int(row.entries),
                    "families": row.families,
                }
                for row in rows
            ],
        )
    tx.session.execute(delete(ReachRow).where(ReachRow.on < today - KEPT))
    return len(rows)


def days(tx: Tx, member: PersonId, *, since: date) -> tuple[Day, ...]:
    """One account's days, the oldest first."""
    rows = tx.session.scalars(
        select(ReachRow)
        .where(ReachRow.member_id == member, ReachRow.on >= since)
        .order_by(ReachRow.on)
    )
    return tuple(Day(row.on, row.cases, row.entries, row.families) for row in rows)


def count(tx: Tx, member: PersonId) -> int:
    """How many running cases they can open now."""
    query = (
        select(func.count())
        .select_from(GrantRow)
        .join(CaseRow, and_(CaseRow.id == GrantRow.case_id, CaseRow.epoch == GrantRow.epoch))
        .where(
            GrantRow.member_id == member,
            CaseRow.status != CaseStatus.CLOSED,
            opens(tx.now.date()),
        )
    )
    return tx.session.scalar(query) or 0


def held_today(tx: Tx, members: Sequence[PersonId]) -> dict[PersonId, int]:
    """How many cases, closed ones too, each of these members can open now."""
    rows = tx.session.execute(
        select(GrantRow.member_id, func.count())
        .join(CaseRow, and_(CaseRow.id == GrantRow.case_id, CaseRow.epoch == GrantRow.epoch))
        .where(GrantRow.member_id.in_(members), opens(tx.now.date()))
        .group_by(GrantRow.member_id)
    )
    return {PersonId(member): many for member, many in rows}


def raised(tx: Tx, member: PersonId) -> int:
    """What two have allowed them beyond the pack, while it lasts; 0 where nobody did."""
    query = select(RaisedRow.most).where(
        RaisedRow.member_id == member, RaisedRow.until_on > tx.now.date()
    )
    return tx.session.scalar(query) or 0


def raised_until(tx: Tx, member: PersonId) -> date | None:
    """Until when that lasts."""
    query = select(RaisedRow.until_on).where(
        RaisedRow.member_id == member, RaisedRow.until_on > tx.now.date()
    )
    return tx.session.scalar(query)


def raise_to(tx: Tx, member: PersonId, most: int, until: date) -> None:
    """From now on, and until this day."""
    values = {"most": most, "until_on": until}
    tx.session.execute(
        tx.insert(RaisedRow)
        .values(member_id=member, **values)
        .on_conflict_do_update(index_elements=["member_id"], set_=values)
    )
