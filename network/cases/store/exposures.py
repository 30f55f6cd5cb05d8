"""What members can open, could open until they lost it, and how much that is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from network.cases.store.cases import card_of
from network.cases.tables import CaseRow, EntryRow, ExposureRow, FileRow, GrantRow, RemovalRow
from network.db import Tx
from network.kernel.ids import CaseId, PersonId


@dataclass(frozen=True, slots=True)
class Reached:
    """One case somebody can open, or could until `lost_on`."""

    case_id: CaseId
    since_on: date
    lost_on: date | None
    epochs: int
    entries: int
    files: int


def write_down(tx: Tx, case_id: CaseId, member: PersonId) -> None:
    """Keep what a member can open of a case at this moment, before their grants are destroyed."""
    granted = tx.session.scalars(
        select(GrantRow.granted_on)
        .where(GrantRow.case_id == case_id, GrantRow.member_id == member)
        .order_by(GrantRow.granted_on)
    ).all()
    if not granted:
        return
    entries = select(func.count()).where(EntryRow.case_id == case_id).scalar_subquery()
    files = select(func.count()).where(FileRow.case_id == case_id).scalar_subquery()
    dialect = postgresql if tx.on_postgresql else sqlite
    lost = {"lost_on": tx.now.date(), "epochs": len(granted), "entries": entries, "files": files}
    tx.session.execute(
        dialect.insert(ExposureRow)
        .values(case_id=case_id, member_id=member, since_on=granted[0], **lost)
        .on_conflict_do_update(index_elements=["case_id", "member_id"], set_=lost)
    )


def of(tx: Tx, member: PersonId) -> tuple[Reached, ...]:
    """Every case somebody can open or could, those they still can first."""
    held = _held(tx, member)
    lost = tuple(
        Reached(CaseId(r.case_id), r.since_on, r.lost_on, r.epochs, r.entries, r.files)
        for r in tx.session.scalars(
            select(ExposureRow)
            .where(ExposureRow.member_id == member)
            .order_by(ExposureRow.lost_on.desc(), ExposureRow.case_id)
            .execution_options(populate_existing=True)
        )
    )
    again = {each.case_id for each in held}
    return (*held, *(each for each in lost if each.case_id not in again))


def references(tx: Tx, ids: Iterable[CaseId]) -> dict[CaseId, str]:
    """What these cases are called."""
    rows = tx.session.execute(select(CaseRow.id, CaseRow.card).where(CaseRow.id.in_(list(ids))))
    return {CaseId(row.id): card_of(tx, CaseId(row.id), row.card).reference for row in rows}


def begin_removal(tx: Tx, member: PersonId, cases: int) -> None:
    """Remember how many cases have to turn, so that progress has an end."""
    tx.session.execute(
        insert(RemovalRow).values(member_id=member, cases=cases, begun_on=tx.now.date())
    )


def removal(tx: Tx, member: PersonId) -> tuple[int, date] | None:
    """How many cases had to turn, and since when; None for whoever nobody removed."""
    row = tx.session.execute(
        select(RemovalRow.cases, RemovalRow.begun_on).where(RemovalRow.member_id == member)
    ).one_or_none()
    return None if row is None else (row.cases, row.begun_on)


def _held(tx: Tx, member: PersonId) -> tuple[Reached, ...]:
    rows = tx.session.execute(
        select(
            GrantRow.case_id, func.min(GrantRow.granted_on).label("since"), func.count().label("n")
        )
        .where(GrantRow.member_id == member)
        .group_by(GrantRow.case_id)
        .order_by(func.min(GrantRow.granted_on), GrantRow.case_id)
    ).all()
    mine = select(GrantRow.case_id).where(GrantRow.member_id == member)
    entries = _per_case(tx, EntryRow, mine)
    files = _per_case(tx, FileRow, mine)
    return tuple(
        Reached(
            CaseId(row.case_id),
            row.since,
            None,
            row.n,
            entries.get(row.case_id, 0),
            files.get(row.case_id, 0),
        )
        for row in rows
    )


def _per_case(tx: Tx, table: type[EntryRow] | type[FileRow], wanted: object) -> dict[object, int]:
    rows = tx.session.execute(
        select(table.case_id, func.count())
        .where(table.case_id.in_(wanted))  # type: ignore[arg-type]  # a select of ids
        .group_by(table.case_id)
    )
    return {row[0]: row[1] for row in rows}
