"""Families: the chat of a case, what its words are sealed to, and what they decided.

A family finds the open case of its own chat, and whatever of it is kept.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select, update

from network.cases.domain import Case, Contact
from network.cases.erasure import Erasure
from network.cases.store.cases import case_from, keep_still, seal_card
from network.cases.store.erasures import erasure_from
from network.cases.tables import CaseRow, ContactRow, EpochRow
from network.db import Tx
from network.encryption.sealed import Place, PublicKey, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, new_id

CONTACT_BYTES = 512  # one size for every contact: nothing filled in shows
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
    erasure: Erasure


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
            card=seal_card(tx, case),
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
            keep_still(tx, found.case.id)
            found = _by_chat(tx, indexes)  # somebody may have moved it before it stood still
    if found is None:
        raise NotVisible
    return found


def kept_of_family(tx: Tx, actor: Actor) -> tuple[Kept, ...]:
    """Every case of the actor's own chat that the clock has not parted with, the open one first:
    what was written before it came still counts, however late we read it.
    """
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
        Kept(case_from(tx, case), contact_from(tx, one), one.id, erasure_from(tx, case))
        for case, one in tx.session.execute(query)
    )


def hold_kept_of_family(tx: Tx, actor: Actor) -> tuple[Kept, ...]:
    """The same, kept still until the commit; NotVisible where there is none."""
    found = kept_of_family(tx, actor)
    if tx.on_postgresql:
        for each in sorted(found, key=lambda kept: kept.case.id):
            keep_still(tx, each.case.id)
        found = kept_of_family(tx, actor)
    if not found:
        raise NotVisible
    return found


def decided(tx: Tx, case: Case) -> tuple[Contact | None, Erasure]:
    """The family of a case the caller has found, None once it was parted with; and its days."""
    query = (
        select(CaseRow.closed_on, CaseRow.erase_on, CaseRow.hold_ends_on)
        .add_columns(ContactRow.id.label("contact_id"), ContactRow.sealed)
        .outerjoin_from(CaseRow, ContactRow, ContactRow.case_id == CaseRow.id)
        .where(CaseRow.id == case.id)
    )
    row = tx.session.execute(query).one_or_none()
    if row is None:
        raise NotVisible
    contact = None if row.contact_id is None else opened_contact(tx, row.contact_id, row.sealed)
    return contact, erasure_from(tx, row)


def contact_of(tx: Tx, case_id: CaseId) -> tuple[UUID, Contact] | None:
    """The family of a case the caller has found."""
    row = tx.session.scalar(
        select(ContactRow)
        .where(ContactRow.case_id == case_id)
        .execution_options(populate_existing=True)
    )
    return None if row is None else (row.id, contact_from(tx, row))


def contacts_of(tx: Tx, case_ids: Collection[CaseId]) -> dict[CaseId, Contact]:
    """The families of these cases, where they were not parted with."""
    query = select(ContactRow).where(ContactRow.case_id.in_(list(case_ids)))
    return {CaseId(row.case_id): contact_from(tx, row) for row in tx.session.scalars(query)}


def others_of_chat(tx: Tx, chat: int, case_id: CaseId) -> tuple[Erasure, ...]:
    """The days of this chat's other cases whose family was not parted with. Of two that end at the
    same moment the second does not see the first.
    """
    query = (
        select(ContactRow.case_id, CaseRow.closed_on, CaseRow.erase_on, CaseRow.hold_ends_on)
        .join(CaseRow, CaseRow.id == ContactRow.case_id)
        .where(ContactRow.chat_index.in_(tx.secret.indexes(CHATS, str(chat))))
        .order_by(ContactRow.id)
        .with_for_update(of=ContactRow)
    )
    rows = tx.session.execute(query).all()
    return tuple(erasure_from(tx, row) for row in rows if row.case_id != case_id)


def save_contact(tx: Tx, contact_id: UUID, contact: Contact) -> None:
    """Seal a contact again, with what changed in it."""
    tx.session.execute(
        update(ContactRow)
        .where(ContactRow.id == contact_id)
        .values(sealed=_seal_contact(tx, contact_id, contact))
    )


def release_chat(tx: Tx, case_id: CaseId) -> None:
    """The chat of a closed case may open another."""
    tx.session.execute(
        update(ContactRow).where(ContactRow.case_id == case_id).values(is_open=False)
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


def contact_from(tx: Tx, row: ContactRow) -> Contact:
    """A contact, opened by the machine's secret."""
    return opened_contact(tx, row.id, row.sealed)


def opened_contact(tx: Tx, contact_id: UUID, sealed: bytes) -> Contact:
    """The same, from its columns."""
    opened = tx.secret.open(Sealed(sealed), Place("contacts", "sealed", contact_id))
    return Contact(**json.loads(opened.reveal()))


def _seal_contact(tx: Tx, contact_id: UUID, contact: Contact) -> Sealed:
    text = Plaintext(json.dumps(asdict(contact), ensure_ascii=False))
    return tx.secret.seal(text, Place("contacts", "sealed", contact_id), CONTACT_BYTES)
