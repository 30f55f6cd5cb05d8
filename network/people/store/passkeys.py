"""How passkeys are stored, and which questions were answered. No row says whose key one opens."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from network.db import Tx
from network.encryption.authenticators import Made
from network.encryption.envelope import Opener, public_key_of, seal_to
from network.encryption.keyring import is_peppered, repepper
from network.encryption.sealed import EncryptionError, Place, PublicKey, Sealed, Tampered
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people.domain import CHALLENGE_LASTS, Passkey, Standing, WrongCredentials
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


def owner_of(secret: ServerSecret, person: PersonId) -> bytes:
    """Under what number an authenticator keeps a member's passkey; no id of ours."""
    return secret.index(OWNERS, person.hex)


def add(tx: Tx, actor: Actor, passkey: UUID, *, made: Made, wrapped: Sealed, label: str) -> None:
    """Store a passkey that was proven; one that somebody has already is refused."""
    person, place = actor.person, _label_place(passkey, actor.person)
    dialect = postgresql if tx.on_postgresql else sqlite
    added = tx.session.scalar(
        dialect.insert(PasskeyRow)
        .values(
            id=passkey,
            person_id=person,
            credential_index=tx.secret.index(CREDENTIALS, made.credential.hex()),
            facts=_facts(tx, passkey, made),
            key_by_passkey=wrapped,
            label=seal_to(PublicKey(public_key_of(actor.key())), Plaintext(label), place),
            added_on=tx.now.date(),
        )
        .on_conflict_do_nothing()
        .returning(PasskeyRow.id)
    )
    if added is None:
        raise WrongCredentials


def named(tx: Tx, credential: bytes) -> Stored | None:
    """The passkey with this id, of somebody who may come in."""
    indexes = tx.secret.indexes(CREDENTIALS, credential.hex())
    return _one(tx, PasskeyRow.credential_index.in_(indexes))


def by_id(tx: Tx, passkey: UUID) -> Stored | None:
    """The passkey that answered a moment ago, if it is still there."""
    return _one(tx, PasskeyRow.id == passkey)


def count(tx: Tx, before: Stored, times: int) -> None:
    """Note how often it has signed; WrongCredentials where it changed or went meanwhile."""
    made = Made(before.made.credential, before.made.public, times)
    noted = tx.session.scalar(
        update(PasskeyRow)
        .where(PasskeyRow.id == before.id, PasskeyRow.facts == before.facts)
        .values(facts=_facts(tx, before.id, made))
        .returning(PasskeyRow.id)
        .execution_options(synchronize_session=False)
    )
    if noted is None:
        raise WrongCredentials


def of(tx: Tx, actor: Actor) -> tuple[Passkey, ...]:
    """The actor's passkeys that the key of this session can name."""
    if actor.private_key is None:
        return ()
    opener, found = Opener(actor.private_key), []
    rows = tx.session.execute(
        select(PasskeyRow.id, PasskeyRow.label, PasskeyRow.added_on)
        .where(PasskeyRow.person_id == actor.person)
        .order_by(PasskeyRow.added_on, PasskeyRow.id)
    )
    for row in rows:
        try:
            label = opener.open_text(Sealed(row.label), _label_place(row.id, actor.person))
        except Tampered:
            continue
        found.append(Passkey(row.id, label.reveal(), row.added_on))
    return tuple(found)


def remove(tx: Tx, actor: Actor, passkey: UUID) -> None:
    """Destroy one of the actor's own that they can name: it opens nothing any more."""
    if passkey not in {one.id for one in of(tx, actor)}:
        raise NotVisible
    destroy(tx, passkey)


def destroy(tx: Tx, passkey: UUID) -> None:
    """One that answers no more."""
    tx.session.execute(delete(PasskeyRow).where(PasskeyRow.id == passkey))


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
            update(PasskeyRow)
            .where(PasskeyRow.id == row.id)
            .values(key_by_passkey=again)
            .execution_options(synchronize_session=False)
        )
        done += 1
    return done, shut, rows[-1].id if len(rows) == most else None


def spend(tx: Tx, mark: bytes) -> None:
    """Remember that a question was answered; WrongCredentials where it was already."""
    dialect = postgresql if tx.on_postgresql else sqlite
    first = tx.session.scalar(
        dialect.insert(AnsweredRow)
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
        select(PasskeyRow.id, PasskeyRow.person_id, PasskeyRow.facts, PasskeyRow.key_by_passkey)
        .join(PersonRow, PersonRow.id == PasskeyRow.person_id)
        .where(condition, PersonRow.standing.in_((Standing.APPLIED, Standing.ACTIVE)))
    ).one_or_none()
    if row is None:
        return None
    facts = Sealed(row.facts)
    credential, public, times = json.loads(tx.secret.open(facts, _facts_place(row.id)).reveal())
    made = Made(b64decode(credential), b64decode(public), times)
    return Stored(row.id, PersonId(row.person_id), made, Sealed(row.key_by_passkey), facts)


def _facts(tx: Tx, passkey: UUID, made: Made) -> Sealed:
    parts = [b64encode(made.credential).decode(), b64encode(made.public).decode(), made.count]
    return tx.secret.seal(Plaintext(json.dumps(parts)), _facts_place(passkey), FACTS_BYTES)


def _facts_place(passkey: UUID) -> Place:
    return Place("passkeys", "facts", passkey)


def _label_place(passkey: UUID, person: PersonId) -> Place:
    """Sealed to the key of the session in which it was given."""
    return Place("passkeys", "label", passkey, member=person)
