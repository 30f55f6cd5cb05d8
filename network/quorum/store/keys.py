"""Recovery keys and the shares of them."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from network.db import Tx
from network.encryption.sealed import PublicKey, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import WrongMoment
from network.kernel.ids import PersonId, new_id
from network.quorum.domain import RecoveryKey
from network.quorum.tables import RecoveryKeyRow, RecoveryShareRow

_KNOWN: Final = "quorum.public"


def public(tx: Tx) -> tuple[UUID, PublicKey] | None:
    """What every new case key is sealed to as well; None before the network has a quorum."""
    if _KNOWN not in tx.known:
        row = tx.session.execute(
            select(RecoveryKeyRow.id, RecoveryKeyRow.public_key).where(RecoveryKeyRow.is_current)
        ).one_or_none()
        tx.known[_KNOWN] = None if row is None else (row.id, PublicKey(row.public_key))
    found: tuple[UUID, PublicKey] | None = tx.known[_KNOWN]
    return found


def every(tx: Tx) -> tuple[RecoveryKey, ...]:
    """Every recovery key there still is, the current one first."""
    rows = tx.session.execute(
        select(RecoveryKeyRow).order_by(RecoveryKeyRow.is_current.desc(), RecoveryKeyRow.begun_on)
    ).scalars()
    held: dict[UUID, list[PersonId]] = {}
    for key_id, member in tx.session.execute(
        select(RecoveryShareRow.key_id, RecoveryShareRow.member_id).order_by(
            RecoveryShareRow.member_id
        )
    ):
        held.setdefault(key_id, []).append(PersonId(member))
    return tuple(
        RecoveryKey(
            row.id,
            PublicKey(row.public_key),
            row.split,
            row.needed,
            tuple(held.get(row.id, ())),
            row.is_current,
        )
        for row in rows
    )


def one(tx: Tx, key_id: UUID | None) -> RecoveryKey:
    """That recovery key; WrongMoment where it is gone."""
    found = next((each for each in every(tx) if each.id == key_id), None)
    if found is None:
        raise WrongMoment
    return found


def own_share(tx: Tx, actor: Actor, key_id: UUID) -> Sealed | None:
    """The actor's own share, still sealed to them. Nobody reads another's."""
    row = tx.session.scalar(
        select(RecoveryShareRow.sealed).where(
            RecoveryShareRow.key_id == key_id, RecoveryShareRow.member_id == actor.person
        )
    )
    return None if row is None else Sealed(row)


def add(
    tx: Tx, public_key: PublicKey, *, split: UUID, needed: int, shares: Mapping[PersonId, Sealed]
) -> UUID:
    """A new recovery key, from now on the current one. Those before stay while they are needed."""
    tx.session.execute(
        update(RecoveryKeyRow).where(RecoveryKeyRow.is_current).values(is_current=False)
    )
    key_id = new_id()
    tx.session.execute(
        insert(RecoveryKeyRow).values(
            id=key_id,
            public_key=public_key,
            split=split,
            needed=needed,
            is_current=True,
            begun_on=tx.now.date(),
        )
    )
    _store(tx, key_id, shares)
    tx.known.pop(_KNOWN, None)
    return key_id


def share_again(
    tx: Tx, before: RecoveryKey, *, split: UUID, needed: int, shares: Mapping[PersonId, Sealed]
) -> None:
    """Other shares of the same key, for these; the shares of before are destroyed here."""
    changed = tx.session.scalar(
        update(RecoveryKeyRow)
        .where(RecoveryKeyRow.id == before.id, RecoveryKeyRow.split == before.split)
        .values(split=split, needed=needed)
        .returning(RecoveryKeyRow.id)
    )
    if changed is None:
        raise WrongMoment
    tx.session.execute(delete(RecoveryShareRow).where(RecoveryShareRow.key_id == before.id))
    _store(tx, before.id, shares)


def forget(tx: Tx, key_id: UUID) -> None:
    """Destroy a key that nothing is sealed to any more, with its shares; never the current one."""
    tx.session.execute(
        delete(RecoveryKeyRow).where(
            RecoveryKeyRow.id == key_id, RecoveryKeyRow.is_current.is_(False)
        )
    )


def _store(tx: Tx, key_id: UUID, shares: Mapping[PersonId, Sealed]) -> None:
    tx.session.execute(
        insert(RecoveryShareRow),
        [
            {"key_id": key_id, "member_id": member, "sealed": sealed}
            for member, sealed in shares.items()
        ],
    )
