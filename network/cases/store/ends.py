"""When grants end: what still opens, what ends soon, and what the clock has to look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, exists, func, or_, select, update

from network.cases.domain import CaseStatus
from network.cases.tables import CaseRow, EpochRow, GrantRow
from network.db import Tx
from network.kernel.ids import CaseId, PersonId

_GRANTS = cast(Table, GrantRow.__table__)
_CASES = cast(Table, CaseRow.__table__)
_OTHERS = _GRANTS.alias("other_grants")
_OF_CASE = select(_GRANTS.c.member_id, _GRANTS.c.ends_on).where(
    _GRANTS.c.case_id == bindparam("case"), _GRANTS.c.epoch == bindparam("epoch")
)

# A grant, joined with its case, of somebody who cannot open what is sealed to the case now.
LEFT = ~exists().where(
    _OTHERS.c.case_id == _GRANTS.c.case_id,
    _OTHERS.c.member_id == _GRANTS.c.member_id,
    _OTHERS.c.epoch == _CASES.c.epoch,
)
# What the usual end of access is about: the rest is left to be passed on, and ends otherwise.
_USUAL = or_(_CASES.c.status == CaseStatus.CLOSED, ~LEFT)


def opens(today: Any) -> ColumnElement[bool]:  # noqa: ANN401  # a day, or a parameter for one
    """Whether a grant, joined with its case, still opens anything.

    Until its day. Of a running case also the accompanier's, and whatever is left when every grant
    has ended: no family is left without a reader because nobody pressed a button, or the clock
    stood still. The clock tells coordination of both.
    """
    left = exists().where(
        _OTHERS.c.case_id == _GRANTS.c.case_id,
        _OTHERS.c.epoch == _GRANTS.c.epoch,
        _OTHERS.c.ends_on > today,
    )
    return or_(
        _GRANTS.c.ends_on > today,
        and_(
            _CASES.c.status != CaseStatus.CLOSED,
            or_(_CASES.c.activist_id == _GRANTS.c.member_id, ~left),
        ),
    )


@dataclass(frozen=True, slots=True)
class End:
    """One member's access to one case, and the day it ends."""

    case_id: CaseId
    member: PersonId
    ends_on: date


def of_case(tx: Tx, case_id: CaseId, epoch: int) -> dict[PersonId, date]:
    """When the access of each who holds this epoch ends; also of those whose day has come."""
    rows = tx.session.execute(_OF_CASE, {"case": case_id, "epoch": epoch})
    return {PersonId(row.member_id): row.ends_on for row in rows}


def late(tx: Tx, case_id: CaseId) -> tuple[PersonId, ...]:
    """Whoever holds this case and a grant of it, in any epoch, whose day has come."""
    rows = tx.session.scalars(
        select(GrantRow.member_id)
        .join(CaseRow, CaseRow.id == GrantRow.case_id)
        .where(GrantRow.case_id == case_id, GrantRow.ends_on <= tx.now.date(), _USUAL)
        .distinct()
        .order_by(GrantRow.member_id)
    )
    return tuple(map(PersonId, rows))


def cases_with_late(tx: Tx, *, limit: int) -> tuple[CaseId, ...]:
    """Cases with such a grant, for the clock."""
    rows = tx.session.scalars(
        select(GrantRow.case_id)
        .join(CaseRow, CaseRow.id == GrantRow.case_id)
        .where(GrantRow.ends_on <= tx.now.date(), _USUAL)
        .distinct()
        .limit(limit)
    )
    return tuple(map(CaseId, rows))


def left_too_long(tx: Tx, today: date, *, limit: int) -> tuple[tuple[CaseId, PersonId], ...]:
    """Grants that somebody was left with, of running cases, whose day has come: for the clock."""
    rows = tx.session.execute(
        select(GrantRow.case_id, GrantRow.member_id)
        .join(CaseRow, CaseRow.id == GrantRow.case_id)
        .where(GrantRow.ends_on <= today, CaseRow.status != CaseStatus.CLOSED, LEFT)
        .distinct()
        .limit(limit)
    )
    return tuple((CaseId(row.case_id), PersonId(row.member_id)) for row in rows)


def left_since(tx: Tx, case_id: CaseId, member: PersonId) -> date | None:
    """The day on which the key turned without this member; None where they hold nothing."""
    newest = select(func.max(GrantRow.epoch) + 1).where(
        GrantRow.case_id == case_id, GrantRow.member_id == member
    )
    return tx.session.scalar(
        select(EpochRow.begun_on).where(
            EpochRow.case_id == case_id, EpochRow.number == newest.scalar_subquery()
        )
    )


def prolong(tx: Tx, case_id: CaseId, member: PersonId, until: date) -> None:
    """Their access, in every epoch, ends on this day."""
    tx.session.execute(
        update(GrantRow)
        .where(GrantRow.case_id == case_id, GrantRow.member_id == member)
        .values(ends_on=until)
    )


def on_days(tx: Tx, days: Iterable[date]) -> tuple[End, ...]:
    """Access to running cases that ends on one of these days, for the clock's letters."""
    return _ends(tx, GrantRow.ends_on.in_(list(days)))


def soon(tx: Tx, cases: Iterable[CaseId], until: date) -> tuple[End, ...]:
    """Access to these cases that ends by this day, the soonest first."""
    return _ends(tx, and_(GrantRow.case_id.in_(list(cases)), GrantRow.ends_on <= until))


def _ends(tx: Tx, which: ColumnElement[bool]) -> tuple[End, ...]:
    rows = tx.session.execute(
        select(GrantRow.case_id, GrantRow.member_id, GrantRow.ends_on)
        .join(CaseRow, and_(CaseRow.id == GrantRow.case_id, CaseRow.epoch == GrantRow.epoch))
        .where(which, CaseRow.status != CaseStatus.CLOSED)
        .order_by(GrantRow.ends_on, GrantRow.case_id, GrantRow.member_id)
    )
    return tuple(End(CaseId(row.case_id), PersonId(row.member_id), row.ends_on) for row in rows)
