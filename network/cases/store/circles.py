"""Everybody around many cases at once, for the clock: what it must know to ask and to ring."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from network.cases.domain import Case, Contact
from network.cases.store.cases import case_from, opened_contact
from network.cases.tables import CaseRow, ContactRow
from network.db import Tx
from network.encryption.sealed import EncryptionError
from network.kernel.ids import CaseId

# Built once, and without the rows' classes: the clock asks for five hundred at a time.
COLUMNS: tuple[Any, ...] = (
    CaseRow.id,
    CaseRow.status,
    CaseRow.urgency,
    CaseRow.opened_at,
    CaseRow.card,
    CaseRow.epoch,
    CaseRow.coordinator_id,
    CaseRow.activist_id,
    CaseRow.ladder,
    ContactRow.id.label("contact_id"),
    ContactRow.sealed.label("contact_sealed"),
)
_AROUND = (
    select(*COLUMNS)
    .outerjoin(ContactRow, ContactRow.case_id == CaseRow.id)
    .where(CaseRow.id.in_(bindparam("ids", expanding=True)))
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Around:
    """A case, its family's chat, and the ladder copied into it ("" before somebody accepted)."""

    case: Case
    contact: Contact | None
    ladder: str


def around(tx: Tx, case_ids: Iterable[CaseId]) -> dict[CaseId, Around]:
    """These cases in one statement. One that does not open is logged and left out."""
    wanted = set(case_ids)
    if not wanted:
        return {}
    found: dict[CaseId, Around] = {}
    for row in tx.session.execute(_AROUND, {"ids": list(wanted)}):
        try:
            found[CaseId(row.id)] = Around(
                case_from(tx, row),
                None
                if row.contact_id is None
                else opened_contact(tx, row.contact_id, row.contact_sealed),
                row.ladder,
            )
        except (EncryptionError, ValueError, KeyError, TypeError):
            # Without the trace: it may hold what was being opened.
            log.error("the card of case %s cannot be read", row.id)  # noqa: TRY400
    return found
