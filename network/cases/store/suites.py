"""What of a case is still sealed with a suite that is being retired. An envelope's second byte says
which; what is done shows there, so whoever is interrupted goes on where they stood.
"""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Table, and_, func, select, update

from network.cases.tables import EntryRow, EpochRow, GrantRow
from network.db import Tx
from network.encryption.sealed import Sealed, Suite, header
from network.kernel.ids import CaseId, PersonId

_ENTRIES = cast(Table, EntryRow.__table__)
_EPOCHS = cast(Table, EpochRow.__table__)
_GRANTS = cast(Table, GrantRow.__table__)
MARK_BYTES = 2


def entries(
    tx: Tx, case_id: CaseId, within: Collection[int], suite: Suite, *, limit: int
) -> list[Row[Any]]:
    """Some entries of these epochs sealed with another suite: number, id, epoch and body."""
    query = select(_ENTRIES.c.number, _ENTRIES.c.id, _ENTRIES.c.epoch, _ENTRIES.c.body)
    return list(
        tx.session.execute(
            query.where(_of(_ENTRIES, case_id, within), _other(_ENTRIES.c.body, suite))
            .order_by(_ENTRIES.c.number)
            .limit(limit)
        )
    )


def put_entry(tx: Tx, row: Row[Any], sealed: Sealed) -> None:
    """In the place of the envelope that was read."""
    tx.session.execute(
        update(_ENTRIES)
        .where(_ENTRIES.c.number == row.number, _ENTRIES.c.body == row.body)
        .values(body=sealed)
    )


def grants(
    tx: Tx, case_id: CaseId, within: Collection[int], suite: Suite
) -> list[tuple[int, PersonId]]:
    """The grants of these epochs sealed with another suite."""
    query = select(_GRANTS.c.epoch, _GRANTS.c.member_id)
    rows = tx.session.execute(
        query.where(_of(_GRANTS, case_id, within), _other(_GRANTS.c.sealed_key, suite))
    )
    return [(row.epoch, PersonId(row.member_id)) for row in rows]


def put_grant(tx: Tx, case_id: CaseId, epoch: int, member: PersonId, sealed: Sealed) -> None:
    """The same key for the same member: nobody's access changes by it."""
    tx.session.execute(
        update(_GRANTS)
        .where(
            _GRANTS.c.case_id == case_id, _GRANTS.c.epoch == epoch, _GRANTS.c.member_id == member
        )
        .values(sealed_key=sealed)
    )


def links(tx: Tx, case_id: CaseId, within: Collection[int], suite: Suite) -> list[int]:
    """The epochs whose link to the one before is sealed with another suite."""
    return _epochs(tx, case_id, within, _other(_EPOCHS.c.link, suite))


def put_link(tx: Tx, case_id: CaseId, number: int, link: Sealed) -> None:
    """In the place of the one that was there."""
    tx.session.execute(
        update(_EPOCHS)
        .where(_EPOCHS.c.case_id == case_id, _EPOCHS.c.number == number)
        .values(link=link)
    )


def escrows(tx: Tx, case_id: CaseId, within: Collection[int], suite: Suite) -> list[int]:
    """The epochs that are sealed to the quorum with another suite."""
    return _epochs(tx, case_id, within, _other(_EPOCHS.c.recovery_sealed, suite))


def count_entries(tx: Tx, case_id: CaseId, within: Collection[int], suite: Suite) -> int:
    """How many entries of these epochs are sealed with another suite."""
    query = select(func.count()).select_from(_ENTRIES)
    found = tx.session.scalar(
        query.where(_of(_ENTRIES, case_id, within), _other(_ENTRIES.c.body, suite))
    )
    return found or 0


def _epochs(
    tx: Tx, case_id: CaseId, within: Collection[int], which: ColumnElement[bool]
) -> list[int]:
    query = select(_EPOCHS.c.number).where(
        _EPOCHS.c.case_id == case_id, _EPOCHS.c.number.in_(list(within)), which
    )
    return list(tx.session.scalars(query))


def _of(table: Table, case_id: CaseId, within: Collection[int]) -> ColumnElement[bool]:
    return and_(table.c.case_id == case_id, table.c.epoch.in_(list(within)))


def _other(column: ColumnElement[Any], suite: Suite) -> ColumnElement[bool]:
    return and_(column.is_not(None), func.substr(column, 1, MARK_BYTES) != header(suite))
