"""Channels: scoped reads, guarded writes."""

import json
from collections.abc import Iterable

from sqlalchemy import delete, func, insert, select, update

from network.db import Tx, skipping_locked
from network.delivery.domain import Channel, ChannelState
from network.delivery.tables import ChannelRow
from network.encryption.sealed import Place, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import ChannelId, PersonId

BYTES = 1024  # every channel looks as long as every other


def mine(tx: Tx, actor: Actor) -> tuple[Channel, ...]:
    """The actor's own channels."""
    return of(tx, (actor.person,))


def one(tx: Tx, actor: Actor, channel_id: ChannelId) -> Channel:
    """One of the actor's own channels, or NotVisible."""
    query = select(ChannelRow).where(
        ChannelRow.id == channel_id, ChannelRow.person_id == actor.person
    )
    row = tx.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotVisible
    return _channel(tx, row)


def of(tx: Tx, people: Iterable[PersonId]) -> tuple[Channel, ...]:
    """These members' channels, for the machine."""
    rows = tx.session.scalars(
        select(ChannelRow)
        .where(ChannelRow.person_id.in_(list(people)))
        .order_by(ChannelRow.id)
        .execution_options(populate_existing=True)
    )
    return tuple(_channel(tx, row) for row in rows)


def named(tx: Tx, ids: Iterable[ChannelId]) -> tuple[Channel, ...]:
    """These channels, for the machine; those that are gone are left out."""
    rows = tx.session.scalars(select(ChannelRow).where(ChannelRow.id.in_(list(ids))))
    return tuple(_channel(tx, row) for row in rows)


def failing(tx: Tx) -> tuple[Channel, ...]:
    """Channels that worked once and whose last test nobody confirmed."""
    rows = tx.session.scalars(
        select(ChannelRow).where(ChannelRow.state == ChannelState.FAILED).order_by(ChannelRow.id)
    )
    return tuple(_channel(tx, row) for row in rows)


def count_failing(tx: Tx) -> int:
    """How many those are."""
    found = tx.session.scalar(
        select(func.count()).select_from(ChannelRow).where(ChannelRow.state == ChannelState.FAILED)
    )
    return found or 0


def due(tx: Tx, limit: int) -> tuple[Channel, ...]:
    """Channels whose test is due, or whose time to confirm is over; taken for this transaction."""
    query = (
        select(ChannelRow)
        .where(ChannelRow.test_at <= tx.now)
        .order_by(ChannelRow.test_at)
        .limit(limit)
    )
    return tuple(_channel(tx, row) for row in tx.session.scalars(skipping_locked(tx, query)))


def add(tx: Tx, channel: Channel) -> None:
    """Store a new one."""
    tx.session.execute(insert(ChannelRow).values(id=channel.id, **_values(tx, channel)))


def save(tx: Tx, before: Channel, after: Channel) -> None:
    """Write down what became of it, if it is still as it was read."""
    same_moment = (
        ChannelRow.asked_at.is_(None)
        if before.asked_at is None
        else ChannelRow.asked_at == before.asked_at
    )
    saved = tx.session.scalar(
        update(ChannelRow)
        .where(ChannelRow.id == before.id, ChannelRow.test_at == before.test_at, same_moment)
        .values(**_values(tx, after))
        .returning(ChannelRow.id)
    )
    if saved is None:
        raise WrongMoment


def remove(tx: Tx, actor: Actor, channel_id: ChannelId) -> None:
    """Forget one of the actor's own channels."""
    gone = tx.session.scalar(
        delete(ChannelRow)
        .where(ChannelRow.id == channel_id, ChannelRow.person_id == actor.person)
        .returning(ChannelRow.id)
    )
    if gone is None:
        raise NotVisible


def remove_all_of(tx: Tx, person: PersonId) -> None:
    """Forget every channel of somebody who was removed."""
    tx.session.execute(delete(ChannelRow).where(ChannelRow.person_id == person))


def _values(tx: Tx, channel: Channel) -> dict[str, object]:
    text = json.dumps([channel.address.reveal(), channel.word, channel.tries], ensure_ascii=False)
    return {
        "person_id": channel.person_id,
        "state": channel.state,
        "sealed": tx.secret.seal(Plaintext(text), _place(channel), BYTES),
        "test_at": channel.test_at,
        "asked_at": channel.asked_at,
    }


def _channel(tx: Tx, row: ChannelRow) -> Channel:
    place = Place("channels", "sealed", row.id, member=row.person_id)
    address, word, tries = json.loads(tx.secret.open(Sealed(row.sealed), place).reveal())
    return Channel(
        ChannelId(row.id),
        PersonId(row.person_id),
        row.state,
        Plaintext(address),
        row.test_at,
        row.asked_at,
        word,
        tries,
    )


def _place(channel: Channel) -> Place:
    return Place("channels", "sealed", channel.id, member=channel.person_id)
