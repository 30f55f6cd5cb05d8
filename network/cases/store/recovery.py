"""What of the cases' keys is sealed to the quorum. Openings come by a ceremony, and by no list."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update

from network.cases.domain import Case
from network.cases.store.cases import case_from, visible_to
from network.cases.tables import CaseRow, EpochRow
from network.db import Tx
from network.encryption.quorum import Escrow
from network.encryption.sealed import Sealed
from network.kernel.actor import Actor
from network.kernel.ids import CaseId


def entrust(tx: Tx, case_id: CaseId, number: int, held: Escrow) -> None:
    """Seal one epoch to the quorum, in place of the key of before."""
    tx.session.execute(
        update(EpochRow)
        .where(EpochRow.case_id == case_id, EpochRow.number == number)
        .values(recovery_id=held.key, recovery_sealed=held.sealed)
    )


def not_entrusted(tx: Tx, case_id: CaseId, key_id: UUID) -> tuple[int, ...]:
    """The epochs of one case that are not sealed to this recovery key."""
    return tuple(
        tx.session.scalars(
            select(EpochRow.number)
            .where(EpochRow.case_id == case_id, _not_to(key_id))
            .order_by(EpochRow.number)
        )
    )


def entrusted(tx: Tx, case_id: CaseId) -> dict[int, Escrow]:
    """What the quorum could open of one case, by epoch."""
    rows = tx.session.execute(
        select(EpochRow.number, EpochRow.recovery_id, EpochRow.recovery_sealed).where(
            EpochRow.case_id == case_id, EpochRow.recovery_id.is_not(None)
        )
    )
    return {
        row.number: Escrow(row.recovery_id, Sealed(row.recovery_sealed))
        for row in rows
        if row.recovery_id is not None and row.recovery_sealed is not None
    }


def mine_not_entrusted(tx: Tx, actor: Actor, key_id: UUID, *, limit: int) -> tuple[Case, ...]:
    """Cases this member can open and whose current key is not sealed to this recovery key."""
    rows = tx.session.scalars(
        visible_to(actor, tx.now.date())
        .join(EpochRow, (EpochRow.case_id == CaseRow.id) & (EpochRow.number == CaseRow.epoch))
        .where(_not_to(key_id))
        .order_by(CaseRow.id)
        .limit(limit)
    )
    return tuple(case_from(tx, row) for row in rows)


def count_not_entrusted(tx: Tx, key_id: UUID) -> int:
    """How many cases' current keys are not sealed to this recovery key."""
    found = tx.session.scalar(
        select(func.count())
        .select_from(CaseRow)
        .join(EpochRow, (EpochRow.case_id == CaseRow.id) & (EpochRow.number == CaseRow.epoch))
        .where(_not_to(key_id))
    )
    return found or 0


def keys_in_use(tx: Tx) -> frozenset[UUID]:
    """Every recovery key that something is still sealed to."""
    rows = tx.session.scalars(
        select(EpochRow.recovery_id).where(EpochRow.recovery_id.is_not(None)).distinct()
    )
    return frozenset(each for each in rows if each is not None)


def named(tx: Tx, reference: str) -> tuple[Case, ...]:
    """Every case of this reference, for a coordinator who was told it. Cards are sealed, so each is
    opened and looked at.
    """
    rows = tx.session.scalars(select(CaseRow).order_by(CaseRow.opened_at, CaseRow.id))
    found = (case_from(tx, row) for row in rows)
    return tuple(each for each in found if each.card.reference == reference)


def _not_to(key_id: UUID) -> ColumnElement[bool]:
    return or_(EpochRow.recovery_id.is_(None), EpochRow.recovery_id != key_id)
