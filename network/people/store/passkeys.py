"""How passkeys are stored, and which questions were answered. No row says whose key one opens.

What a device is called is sealed once to each of its owner's ways in, used or not: whoever sits
before a cover sees the devices that its owner sees.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, select, update

from network.db import Tx
from network.encryption.authenticators import Made
from network.encryption.envelope import Opener, seal_to
from network.encryption.keyring import is_peppered, repepper
from network.encryption.sealed import EncryptionError, Place, Sealed, Tampered
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people.domain import (
    CHALLENGE_LASTS,
    COVERS,
    MOST_DEVICES,
    Named,
    Opened,
    Passkey,
    Standing,
    TooManyDevices,
    Way,
    WrongCredentials,
)
from network.people.store import locks
from network.people.tables import AnsweredRow, PasskeyRow, PersonRow

CREDENTIALS, OWNERS = "people.passkey", "people.passkey.owner"
FACTS_BYTES = 1536  # one size for every kind of authenticator


@dataclass(frozen=True, slots=True)
class Stored:
    """What is checked when a passkey answers, and what it unwraps, as it was read."""

    id: UUID
    person_id: PersonId
    made: Made
    wrapped: Sealed = field(repr=False)
    facts: Sealed = field(repr=False)
    names: Sealed = field(repr=False)
    asked: int  # until when the question could be answered that it answered last


@dataclass(frozen=True, slots=True)
class Answered:
    """A true answer of a passkey: how often it has signed, and which question it was."""

    used: Stored
    times: int
    mark: bytes = field(repr=False)
    asked: int


def owner_of(secret: ServerSecret, person: PersonId) -> bytes:
    """Under what number an authenticator keeps a member's passkey; no id of ours."""
    return secret.index(OWNERS, person.hex)


def add(tx: Tx, actor: Actor, passkey: UUID, *, made: Made, wrapped: Sealed, label: str) -> None:
    """Store a passkey that was proven; one that somebody has already is refused."""
    lock = locks.held(tx, actor)  # two who add at once wait for each other
    require_room(tx, actor)
    named = Named(label, locks.way_of(lock, actor))
    added = tx.session.scalar(
        tx.insert(PasskeyRow)
        .values(
            id=passkey,
            person_id=actor.person,
            credential_index=tx.secret.index(CREDENTIALS, made.credential.hex()),
            facts=_facts(tx, passkey, made, 0),
            key_by_passkey=wrapped,
            label=_names(passkey, actor.person, named, lock.ways),
            added_on=tx.now.date(),
        )
        .on_conflict_do_nothing()
        .returning(PasskeyRow.id)
    )
    if added is None:
        raise WrongCredentials


def require_room(tx: Tx, actor: Actor) -> None:
    """TooManyDevices where there is none for another. All count, whoever added them: a number of
    its own before a cover would say which of two this is.
    """
    query = select(func.count()).where(PasskeyRow.person_id == actor.person)
    if (tx.session.scalar(query) or 0) >= MOST_DEVICES:
        raise TooManyDevices


def named(tx: Tx, credential: bytes) -> Stored | None:
    """The passkey with this id, of somebody who may come in."""
    indexes = tx.secret.indexes(CREDENTIALS, credential.hex())
    return _one(tx, PasskeyRow.credential_index.in_(indexes))


def by_id(tx: Tx, passkey: UUID) -> Stored | None:
    """The passkey that answered a moment ago, if it is still there."""
    return _one(tx, PasskeyRow.id == passkey)


def note(tx: Tx, answer: Answered) -> None:
    """Note how often it has signed; WrongCredentials where it changed or went meanwhile."""
    before = answer.used
    made = Made(before.made.credential, before.made.public, answer.times)
    noted = tx.session.scalar(
        update(PasskeyRow)
        .where(PasskeyRow.id == before.id, PasskeyRow.facts == before.facts)
        .values(facts=_facts(tx, before.id, made, max(before.asked, answer.asked)))
        .returning(PasskeyRow.id)
    )
    if noted is None:
        raise WrongCredentials


def named_for(stored: Stored, opened: Opened) -> Named | None:
    """What this key reads of a passkey; None where its names are of other keys."""
    return _read(Opener(opened.private), stored.names, opened.way, stored.id, stored.person_id)


def of(tx: Tx, actor: Actor) -> tuple[Passkey, ...]:
    """The actor's passkeys, by whichever way they came in."""
    if actor.private_key is None:
        return ()
    opener, way = Opener(actor.private_key), locks.way_of(locks.of(tx, actor), actor)
    found = []
    for row in _rows_of(tx, actor):
        named = _read(opener, Sealed(row.label), way, row.id, actor.person)
        if named is not None:
            found.append(Passkey(row.id, named.label, row.added_on))
    return tuple(found)


def name_anew(tx: Tx, actor: Actor, way: int, ways: Sequence[Way]) -> None:
    """Seal what the actor's devices are called to these ways in: all of them, whichever changed."""
    opener = Opener(actor.key())
    for row in _rows_of(tx, actor):
        named = _read(opener, Sealed(row.label), way, row.id, actor.person)
        if named is not None:
            tx.session.execute(
                update(PasskeyRow)
                .where(PasskeyRow.id == row.id)
                .values(label=_names(row.id, actor.person, named, ways))
            )


def remove(tx: Tx, actor: Actor, passkey: UUID) -> None:
    """Destroy one of the actor's own: it opens nothing any more."""
    if passkey not in {one.id for one in of(tx, actor)}:
        raise NotVisible
    destroy(tx, passkey)


def destroy(tx: Tx, passkey: UUID) -> None:
    """One that answers no more."""
    tx.session.execute(delete(PasskeyRow).where(PasskeyRow.id == passkey))


def destroy_as_read(tx: Tx, read: Stored) -> None:
    """The same, if nothing was noted of it since; WrongCredentials where there was."""
    gone = tx.session.scalar(
        delete(PasskeyRow)
        .where(PasskeyRow.id == read.id, PasskeyRow.facts == read.facts)
        .returning(PasskeyRow.id)
    )
    if gone is None:
        raise WrongCredentials


def remove_all(tx: Tx, person: PersonId) -> None:
    """Destroy all of a member's."""
    tx.session.execute(delete(PasskeyRow).where(PasskeyRow.person_id == person))


def count_other_pepper(tx: Tx) -> int:
    """How many hold a key that lies under another pepper than the current one."""
    rows = tx.session.scalars(select(PasskeyRow.key_by_passkey))
    return sum(not is_peppered(Sealed(each), tx.secret.pepper) for each in rows)


def repepper_some(tx: Tx, after: UUID | None, most: int) -> tuple[int, int, UUID | None]:
    """Put some under the current pepper; says how many, how many lie under one that nobody knows,
    and after which to go on.
    """
    query = select(PasskeyRow.id, PasskeyRow.person_id, PasskeyRow.key_by_passkey)
    if after is not None:
        query = query.where(PasskeyRow.id > after)
    rows = tx.session.execute(query.order_by(PasskeyRow.id).limit(most).with_for_update()).all()
    pepper, *retired = tx.secret.peppers
    done = shut = 0
    for row in rows:
        wrapped = Sealed(row.key_by_passkey)
        if is_peppered(wrapped, pepper):
            continue
        try:
            again = repepper(row.person_id, wrapped, pepper, retired)
        except EncryptionError:
            shut += 1
            continue
        tx.session.execute(
            update(PasskeyRow).where(PasskeyRow.id == row.id).values(key_by_passkey=again)
        )
        done += 1
    return done, shut, rows[-1].id if len(rows) == most else None


def spend(tx: Tx, mark: bytes) -> None:
    """Remember that a question was answered; WrongCredentials where it was already."""
    first = tx.session.scalar(
        tx.insert(AnsweredRow)
        .values(mark=mark, expires_at=tx.now + CHALLENGE_LASTS)
        .on_conflict_do_nothing()
        .returning(AnsweredRow.mark)
    )
    if first is None:
        raise WrongCredentials


def sweep(tx: Tx) -> None:
    """Forget answered questions that nobody could ask again."""
    tx.session.execute(delete(AnsweredRow).where(AnsweredRow.expires_at <= tx.now))


def _one(tx: Tx, condition: ColumnElement[bool]) -> Stored | None:
    row = tx.session.execute(
        select(
            PasskeyRow.id,
            PasskeyRow.person_id,
            PasskeyRow.facts,
            PasskeyRow.key_by_passkey,
            PasskeyRow.label,
        )
        .join(PersonRow, PersonRow.id == PasskeyRow.person_id)
        .where(condition, PersonRow.standing.in_((Standing.APPLIED, Standing.ACTIVE)))
    ).one_or_none()
    if row is None:
        return None
    facts = Sealed(row.facts)
    said = json.loads(tx.secret.open(facts, _facts_place(row.id)).reveal())
    credential, public, times, asked = said
    return Stored(
        row.id,
        PersonId(row.person_id),
        Made(b64decode(credential), b64decode(public), times),
        Sealed(row.key_by_passkey),
        facts,
        Sealed(row.label),
        asked,
    )


def _rows_of(tx: Tx, actor: Actor) -> Sequence[Row[UUID, bytes, date]]:
    return tx.session.execute(
        select(PasskeyRow.id, PasskeyRow.label, PasskeyRow.added_on)
        .where(PasskeyRow.person_id == actor.person)
        .order_by(PasskeyRow.added_on, PasskeyRow.id)
    ).all()


def _facts(tx: Tx, passkey: UUID, made: Made, asked: int) -> Sealed:
    credential, public = (b64encode(each).decode() for each in (made.credential, made.public))
    said = Plaintext(json.dumps([credential, public, made.count, asked]))
    return tx.secret.seal(said, _facts_place(passkey), FACTS_BYTES)


def _names(passkey: UUID, person: PersonId, named: Named, ways: Sequence[Way]) -> Sealed:
    """As many envelopes of one size as there are ways in, one behind the other."""
    said = Plaintext(json.dumps([named.label, named.by_way], ensure_ascii=False))
    place = _label_place(passkey, person)
    return Sealed(b"".join(seal_to(way.public, said, place) for way in ways))


def _read(opener: Opener, names: Sealed, way: int, passkey: UUID, person: PersonId) -> Named | None:
    size = len(names) // (1 + COVERS)
    own = Sealed(names[way * size : (way + 1) * size])
    try:
        label, by_way = json.loads(opener.open_text(own, _label_place(passkey, person)).reveal())
    except Tampered:
        return None
    return Named(label, by_way)


def _facts_place(passkey: UUID) -> Place:
    return Place("passkeys", "facts", passkey)


def _label_place(passkey: UUID, person: PersonId) -> Place:
    """Sealed to each of the owner's keys."""
    return Place("passkeys", "label", passkey, member=person)
