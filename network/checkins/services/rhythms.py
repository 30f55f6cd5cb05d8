"""Setting when a family is asked: by whoever accompanies them, or coordinates with a key."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from network import outbox
from network.cases.domain import Case
from network.cases.services.circles import companion
from network.checkins.domain.prompts import CLIMBING, Prompt, PromptStatus
from network.checkins.domain.rhythms import FARTHEST, Plan, RhythmStatus, moved, next_time
from network.checkins.domain.subjects import Subject
from network.checkins.services.alarms import Alarm, alarms_of
from network.checkins.store import prompts, rhythms
from network.checkins.store.rhythms import Rhythm
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput
from network.kernel.ids import CaseId, RhythmId, new_id
from network.outbox.domain import Delivery

SHOWN = 40  # questions on a case's page


class Turn(Protocol):
    """A verb that turns one rhythm: pause, resume, end."""

    __name__: str

    def __call__(self, tx: Tx, actor: Actor, *, case_id: CaseId, rhythm_id: RhythmId) -> None:
        """Turn it."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as its page shows it, with what became of its last letter."""

    prompt: Prompt
    delivery: Delivery | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The check-ins of one case: how they are asked, what was answered, what rings."""

    case: Case
    rhythms: tuple[Rhythm, ...]
    asked: tuple[Asked, ...]
    alarms: tuple[Alarm, ...]
    usual: Plan


def set_rhythm(
    tx: Tx,
    actor: Actor,
    *,
    case_id: CaseId,
    every: timedelta | None = None,
    begins: time | None = None,
    ends: time | None = None,
) -> RhythmId:
    """Ask every so often in waking hours, from the next such hour on, and no longer as before."""
    case = companion(tx, actor, case_id=case_id)
    usual = _usual(tx, case)
    plan = Plan(
        every=every or usual.every,
        begins=begins or usual.begins,
        ends=ends or usual.ends,
        zone=usual.zone,
        reminder=usual.reminder,
        grace=usual.grace,
    )
    for before in rhythms.of(tx, Subject(case=case_id)):
        if before.plan is None or before.plan.every is not None:
            _end(tx, before)
    return _begin(tx, case_id, plan, next_time(plan, tx.now))


def ask_once(tx: Tx, actor: Actor, *, case_id: CaseId, at: datetime | None = None) -> RhythmId:
    """Ask one time: now, or at a moment within two months."""
    case = companion(tx, actor, case_id=case_id)
    when = at or tx.now
    if not tx.now - timedelta(minutes=1) <= when <= tx.now + FARTHEST:
        raise BadInput("at", "out_of_range")
    usual = _usual(tx, case)
    plan = Plan(None, usual.begins, usual.ends, usual.zone, usual.reminder, usual.grace)
    return _begin(tx, case_id, plan, when)


def pause(tx: Tx, actor: Actor, *, case_id: CaseId, rhythm_id: RhythmId) -> None:
    """Ask nothing until it is resumed. What was asked already keeps its time."""
    companion(tx, actor, case_id=case_id)
    rhythm = rhythms.get(tx, Subject(case=case_id), rhythm_id)
    rhythms.move(tx, rhythm, moved(rhythm.status, RhythmStatus.PAUSED), None)


def resume(tx: Tx, actor: Actor, *, case_id: CaseId, rhythm_id: RhythmId) -> None:
    """Ask again, from the next hour of the rhythm on; a single question is asked now."""
    companion(tx, actor, case_id=case_id)
    rhythm = rhythms.get(tx, Subject(case=case_id), rhythm_id)
    status = moved(rhythm.status, RhythmStatus.ACTIVE)
    if rhythm.plan is None:
        raise BadInput("rhythm", "unreadable")
    rhythms.move(tx, rhythm, status, next_time(rhythm.plan, tx.now) or tx.now)


def end_rhythm(tx: Tx, actor: Actor, *, case_id: CaseId, rhythm_id: RhythmId) -> None:
    """Ask no more, and expect no answer to what was asked. An alarm that rings goes on."""
    companion(tx, actor, case_id=case_id)
    rhythm = rhythms.get(tx, Subject(case=case_id), rhythm_id)
    moved(rhythm.status, RhythmStatus.ENDED)
    _end(tx, rhythm)


def overview(tx: Tx, actor: Actor, *, case_id: CaseId) -> Overview:
    """Everything about the check-ins of one case, for whoever looks after it."""
    case = companion(tx, actor, case_id=case_id)
    kept = prompts.latest_of(tx, Subject(case=case_id), SHOWN)
    found = outbox.deliveries(tx, [one.letter_id for one in kept])
    return Overview(
        case,
        rhythms.of(tx, Subject(case=case_id)),
        tuple(Asked(one.prompt, found.get(one.letter_id)) for one in kept),
        alarms_of(tx, actor, Subject(case=case_id)),
        _usual(tx, case),
    )


def _usual(tx: Tx, case: Case) -> Plan:
    """The country's habits, by the clock of the place where this family is."""
    habits, waking = tx.pack.check_ins, tx.pack.waking
    return Plan(
        every=habits.every,
        begins=waking.begins,
        ends=waking.ends,
        zone=case.card.time_zone or tx.pack.time_zone,
        reminder=habits.reminder,
        grace=habits.grace,
    )


def _begin(tx: Tx, case_id: CaseId, plan: Plan, next_at: datetime | None) -> RhythmId:
    rhythm_id = RhythmId(new_id())
    rhythms.add(tx, Rhythm(rhythm_id, Subject(case=case_id), RhythmStatus.ACTIVE, plan, next_at))
    return rhythm_id


def _end(tx: Tx, rhythm: Rhythm) -> None:
    rhythms.move(tx, rhythm, RhythmStatus.ENDED, None)
    waiting = [
        kept
        for kept in prompts.open_of(tx, rhythm.about)
        if kept.prompt.rhythm_id == rhythm.id and kept.prompt.status not in CLIMBING
    ]
    prompts.close(tx, [kept.prompt.id for kept in waiting], PromptStatus.CANCELLED)
    for kept in waiting:
        outbox.cancel(tx, kept.letter_id)
