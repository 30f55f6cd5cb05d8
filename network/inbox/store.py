"""Storing, claiming and settling arrivals. One `claim` for SQLite and PostgreSQL."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Integer, Table, bindparam, delete, func, literal_column, or_, select, update

from network.db import Tx, skipping_locked
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.inbox.domain import (
    ALONE,
    LEASE,
    TRIES,
    AlreadyHandled,
    Arrival,
    ArrivalStatus,
    Incoming,
)
from network.inbox.tables import ArrivalRow, TalkRow
from network.kernel.hidden import Plaintext

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)

# Built once: putting these statements together costs more than running them.
_ROWS = cast(Table, ArrivalRow.__table__)
_AHEAD = _ROWS.alias()
_FREE = (
    select(_ROWS.c.update_id)
    .where(
        _ROWS.c.status == ArrivalStatus.WAITING,
        or_(_ROWS.c.leased_until.is_(None), _ROWS.c.leased_until < bindparam("b_now")),
        ~select(_AHEAD.c.update_id)
        .where(
            _AHEAD.c.chat_index == _ROWS.c.chat_index,
            _AHEAD.c.status == ArrivalStatus.WAITING,
            _AHEAD.c.update_id < _ROWS.c.update_id,
        )
        .exists(),
    )
    .order_by(_ROWS.c.update_id)
    .limit(bindparam("b_most", type_=Integer))
)
_CLAIM = {
    locking: update(_ROWS)
    .where(_ROWS.c.update_id.in_(_FREE.with_for_update(skip_locked=True) if locking else _FREE))
    .values(leased_until=bindparam("b_until"), attempts=_ROWS.c.attempts + 1)
    .returning(
        _ROWS.c.update_id,
        _ROWS.c.chat_index,
        _ROWS.c.body,
        _ROWS.c.attempts,
        _ROWS.c.arrived_at,
    )
    for locking in (False, True)
}
_SETTLE_ALL = (
    update(_ROWS)
    .where(
        _ROWS.c.update_id.in_(bindparam("b_ids", expanding=True)),
        _ROWS.c.status == ArrivalStatus.WAITING,
    )
    .values(status=ArrivalStatus.DONE, body=b"", leased_until=None)
)
_SETTLE = (
    update(_ROWS)
    .where(_ROWS.c.update_id == bindparam("b_id"), _ROWS.c.status == ArrivalStatus.WAITING)
    .values(status=ArrivalStatus.DONE, body=b"", leased_until=None)
)


def put(tx: Tx, arrived: Sequence[Incoming]) -> None:
    """Store each update once; one that is here already is left as it is."""
    if not arrived:
        return
    _carry_over(tx, {one.chat for one in arrived if one.chat is not None})
    tx.session.execute(
        tx.insert(ArrivalRow).on_conflict_do_nothing(index_elements=["update_id"]),
        [
            {
                "update_id": one.update_id,
                "chat_index": None if one.chat is None else _index(tx, one.chat),
                "body": tx.secret.seal(one.body, _place(one.update_id)),
                "status": ArrivalStatus.WAITING,
                "arrived_at": tx.now,
                "attempts": 0,
                "message_id": one.message_id,
            }
            for one in arrived
        ],
    )


def claim(tx: Tx, limit: int) -> list[Arrival]:
    """Take the oldest waiting arrival of up to `limit` free chats, each with where its talk stands.

    A chat whose earlier arrival is still held or waiting is not free, so the order inside a chat is
    kept. One that was tried too often may be what its workers died of, or have been in bad company:
    it is handed out alone, and only when that ends no better is it set aside and not returned.
    """
    rows = tx.session.execute(
        _CLAIM[tx.on_postgresql], {"b_now": tx.now, "b_until": tx.now + LEASE, "b_most": limit}
    ).all()
    doubtful = [row.update_id for row in rows if TRIES < row.attempts <= TRIES + ALONE]
    if doubtful:
        _untried(tx, [row.update_id for row in rows if row.update_id != min(doubtful)])
        rows = [row for row in rows if row.update_id == min(doubtful)]
    opened = {
        row.update_id: _opened(tx, row.body, _place(row.update_id))
        for row in rows
        if row.attempts <= TRIES + ALONE
    }
    # One that does not open would stop all others for ever.
    set_aside(tx, [row.update_id for row in rows if opened.get(row.update_id) is None])
    talks = _talks(tx, {row.chat_index for row in rows if row.chat_index is not None})
    return [
        Arrival(
            row.update_id,
            row.chat_index,
            body,
            talks.get(row.chat_index) if row.chat_index else None,
            row.attempts,
            row.arrived_at,
        )
        for row in sorted(rows, key=lambda row: row.update_id)
        if (body := opened.get(row.update_id)) is not None
    ]


def settle(tx: Tx, arrival: Arrival) -> None:
    """Mark it handled and erase its body, or refuse with AlreadyHandled so that nothing happens
    twice.
    """
    done = tx.session.execute(_SETTLE, {"b_id": arrival.update_id})
    if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result counts its rows
        raise AlreadyHandled


def settle_all(tx: Tx, arrivals: Sequence[Arrival]) -> None:
    """The same for several, or AlreadyHandled where it is true of any."""
    ids = [one.update_id for one in arrivals]
    done = tx.session.execute(_SETTLE_ALL, {"b_ids": ids})
    if done.rowcount != len(ids):  # type: ignore[attr-defined]  # as above
        raise AlreadyHandled


def remember(tx: Tx, arrival: Arrival, talk: Plaintext | None) -> None:
    """Write down where the talk stands; None puts it back to its beginning."""
    if (
        arrival.chat_index is None
        or (talk is None and arrival.talk is None)
        or talk == arrival.talk
    ):
        return
    if talk is None:
        forget_talk(tx, arrival.chat_index)
        return
    state = tx.secret.seal(talk, _talk_place(arrival.chat_index))
    statement = tx.insert(TalkRow).values(chat_index=arrival.chat_index, state=state)
    tx.session.execute(
        statement.on_conflict_do_update(index_elements=["chat_index"], set_={"state": state})
    )


def forget_talk(tx: Tx, chat_index: bytes) -> None:
    """Put the talk with this chat back to its beginning."""
    tx.session.execute(delete(TalkRow).where(TalkRow.chat_index == chat_index))


def renew(tx: Tx, update_ids: Iterable[int]) -> None:
    """Hold arrivals for longer: a large file takes more time than a lease.

    Waits for nobody: one that is being settled needs no lease, and several of them in one commit
    and we here would wait for each other.
    """
    held = select(ArrivalRow.update_id).where(
        ArrivalRow.update_id.in_(list(update_ids)), ArrivalRow.status == ArrivalStatus.WAITING
    )
    tx.session.execute(
        update(ArrivalRow)
        .where(ArrivalRow.update_id.in_(skipping_locked(tx, held)))
        .values(leased_until=tx.now + LEASE)
    )


def release(tx: Tx, arrivals: Iterable[Arrival]) -> None:
    """Give claimed arrivals back untried."""
    _untried(tx, [one.update_id for one in arrivals])


def _untried(tx: Tx, update_ids: Sequence[int]) -> None:
    tx.session.execute(
        update(ArrivalRow)
        .where(ArrivalRow.update_id.in_(update_ids), ArrivalRow.status == ArrivalStatus.WAITING)
        .values(leased_until=None, attempts=ArrivalRow.attempts - 1)
    )


def hold(tx: Tx, arrival: Arrival, after: timedelta) -> None:
    """Keep an arrival, and those behind it in its chat, waiting a while before the next try."""
    tx.session.execute(
        update(ArrivalRow)
        .where(
            ArrivalRow.update_id == arrival.update_id, ArrivalRow.status == ArrivalStatus.WAITING
        )
        .values(leased_until=tx.now + after)
    )


def set_aside(tx: Tx, update_ids: Iterable[int]) -> None:
    """Put arrivals that make no sense out of the way, sealed as they are, so that the next one is
    not held up.
    """
    wanted = list(update_ids)
    if not wanted:
        return
    tx.session.execute(
        update(ArrivalRow)
        .where(ArrivalRow.update_id.in_(wanted), ArrivalRow.status == ArrivalStatus.WAITING)
        .values(status=ArrivalStatus.SET_ASIDE, leased_until=None)
    )


def traces(tx: Tx, chat: int) -> list[int]:
    """Telegram's numbers of what this chat wrote to us within the week we keep arrivals."""
    return list(
        tx.session.scalars(
            select(ArrivalRow.message_id).where(
                ArrivalRow.chat_index.in_(_indexes(tx, chat)), ArrivalRow.message_id.is_not(None)
            )
        )
    )


def unread(tx: Tx, chats: Iterable[int]) -> frozenset[int]:
    """Those of these chats of which something waits to be handled."""
    named = {index: chat for chat in set(chats) for index in _indexes(tx, chat)}
    if not named:
        return frozenset()
    found = tx.session.scalars(
        select(ArrivalRow.chat_index)
        .distinct()
        .where(
            ArrivalRow.chat_index.in_(list(named)),
            ArrivalRow.status == literal_column("'waiting'"),
        )
    )
    return frozenset(named[each] for each in found if each is not None)


def anything_waits(tx: Tx) -> bool:
    """Whether anything of anybody waits to be handled."""
    waiting = select(ArrivalRow.update_id).where(ArrivalRow.status == literal_column("'waiting'"))
    return tx.session.scalar(waiting.limit(1)) is not None


def longest_wait(tx: Tx) -> timedelta:
    """How long the oldest arrival that waits to be handled has waited."""
    waiting = ArrivalRow.status == literal_column("'waiting'")
    oldest = tx.session.scalar(select(func.min(ArrivalRow.arrived_at)).where(waiting))
    return timedelta(0) if oldest is None else max(tx.now - oldest, timedelta(0))


def anything_since(tx: Tx, since: datetime) -> bool:
    """Whether anything of anybody arrived after this. Below nothing are requests of our own."""
    newer = select(ArrivalRow.update_id).where(ArrivalRow.arrived_at > since)
    return tx.session.scalar(newer.where(ArrivalRow.update_id >= 0).limit(1)) is not None


def backlog(tx: Tx) -> tuple[int, int]:
    """How many arrivals wait, and how many were set aside within the week."""
    return _count(tx, ArrivalStatus.WAITING), _count(tx, ArrivalStatus.SET_ASIDE)


def sweep(tx: Tx) -> int:
    """Forget arrivals handled or set aside a week ago; says how many."""
    gone = tx.session.execute(
        delete(ArrivalRow).where(
            ArrivalRow.arrived_at < tx.now - KEPT, ArrivalRow.status != ArrivalStatus.WAITING
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts its rows


def _carry_over(tx: Tx, chats: set[int]) -> None:
    """Where a secret is being retired: what waits of these chats, and where their talks stand, is
    found by the current index from now on, so that the order inside a chat is kept.
    """
    if len(tx.secret.peppers) == 1:
        return
    for chat in chats:
        now, *before = _indexes(tx, chat)
        tx.session.execute(
            update(ArrivalRow)
            .where(ArrivalRow.chat_index.in_(before), ArrivalRow.status == ArrivalStatus.WAITING)
            .values(chat_index=now)
        )
        move_talks(tx, dict.fromkeys(before, now))


def move_talks(tx: Tx, moves: Mapping[bytes, bytes]) -> int:
    """Where these talks stand is found by another index from now on; says how many there were."""
    found = tx.session.execute(
        select(TalkRow.chat_index, TalkRow.state)
        .where(TalkRow.chat_index.in_(list(moves)))
        .with_for_update()
    ).all()
    for row in found:
        forget_talk(tx, row.chat_index)
        state = _opened(tx, row.state, _talk_place(row.chat_index))
        if state is not None:
            after = moves[row.chat_index]
            sealed = tx.secret.seal(state, _talk_place(after))
            statement = tx.insert(TalkRow).values(chat_index=after, state=sealed)
            # One that was begun since is newer.
            tx.session.execute(statement.on_conflict_do_nothing(index_elements=["chat_index"]))
    return len(found)


def _count(tx: Tx, status: ArrivalStatus) -> int:
    found = tx.session.scalar(
        select(func.count()).select_from(ArrivalRow).where(ArrivalRow.status == status)
    )
    return found or 0


def _talks(tx: Tx, indexes: set[bytes]) -> dict[bytes, Plaintext]:
    if not indexes:
        return {}
    rows = tx.session.execute(
        select(TalkRow.chat_index, TalkRow.state).where(TalkRow.chat_index.in_(indexes))
    )
    states = {row.chat_index: _opened(tx, row.state, _talk_place(row.chat_index)) for row in rows}
    return {index: state for index, state in states.items() if state is not None}


def _opened(tx: Tx, sealed: bytes, place: Place) -> Plaintext | None:
    try:
        return tx.secret.open(Sealed(sealed), place)
    except EncryptionError:
        log.error("a row of %s cannot be read", place.table)  # noqa: TRY400  # no content in logs
        return None


def _place(update_id: int) -> Place:
    return Place("inbox", "body", str(update_id))


def _talk_place(chat_index: bytes) -> Place:
    return Place("talks", "state", chat_index.hex())


def _indexes(tx: Tx, chat: int) -> tuple[bytes, ...]:
    return tx.secret.indexes("chat", str(chat))


def _index(tx: Tx, chat: int) -> bytes:
    return tx.secret.index("chat", str(chat))
