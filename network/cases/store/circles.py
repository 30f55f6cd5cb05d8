"""Everybody around many cases at once, for the clock: what it must know to ask and to ring."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Row, Select, Table, select

from network.cases.domain import Case, Contact
from network.cases.store.cases import case_from
from network.cases.store.families import opened_contact
from network.cases.tables import CaseRow, ContactRow
from network.db import Tx
from network.encryption.sealed import EncryptionError
from network.kernel.ids import CaseId
from network.many import IDS, among

# Built once, and without the rows' classes: the clock asks for a thousand at a time.
_CASES = cast(Table, CaseRow.__table__).c
_CONTACTS = cast(Table, ContactRow.__table__).c
CARDS: tuple[Any, ...] = (
    _CASES.id,
    _CASES.status,
    _CASES.urgency,
    _CASES.opened_at,
    _CASES.card,
    _CASES.epoch,
    _CASES.coordinator_id,
    _CASES.activist_id,
    _CASES.ladder,
)
CONTACTS: tuple[Any, ...] = (
    _CONTACTS.id.label("contact_id"),
    _CONTACTS.sealed.label("contact_sealed"),
)
_IS_WANTED = among(_CASES.id)
_AROUND = (
    select(*CARDS, *CONTACTS)
    .outerjoin_from(CaseRow.__table__, ContactRow.__table__, _CONTACTS.case_id == _CASES.id)
    .where(_IS_WANTED)
)
_UNADDRESSED = select(*CARDS).where(_IS_WANTED)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Around:
    """A case, its family's chat, and the ladder copied into it ("" before somebody accepted)."""

    case: Case
    contact: Contact | None
    ladder: str


def around(tx: Tx, case_ids: Iterable[CaseId]) -> dict[CaseId, Around]:
    """These cases in one statement. One that does not open is logged and left out."""
    return _read(tx, _AROUND, case_ids, _contact)


def unaddressed(tx: Tx, case_ids: Iterable[CaseId]) -> dict[CaseId, Around]:
    """The same where nobody writes to the families: their contacts stay sealed."""
    return _read(tx, _UNADDRESSED, case_ids, _none)


def _read(
    tx: Tx,
    query: Select[Any],
    case_ids: Iterable[CaseId],
    contact: Callable[[Tx, Row[Any]], Contact | None],
) -> dict[CaseId, Around]:
    wanted = set(case_ids)
    if not wanted:
        return {}
    found: dict[CaseId, Around] = {}
    for row in tx.session.execute(query, {IDS: list(wanted)}).all():
        try:
            found[CaseId(row.id)] = Around(case_from(tx, row), contact(tx, row), row.ladder)
        except (EncryptionError, ValueError, KeyError, TypeError):
            # Without the trace: it may hold what was being opened.
            log.error("the card of case %s cannot be read", row.id)  # noqa: TRY400
    return found


def _contact(tx: Tx, row: Row[Any]) -> Contact | None:
    if row.contact_id is None:
        return None
    return opened_contact(tx, row.contact_id, row.contact_sealed)


def _none(_tx: Tx, _row: Row[Any]) -> None:
    return None
