"""What opens a member's keys: read whole before a try, and written whole or not at all."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select

from network.db import Tx
from network.encryption.envelope import public_key_of
from network.encryption.keyring import is_peppered
from network.encryption.sealed import EncryptionError, PublicKey, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.ids import PersonId
from network.people.domain import OWN, Lock, Standing, Way
from network.people.store import members, ways
from network.people.tables import PersonRow

_HAS_KEYS = PersonRow.key_by_passphrase.is_not(None)


def named(tx: Tx, handle: str) -> Lock | None:
    """What somebody who says this name must open; None where there is nothing to open."""
    return _lock(tx, PersonRow.handle_index.in_(tx.secret.indexes(members.HANDLES, handle)))


def of(tx: Tx, actor: Actor) -> Lock:
    """What the actor opened when they came in."""
    lock = _lock(tx, PersonRow.id == actor.person)
    if lock is None:
        raise NotVisible
    return lock


def of_person(tx: Tx, person: PersonId) -> Lock | None:
    """The same, for somebody whose device answered."""
    return _lock(tx, PersonRow.id == person)


def held(tx: Tx, actor: Actor) -> Lock:
    """The same, and nobody changes it before this transaction ends."""
    tx.session.execute(select(PersonRow.id).where(PersonRow.id == actor.person).with_for_update())
    return of(tx, actor)


def way_of(lock: Lock, actor: Actor) -> int:
    """By which of their ways the actor came in; NotVisible where it is none of them any more."""
    public = public_key_of(actor.key())
    found = [number for number, way in enumerate(lock.ways) if way.public == public]
    if not found:
        raise NotVisible
    return found[0]


def use_step(tx: Tx, lock: Lock, step: int) -> None:
    """Spend a one-time code: it and those before it open nothing any more."""
    members.guarded(
        tx,
        lock.person_id,
        PersonRow.standing.in_((Standing.APPLIED, Standing.ACTIVE)),
        PersonRow.key_by_passphrase == lock.ways[OWN].by_passphrase,
        PersonRow.totp_step < step,
        covers=ways.packed(lock.ways[1:]),
        totp_step=step,
    )


def replace_ways(tx: Tx, lock: Lock, after: Sequence[Way]) -> None:
    """Store what opens a member's keys, if it is still what was read.

    All of it is written, freshly peppered, whichever changed: two copies of the row, compared, do
    not show which.
    """
    own, *covers = (ways.freshened(tx, lock.person_id, way) for way in after)
    members.guarded(
        tx,
        lock.person_id,
        PersonRow.key_by_passphrase == lock.ways[OWN].by_passphrase,
        key_by_passphrase=own.by_passphrase,
        key_by_recovery=own.by_recovery,
        totp=own.totp,
        covers=ways.packed(covers),
    )


def count_other_pepper(tx: Tx) -> int:
    """Whose keys lie under another pepper than the current one."""
    rows = tx.session.execute(select(PersonRow.key_by_passphrase).where(_HAS_KEYS))
    return sum(not is_peppered(Sealed(row.key_by_passphrase), tx.secret.pepper) for row in rows)


def repepper_some(tx: Tx, after: PersonId | None, most: int) -> tuple[int, int, PersonId | None]:
    """Put all ways in of some members under the current pepper; says of how many, how many lie
    under a pepper nobody knows, and after whom to go on.

    Of each member every way is written, used or not, as after a change of passphrase.
    """
    query = select(PersonRow.id, PersonRow.key_by_passphrase).where(_HAS_KEYS)
    if after is not None:
        query = query.where(PersonRow.id > after)
    rows = tx.session.execute(query.order_by(PersonRow.id).limit(most).with_for_update()).all()
    done = shut = 0
    for row in rows:
        lock = _lock_of_keys(tx, row.id)
        if lock is None or is_peppered(Sealed(row.key_by_passphrase), tx.secret.pepper):
            continue
        try:
            replace_ways(tx, lock, lock.ways)
            done += 1
        except EncryptionError:
            shut += 1
    return done, shut, PersonId(rows[-1].id) if len(rows) == most else None


def _lock(tx: Tx, condition: ColumnElement[bool]) -> Lock | None:
    return _lock_where(tx, condition, PersonRow.standing.in_((Standing.APPLIED, Standing.ACTIVE)))


def _lock_of_keys(tx: Tx, person: UUID) -> Lock | None:
    """The same for somebody who may not come in today, and may again."""
    return _lock_where(tx, PersonRow.id == person)


def _lock_where(tx: Tx, *conditions: ColumnElement[bool]) -> Lock | None:
    row = tx.session.execute(
        select(
            PersonRow.id,
            PersonRow.key_by_passphrase,
            PersonRow.key_by_recovery,
            PersonRow.key_salt,
            PersonRow.public_key,
            PersonRow.totp,
            PersonRow.covers,
        ).where(*conditions)
    ).one_or_none()
    if row is None or None in tuple(row)[:-1]:
        return None
    person = PersonId(row.id)
    own = Way(
        PublicKey(row.public_key),
        Sealed(row.key_by_passphrase),
        Sealed(row.key_by_recovery),
        Sealed(row.totp),
    )
    # Who joined before there were covers gets theirs as they come in.
    covers = ways.unpacked(row.covers) if row.covers else ways.unused(tx, person)
    return Lock(person, row.key_salt, (own, *covers))
