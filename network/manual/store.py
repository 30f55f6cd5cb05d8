"""Finding and changing what is kept about the handbook: guarded writes, few reads."""

import json
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import func, insert, select, update

from network.db import Tx
from network.encryption.sealed import Place, Sealed
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, new_id
from network.manual.domain import Completion, Dial, Review, ReviewStatus, Total, month_of
from network.manual.tables import DialRow, HelpedRow, ReviewRow, TrainingRow

REMARK_BYTES = 1024  # every remark is as long as every other: 200 letters fit in any script
_LAST = select(
    DialRow.id,
    DialRow.line,
    DialRow.dialled,
    DialRow.outcome,
    DialRow.made_on,
    DialRow.by_id,
    DialRow.remark,
).where(
    DialRow.number.in_(select(func.max(DialRow.number)).group_by(DialRow.line, DialRow.dialled))
)
_LAST_OUTCOMES = select(DialRow.line, DialRow.dialled, DialRow.outcome, DialRow.made_on).where(
    DialRow.number.in_(select(func.max(DialRow.number)).group_by(DialRow.line, DialRow.dialled))
)


def add_dial(tx: Tx, dial: Dial) -> None:
    """Write down that a line was dialled."""
    dial_id = new_id()
    tx.session.execute(
        insert(DialRow)
        .inline()
        .values(
            id=dial_id,
            line=dial.line,
            dialled=dial.number,
            outcome=dial.outcome,
            made_on=dial.day,
            by_id=dial.by,
            remark=tx.secret.seal(Plaintext(dial.remark), _place(dial_id), REMARK_BYTES),
        )
    )


def last_dials(tx: Tx) -> tuple[Dial, ...]:
    """The last time each number was dialled, with what was noted; for coordination."""
    return tuple(
        Dial(
            row.line,
            row.dialled,
            row.outcome,
            row.made_on,
            PersonId(row.by_id),
            tx.secret.open(Sealed(row.remark), _place(row.id)).reveal(),
        )
        for row in tx.session.execute(_LAST)
    )


def last_outcomes(tx: Tx) -> tuple[Dial, ...]:
    """The same without who and what they noted: all that pages and the bot may know."""
    nobody = PersonId(UUID(int=0))
    return tuple(
        Dial(row.line, row.dialled, row.outcome, row.made_on, nobody)
        for row in tx.session.execute(_LAST_OUTCOMES)
    )


def add_review(tx: Tx, review: Review) -> None:
    """Store what one coordinator says of a review."""
    tx.session.execute(
        insert(ReviewRow)
        .inline()
        .values(
            id=review.id,
            chapter=review.chapter,
            language=review.language,
            specialty=review.specialty,
            reviewed_on=review.day,
            scope=json.dumps(dict(review.scope), sort_keys=True),
            status=review.status,
            said_by=review.said_by,
            confirmed_by=review.confirmed_by,
        )
    )


def review(tx: Tx, review_id: UUID) -> Review:
    """One review, held until the transaction ends, or NotVisible."""
    row = tx.session.scalar(
        select(ReviewRow)
        .where(ReviewRow.id == review_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotVisible
    return _review(row)


def reviews(tx: Tx, *, since: date) -> tuple[Review, ...]:
    """Every review that was not taken back, made since that day, the newest first."""
    rows = tx.session.scalars(
        select(ReviewRow)
        .where(ReviewRow.reviewed_on > since, ReviewRow.status != ReviewStatus.WITHDRAWN)
        .order_by(ReviewRow.reviewed_on.desc(), ReviewRow.id)
        .execution_options(populate_existing=True)
    )
    return tuple(_review(row) for row in rows)


def move_review(
    tx: Tx, before: Review, target: ReviewStatus, *, confirmed_by: PersonId | None
) -> None:
    """Write the move only where the review still stands as it was read, else WrongMoment."""
    moved = tx.session.scalar(
        update(ReviewRow)
        .where(ReviewRow.id == before.id, ReviewRow.status == before.status)
        .values(status=before.moved_to(target), confirmed_by=confirmed_by)
        .returning(ReviewRow.id)
    )
    if moved is None:
        raise WrongMoment


def add_to_total(tx: Tx, *, chapter: str, section: str, useful: bool) -> None:
    """One more, in the month it is."""
    tx.session.execute(
        tx.insert(HelpedRow)
        .values(chapter=chapter, section=section, month=month_of(tx.now), useful=useful, times=1)
        .on_conflict_do_update(
            index_elements=["chapter", "section", "month", "useful"],
            set_={"times": HelpedRow.times + 1},
        )
    )


def totals(tx: Tx, *, since: str) -> tuple[Total, ...]:
    """What was said of each section in each month, from that month on."""
    found: dict[tuple[str, str, str], dict[bool, int]] = {}
    for row in tx.session.execute(
        select(
            HelpedRow.month, HelpedRow.chapter, HelpedRow.section, HelpedRow.useful, HelpedRow.times
        )
        .where(HelpedRow.month >= since)
        .order_by(HelpedRow.month.desc(), HelpedRow.chapter, HelpedRow.section)
    ):
        found.setdefault((row.month, row.chapter, row.section), {})[row.useful] = row.times
    return tuple(
        Total(chapter, section, month, said.get(True, 0), said.get(False, 0))
        for (month, chapter, section), said in found.items()
    )


def complete(tx: Tx, completion: Completion) -> None:
    """Keep that somebody completed a chapter, in place of an earlier time."""
    tx.session.execute(
        tx.insert(TrainingRow)
        .values(
            person_id=completion.person,
            chapter=completion.chapter,
            digest=completion.digest,
            done_on=completion.day,
        )
        .on_conflict_do_update(
            index_elements=["person_id", "chapter"],
            set_={"digest": completion.digest, "done_on": completion.day},
        )
    )


def completions(tx: Tx, people: Iterable[PersonId] | None) -> tuple[Completion, ...]:
    """What these people completed; None for everybody."""
    query = select(
        TrainingRow.person_id, TrainingRow.chapter, TrainingRow.done_on, TrainingRow.digest
    ).order_by(TrainingRow.done_on, TrainingRow.chapter)
    if people is not None:
        query = query.where(TrainingRow.person_id.in_(set(people)))
    return tuple(
        Completion(PersonId(row.person_id), row.chapter, row.done_on, row.digest)
        for row in tx.session.execute(query)
    )


def _review(row: ReviewRow) -> Review:
    return Review(
        id=row.id,
        chapter=row.chapter,
        language=row.language,
        specialty=row.specialty,
        day=row.reviewed_on,
        scope=json.loads(row.scope),
        status=row.status,
        said_by=PersonId(row.said_by),
        confirmed_by=PersonId(row.confirmed_by) if row.confirmed_by else None,
    )


def _place(dial_id: UUID) -> Place:
    return Place("dials", "remark", dial_id)
