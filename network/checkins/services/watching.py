"""The clock's knock: claim what is due, let the rules decide, write rung and letters at once."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from network import heartbeats, outbox
from network.checkins.domain.prompts import Prompt, PromptStatus
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import (
    LATENESS,
    Cause,
    calmed,
    due_rungs,
    fixed_looks,
    look,
    next_look,
    of_silence,
)
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.questions import Asked, ask, look_at
from network.checkins.services.somebody import Somebody, find
from network.checkins.services.telling import (
    Roster,
    country_ladder,
    ladder_of,
    roster,
    tell,
)
from network.checkins.store import prompts, rhythms, watches
from network.checkins.store.watches import Looked, New
from network.db import Tx
from network.heartbeats import Ledger
from network.kernel.actor import Actor
from network.kernel.ids import AlarmId, new_id
from network.outbox.domain import Signal

BATCH = 200
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Batch:
    """What one knock will write, gathered first so that it is written in few statements."""

    asked: Asked = field(default_factory=Asked)
    begun: list[New] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    over: list[AlarmId] = field(default_factory=list)
    unreadable: list[AlarmId] = field(default_factory=list)
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
    ask(tx, due, around, batch.asked)
    look_at(tx, out, around, batch.asked)
    _climb(tx, batch.asked.climbing, around, everyone, batch)
    _look(tx, eyes, around, everyone, batch)
    _write(tx, batch)
    return len(due) + len(out) + len(eyes)


def _climb(
    tx: Tx,
    silent: Sequence[tuple[Prompt, PromptStatus]],
    around: Mapping[Subject, Somebody],
    everyone: Roster,
    batch: Batch,
) -> None:
    """One alarm for each who is silent, however many questions they left open."""
    if not silent:
        return
    climbing = set(prompts.climbing_about(tx, {prompt.about for prompt, _ in silent}))
    for prompt, status in silent:
        if prompt.about not in climbing:
            climbing.add(prompt.about)
            _begin_climbing(tx, prompt, status, around.get(prompt.about), everyone, batch)


def _begin_climbing(
    tx: Tx,
    prompt: Prompt,
    status: PromptStatus,
    found: Somebody | None,
    everyone: Roster,
    batch: Batch,
) -> None:
    cause = Cause.SILENCE if status is PromptStatus.LATE else Cause.UNREACHABLE
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
    missed = [one.next_look_at for one in eyes if tx.now - one.next_look_at > LATENESS]
    ledger = heartbeats.ledger(tx, min(missed)) if missed else Ledger()
    for kept in eyes:
        if kept.watch is None:
            log.error("watch %s is set aside: look at the desk", kept.id)
            batch.unreadable.append(kept.id)
            continue
        found = around.get(kept.about)
        closed = kept.about.case is not None and found is not None and found.over
        away = ledger.lost_around(kept.next_look_at, tx.now)
        before = calmed(kept.watch) if closed else kept.watch
        seen, rungs = look(before, kept.next_look_at, tx.now, away)
        told, letters = tell(tx, kept.id, seen, rungs, everyone.around(kept.about, found))
        next_at = next_look(told, fixed, tx.now)
        batch.signals.append(Signal(letters))
        if next_at is None:
            batch.over.append(kept.id)
        else:
            batch.looked.append(Looked(kept.id, told, next_at))


def _write(tx: Tx, batch: Batch) -> None:
    batch.asked.write(tx)
    watches.add(tx, batch.begun)
    watches.save(tx, batch.looked)
    watches.remove(tx, batch.over)
    watches.put_aside(tx, batch.unreadable)
    outbox.promise_signals(tx, batch.signals)
