"""The clock's knock: claim what is due, let the rules decide, write rung and letters at once."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from network import outbox
from network.checkins.domain.prompts import (
    ASK_THE_OUTBOX_AGAIN,
    CLIMBING,
    Fate,
    Patience,
    Prompt,
    PromptStatus,
    Step,
    step,
)
from network.checkins.domain.rhythms import RhythmStatus, may_ask, next_time
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import (
    Cause,
    calmed,
    due_rungs,
    fixed_looks,
    look,
    next_look,
    of_silence,
)
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.asking import ASKING_AGAIN, HOW_ARE_YOU, Known, fates, question
from network.checkins.services.somebody import Somebody, find
from network.checkins.services.telling import (
    Roster,
    country_ladder,
    ladder_of,
    roster,
    tell,
)
from network.checkins.store import prompts, rhythms, watches
from network.checkins.store.prompts import Stepped
from network.checkins.store.rhythms import Rhythm, Turned
from network.checkins.store.watches import Looked, New
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import AlarmId, PromptId, new_id
from network.outbox.domain import Letter, Signal

BATCH = 200
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Batch:
    """What one knock will write, gathered first so that it is written in few statements."""

    turned: list[Turned] = field(default_factory=list)
    asked: list[prompts.Kept] = field(default_factory=list)
    stepped: list[Stepped] = field(default_factory=list)
    begun: list[New] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    over: list[AlarmId] = field(default_factory=list)
    unreadable: list[AlarmId] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)


def watch(tx: Tx, actor: Actor) -> int:
    """Ask, remind and climb. Says how much was due: while it is not 0, come again at once.

    Any number of clocks may knock at once; each due row is taken by one of them.
    """
    require(actor, CheckinPermission.LOOK_AFTER_ALL)
    due = rhythms.claim(tx, BATCH)
    out = prompts.claim(tx, BATCH)
    eyes = watches.claim(tx, BATCH)
    if not (due or out or eyes):
        return 0
    named = {one.about for one in due} | {one.about for one in eyes}
    around = find(tx, named | {one.prompt.about for one in out})
    everyone = roster(tx)
    batch = Batch()
    _ask(tx, due, around, batch)
    _step(tx, out, around, everyone, batch)
    _look(tx, eyes, around, everyone, batch)
    _write(tx, batch)
    return len(due) + len(out) + len(eyes)


def _ask(tx: Tx, due: Sequence[Rhythm], around: Mapping[Subject, Somebody], batch: Batch) -> None:
    busy = prompts.rhythms_waiting(tx, [one.id for one in due])
    for rhythm in due:
        if rhythm.plan is None:
            log.error("rhythm %s is set aside: somebody has to set it again", rhythm.id)
            batch.turned.append(Turned(rhythm.id, RhythmStatus.SET_ASIDE, None))
            continue
        found = around.get(rhythm.about)
        if found is None:
            log.error("rhythm %s is set aside: who it asks cannot be read", rhythm.id)
            batch.turned.append(Turned(rhythm.id, RhythmStatus.SET_ASIDE, None))
            continue
        if found.over or found.address is None:
            batch.turned.append(Turned(rhythm.id, RhythmStatus.ENDED, None))
            continue
        next_at = next_time(rhythm.plan, tx.now)
        status = RhythmStatus.ACTIVE if next_at else RhythmStatus.ENDED
        batch.turned.append(Turned(rhythm.id, status, next_at))
        if rhythm.id in busy or not may_ask(rhythm.plan, tx.now):
            continue
        prompt_id = PromptId(new_id())
        letter = question(found.address, prompt_id, HOW_ARE_YOU)
        prompt = Prompt(
            prompt_id,
            rhythm.id,
            rhythm.about,
            PromptStatus.PROMISED,
            rhythm.next_at or tx.now,
            None,
            tx.now + ASK_THE_OUTBOX_AGAIN,
        )
        batch.letters.append(letter)
        batch.asked.append(prompts.Kept(prompt, letter.id))


def _step(
    tx: Tx,
    out: Sequence[prompts.Kept],
    around: Mapping[Subject, Somebody],
    everyone: Roster,
    batch: Batch,
) -> None:
    known = fates(tx, [one for one in out if one.prompt.status is PromptStatus.PROMISED])
    plans = rhythms.plans(tx, {one.prompt.rhythm_id for one in out})
    climbing = set(prompts.climbing_about(tx, {one.prompt.about for one in out}))
    usual = Patience(tx.pack.check_ins.reminder, tx.pack.check_ins.grace)
    for kept in out:
        found = around.get(kept.prompt.about)
        plan = plans.get(kept.prompt.rhythm_id)
        patience = Patience(plan.reminder, plan.grace) if plan else usual
        decided = _decided(tx, kept, found, known.get(kept.letter_id), patience)
        letter_id = kept.letter_id
        if decided.reminds and found is not None and found.address is not None:
            letter = question(found.address, kept.prompt.id, ASKING_AGAIN)
            batch.letters.append(letter)
            letter_id = letter.id
        batch.stepped.append(Stepped(kept, decided, letter_id))
        if decided.status in CLIMBING and kept.prompt.about not in climbing:
            climbing.add(kept.prompt.about)
            _begin_climbing(tx, kept.prompt, decided, found, everyone, batch)


def _decided(
    tx: Tx, kept: prompts.Kept, found: Somebody | None, known: Known | None, patience: Patience
) -> Step:
    if found is not None and found.over:
        return Step(PromptStatus.CANCELLED, kept.prompt.delivered_at, None)
    fate = known or Known(Fate.DELIVERED)
    return step(kept.prompt, fate.fate, fate.settled_at, patience, tx.now)


def _begin_climbing(
    tx: Tx,
    prompt: Prompt,
    decided: Step,
    found: Somebody | None,
    everyone: Roster,
    batch: Batch,
) -> None:
    late = decided.status is PromptStatus.LATE
    cause = Cause.SILENCE if late else Cause.UNREACHABLE
    watch_id = AlarmId(new_id())
    begun = of_silence(cause, ladder_of(tx, found), prompt.id, tx.now)
    around = everyone.around(prompt.about, found)
    told, letters = tell(tx, watch_id, begun, due_rungs(begun, tx.now), around)
    next_at = next_look(told, (), tx.now)
    assert next_at is not None
    batch.begun.append(New(watch_id, prompt.about, told, next_at))
    batch.signals.append(Signal(letters))


def _look(
    tx: Tx,
    eyes: Sequence[watches.Kept],
    around: Mapping[Subject, Somebody],
    everyone: Roster,
    batch: Batch,
) -> None:
    """One look at each. A calm one, too, is sealed anew and sends an envelope, an empty one."""
    fixed = fixed_looks(country_ladder(tx.pack.alarms.ladder))
    for kept in eyes:
        if kept.watch is None:
            log.error("watch %s is set aside: look at the desk", kept.id)
            batch.unreadable.append(kept.id)
            continue
        found = around.get(kept.about)
        closed = kept.about.case is not None and found is not None and found.over
        seen, rungs = look(calmed(kept.watch) if closed else kept.watch, kept.next_look_at, tx.now)
        told, letters = tell(tx, kept.id, seen, rungs, everyone.around(kept.about, found))
        next_at = next_look(told, fixed, tx.now)
        batch.signals.append(Signal(letters))
        if next_at is None:
            batch.over.append(kept.id)
        else:
            batch.looked.append(Looked(kept.id, told, next_at))


def _write(tx: Tx, batch: Batch) -> None:
    rhythms.turn(tx, batch.turned)
    prompts.add(tx, batch.asked)
    prompts.save(tx, batch.stepped)
    watches.add(tx, batch.begun)
    watches.save(tx, batch.looked)
    watches.remove(tx, batch.over)
    watches.put_aside(tx, batch.unreadable)
    outbox.promise_all(tx, batch.letters)
    outbox.promise_signals(tx, batch.signals)
