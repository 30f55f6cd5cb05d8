"""What is forgotten of questions and rhythms: a trip's at once, others of members after a year.

A family's go with their case, so that a button under an old question of theirs is always heard.
"""

from datetime import timedelta

from sqlalchemy import delete, exists, select

from network.checkins.domain.prompts import OPEN
from network.checkins.domain.rhythms import RhythmStatus
from network.checkins.tables import PromptRow, RhythmRow, TripRow, WatchRow
from network.db import Tx, skipping_locked
from network.kernel.ids import RhythmId

KEPT = timedelta(days=366)  # as long as how alarms ended
AT_ONCE = 1_000


def forget(tx: Tx, rhythm: RhythmId) -> None:
    """Nothing that this rhythm asked is left, nor when; nor the rhythm, where no trip names it."""
    tx.session.execute(delete(PromptRow).where(PromptRow.rhythm_id == rhythm))
    named = exists().where(TripRow.rhythm_id == RhythmRow.id)
    tx.session.execute(delete(RhythmRow).where(RhythmRow.id == rhythm, ~named))


def sweep(tx: Tx) -> int:
    """Forget members' questions of a year ago that are closed, and rhythms that have ended and of
    which no question is left; says how many of both.

    While an alarm is open about a member it may name a question: then none of theirs is forgotten.
    """
    watched = exists().where(WatchRow.person_id == PromptRow.person_id)
    questions = (
        select(PromptRow.id)
        .where(
            PromptRow.person_id.is_not(None),
            PromptRow.planned_at < tx.now - KEPT,
            PromptRow.status.not_in(OPEN),
            ~watched,
        )
        .limit(AT_ONCE)
    )
    asked = exists().where(PromptRow.rhythm_id == RhythmRow.id)
    named = exists().where(TripRow.rhythm_id == RhythmRow.id)
    rhythms = (
        select(RhythmRow.id)
        .where(RhythmRow.status == RhythmStatus.ENDED, ~asked, ~named)
        .limit(AT_ONCE)
    )
    old = tx.session.scalars(skipping_locked(tx, questions)).all()
    if old:
        tx.session.execute(delete(PromptRow).where(PromptRow.id.in_(old)))
    ended = tx.session.scalars(skipping_locked(tx, rhythms)).all()
    if ended:
        tx.session.execute(delete(RhythmRow).where(RhythmRow.id.in_(ended)))
    return len(old) + len(ended)
