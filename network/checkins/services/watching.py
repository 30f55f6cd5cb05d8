"""The clock's knock: claim what is due, let the rules decide, write rung and letters at once."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from network import heartbeats, outbox
from network.checkins.domain.prompts import Prompt, PromptStatus
from network.checkins.domain.silence import together
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import (
    LATENESS,
    SILENT,
    UNREADABLE_AGAIN,
    Watch,
    due_rungs,
    fixed_looks,
    let_go,
    look,
    next_look,
    unmoved_since,
)
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.beginnings import MOST_CALLED, Beginnings
from network.checkins.services.gathering import (
    Company,
    Fresh,
    Others,
    companies,
    dark_zones,
    fall_in,
)
from network.checkins.services.owners import abandoned
from network.checkins.services.questions import Asked, Hearing, ask, listen, look_at
from network.checkins.services.sharing import Call, shared
from network.checkins.services.somebody import Somebody, find, find_unaddressed
from network.checkins.services.telling import (
    Around,
    Roster,
    Ways,
    cannot_be_read,
    country_ladder,
    nameless,
    packed,
    reach,
    roster,
    tell,
)
from network.checkins.store import prompts, rhythms, watches
from network.checkins.store.rhythms import Rhythm
from network.checkins.store.watches import Looked, New
from network.db import Tx
from network.delivery import services as delivery
from network.heartbeats import Ledger
from network.kernel.actor import Actor
from network.kernel.ids import AlarmId, ChannelId, new_ids
from network.many import uncounted
from network.outbox.domain import Letter, Signal

BATCH = 1_000
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Silent:
    """What one look left of an alarm of silence, and whom it is about."""

    about: Subject
    looked: Looked


@dataclass(slots=True)
class Batch:
    """What one knock will write, gathered first so that it is written in few statements."""

    asked: Asked = field(default_factory=Asked)
    begun: list[New] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    over: list[AlarmId] = field(default_factory=list)
    unreadable: list[AlarmId] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    silent: list[Silent] = field(default_factory=list)
    readers: set[tuple[Subject, int, ChannelId | None]] = field(default_factory=set)

    def once_each(self, about: Subject, letters: Sequence[Letter]) -> tuple[Letter, ...]:
        """Of the danger words of one family that ring at one look, each reader hears once."""
        ways = {(about, one.to, one.by) for one in letters} - self.readers
        self.readers |= ways
        return tuple(one for one in letters if (about, one.to, one.by) in ways)


def watch(tx: Tx, actor: Actor) -> int:
    """Ask, remind and climb. Says how much was due: while it is not 0, come again at once.

    Any number of clocks may knock at once; each due row is taken by one of them.
    """
    require(actor, CheckinPermission.LOOK_AFTER_ALL)
    with uncounted():
        return _knock(tx)


def find_lost(tx: Tx, actor: Actor) -> int:
    """Whoever is late while nobody is told gets an alarm now; says how many questions those were.

    Question and alarm are written together and ended together. Should a crossing of two ever leave
    one without the other, it is found within a minute. Of a case that is closed nothing is asked.
    """
    require(actor, CheckinPermission.LOOK_AFTER_ALL)
    lost = prompts.claim_unwatched(tx, BATCH)
    if not lost:
        return 0
    around = find_unaddressed(tx, {one.prompt.about for one in lost})
    over = {about for about, found in around.items() if found.gone}
    prompts.close(
        tx, [one.prompt.id for one in lost if one.prompt.about in over], PromptStatus.CANCELLED
    )
    rest = [(one.prompt, one.prompt.status) for one in lost if one.prompt.about not in over]
    everyone = roster(tx)
    batch = Batch()
    for one in _fresh(tx, rest, around, everyone):
        _begin(one, None, tx.now, batch)
    _share(tx, around, Others(tx, around), everyone.ways, batch)
    _write(tx, batch)
    return len(lost)


def _knock(tx: Tx) -> int:
    due = rhythms.claim(tx, BATCH)
    out = prompts.claim(tx, BATCH)
    eyes = watches.claim(tx, BATCH)
    if not (due or out or eyes):
        return 0
    hearing = listen(tx, out)
    around = _around(tx, due, out, eyes, hearing)
    everyone = roster(tx)
    batch = Batch()
    ask(tx, due, around, batch.asked)
    look_at(tx, out, around, hearing, batch.asked)
    others = Others(tx, around)
    fresh = _fresh(tx, batch.asked.climbing, around, everyone)
    company = companies(tx, fresh, others, everyone)
    for one in fresh:
        _begin(one, company.get(one.watch_id), tx.now, batch)
    batch.looked += fall_in(tx, company.values(), {one.id for one in eyes})
    _look(tx, eyes, around, everyone, batch)
    _share(tx, around, others, everyone.ways, batch)
    _write(tx, batch)
    return len(due) + len(out) + len(eyes)


def _around(
    tx: Tx,
    due: Sequence[Rhythm],
    out: Sequence[prompts.Kept],
    eyes: Sequence[watches.Kept],
    hearing: Hearing,
) -> dict[Subject, Somebody]:
    """Everybody this tick is about. Where nobody writes to them their address stays sealed."""
    asked = {one.about for one in due}
    quiet = {one.about for one in eyes}
    for kept in out:
        judged = hearing.clear and kept.prompt.status is PromptStatus.REMINDED
        (quiet if judged else asked).add(kept.prompt.about)
    return find(tx, asked) | find_unaddressed(tx, quiet - asked)


def _fresh(
    tx: Tx,
    silent: Sequence[tuple[Prompt, PromptStatus]],
    around: Mapping[Subject, Somebody],
    everyone: Roster,
) -> list[Fresh]:
    """One alarm for each who is silent, however many questions they left open."""
    if not silent:
        return []
    found = []
    climbing = _told_of(tx, {prompt.about for prompt, _ in silent})
    beginnings = Beginnings(tx, everyone)
    ids = map(AlarmId, new_ids(len(silent)))
    for prompt, status in silent:
        about = prompt.about
        if about in climbing:
            continue
        climbing.add(about)
        somebody = around.get(about)
        begun, members = beginnings.of(prompt, status, somebody)
        found.append(Fresh(next(ids), prompt, status, somebody, begun, members))
    return found


def _begin(one: Fresh, company: Company | None, now: datetime, batch: Batch) -> None:
    """At once, or in step with those who fell silent moments before."""
    watch, next_at, members = one.begun.watch, one.begun.next_look_at, one.members
    if company is not None:
        watch, next_at, members = company.begins(one, now)
    about = one.prompt.about
    reference = one.found.reference if one.found else nameless(about)
    batch.calls.append(Call(one.watch_id, reference, members))
    batch.begun.append(New(one.watch_id, about, watch, next_at, one.prompt.id))


def _told_of(tx: Tx, subjects: set[Subject]) -> set[Subject]:
    """Those for whose silence an alarm rings already. A question that is late tells nobody by
    itself: where its alarm was ended without it, the next silence rings.
    """
    late = prompts.climbing_about(tx, subjects)
    return set(watches.silent_about(tx, late)) if late else set()


def _look(
    tx: Tx,
    eyes: Sequence[watches.Kept],
    around: Mapping[Subject, Somebody],
    everyone: Roster,
    batch: Batch,
) -> None:
    """One look at each, also where the case was closed: only whoever ends an alarm ends it."""
    ledger = _absences(tx, eyes, everyone)
    held = ledger.lasts(tx.now)
    alone = abandoned(tx, eyes, around)
    for kept in eyes:
        found = around.get(kept.about)
        here = everyone.around(kept.about, found)
        if kept.watch is None:
            log.error("watch %s cannot be read: look at the desk", kept.id)
            batch.unreadable.append(kept.id)
            told = packed(cannot_be_read(kept.id, here))
            batch.signals += [Signal(letters) for letters in told]
            continue
        late = tx.now - kept.next_look_at > LATENESS
        ours = ledger.with_span(kept.next_look_at, tx.now) if late else ledger
        away = partial(ours.away, until=tx.now)
        seen, rungs = look(kept.watch, kept.next_look_at, tx.now, away)
        if kept.id in alone:
            seen = let_go(seen, tx.now)
            rungs = due_rungs(seen, tx.now)
        rungs = () if held else rungs  # nobody would hear of it; the next look comes soon
        if kept.watch.cause in SILENT:
            _look_at_silence(kept, seen, tx.now, (here, rungs), batch)
        else:
            _look_at_word(tx, kept, seen, (here, rungs), batch, held=held)


def _absences(tx: Tx, eyes: Sequence[watches.Kept], everyone: Roster) -> Ledger:
    """When nothing could go out since the last looks, read once for all.

    Where Telegram is away and somebody can be called by other ways, ladders go on by those.
    """
    since = [unmoved_since(one.watch, one.next_look_at) for one in eyes if one.watch is not None]
    if not since:
        return Ledger()
    found = heartbeats.ledger(tx, min(since), heartbeats.CARRIERS)
    if found.spans and delivery.ways_to(tx, everyone.coordinators):
        return heartbeats.ledger(tx, min(since), ("postman",))
    return found


def _look_at_silence(
    kept: watches.Kept,
    seen: Watch,
    now: datetime,
    due: tuple[Around, tuple[int, ...]],
    batch: Batch,
) -> None:
    here, rungs = due
    told, members = reach(seen, rungs, here, MOST_CALLED, now)
    next_at = next_look(told, (), now)
    assert next_at is not None
    batch.calls.append(Call(kept.id, here.reference, members))
    batch.silent.append(Silent(kept.about, Looked(kept.id, told, next_at)))


def _look_at_word(
    tx: Tx,
    kept: watches.Kept,
    seen: Watch,
    due: tuple[Around, tuple[int, ...]],
    batch: Batch,
    *,
    held: bool,
) -> None:
    """A calm one, too, is sealed anew and sends as many envelopes, empty ones.

    While nothing can go out neither sends any: they would heap up as long as that lasts.
    """
    here, rungs = due
    fixed = fixed_looks(country_ladder(tx.pack.alarms.ladder))
    told, calls = tell(tx, kept.id, seen, rungs, here)
    next_at = next_look(told, fixed, tx.now)
    if not held:
        batch.signals += [Signal(batch.once_each(kept.about, letters)) for letters in calls]
    if next_at is None:
        batch.over.append(kept.id)
        return
    batch.looked.append(Looked(kept.id, told, next_at))


def _share(
    tx: Tx, around: Mapping[Subject, Somebody], others: Others, ways: Ways, batch: Batch
) -> None:
    """One letter for each who is called; and where a zone is dark, the next rungs go together.

    Those who climb in step with others do so already.
    """
    if not (batch.begun or batch.silent):
        return
    batch.signals += shared(batch.calls, ways)
    silent = [one.about for one in batch.begun] + [one.about for one in batch.silent]
    dark = dark_zones(tx, silent, around, others)

    def later(about: Subject, watch: Watch, planned: datetime) -> datetime:
        if not dark or watch.gathered:
            return planned
        here = around.get(about)
        waits = here is not None and here.zone in dark
        return together(planned, tx.pack.silence.share) if waits else planned

    batch.begun = [
        New(one.id, one.about, one.watch, later(one.about, one.watch, one.next_look_at), one.prompt)
        for one in batch.begun
    ]
    batch.looked += [
        Looked(
            one.looked.id,
            one.looked.watch,
            later(one.about, one.looked.watch, one.looked.next_look_at),
        )
        for one in batch.silent
    ]


def _write(tx: Tx, batch: Batch) -> None:
    batch.asked.write(tx)
    watches.add(tx, batch.begun)
    watches.save(tx, batch.looked)
    watches.remove(tx, batch.over)
    watches.put_off(tx, batch.unreadable, tx.now + UNREADABLE_AGAIN)
    outbox.promise_signals(tx, batch.signals)
