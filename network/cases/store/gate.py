"""The one place through which a grant goes into the database: nobody gets one past vetting."""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Table, bindparam, select

from network.cases.domain import Case, Urgency
from network.cases.store.cases import card_of
from network.cases.tables import CaseRow, GrantRow
from network.db import Tx
from network.kernel.ids import CaseId, PersonId
from network.vetting import services as vetting
from network.vetting.domain.gate import Bar, Holding

_CASES = cast(Table, CaseRow.__table__)
_ABOUT = select(_CASES.c.urgency, _CASES.c.card, _CASES.c.activist_id).where(
    _CASES.c.id == bindparam("case")
)


def check(tx: Tx, case_id: CaseId, epoch: int, to: Iterable[PersonId]) -> None:
    """Raise NotCleared where one of them may not hold this case, whoever asks and however."""
    asked = list(to)
    row = tx.session.execute(_ABOUT, {"case": case_id}).one()
    accompanier = PersonId(row.activist_id) if row.activist_id else None
    if accompanier not in asked and not _holds(tx, case_id, epoch, accompanier):
        accompanier = None
    zone = card_of(tx, case_id, row.card).zone
    vetting.require_cleared(tx, asked, Holding(zone, row.urgency is Urgency.WEEK, accompanier))


def barred(
    tx: Tx, case: Case, to: Iterable[PersonId], *, beside: Iterable[PersonId] = ()
) -> dict[PersonId, Bar]:
    """The same asked beforehand, of a case the caller has found: who may not, and why.

    `beside` are those who hold it, or will.
    """
    asked = list(to)
    inside = {*asked, *beside}
    accompanier = case.activist if case.activist in inside else None
    holding = Holding(case.card.zone, case.urgency is Urgency.WEEK, accompanier)
    return vetting.barred(tx, asked, holding)


def _holds(tx: Tx, case_id: CaseId, epoch: int, member: PersonId | None) -> bool:
    if member is None:
        return False
    query = select(GrantRow.member_id).where(
        GrantRow.case_id == case_id, GrantRow.epoch == epoch, GrantRow.member_id == member
    )
    return tx.session.scalar(query) is not None
