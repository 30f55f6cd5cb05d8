"""Everybody around many cases at once, for the clock: what it must know to ask and to ring."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from network.cases.domain import Case, Contact
from network.cases.store.cases import case_from, contact_from
from network.cases.tables import CaseRow, ContactRow
from network.db import Tx
from network.encryption.sealed import EncryptionError
from network.kernel.ids import CaseId

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
    rows = tx.session.execute(
        select(CaseRow, ContactRow)
        .outerjoin(ContactRow, ContactRow.case_id == CaseRow.id)
        .where(CaseRow.id.in_(wanted))
        .execution_options(populate_existing=True)
    )
    found: dict[CaseId, Around] = {}
    for case, joined in rows:
        contact: ContactRow | None = joined  # the outer join may find none
        try:
            found[CaseId(case.id)] = Around(
                case_from(tx, case),
                None if contact is None else contact_from(tx, contact),
                case.ladder,
            )
        except (EncryptionError, ValueError, KeyError, TypeError):
            # Without the trace: it may hold what was being opened.
            log.error("the card of case %s cannot be read", case.id)  # noqa: TRY400
    return found
