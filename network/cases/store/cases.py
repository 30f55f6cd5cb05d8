"""Finding and moving cases.

A member sees the cases they hold a grant of; a family, the open one of its chat.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    Row,
    Select,
    Table,
    bindparam,
    delete,
    false,
    func,
    insert,
    select,
    update,
)

from network.cases.domain import Card, Case, CaseStatus, Contact, Outcome
from network.cases.store.ends import opens
from network.cases.tables import CaseRow, ContactRow, EpochRow, GrantRow, StatisticRow
from network.db import Tx, skipping_locked
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PersonId, new_id

CARD_BYTES = 2048  # one size for every card and every contact: nothing filled in shows
CONTACT_BYTES = 512
_AHEAD = "cases.of_family"
CHATS = "cases.chat"  # a domain of its own: the outbox's index of the same chat is another number


# Asked for every word of a family: built once.
_CASES = cast(Table, CaseRow.__table__)
_CONTACTS = cast(Table, ContactRow.__table__)
_EPOCHS = cast(Table, EpochRow.__table__)
_OF_FAMILY = (
    select(
        _CASES.c.id,
        _CASES.c.status,
        _CASES.c.urgency,
        _CASES.c.opened_at,
        _CASES.c.card,
        _CASES.c.epoch,
        _CASES.c.coordinator_id,
        _CASES.c.activist_id,
        _CONTACTS.c.id.label("contact_id"),
        _CONTACTS.c.chat_index,
        _CONTACTS.c.sealed,
        _EPOCHS.c.public_key,
    )
    .join(_CONTACTS, _CONTACTS.c.case_id == _CASES.c.id)
    .join(_EPOCHS, (_EPOCHS.c.case_id == _CASES.c.id) & (_EPOCHS.c.number == _CASES.c.epoch))
    .where(_CONTACTS.c.chat_index.in_(bindparam("b_indexes", expanding=True)), _CONTACTS.c.is_open)
)
# Whoever is about to seal a word keeps the epoch it is sealed to: new keys wait for the commit.
# In a statement of its own: one that waits for its lock still joins the epochs of before.
_KEEP = (
    select(_CASES.c.id)
    .join(_CONTACTS, _CONTACTS.c.case_id == _CASES.c.id)
    .where(_CONTACTS.c.chat_index.in_(bindparam("b_indexes", expanding=True)), _CONTACTS.c.is_open)
    .with_for_update(read=True, of=_CASES)
)


@dataclass(frozen=True, slots=True)
class FamilyCase:
    """The open case of a chat, its contact, and the key its next words are sealed to."""

    case: Case
    contact: Contact
    contact_id: UUID
    public: PublicKey


@dataclass(frozen=True, slots=True)
class Kept:
    """One case of a chat, open or closed, as long as anything of it is kept."""

    case: Case
    contact: Contact
    contact_id: UUID
    closed_on: date | None
    erase_on: date | None


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
    _keep_still(tx, case_id)
    return get(tx, actor, case_id)


def hold_for_offer(tx: Tx, case_id: CaseId) -> Case:
    """The case behind an offer the caller has found to be their own, or due: kept still."""
    _keep_still(tx, case_id)
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


def counted(tx: Tx, actor: Actor) -> dict[CaseStatus, int]:
    """How many visible cases stand where."""
    seen = visible_to(actor, tx.now.date()).subquery()
    rows = tx.session.execute(select(seen.c.status, func.count()).group_by(seen.c.status))
    return {row[0]: row[1] for row in rows}


def of_family(tx: Tx, actor: Actor) -> FamilyCase | None:
    """The open case of the actor's own chat. No new key is made for it until the commit: a word
    that is sealed now is sealed to whoever may read it now.
    """
    if actor.chat is None:
        return None
    ahead: dict[int, FamilyCase | None] = tx.ahead.get(_AHEAD, {})
    if actor.chat in ahead:
        return ahead[actor.chat]
    indexes = tx.secret.indexes(CHATS, str(actor.chat))
    if _locks(tx):
        tx.session.execute(_KEEP, {"b_indexes": indexes})
    return _by_chat(tx, indexes)


def read_ahead(tx: Tx, chats: Collection[int]) -> tuple[CaseId, ...]:
    """The open cases of these chats, for the answers of one commit; says which there are. Their
    keys stay as they are until then.
    """
    named = {index: chat for chat in chats for index in tx.secret.indexes(CHATS, str(chat))}
    if _locks(tx):
        tx.peek(_KEEP, {"b_indexes": list(named)})
    rows = tx.peek(_OF_FAMILY, {"b_indexes": list(named)})
    found = {named[row.chat_index]: _family_case(tx, row) for row in rows}
    tx.ahead[_AHEAD] = {chat: found.get(chat) for chat in chats}
    return tuple(one.case.id for one in found.values())


def _by_chat(tx: Tx, indexes: Sequence[bytes]) -> FamilyCase | None:
    row = tx.session.execute(_OF_FAMILY, {"b_indexes": indexes}).one_or_none()
    return None if row is None else _family_case(tx, row)


def _locks(tx: Tx) -> bool:
    """SQLite has one writer at a time, and who only looks keeps nobody waiting."""
    return tx.on_postgresql and not tx.only_looks


def _family_case(tx: Tx, row: Any) -> FamilyCase:  # noqa: ANN401  # one of `_OF_FAMILY`
    return FamilyCase(
        case_from(tx, row),
        opened_contact(tx, row.contact_id, row.sealed),
        row.contact_id,
        PublicKey(row.public_key),
    )


def hold_family(tx: Tx, actor: Actor) -> FamilyCase:
    """The same, kept still until the commit; NotVisible without one."""
    if not tx.on_postgresql or actor.chat is None:
        found = of_family(tx, actor)
    else:
        # Not by way of the shared lock: two who hold that could never both get the whole one.
        indexes = tx.secret.indexes(CHATS, str(actor.chat))
        if found := _by_chat(tx, indexes):
            _keep_still(tx, found.case.id)
            found = _by_chat(tx, indexes)  # somebody may have moved it before it stood still
    if found is None:
        raise NotVisible
    return found


def kept_of_family(tx: Tx, actor: Actor) -> tuple[Kept, ...]:
    """Every case of the actor's own chat that is not erased yet, the open one first."""
    if actor.chat is None:
        return ()
    query = (
        select(CaseRow, ContactRow)
        .join(ContactRow, ContactRow.case_id == CaseRow.id)
        .where(ContactRow.chat_index.in_(tx.secret.indexes(CHATS, str(actor.chat))))
        .order_by(ContactRow.is_open.desc(), CaseRow.opened_at.desc())
        .execution_options(populate_existing=True)
    )
    return tuple(
        Kept(case_from(tx, case), contact_from(tx, one), one.id, case.closed_on, case.erase_on)
        for case, one in tx.session.execute(query)
    )


def hold_kept_of_family(tx: Tx, actor: Actor) -> tuple[Kept, ...]:
    """The same, kept still until the commit; NotVisible where there is none."""
    found = kept_of_family(tx, actor)
    if tx.on_postgresql:
        for each in sorted(found, key=lambda kept: kept.case.id):
            _keep_still(tx, each.case.id)
        found = kept_of_family(tx, actor)
    if not found:
        raise NotVisible
    return found


def kept_of(tx: Tx, case: Case) -> Kept | None:
    """What the family of a case the caller has found decided, and the days of its end."""
    query = (
        select(ContactRow, CaseRow.closed_on, CaseRow.erase_on)
        .join(CaseRow, CaseRow.id == ContactRow.case_id)
        .where(ContactRow.case_id == case.id)
        .execution_options(populate_existing=True)
    )
    row = tx.session.execute(query).one_or_none()
    if row is None:
        return None
    return Kept(case, contact_from(tx, row[0]), row[0].id, row.closed_on, row.erase_on)


def erasure_of(tx: Tx, case_id: CaseId) -> tuple[date | None, date | None]:
    """The days a case the caller has found was closed and will be erased."""
    query = select(CaseRow.closed_on, CaseRow.erase_on).where(CaseRow.id == case_id)
    row = tx.session.execute(query).one_or_none()
    return (None, None) if row is None else (row.closed_on, row.erase_on)


def erase_from(tx: Tx, case_id: CaseId, day: date | None) -> None:
    """From that day on the clock destroys it; None where nobody asks for that any more."""
    tx.session.execute(
        update(CaseRow)
        .where(CaseRow.id == case_id)
        .values(erase_on=day)
        .execution_options(synchronize_session=False)
    )


def contact_of(tx: Tx, case_id: CaseId) -> tuple[UUID, Contact] | None:
    """The family of a case the caller has found."""
    row = tx.session.scalar(
        select(ContactRow)
        .where(ContactRow.case_id == case_id)
        .execution_options(populate_existing=True)
    )
    return None if row is None else (row.id, contact_from(tx, row))


def add(tx: Tx, case: Case, contact: Contact) -> None:
    """A new case with its contact. The database refuses a chat that has an open one."""
    tx.session.execute(
        insert(CaseRow)
        .inline()
        .values(
            id=case.id,
            status=case.status,
            urgency=case.urgency,
            opened_at=case.opened_at,
            card=_seal_card(tx, case),
            ladder="",
            epoch=case.epoch,
        )
    )
    contact_id = new_id()
    tx.session.execute(
        insert(ContactRow)
        .inline()
        .values(
            id=contact_id,
            case_id=case.id,
            chat_index=tx.secret.index(CHATS, str(contact.chat)),
            is_open=True,
            sealed=_seal_contact(tx, contact_id, contact),
        )
    )


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
        values["card"] = _seal_card(tx, after)
    moved = tx.session.scalar(
        update(CaseRow)
        .where(
            CaseRow.id == before.id,
            CaseRow.status == before.status,
            CaseRow.epoch == before.epoch,
        )
        .values(**values)
        .returning(CaseRow.id)
        .execution_options(synchronize_session=False)
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
        .execution_options(synchronize_session=False)
    )
    if turned is None:
        raise WrongMoment
    return replace(case, epoch=turned)


def ladder_of(tx: Tx, case_id: CaseId) -> str:
    """The rungs copied into the case, as they were written; empty before somebody accepted."""
    return tx.session.scalar(select(CaseRow.ladder).where(CaseRow.id == case_id)) or ""


def save_contact(tx: Tx, contact_id: UUID, contact: Contact) -> None:
    """Seal a contact again, with what changed in it."""
    tx.session.execute(
        update(ContactRow)
        .where(ContactRow.id == contact_id)
        .values(sealed=_seal_contact(tx, contact_id, contact))
        .execution_options(synchronize_session=False)
    )


def release_chat(tx: Tx, case_id: CaseId) -> None:
    """The chat of a closed case may open another."""
    tx.session.execute(
        update(ContactRow)
        .where(ContactRow.case_id == case_id)
        .values(is_open=False)
        .execution_options(synchronize_session=False)
    )


def had_case(tx: Tx, actor: Actor) -> bool:
    """Whether the actor's own chat had a case that is closed now."""
    if actor.chat is None:
        return False
    query = select(ContactRow.id).where(
        ContactRow.chat_index.in_(tx.secret.indexes(CHATS, str(actor.chat))),
        ContactRow.is_open.is_(False),
    )
    return tx.session.scalar(query.limit(1)) is not None


def due_for_erasure(tx: Tx, today: date, limit: int) -> tuple[Case, ...]:
    """Closed cases whose retention has passed, for the clock."""
    query = select(CaseRow).where(CaseRow.erase_on <= today).order_by(CaseRow.erase_on)
    rows = tx.session.scalars(skipping_locked(tx, query.limit(limit)))
    return tuple(case_from(tx, row) for row in rows)


def count_in(tx: Tx, case: Case, outcome: Outcome) -> None:
    """One nameless row for the network's statistics. Only where its family allows it."""
    tx.session.execute(
        insert(StatisticRow)
        .inline()
        .values(
            id=new_id(),
            year=case.opened_at.year,
            state=case.card.zone[:2] if case.card.zone else None,
            outcome=outcome.value,
        )
    )


def erase(tx: Tx, case: Case) -> None:
    """Destroy the case and, by cascade, everything that hangs from it."""
    tx.session.execute(
        delete(CaseRow).where(CaseRow.id == case.id).execution_options(synchronize_session=False)
    )


def _keep_still(tx: Tx, case_id: CaseId) -> None:
    """Lock first, read after: a query that waits for its lock still joins the grants of before."""
    if tx.on_postgresql:
        tx.session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())


def _found(tx: Tx, query: Select[CaseRow]) -> Case:
    row = tx.session.scalar(query)
    if row is None:
        raise NotVisible
    return case_from(tx, row)


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


def contact_from(tx: Tx, row: ContactRow) -> Contact:
    """A contact, opened by the machine's secret."""
    return opened_contact(tx, row.id, row.sealed)


def opened_contact(tx: Tx, contact_id: UUID, sealed: bytes) -> Contact:
    """The same, from its columns."""
    opened = tx.secret.open(Sealed(sealed), Place("contacts", "sealed", contact_id))
    return Contact(**json.loads(opened.reveal()))


def _seal_card(tx: Tx, case: Case) -> Sealed:
    text = Plaintext(json.dumps(asdict(case.card), ensure_ascii=False))
    return tx.secret.seal(text, Place("cases", "card", case.id), CARD_BYTES)


def _seal_contact(tx: Tx, contact_id: UUID, contact: Contact) -> Sealed:
    text = Plaintext(json.dumps(asdict(contact), ensure_ascii=False))
    return tx.secret.seal(text, Place("contacts", "sealed", contact_id), CONTACT_BYTES)
