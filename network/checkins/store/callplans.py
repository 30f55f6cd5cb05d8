"""Call plans: one for a case, sealed to it. Whoever holds no grant cannot open it, nor can we."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, delete, select

from network.checkins.tables import CallPlanRow
from network.db import Tx
from network.encryption.sealed import Place, Sealed
from network.kernel.ids import CaseId

_ROWS = cast(Table, CallPlanRow.__table__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan as it is stored, and the place it is bound to."""

    sealed: Sealed
    place: Place


def of_case(tx: Tx, case_id: CaseId) -> Kept | None:
    """The plan of a case the caller has found, if there is one."""
    row = tx.session.execute(
        select(CallPlanRow.epoch, CallPlanRow.body).where(CallPlanRow.case_id == case_id)
    ).one_or_none()
    return None if row is None else Kept(Sealed(row.body), place_of(case_id, row.epoch))


def keep(tx: Tx, case_id: CaseId, epoch: int, sealed: Sealed) -> None:
    """Put this plan in the place of the one before."""
    new = tx.insert(_ROWS).values(case_id=case_id, epoch=epoch, body=sealed)
    tx.session.execute(
        new.on_conflict_do_update(index_elements=["case_id"], set_={"epoch": epoch, "body": sealed})
    )


def forget(tx: Tx, case_id: CaseId) -> None:
    """There is no plan any more."""
    tx.session.execute(delete(CallPlanRow).where(CallPlanRow.case_id == case_id))


def place_of(case_id: CaseId, epoch: int) -> Place:
    """Where the plan of a case is bound to."""
    return Place("call_plans", "body", case_id, case_id, epoch)
