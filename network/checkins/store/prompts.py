"""Questions: claimed in batches when it is time to look, answered once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from network.checkins.domain.prompts import CLIMBING, OPEN, Prompt, PromptStatus, Step
from network.checkins.domain.subjects import Subject
from network.checkins.store.subjects import are_about, columns, is_about, subject_of
from network.checkins.tables import PromptRow
from network.db import Tx, skipping_locked
from network.kernel.errors import NotVisible
from network.kernel.ids import CaseId, LetterId, PromptId, RhythmId

COLUMNS: tuple[Any, ...] = (
    PromptRow.id,
    PromptRow.rhythm_id,
    PromptRow.case_id,
    PromptRow.person_id,
    PromptRow.letter_id,
    PromptRow.status,
    PromptRow.planned_at,
    PromptRow.delivered_at,
    PromptRow.next_look_at,
    PromptRow.asked_at,
    PromptRow.asked,
)

_AHEAD = "checkins.open_of"
# Asked for every word of a family: built once.
_OPEN_OF = {
    column: select(*COLUMNS).where(
        column.in_(bindparam("subjects", expanding=True)), PromptRow.status.in_(OPEN)
    )
    for column in (PromptRow.case_id, PromptRow.person_id)
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
    if not kept:
        return
    tx.session.execute(
        insert(PromptRow).inline(),
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
    query = (
        select(*COLUMNS)
        .where(PromptRow.next_look_at <= tx.now)
        .order_by(PromptRow.next_look_at)
        .limit(limit)
    )
    return tuple(_kept(row) for row in tx.session.execute(skipping_locked(tx, query)))


def save(tx: Tx, stepped: Sequence[Stepped]) -> None:
    """Write down what was decided about questions the caller has claimed.

    Those of whom nothing changes but that they are late, which may be many at once, go together.
    """
    late = [one for one in stepped if _only_late(one)]
    if late:
        tx.session.execute(
            update(PromptRow)
            .where(PromptRow.id.in_([one.kept.prompt.id for one in late]))
            .values(status=PromptStatus.LATE, next_look_at=None)
            .execution_options(synchronize_session=False)
        )
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
    """A question to this family or member, or NotVisible."""
    row = tx.session.execute(
        select(*COLUMNS).where(PromptRow.id == prompt_id, is_about(PromptRow, about))
    ).one_or_none()
    if row is None:
        raise NotVisible
    return _kept(row)


def open_of(tx: Tx, about: Subject) -> tuple[Kept, ...]:
    """The questions that this family or member may still answer."""
    ahead: dict[CaseId, tuple[Kept, ...]] = tx.ahead.get(_AHEAD, {})
    if about.case is not None and about.case in ahead:
        return ahead[about.case]
    column = PromptRow.case_id if about.case is not None else PromptRow.person_id
    rows = tx.session.execute(_OPEN_OF[column], {"subjects": [about.id]})
    return tuple(_kept(row) for row in rows)


def read_ahead(tx: Tx, case_ids: Sequence[CaseId]) -> None:
    """The questions these families may still answer, for the answers of one commit."""
    rows = tx.peek(_OPEN_OF[PromptRow.case_id], {"subjects": list(case_ids)})
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
        .execution_options(synchronize_session=False)
    )
    return frozenset(PromptId(each) for each in closed)


def open_for(tx: Tx, rhythms: Iterable[RhythmId]) -> dict[RhythmId, Kept]:
    """The open question of each of these rhythms that has one."""
    wanted = list(rhythms)
    if not wanted:
        return {}
    rows = tx.session.execute(
        select(*COLUMNS).where(PromptRow.rhythm_id.in_(wanted), PromptRow.status.in_(OPEN))
    )
    return {one.prompt.rhythm_id: one for one in map(_kept, rows)}


def asked_anew(tx: Tx, kept: Sequence[Kept]) -> None:
    """Another letter carries these questions, whose silence somebody knows of already."""
    if not kept:
        return
    tx.session.connection().execute(
        update(PromptRow)
        .where(PromptRow.id == bindparam("p"))
        .values(letter_id=bindparam("l"), asked=bindparam("c")),
        [{"p": one.prompt.id, "l": one.letter_id, "c": one.prompt.asked} for one in kept],
    )


def climbing_about(tx: Tx, subjects: Iterable[Subject]) -> frozenset[Subject]:
    """Those of these for whose silence somebody is being told already."""
    wanted = set(subjects)
    if not wanted:
        return frozenset()
    found = tx.session.execute(
        select(PromptRow.case_id, PromptRow.person_id).where(
            are_about(PromptRow, wanted), PromptRow.status.in_(CLIMBING)
        )
    )
    return frozenset(subject_of(row.case_id, row.person_id) for row in found)


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
    """Every question that is late or could not be delivered, the oldest first."""
    rows = tx.session.execute(
        select(*COLUMNS)
        .where(PromptRow.status.in_(CLIMBING))
        .order_by(PromptRow.planned_at)
        .limit(limit)
    )
    return tuple(_kept(row).prompt for row in rows)


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
