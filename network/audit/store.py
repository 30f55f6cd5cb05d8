"""Writing receipts and proving the chain whole."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, func, insert, select, update

from network.audit.tables import HeadRow, ReceiptRow
from network.db import Tx
from network.encryption.chain import START, link
from network.kernel.actor import Actor
from network.kernel.ids import CaseId, PersonId

PAGE = 1000
# Nearly every verb leaves a line: built once, as building them costs more than running them.
_HEAD = cast(Table, HeadRow.__table__)
_NEXT = (
    update(_HEAD)
    .where(_HEAD.c.id == 1)
    .values(number=_HEAD.c.number + 1)
    .returning(_HEAD.c.number, _HEAD.c.link)
)
_APPEND = insert(cast(Table, ReceiptRow.__table__)).inline()
_HOLD_ON = update(_HEAD).where(_HEAD.c.id == 1).values(link=bindparam("b_link"))


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line of the log, as a member of the case may read it."""

    number: int
    at: datetime
    actor: str
    verb: str
    case_id: CaseId | None
    subject: UUID | None

    @property
    def person_id(self) -> PersonId | None:
        """Who, where it was a member; None for the family and our own engines."""
        try:
            return PersonId(UUID(self.actor))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line that does not follow from the one before it."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line with the link before it and its own: enough to prove the one leads to the other."""

    receipt: Receipt
    previous: bytes
    link: bytes

    def shown(self) -> dict[str, str]:
        """As a proof holds it: what is hashed, as it is hashed."""
        names = ("number", "at", "actor", "verb", "case", "subject")
        found = dict(zip(names, _fields(self.receipt), strict=True))
        return {**found, "previous": self.previous.hex(), "head": self.link.hex()}


def line(tx: Tx, number: int) -> Line:
    """One line of the log, and the link before it."""
    row = tx.session.scalars(select(ReceiptRow).where(ReceiptRow.number == number)).one()
    before = tx.session.scalar(select(ReceiptRow.link).where(ReceiptRow.number == number - 1))
    return Line(_receipt(row), before or START, row.link)


def receipt(
    tx: Tx, actor: Actor, verb: str, *, case: CaseId | None = None, subject: UUID | None = None
) -> int:
    """Append one line, and say its number. Writers queue on the head row, so that the chain has
    no forks.
    """
    before = tx.session.execute(_NEXT).one()
    said = Receipt(before.number, tx.now, actor.label, verb, case, subject)
    after = link(before.link, _fields(said))
    row = {
        "number": said.number,
        "at": said.at,
        "actor": said.actor,
        "verb": said.verb,
        "case_id": said.case_id,
        "subject": said.subject,
        "link": after,
    }
    tx.session.execute(_APPEND, row)
    tx.session.execute(_HOLD_ON, {"b_link": after})
    return said.number


def wait_in_line(tx: Tx) -> None:
    """Hold the head before anything is read for a line: what another one appends meanwhile is
    committed by then, and seen.
    """
    tx.session.execute(select(_HEAD.c.id).where(_HEAD.c.id == 1).with_for_update())


def receipts_of(
    tx: Tx,
    case: CaseId,
    *,
    before: int | None = None,
    limit: int = 50,
    without: Collection[str] = (),
) -> list[Receipt]:
    """The newest receipts of one case, newest first; `before` is the number to go on from, and
    lines of the verbs in `without` are left out.

    Who may read them is the calling service's question.
    """
    query = select(ReceiptRow).where(ReceiptRow.case_id == case)
    if before is not None:
        query = query.where(ReceiptRow.number < before)
    if without:
        query = query.where(ReceiptRow.verb.not_in(without))
    rows = tx.session.scalars(query.order_by(ReceiptRow.number.desc()).limit(limit))
    return [_receipt(row) for row in rows]


def last_by(tx: Tx, case: CaseId, verb: str) -> dict[str, datetime]:
    """When each actor last did this in one case."""
    rows = tx.session.execute(
        select(ReceiptRow.actor, func.max(ReceiptRow.at))
        .where(ReceiptRow.case_id == case, ReceiptRow.verb == verb)
        .group_by(ReceiptRow.actor)
    )
    return {row.actor: row[1] for row in rows}


def moments(tx: Tx, case: CaseId, verb: str, person: PersonId) -> tuple[datetime, ...]:
    """Every time one member did this in one case, the oldest first."""
    rows = tx.session.scalars(
        select(ReceiptRow.at)
        .where(
            ReceiptRow.case_id == case,
            ReceiptRow.verb == verb,
            ReceiptRow.actor == str(person),
        )
        .order_by(ReceiptRow.number)
    )
    return tuple(rows)


def done_by(tx: Tx, person: PersonId, verb: str) -> dict[CaseId, tuple[datetime, ...]]:
    """Every time one member did this, by case, the oldest first."""
    rows = tx.session.execute(
        select(ReceiptRow.case_id, ReceiptRow.at)
        .where(ReceiptRow.actor == str(person), ReceiptRow.verb == verb)
        .order_by(ReceiptRow.number)
    )
    found: dict[CaseId, list[datetime]] = {}
    for case, at in rows:
        if case is not None:
            found.setdefault(CaseId(case), []).append(at)
    return {case: tuple(times) for case, times in found.items()}


def done_to(tx: Tx, person: PersonId, verb: str) -> int:
    """How often this was done to one member."""
    query = select(func.count()).where(ReceiptRow.subject == person, ReceiptRow.verb == verb)
    return tx.session.scalar(query) or 0


def last_about(tx: Tx, subject: UUID, verb: str) -> datetime | None:
    """When this was last done about one thing, or to one member."""
    query = select(func.max(ReceiptRow.at)).where(
        ReceiptRow.subject == subject, ReceiptRow.verb == verb
    )
    return tx.session.scalar(query)


def times_about(tx: Tx, subject: UUID, verb: str) -> tuple[datetime, ...]:
    """Every time this was done about one thing, or to one member, the oldest first."""
    rows = tx.session.scalars(
        select(ReceiptRow.at)
        .where(ReceiptRow.subject == subject, ReceiptRow.verb == verb)
        .order_by(ReceiptRow.number)
    )
    return tuple(rows)


def times(
    tx: Tx, person: PersonId, verb: str, *, since: datetime, about: UUID | None = None
) -> int:
    """How often one member did this since then, to anybody or about one thing."""
    query = select(func.count()).where(
        ReceiptRow.actor == str(person), ReceiptRow.verb == verb, ReceiptRow.at > since
    )
    if about is not None:
        query = query.where(ReceiptRow.subject == about)
    return tx.session.scalar(query) or 0


def head(tx: Tx) -> tuple[int, bytes]:
    """How many lines there are, and the last link: printed, it betrays a rewritten history."""
    row = tx.session.execute(select(HeadRow.number, HeadRow.link).where(HeadRow.id == 1)).one()
    return row.number, row.link


def verify(tx: Tx) -> Broken | None:
    """Walk the whole chain. None when every line follows from the one before and the head is its
    end.
    """
    previous, expected = START, 1
    while True:
        rows = tx.session.scalars(
            select(ReceiptRow)
            .where(ReceiptRow.number >= expected)
            .order_by(ReceiptRow.number)
            .limit(PAGE)
        ).all()
        if not rows:
            break
        for row in rows:
            if row.number != expected:
                return Broken(expected, "missing")
            if link(previous, _fields(_receipt(row))) != row.link:
                return Broken(row.number, "changed")
            previous, expected = row.link, expected + 1
        tx.session.expunge_all()
    number, last = head(tx)
    if number != expected - 1 or last != previous:
        return Broken(expected, "cut short")
    return None


def _receipt(row: ReceiptRow) -> Receipt:
    case = CaseId(row.case_id) if row.case_id else None
    return Receipt(row.number, row.at, row.actor, row.verb, case, row.subject)


def _fields(line: Receipt) -> tuple[str, ...]:
    return (
        str(line.number),
        line.at.isoformat(),
        line.actor,
        line.verb,
        str(line.case_id or ""),
        str(line.subject or ""),
    )
