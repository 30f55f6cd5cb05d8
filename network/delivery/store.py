"""Channels: scoped reads, guarded writes."""

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, update

from network.db import Tx, skipping_locked
from network.delivery.domain import Channel, ChannelState
from network.delivery.tables import ChannelRow
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import ChannelId, PersonId

BYTES = 1024  # every channel looks as long as every other
SAY_AGAIN_AFTER = timedelta(hours=1)  # of a row that does not open: it is met at every tick
MOST_SAID = 1000

log = logging.getLogger(__name__)
_said: dict[UUID, datetime] = {}


def mine(tx: Tx, actor: Actor) -> tuple[Channel, ...]:
    """The actor's own channels, and those of them that do not open."""
    return _read(tx, select(ChannelRow).where(ChannelRow.person_id == actor.person))


def one(tx: Tx, actor: Actor, channel_id: ChannelId) -> Channel:
    """One of the actor's own channels, or NotVisible; what does not open can only be removed."""
    query = select(ChannelRow).where(
        ChannelRow.id == channel_id, ChannelRow.person_id == actor.person
    )
    found = _read(tx, query)
    if not found or found[0].shut:
        raise NotVisible
    return found[0]


def ringing(tx: Tx, people: Iterable[PersonId]) -> tuple[Channel, ...]:
    """The channels that alarms to these members go by, for the machine; one that does not open
    never silences the others.
    """
    query = select(ChannelRow).where(
        ChannelRow.person_id.in_(list(people)), ChannelRow.state != ChannelState.NEW
    )
    return tuple(one for one in _read(tx, query) if not one.shut)


def named(tx: Tx, ids: Iterable[ChannelId]) -> tuple[Channel, ...]:
    """These channels, for the machine; those that are gone are left out."""
    return _read(tx, select(ChannelRow).where(ChannelRow.id.in_(list(ids))))


def failing(tx: Tx) -> tuple[Channel, ...]:
    """Channels that worked once and whose last test nobody confirmed."""
    return _read(tx, select(ChannelRow).where(ChannelRow.state == ChannelState.FAILED))


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
    rows = tx.session.scalars(skipping_locked(tx, query)).all()
    return tuple(_channel(tx, row) for row in rows)


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
    values: dict[str, object] = {
        "person_id": channel.person_id,
        "state": channel.state,
        "test_at": channel.test_at,
        "asked_at": channel.asked_at,
    }
    if not channel.shut:  # what does not open stays as it is: the right secret may come back
        kept = [channel.address.reveal(), channel.word, channel.tries]
        text = Plaintext(json.dumps(kept, ensure_ascii=False))
        values["sealed"] = tx.secret.seal(text, _place(channel), BYTES)
    return values


def _read(tx: Tx, query: Select[ChannelRow]) -> tuple[Channel, ...]:
    fresh = query.order_by(ChannelRow.id).execution_options(populate_existing=True)
    return tuple(_channel(tx, row) for row in tx.session.scalars(fresh).all())


def _channel(tx: Tx, row: ChannelRow) -> Channel:
    channel = Channel(
        ChannelId(row.id),
        PersonId(row.person_id),
        row.state,
        Plaintext(""),
        row.test_at,
        row.asked_at,
    )
    try:
        opened = tx.secret.open(Sealed(row.sealed), _place(channel)).reveal()
        address, word, tries = json.loads(opened)
    except (EncryptionError, ValueError, TypeError):
        _say_shut(row.id, tx.now)
        return replace(channel, shut=True)
    return replace(channel, address=Plaintext(address), word=word, tries=tries)


def _say_shut(channel: UUID, now: datetime) -> None:
    """Once an hour for each, in each process."""
    last = _said.get(channel)
    if last is not None and abs(now - last) < SAY_AGAIN_AFTER:
        return
    if len(_said) >= MOST_SAID:
        _said.clear()
    _said[channel] = now
    log.error("channel %s does not open: its owner has to add it anew", channel)


def _place(channel: Channel) -> Place:
    return Place("channels", "sealed", channel.id, member=channel.person_id)
