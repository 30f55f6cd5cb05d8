"""Taking letters, each by one postman. One `lease` for SQLite and PostgreSQL."""

import logging
from collections.abc import Iterable
from enum import Enum
from itertools import product
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Table,
    Update,
    and_,
    bindparam,
    or_,
    select,
    update,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from network.db import Tx, skipping_locked
from network.encryption.sealed import EncryptionError, Sealed
from network.kernel.ids import LetterId
from network.outbox import pacing
from network.outbox.domain import (
    CHAT_PAUSE,
    CLOCKS_APART,
    LEASE,
    LONGEST_WAIT,
    Leased,
    LetterStatus,
    Pace,
    Priority,
)
from network.outbox.letters import read
from network.outbox.store import place_of, refused
from network.outbox.tables import LetterRow, PaceRow

log = logging.getLogger(__name__)

UNPACED = Pace(0)
_ROWS = cast(Table, LetterRow.__table__)
_PACE = cast(Table, PaceRow.__table__)
_AHEAD = _ROWS.alias()
_SENT = _ROWS.alias()


class _Which(Enum):
    """Which letters a statement takes."""

    ANY = "any"
    URGENT = "urgent"  # alarms and signals: they wait for no limit of ours
    ORDINARY = "ordinary"  # the others, no two to one chat within a second


_ONLY: dict[_Which, tuple[ColumnElement[bool], ...]] = {
    _Which.ANY: (),
    _Which.URGENT: (_ROWS.c.priority == int(Priority.ALARM),),
    _Which.ORDINARY: (
        _ROWS.c.priority > int(Priority.ALARM),
        ~select(_SENT.c.number)
        .where(
            _SENT.c.chat_index == _ROWS.c.chat_index,
            _SENT.c.settled_at > bindparam("b_lately"),
            _SENT.c.settled_at <= bindparam("b_soon"),
        )
        .exists(),
    ),
}


def _is_due(letter: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """Its time has come, or a clock that ran ahead promised it: when it was meant nobody knows."""
    return or_(letter.due_at <= bindparam("b_now"), letter.promised_at > bindparam("b_soon"))


def _statement(which: _Which, *, locking: bool) -> Update:
    free = (
        select(_ROWS.c.number)
        .where(
            _ROWS.c.status == LetterStatus.WAITING,
            _is_due(_ROWS.c),
            or_(
                _ROWS.c.leased_until.is_(None),
                _ROWS.c.leased_until < bindparam("b_now"),
                _ROWS.c.leased_until > bindparam("b_beyond"),
            ),
            ~select(_AHEAD.c.number)
            .where(
                _AHEAD.c.chat_index == _ROWS.c.chat_index,
                _AHEAD.c.status == LetterStatus.WAITING,
                _is_due(_AHEAD.c),
                or_(
                    _AHEAD.c.priority < _ROWS.c.priority,
                    and_(_AHEAD.c.priority == _ROWS.c.priority, _AHEAD.c.number < _ROWS.c.number),
                ),
            )
            .exists(),
            # Asked once, not for each letter: the row of the pace stands alone. An alarm that
            # waited too long is taken all the same: it may have to go another way.
            or_(
                ~select(_PACE.c.id)
                .where(
                    _PACE.c.quiet_until > bindparam("b_now"),
                    _PACE.c.quiet_until <= bindparam("b_beyond"),
                )
                .exists(),
                and_(
                    _ROWS.c.priority == int(Priority.ALARM),
                    or_(
                        _ROWS.c.promised_at <= bindparam("b_long_ago"),
                        _ROWS.c.promised_at > bindparam("b_soon"),
                    ),
                ),
            ),
            *_ONLY[which],
        )
        .order_by(_ROWS.c.priority, _ROWS.c.number)
        .limit(bindparam("b_most", type_=Integer))
    )
    return (
        update(_ROWS)
        .where(_ROWS.c.number.in_(free.with_for_update(skip_locked=True) if locking else free))
        # Without the last error: with one, it is backing off and nobody holds it.
        .values(leased_until=bindparam("b_until"), attempts=_ROWS.c.attempts + 1, error=None)
        .returning(
            _ROWS.c.number,
            _ROWS.c.id,
            _ROWS.c.payload,
            _ROWS.c.is_signal,
            _ROWS.c.attempts,
            _ROWS.c.promised_at,
            _ROWS.c.due_at,
            _ROWS.c.priority,
        )
    )


# Built once: putting these statements together costs more than running them.
_LEASE = {
    (which, locking): _statement(which, locking=locking)
    for which, locking in product(_Which, (False, True))
}


def lease(tx: Tx, limit: int, *, urgent: int = 0, pace: Pace = UNPACED) -> list[Leased]:
    """Take up to `limit` due letters: urgent first, and of one chat only the first of those it
    waits for. Up to `urgent` alarms and signals are taken where `limit` leaves no room for them.

    A crash after this only delays them. A letter leased or backing off holds back the later ones of
    its chat, unless they are more urgent. Nothing is taken while Telegram wants quiet.
    """
    if not pace.rate:
        which, most = (_Which.ANY, limit) if limit > 0 else (_Which.URGENT, urgent)
        return _taken(tx, which, most)
    allowed = pacing.allowance(tx, pace)
    first = _taken(tx, _Which.URGENT, max(limit, urgent))
    rest = _taken(tx, _Which.ORDINARY, min(allowed, limit - len(first)))
    if found := first + rest:
        signals = sum(one.is_signal for one in found)
        pacing.charge(tx, pace, letters=len(found) - signals, signals=signals)
    return found


def renew(tx: Tx, numbers: Iterable[int]) -> None:
    """Hold letters for longer: a large file takes more time than a lease. Waits for nobody who
    settles or cancels some of them meanwhile.
    """
    held = select(LetterRow.number).where(
        LetterRow.number.in_(list(numbers)), LetterRow.status == LetterStatus.WAITING
    )
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.number.in_(skipping_locked(tx, held)))
        .values(leased_until=tx.now + LEASE)
    )


def release(tx: Tx, numbers: Iterable[int]) -> None:
    """Give leased letters back untried, so that another postman can take them at once."""
    tx.session.execute(
        update(LetterRow)
        .where(LetterRow.number.in_(list(numbers)), LetterRow.status == LetterStatus.WAITING)
        .values(leased_until=None, attempts=LetterRow.attempts - 1)
    )


def _taken(tx: Tx, which: _Which, most: int) -> list[Leased]:
    if most <= 0:
        return []
    asked: dict[str, object] = {"b_now": tx.now, "b_until": tx.now + LEASE, "b_most": most}
    asked["b_soon"], asked["b_beyond"] = tx.now + CLOCKS_APART, tx.now + LONGEST_WAIT
    asked["b_long_ago"] = tx.now - tx.pack.alarms.fallback
    if which is _Which.ORDINARY:
        asked["b_lately"] = tx.now - CHAT_PAUSE
    rows = tx.session.execute(_LEASE[which, tx.on_postgresql], asked).all()
    ordered = sorted(rows, key=lambda row: (row.priority, row.number))
    return [leased for row in ordered if (leased := _leased(tx, row)) is not None]


def _leased(tx: Tx, row: Row[Any]) -> Leased | None:
    """The letters of a row; one that does not open is given up, or it would stop all others."""
    try:
        letters = read(tx.secret.open(Sealed(row.payload), place_of(row.id)))
    except (EncryptionError, ValueError, KeyError, TypeError):
        # Without the trace: it may hold what was being opened.
        log.error("letter %s cannot be read", row.id)  # noqa: TRY400
        refused(tx, row.number, "unreadable")
        return None
    return Leased(
        row.number,
        LetterId(row.id),
        letters,
        row.is_signal,
        row.attempts,
        row.promised_at,
        row.due_at,
        Priority(row.priority),
    )
