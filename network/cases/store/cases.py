"""Finding and moving cases: a member sees those they hold a grant of."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select, exists, false, func, select, update

from network.cases.domain import Card, Case, CaseStatus
from network.cases.store.ends import opens
from network.cases.tables import CaseRow, ContactRow, GrantRow
from network.db import Tx
from network.encryption.sealed import Place, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PersonId

CARD_BYTES = 2048  # one size for every card: nothing filled in shows


def visible_to(actor: Actor, today: date) -> Select[CaseRow]:
    """The cases whose current epoch this member holds a grant of. There is no other read."""
    query = select(CaseRow).execution_options(populate_existing=True)
    if actor.person_id is None or not actor.active:
        return query.where(false())
    return query.join(
        GrantRow,
        (GrantRow.case_id == CaseRow.id)
        & (GrantRow.epoch == CaseRow.epoch)
        & (GrantRow.member_id == actor.person_id),
    ).where(opens(today))


def get(tx: Tx, actor: Actor, case_id: CaseId) -> Case:
    """The case, or NotVisible."""
    return _found(tx, visible_to(actor, tx.now.date()).where(CaseRow.id == case_id))


def hold(tx: Tx, actor: Actor, case_id: CaseId) -> Case:
    """The case, kept still until the commit: what else happens to it waits its turn."""
    keep_still(tx, case_id)
    return get(tx, actor, case_id)


def hold_for_offer(tx: Tx, case_id: CaseId) -> Case:
    """The case behind an offer the caller has found to be their own, or due: kept still."""
    keep_still(tx, case_id)
    query = select(CaseRow).where(CaseRow.id == case_id).execution_options(populate_existing=True)
    return _found(tx, query)


def hold_if_free(tx: Tx, case_id: CaseId) -> Case | None:
    """The same for the clock, which waits for nobody: None where somebody is busy with it."""
    query = select(CaseRow).where(CaseRow.id == case_id).execution_options(populate_existing=True)
    row = tx.session.scalar(query.with_for_update(of=CaseRow, skip_locked=True))
    return None if row is None else case_from(tx, row)


def listed(tx: Tx, actor: Actor, statuses: Sequence[CaseStatus], *, limit: int) -> tuple[Case, ...]:
    """Visible cases in these statuses, the longest open first."""
    query = visible_to(actor, tx.now.date()).where(CaseRow.status.in_(statuses))
    rows = tx.session.scalars(query.order_by(CaseRow.opened_at, CaseRow.id).limit(limit))
    return tuple(case_from(tx, row) for row in rows)


def held_by_some(tx: Tx, members: Collection[PersonId], *, limit: int) -> tuple[Case, ...]:
    """Running cases that any of these can open now, for a room that may ask; the longest open
    first.
    """
    held = exists().where(
        GrantRow.case_id == CaseRow.id,
        GrantRow.epoch == CaseRow.epoch,
        GrantRow.member_id.in_(members),
        opens(tx.now.date()),
    )
    query = select(CaseRow).where(CaseRow.status != CaseStatus.CLOSED, held)
    rows = tx.session.scalars(query.order_by(CaseRow.opened_at, CaseRow.id).limit(limit))
    return tuple(case_from(tx, row) for row in rows)


def accompanied_by(tx: Tx, members: Collection[PersonId], *, limit: int) -> tuple[Case, ...]:
    """The cases that one of these goes with now."""
    query = (
        select(CaseRow)
        .where(CaseRow.activist_id.in_(members), CaseRow.status == CaseStatus.ACCOMPANIED)
        .order_by(CaseRow.id)
        .limit(limit)
    )
    return tuple(case_from(tx, row) for row in tx.session.scalars(query))


def counted(tx: Tx, actor: Actor) -> dict[CaseStatus, int]:
    """How many visible cases stand where."""
    seen = visible_to(actor, tx.now.date()).subquery()
    rows = tx.session.execute(select(seen.c.status, func.count()).group_by(seen.c.status))
    return {row[0]: row[1] for row in rows}


def move(tx: Tx, before: Case, after: Case, **more: object) -> Case:
    """Write the move only where the case still stands as we read it, else WrongMoment."""
    values: dict[str, object] = {
        "status": after.status,
        "urgency": after.urgency,
        "coordinator_id": after.coordinator,
        "activist_id": after.activist,
        "epoch": after.epoch,
        **more,
    }
    if after.card != before.card:
        values["card"] = seal_card(tx, after)
    moved = tx.session.scalar(
        update(CaseRow)
        .where(
            CaseRow.id == before.id,
            CaseRow.status == before.status,
            CaseRow.epoch == before.epoch,
        )
        .values(**values)
        .returning(CaseRow.id)
    )
    if moved is None:
        raise WrongMoment
    return after


def turn_epoch(tx: Tx, case: Case) -> Case:
    """Count the epoch up, once: two re-keys of one case never cross."""
    turned = tx.session.scalar(
        update(CaseRow)
        .where(CaseRow.id == case.id, CaseRow.epoch == case.epoch)
        .where(CaseRow.status != CaseStatus.CLOSED)
        .values(epoch=CaseRow.epoch + 1)
        .returning(CaseRow.epoch)
    )
    if turned is None:
        raise WrongMoment
    return replace(case, epoch=turned)


def ladder_of(tx: Tx, case_id: CaseId) -> str:
    """The rungs copied into the case, as they were written; empty before somebody accepted."""
    return tx.session.scalar(select(CaseRow.ladder).where(CaseRow.id == case_id)) or ""


def reference_of(tx: Tx, case_id: CaseId) -> str:
    """What a case is called that the caller has found; NotVisible where it is gone."""
    card = tx.session.scalar(select(CaseRow.card).where(CaseRow.id == case_id))
    if card is None:
        raise NotVisible
    return card_of(tx, case_id, card).reference


def keep_still(tx: Tx, case_id: CaseId) -> None:
    """Lock first, read after: a query that waits for its lock still joins the grants of before."""
    if tx.on_postgresql:
        tx.session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())


def _found(tx: Tx, query: Select[CaseRow]) -> Case:
    row = tx.session.scalar(query)
    if row is None:
        raise NotVisible
    return replace(case_from(tx, row), parted=_is_parted(tx, row))


def _is_parted(tx: Tx, row: CaseRow) -> bool:
    """Only where its day may have come there is anything to ask."""
    if row.erase_on is None or row.erase_on > tx.now.date() + timedelta(days=1):
        return False
    family = select(ContactRow.id).where(ContactRow.case_id == row.id)
    return tx.session.scalar(family) is None


def card_of(tx: Tx, case_id: CaseId, sealed: bytes) -> Card:
    """A card, opened by the machine's secret."""
    opened = tx.secret.open(Sealed(sealed), Place("cases", "card", case_id))
    return Card(**json.loads(opened.reveal()))


def case_from(tx: Tx, row: CaseRow | Row[*tuple[Any, ...]]) -> Case:
    """A case as its row says, or as its columns do."""
    return Case(
        id=CaseId(row.id),
        status=row.status,
        urgency=row.urgency,
        opened_at=row.opened_at,
        card=card_of(tx, CaseId(row.id), row.card),
        epoch=row.epoch,
        coordinator=PersonId(row.coordinator_id) if row.coordinator_id else None,
        activist=PersonId(row.activist_id) if row.activist_id else None,
    )


def seal_card(tx: Tx, case: Case) -> Sealed:
    """A card, at the one size of all of them."""
    text = Plaintext(json.dumps(asdict(case.card), ensure_ascii=False))
    return tx.secret.seal(text, Place("cases", "card", case.id), CARD_BYTES)
