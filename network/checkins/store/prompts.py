"""Questions: claimed in batches when it is time to look, answered once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Integer, Row, Table, and_, bindparam, exists, func, select, update

from network.checkins.domain.prompts import CLIMBING, OPEN, Prompt, PromptStatus, Step
from network.checkins.domain.subjects import Subject
from network.checkins.store.subjects import columns, is_about, subject_of
from network.checkins.tables import PromptRow, WatchRow
from network.db import Instant, Tx, skipping_locked
from network.kernel.errors import NotVisible
from network.kernel.ids import CaseId, LetterId, PersonId, PromptId, RhythmId
from network.many import IDS, among, pour

_ROWS = cast(Table, PromptRow.__table__)
_C = _ROWS.c
# Columns of the table and not of its class, here and below: a tick reads a thousand rows.
COLUMNS: tuple[Any, ...] = (
    _C.id,
    _C.rhythm_id,
    _C.case_id,
    _C.person_id,
    _C.letter_id,
    _C.status,
    _C.planned_at,
    _C.delivered_at,
    _C.next_look_at,
    _C.asked_at,
    _C.asked,
)

_AHEAD = "checkins.open_of"
# Asked for every word of a family: built once.
_OPEN_OF = {
    column: select(*COLUMNS).where(
        column.in_(bindparam("subjects", expanding=True)), _C.status.in_(OPEN)
    )
    for column in (_C.case_id, _C.person_id)
}
# In one order, so that two who hold the same questions never wait for each other in a ring.
_HOLD_OPEN = {column: query.order_by(_C.id).with_for_update() for column, query in _OPEN_OF.items()}
_DUE = (
    select(*COLUMNS)
    .where(_C.next_look_at <= bindparam("now", type_=Instant))
    .order_by(_C.next_look_at)
    .limit(bindparam("most", type_=Integer))
)
_CLAIM = {False: _DUE, True: _DUE.with_for_update(skip_locked=True)}
_LATE = update(_ROWS).where(among(_C.id)).values(status=PromptStatus.LATE, next_look_at=None)
_OPEN_FOR = select(*COLUMNS).where(among(_C.rhythm_id), _C.status.in_(OPEN))
_CLIMBING_ABOUT = {
    column: select(_C.case_id, _C.person_id).where(among(column), _C.status.in_(CLIMBING))
    for column in (_C.case_id, _C.person_id)
}
_WATCHED = (
    exists().where(WatchRow.case_id == _C.case_id),
    exists().where(WatchRow.person_id == _C.person_id),
)
# Taken by whoever answers it at this moment, it is not waited for: the clock waits for nobody.
_ANEW_HELD = (
    select(_C.id).where(_C.id == bindparam("p")).with_for_update(skip_locked=True).scalar_subquery()
)
_ANEW = {
    held: update(_ROWS)
    .where(_C.id == (_ANEW_HELD if held else bindparam("p")))
    .values(letter_id=bindparam("l"), asked=bindparam("c"))
    for held in (False, True)
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A question and the last letter that carried it."""

    prompt: Prompt
    letter_id: LetterId


@dataclass(frozen=True, slots=True)
class Stepped:
    """What one look decided about one question."""

    kept: Kept
    step: Step
    letter_id: LetterId


def add(tx: Tx, kept: Sequence[Kept]) -> None:
    """Store new questions, all at once."""
    pour(
        tx,
        _ROWS,
        [
            {
                "id": one.prompt.id,
                "rhythm_id": one.prompt.rhythm_id,
                **columns(one.prompt.about),
                "letter_id": one.letter_id,
                "status": one.prompt.status,
                "planned_at": one.prompt.planned_at,
                "next_look_at": one.prompt.next_look_at,
                "asked": one.prompt.asked,
            }
            for one in kept
        ],
    )


def claim(tx: Tx, limit: int) -> tuple[Kept, ...]:
    """Questions to look at now, taken for this transaction."""
    rows = tx.session.execute(_CLAIM[tx.on_postgresql], {"now": tx.now, "most": limit})
    return tuple(map(_kept, rows.all()))


def save(tx: Tx, stepped: Sequence[Stepped]) -> None:
    """Write down what was decided about questions the caller has claimed.

    Those of whom nothing changes but that they are late, which may be many at once, go together.
    """
    late = [one for one in stepped if _only_late(one)]
    if late:
        tx.session.connection().execute(_LATE, {IDS: [one.kept.prompt.id for one in late]})
    stepped = [one for one in stepped if not _only_late(one)]
    if not stepped:
        return
    tx.session.connection().execute(
        update(PromptRow)
        .where(PromptRow.id == bindparam("p"))
        .values(
            status=bindparam("s"),
            delivered_at=bindparam("d"),
            next_look_at=bindparam("n"),
            letter_id=bindparam("l"),
            asked_at=bindparam("a"),
            asked=bindparam("c"),
        ),
        [
            {
                "p": one.kept.prompt.id,
                "s": one.step.status,
                "d": one.step.delivered_at,
                "n": one.step.next_look_at,
                "l": one.letter_id,
                "a": one.step.asked_at,
                "c": one.step.asked,
            }
            for one in stepped
        ],
    )


def _only_late(one: Stepped) -> bool:
    before, step = one.kept.prompt, one.step
    return (
        step.status is PromptStatus.LATE
        and step.next_look_at is None
        and step.delivered_at == before.delivered_at
        and (step.asked_at, step.asked) == (before.asked_at, before.asked)
        and one.letter_id == one.kept.letter_id
    )


def one(tx: Tx, about: Subject, prompt_id: PromptId) -> Kept:
    """A question to this family or member as it stands, kept from the clock until this transaction
    ends; or NotVisible.
    """
    row = tx.session.execute(
        select(*COLUMNS)
        .where(PromptRow.id == prompt_id, is_about(PromptRow, about))
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotVisible
    return _kept(row)


def open_of(tx: Tx, about: Subject) -> tuple[Kept, ...]:
    """The questions that this family or member may still answer."""
    ahead: dict[CaseId, tuple[Kept, ...]] = tx.ahead.get(_AHEAD, {})
    if about.case is not None and about.case in ahead:
        return ahead[about.case]
    column = _C.case_id if about.case is not None else _C.person_id
    rows = tx.session.execute(_OPEN_OF[column], {"subjects": [about.id]})
    return tuple(_kept(row) for row in rows)


def hold_open(tx: Tx, about: Subject) -> tuple[Kept, ...]:
    """The same as they stand, kept from the clock until this transaction ends: one that is judged
    at this moment is waited for. On SQLite the one writer sees to that.
    """
    found = open_of(tx, about)
    if not (found and tx.on_postgresql):
        return found
    column = _C.case_id if about.case is not None else _C.person_id
    rows = tx.session.execute(_HOLD_OPEN[column], {"subjects": [about.id]})
    return tuple(_kept(row) for row in rows)


def read_ahead(tx: Tx, case_ids: Sequence[CaseId]) -> None:
    """The questions these families may still answer, for the answers of one commit."""
    rows = tx.peek(_OPEN_OF[_C.case_id], {"subjects": list(case_ids)})
    found: dict[CaseId, tuple[Kept, ...]] = dict.fromkeys(case_ids, ())
    for row in rows:
        found[CaseId(row.case_id)] += (_kept(row),)
    tx.ahead[_AHEAD] = found


def close(tx: Tx, ids: Iterable[PromptId], status: PromptStatus) -> frozenset[PromptId]:
    """End these questions where they are still open; says which this transaction ended."""
    wanted = list(ids)
    if not wanted:
        return frozenset()
    closed = tx.session.scalars(
        update(PromptRow)
        .where(PromptRow.id.in_(wanted), PromptRow.status.in_(OPEN))
        .values(status=status, next_look_at=None)
        .returning(PromptRow.id)
    )
    return frozenset(PromptId(each) for each in closed)


def answered(tx: Tx, ids: Iterable[PromptId]) -> frozenset[PromptId]:
    """Those of these questions that were answered."""
    wanted = list(ids)
    if not wanted:
        return frozenset()
    query = select(PromptRow.id).where(
        PromptRow.id.in_(wanted), PromptRow.status == PromptStatus.ANSWERED
    )
    return frozenset(map(PromptId, tx.session.scalars(query)))


def open_for(tx: Tx, rhythms: Iterable[RhythmId]) -> dict[RhythmId, Kept]:
    """The open question of each of these rhythms that has one."""
    wanted = list(rhythms)
    if not wanted:
        return {}
    rows = tx.session.execute(_OPEN_FOR, {IDS: wanted})
    return {one.prompt.rhythm_id: one for one in map(_kept, rows)}


def asked_anew(tx: Tx, kept: Sequence[Kept]) -> None:
    """Another letter carries these questions, whose silence somebody knows of already."""
    if not kept:
        return
    tx.session.connection().execute(
        _ANEW[tx.on_postgresql],
        [{"p": one.prompt.id, "l": one.letter_id, "c": one.prompt.asked} for one in kept],
    )


def climbing_about(tx: Tx, subjects: Iterable[Subject]) -> frozenset[Subject]:
    """Those of these of whom a question is late or could not be delivered."""
    wanted = list(subjects)
    families = [one.case for one in wanted if one.case is not None]
    members = [one.person for one in wanted if one.person is not None]
    found: set[Subject] = set()
    for column, ids in ((_C.case_id, families), (_C.person_id, members)):
        if ids:
            rows = tx.session.execute(_CLIMBING_ABOUT[column], {IDS: ids})
            found.update(subject_of(row.case_id, row.person_id) for row in rows)
    return frozenset(found)


def claim_unwatched(tx: Tx, limit: int) -> tuple[Kept, ...]:
    """Questions that are late or could not be delivered and about which nobody can be told: we
    look at their family or member no more. Taken for this transaction.
    """
    query = (
        select(*COLUMNS)
        .where(and_(_C.status.in_(CLIMBING), *(~each for each in _WATCHED)))
        .order_by(_C.planned_at)
        .limit(limit)
    )
    return tuple(map(_kept, tx.session.execute(skipping_locked(tx, query)).all()))


def climbing_since(tx: Tx, since: datetime, limit: int) -> tuple[Prompt, ...]:
    """The newest questions that are late or could not be delivered, of those asked since then."""
    rows = tx.session.execute(
        select(*COLUMNS)
        .where(PromptRow.status.in_(CLIMBING), PromptRow.planned_at >= since)
        .order_by(PromptRow.planned_at.desc())
        .limit(limit)
    )
    return tuple(_kept(row).prompt for row in rows)


def climbing(tx: Tx, limit: int) -> tuple[Prompt, ...]:
    """Questions that are late or could not be delivered, the oldest first; of more than `limit`
    the newest, which somebody may not have seen yet.
    """
    rows = tx.session.execute(
        select(*COLUMNS)
        .where(PromptRow.status.in_(CLIMBING))
        .order_by(PromptRow.planned_at.desc())
        .limit(limit)
    )
    return tuple(_kept(row).prompt for row in reversed(rows.all()))


def count_climbing(tx: Tx, but: PersonId | None = None) -> int:
    """How many questions are late or could not be delivered, but for those of one member."""
    query = select(func.count()).select_from(PromptRow).where(PromptRow.status.in_(CLIMBING))
    if but is not None:
        query = query.where(PromptRow.person_id.is_distinct_from(but))
    return tx.session.scalar(query) or 0


def most_overdue(tx: Tx) -> datetime | None:
    """Since when the question that should have been looked at first waits for it."""
    return tx.session.scalar(
        select(_C.next_look_at).where(_C.next_look_at <= tx.now).order_by(_C.next_look_at).limit(1)
    )


def latest_of(tx: Tx, about: Subject, limit: int) -> tuple[Kept, ...]:
    """The newest questions to a family or member the caller has found, newest first."""
    rows = tx.session.execute(
        select(*COLUMNS)
        .where(is_about(PromptRow, about))
        .order_by(PromptRow.planned_at.desc(), PromptRow.id)
        .limit(limit)
    )
    return tuple(_kept(row) for row in rows)


def _kept(row: Row[Any]) -> Kept:
    return Kept(
        Prompt(
            PromptId(row.id),
            RhythmId(row.rhythm_id),
            subject_of(row.case_id, row.person_id),
            row.status,
            row.planned_at,
            row.delivered_at,
            row.next_look_at,
            row.asked_at,
            row.asked,
        ),
        LetterId(row.letter_id),
    )
