"""What members can open, could open until they lost it, and how much that is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import BindParameter, Executable, Table, Uuid, bindparam, func, insert, select
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


_GRANTS = cast(Table, GrantRow.__table__)
_EXPOSURES = cast(Table, ExposureRow.__table__)
_CASE: BindParameter[Any] = bindparam("case", type_=Uuid())
# A column that refers to another room's table may not know its type yet.
_MEMBER: BindParameter[Any] = bindparam("member", type_=Uuid())
# Asked for each case whose key turns: built once.
_HELD = select(
    func.min(_GRANTS.c.granted_on).label("since"),
    func.count().label("epochs"),
    select(func.count()).where(EntryRow.case_id == _CASE).scalar_subquery().label("entries"),
    select(func.count()).where(FileRow.case_id == _CASE).scalar_subquery().label("files"),
).where(_GRANTS.c.case_id == _CASE, _GRANTS.c.member_id == _MEMBER)


def _writing_down(on_postgresql: bool) -> Executable:  # noqa: FBT001  # which dialect
    new = (postgresql if on_postgresql else sqlite).insert(_EXPOSURES)
    kept = ("lost_on", "epochs", "entries", "files")
    upsert: Executable = new.on_conflict_do_update(
        index_elements=["case_id", "member_id"],
        set_={name: new.excluded[name] for name in kept},
    )
    return upsert


_WRITE_DOWN = {each: _writing_down(each) for each in (False, True)}


def write_down(tx: Tx, case_id: CaseId, member: PersonId) -> None:
    """Keep what a member can open of a case at this moment, before their grants are destroyed."""
    held = tx.session.execute(_HELD, {"case": case_id, "member": member}).one()
    if not held.epochs:
        return
    row = {
        "case_id": case_id,
        "member_id": member,
        "since_on": held.since,
        "lost_on": tx.now.date(),
        "epochs": held.epochs,
        "entries": held.entries,
        "files": held.files,
    }
    tx.session.execute(_WRITE_DOWN[tx.on_postgresql], row)


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
