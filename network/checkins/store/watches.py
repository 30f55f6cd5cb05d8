"""Watches: one sealed state of one size, whatever it holds; changed only where it is as read."""

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, Table, bindparam, delete, func, insert, select, update

from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import (
    SILENT,
    Cause,
    Happened,
    Ladder,
    Line,
    Rung,
    Watch,
    Whom,
)
from network.checkins.store.subjects import is_about, subject_of
from network.checkins.tables import WatchRow
from network.db import Tx, skipping_locked
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, PersonId, PromptId
from network.many import IDS, among, pour

# The longest state there is, and a little more. PostgreSQL keeps rows of less than 2 KB in one
# piece, and SQLite puts two of them on a page: both matter to the tick that begins thousands.
STATE_BYTES = 1536
CALM = f'{{"why":"{Cause.CALM.value}"'  # how a calm state begins
COLUMNS: tuple[Any, ...] = (
    WatchRow.id,
    WatchRow.case_id,
    WatchRow.person_id,
    WatchRow.state,
    WatchRow.next_look_at,
)
NO_PROMPT = '"prompt":null'  # as `written` writes it
FRONT = 30  # bytes: version, suite, key, and the 24 random ones of each sealing
AT_ONCE = 1_000
MOST_REMEMBERED = 50_000
_CALM: dict[UUID, bytes] = {}
_ROWS = cast(Table, WatchRow.__table__)
_ABOUT_CASES = select(*COLUMNS).where(among(_ROWS.c.case_id))
_ABOUT_MEMBERS = select(*COLUMNS).where(among(_ROWS.c.person_id))
_INSERT = insert(_ROWS).inline()  # built once: every word comes by here
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A watch as it is stored. `watch` is None when the state does not open."""

    id: AlarmId
    about: Subject
    state: Sealed
    watch: Watch | None
    next_look_at: datetime


@dataclass(frozen=True, slots=True)
class New:
    """A watch to be stored. Many that begin alike share one `watch`; what is each one's own stands
    beside it.
    """

    id: AlarmId
    about: Subject
    watch: Watch
    next_look_at: datetime
    prompt: PromptId | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look left of a watch."""

    id: AlarmId
    watch: Watch
    next_look_at: datetime


def add(tx: Tx, new: Sequence[New]) -> None:
    """Store new watches, all at once."""
    patterns: dict[int, tuple[str, str]] = {}
    texts = [_short(one.watch) if one.prompt is None else _alike(one, patterns) for one in new]
    places = [_place(one.id) for one in new]
    states = tx.secret.seal_all(list(zip(texts, places, strict=True)), STATE_BYTES)
    rows = [
        {
            "id": one.id,
            "case_id": one.about.case,
            "person_id": one.about.person,
            "state": state,
            "next_look_at": one.next_look_at,
        }
        for one, state in zip(new, states, strict=True)
    ]
    if len(rows) == 1:
        tx.gather(_INSERT, rows[0])
    else:
        pour(tx, _ROWS, rows)


def claim(tx: Tx, limit: int) -> tuple[Kept, ...]:
    """Watches to look at now, taken for this transaction."""
    query = (
        select(*COLUMNS)
        .where(WatchRow.next_look_at <= tx.now)
        .order_by(WatchRow.next_look_at)
        .limit(limit)
    )
    return tuple(_kept(tx, row) for row in tx.session.execute(skipping_locked(tx, query)))


def most_overdue(tx: Tx) -> datetime | None:
    """Since when the watch that should have been looked at first waits for it."""
    return tx.session.scalar(
        select(WatchRow.next_look_at)
        .where(WatchRow.next_look_at <= tx.now)
        .order_by(WatchRow.next_look_at)
        .limit(1)
    )


def claim_these(tx: Tx, ids: Collection[AlarmId]) -> tuple[Kept, ...]:
    """Those of these that nobody else is changing, taken for this transaction."""
    query = skipping_locked(tx, select(*COLUMNS).where(WatchRow.id.in_(ids)))
    return tuple(_kept(tx, row) for row in tx.session.execute(query))


def save(tx: Tx, looked: Sequence[Looked]) -> None:
    """Write down what claimed watches are now: calm ones, too, are sealed anew."""
    if not looked:
        return
    tx.session.connection().execute(
        update(WatchRow)
        .where(WatchRow.id == bindparam("w"))
        .values(state=bindparam("s"), next_look_at=bindparam("n")),
        [
            {"w": one.id, "s": _sealed(tx, one.id, one.watch), "n": one.next_look_at}
            for one in looked
        ],
    )


def put_off(tx: Tx, ids: Sequence[AlarmId], until: datetime) -> None:
    """Look again then at watches that do not open; the desk goes on showing them."""
    if not ids:
        return
    tx.session.execute(update(WatchRow).where(WatchRow.id.in_(ids)).values(next_look_at=until))


def remove(tx: Tx, ids: Iterable[AlarmId]) -> None:
    """Forget these watches."""
    wanted = list(ids)
    if not wanted:
        return
    tx.session.execute(delete(WatchRow).where(WatchRow.id.in_(wanted)))


def one(tx: Tx, watch_id: AlarmId) -> Kept:
    """One watch, or NotVisible. Whether the actor may know of it is the service's next question."""
    return _found(tx, select(*COLUMNS).where(WatchRow.id == watch_id))


def hold(tx: Tx, watch_id: AlarmId) -> Kept:
    """The same, kept from the clock and from others until this transaction ends."""
    return _found(tx, select(*COLUMNS).where(WatchRow.id == watch_id).with_for_update())


def hold_these(tx: Tx, ids: Collection[AlarmId]) -> tuple[Kept, ...]:
    """Those of these that there are, held likewise; in one order, so that two who hold the same
    never wait for each other in a ring.
    """
    query = select(*COLUMNS).where(WatchRow.id.in_(ids)).order_by(WatchRow.id).with_for_update()
    return tuple(_kept(tx, row) for row in tx.session.execute(query))


def replace(tx: Tx, before: Kept, watch: Watch, next_look_at: datetime) -> None:
    """Change a watch only where it still is what was read: of two at once, one wins."""
    changed = tx.session.scalar(
        update(WatchRow)
        .where(WatchRow.id == before.id, WatchRow.state == before.state)
        .values(state=_sealed(tx, before.id, watch), next_look_at=next_look_at)
        .returning(WatchRow.id)
    )
    if changed is None:
        raise WrongMoment


def end(tx: Tx, before: Kept) -> None:
    """Forget a watch only where it still is what was read."""
    gone = tx.session.scalar(
        delete(WatchRow)
        .where(WatchRow.id == before.id, WatchRow.state == before.state)
        .returning(WatchRow.id)
    )
    if gone is None:
        raise WrongMoment


def of(tx: Tx, about: Subject) -> tuple[Kept, ...]:
    """Every watch of one family or member."""
    rows = tx.session.execute(select(*COLUMNS).where(is_about(WatchRow, about)))
    return tuple(_kept(tx, row) for row in rows)


def of_these(tx: Tx, subjects: Collection[Subject]) -> Iterator[Kept]:
    """Every watch of these families and members."""
    families = [one.case for one in subjects if one.case is not None]
    members = [one.person for one in subjects if one.person is not None]
    for query, ids in ((_ABOUT_CASES, families), (_ABOUT_MEMBERS, members)):
        for row in tx.session.execute(query, {IDS: ids}) if ids else ():
            yield _kept(tx, row)


def silent_about(tx: Tx, subjects: Collection[Subject]) -> frozenset[Subject]:
    """Those of these about whose silence an alarm rings; one that cannot be read may be that."""
    found = of_these(tx, subjects)
    return frozenset(one.about for one in found if one.watch is None or one.watch.cause in SILENT)


def ringing(tx: Tx) -> tuple[Kept, ...]:
    """Every watch that rings or cannot be read.

    Nothing outside the envelope says which: each word of the last half hour is opened, by this
    process once. An envelope never changes, a state is sealed anew; so what was found calm stays so
    for as long as its first bytes, which are random, are the same.
    """
    fronts = tx.session.execute(select(WatchRow.id, func.substr(WatchRow.state, 1, FRONT)))
    unknown = [row[0] for row in fronts if _CALM.get(row[0]) != bytes(row[1])]
    found = []
    for start in range(0, len(unknown), AT_ONCE):
        some = unknown[start : start + AT_ONCE]
        for row in tx.session.execute(select(*COLUMNS).where(WatchRow.id.in_(some))):
            if _is_calm(tx, row.id, row.state):
                _remember(row.id, row.state)
            else:
                found.append(_kept(tx, row))
    return tuple(sorted(found, key=lambda one: one.next_look_at))


def _remember(watch_id: UUID, sealed: bytes) -> None:
    """In this process's memory alone, which holds the secret that opens all of them anyway."""
    if len(_CALM) >= MOST_REMEMBERED:
        _CALM.clear()
    _CALM[watch_id] = bytes(sealed[:FRONT])


def _is_calm(tx: Tx, watch_id: UUID, sealed: bytes) -> bool:
    try:
        return tx.secret.open(Sealed(sealed), _place(watch_id)).reveal().startswith(CALM)
    except (EncryptionError, ValueError):
        return False


def _found(tx: Tx, query: Select[Any]) -> Kept:
    row = tx.session.execute(query).one_or_none()
    if row is None:
        raise NotVisible
    return _kept(tx, row)


def _kept(tx: Tx, row: Row[Any]) -> Kept:
    sealed = Sealed(row.state)
    about = subject_of(row.case_id, row.person_id)
    return Kept(AlarmId(row.id), about, sealed, _opened(tx, row.id, sealed), row.next_look_at)


def _opened(tx: Tx, watch_id: UUID, sealed: Sealed) -> Watch | None:
    try:
        return read(tx.secret.open(sealed, _place(watch_id)))
    except (EncryptionError, ValueError, KeyError, TypeError):
        # Without the trace: it may hold what was being opened.
        log.error("the state of watch %s cannot be read", watch_id)  # noqa: TRY400
        return None


def _sealed(tx: Tx, watch_id: UUID, watch: Watch) -> Sealed:
    """In an envelope of one size. What does not fit tells less of what was: it rings all the same.

    A state that stops the tick would stop every other alarm with it.
    """
    return tx.secret.seal(_short(watch), _place(watch_id), STATE_BYTES)


def _short(watch: Watch) -> Plaintext:
    text = written(watch)
    if len(text.reveal()) > STATE_BYTES:
        text = written(changed(watch, history=watch.history[:1]))
    return text


def written(watch: Watch) -> Plaintext:
    """A watch as text, short enough for its envelope whatever happened to it."""
    return Plaintext(
        json.dumps(
            {
                "why": watch.cause.value,
                "since": watch.since.isoformat(),
                "until": watch.until.isoformat(),
                "ladder": _rungs(watch.ladder),
                "rung": watch.rung,
                "told": watch.told and watch.told.hex,
                "owner": watch.owner and watch.owner.hex,
                "owned": watch.owned_until and watch.owned_until.isoformat(),
                "prompt": watch.prompt and watch.prompt.hex,
                "seen": watch.seen and watch.seen.isoformat(),
                "lines": [
                    [int(line.at.timestamp()), line.what.value, line.by and line.by.hex]
                    for line in watch.history
                ],
                "gathered": watch.gathered,
            },
            separators=(",", ":"),
        )
    )


@lru_cache(maxsize=64)
def _rungs(ladder: Ladder) -> list[tuple[int, str]]:
    """Thousands of watches hold the same few ladders."""
    return [(int(rung.after.total_seconds()), rung.tell.value) for rung in ladder]


def _alike(one: New, patterns: dict[int, tuple[str, str]]) -> Plaintext:
    """What `written` would say of this one, where thousands differ in one place alone."""
    found = patterns.get(id(one.watch))
    if found is None:
        head, tail = written(changed(one.watch, prompt=None)).reveal().split(NO_PROMPT)
        found = patterns[id(one.watch)] = (head, tail)
    assert one.prompt is not None
    head, tail = found
    return Plaintext(f'{head}"prompt":"{one.prompt.hex}"{tail}')


def read(text: Plaintext) -> Watch:
    """What `written` was given."""
    found = json.loads(text.reveal())
    if not found["ladder"]:
        raise ValueError("a ladder without rungs tells nobody")
    return Watch(
        cause=Cause(found["why"]),
        since=datetime.fromisoformat(found["since"]),
        until=datetime.fromisoformat(found["until"]),
        ladder=tuple(Rung(timedelta(seconds=after), Whom(tell)) for after, tell in found["ladder"]),
        rung=found["rung"],
        told=_person(found["told"] or None),
        owner=_person(found["owner"]),
        owned_until=found["owned"] and datetime.fromisoformat(found["owned"]),
        prompt=None if found["prompt"] is None else PromptId(UUID(found["prompt"])),
        history=tuple(
            Line(datetime.fromtimestamp(at, UTC), Happened(what), _person(by))
            for at, what, by in found["lines"]
        ),
        seen=datetime.fromisoformat(found["seen"]) if found.get("seen") else None,
        gathered=found.get("gathered", False),  # sealed before there was such a thing
    )


def _person(text: str | None) -> PersonId | None:
    return None if text is None else PersonId(UUID(text))


def _place(watch_id: UUID) -> Place:
    return Place("watches", "state", watch_id)
