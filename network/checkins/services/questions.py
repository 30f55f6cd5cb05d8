"""Questions by the clock: those that are due are asked, those that are out are looked at."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from network import heartbeats, inbox, outbox
from network.checkins.domain.prompts import (
    ASK_THE_OUTBOX_AGAIN,
    CLIMBING,
    Fate,
    Heard,
    Patience,
    Post,
    Prompt,
    PromptStatus,
    Step,
    step,
)
from network.checkins.domain.rhythms import RhythmStatus, may_ask, next_time
from network.checkins.domain.subjects import Subject
from network.checkins.services.asking import channel_down, fates, question
from network.checkins.services.somebody import Address, Somebody
from network.checkins.store import prompts, rhythms, trips
from network.checkins.store.prompts import Kept, Stepped
from network.checkins.store.rhythms import Rhythm, Turned
from network.db import Tx
from network.kernel.ids import LetterId, PromptId, RhythmId, TripId, new_id
from network.outbox.domain import Letter

LISTENING = frozenset({PromptStatus.DELIVERED, PromptStatus.REMINDED})
GONE = Post(Fate.GONE)
MOST_ASKED = 30_000  # what the column holds
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Asked:
    """What one knock asks and finds, gathered first so that it is written in few statements."""

    turned: list[Turned] = field(default_factory=list)
    begun: list[Kept] = field(default_factory=list)
    anew: list[Kept] = field(default_factory=list)
    stepped: list[Stepped] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    about_us: list[Letter] = field(default_factory=list)
    climbing: list[tuple[Prompt, PromptStatus]] = field(default_factory=list)

    def write(self, tx: Tx) -> None:
        """All of it, one statement for each kind."""
        rhythms.turn(tx, self.turned)
        prompts.add(tx, self.begun)
        prompts.asked_anew(tx, self.anew)
        prompts.save(tx, self.stepped)
        outbox.promise_all(tx, self.letters)
        for letter in self.about_us:
            outbox.promise(tx, letter)


def ask(tx: Tx, due: Sequence[Rhythm], around: Mapping[Subject, Somebody], asked: Asked) -> None:
    """One question for each rhythm that is due, however many times went by while we were away.

    While its last question waits for an answer nothing more is asked; one whose silence is climbing
    is written to again, under the same question.
    """
    out = prompts.open_for(tx, [one.id for one in due])
    travels = _trips(tx, due)
    for rhythm in due:
        found = around.get(rhythm.about)
        if rhythm.plan is None or found is None:
            log.error("rhythm %s is set aside: somebody has to set it again", rhythm.id)
            asked.turned.append(Turned(rhythm.id, RhythmStatus.SET_ASIDE, None))
            continue
        if found.over or (found.address is None and rhythm.about.case is not None):
            asked.turned.append(Turned(rhythm.id, RhythmStatus.ENDED, None))
            continue
        next_at = next_time(rhythm.plan, tx.now)
        status = RhythmStatus.ACTIVE if next_at else RhythmStatus.ENDED
        asked.turned.append(Turned(rhythm.id, status, next_at))
        if may_ask(rhythm.plan, tx.now):
            _ask(tx, rhythm, found, (out.get(rhythm.id), travels.get(rhythm.id)), asked)


def _ask(
    tx: Tx,
    rhythm: Rhythm,
    found: Somebody,
    standing: tuple[Kept | None, TripId | None],
    asked: Asked,
) -> None:
    before, trip = standing
    if before is not None and before.prompt.status not in CLIMBING:
        return
    prompt_id = before.prompt.id if before else PromptId(new_id())
    letter = None
    if found.address is not None:
        letter = question(found.address, prompt_id, trip, again=False)
    if before is not None:
        if letter is not None:
            asked.letters.append(letter)
            again = replace(before.prompt, asked=min(before.prompt.asked + 1, MOST_ASKED))
            asked.anew.append(Kept(again, letter.id))
        return
    planned = rhythm.next_at or tx.now
    if letter is None:  # a member without a chat: nobody can reach them
        prompt = Prompt(prompt_id, rhythm.id, rhythm.about, PromptStatus.UNREACHABLE, planned)
        asked.begun.append(Kept(prompt, LetterId(new_id())))
        asked.climbing.append((prompt, PromptStatus.UNREACHABLE))
        return
    look = tx.now + ASK_THE_OUTBOX_AGAIN
    prompt = Prompt(
        prompt_id, rhythm.id, rhythm.about, PromptStatus.PROMISED, planned, next_look_at=look
    )
    asked.letters.append(letter)
    asked.begun.append(Kept(prompt, letter.id))


def look_at(tx: Tx, out: Sequence[Kept], around: Mapping[Subject, Somebody], asked: Asked) -> None:
    """One look at each question that is out. Nobody is judged before what they sent is read."""
    if not out:
        return
    known = fates(tx, [one for one in out if one.prompt.status is not PromptStatus.DELIVERED])
    standing = rhythms.plans(tx, {one.prompt.rhythm_id for one in out})
    travels = _asking_for(tx, out)
    heard = _heard(tx, out, around)
    asked.about_us += channel_down(
        tx, [one for one in out if one.prompt.status is PromptStatus.PROMISED], known
    )
    usual = Patience(tx.pack.check_ins.reminder, tx.pack.check_ins.grace)
    for kept in out:
        found = around.get(kept.prompt.about)
        plan = standing.get(kept.prompt.rhythm_id)
        patience = Patience(plan.reminder, plan.grace) if plan else usual
        if found is not None and found.over:
            decided = Step(PromptStatus.CANCELLED, kept.prompt.delivered_at, None)
        else:
            post = known.get(kept.letter_id, GONE)
            decided = step(kept.prompt, post, heard[kept.prompt.id], patience, tx.now)
        letter_id = kept.letter_id
        if decided.reminds and found is not None and found.address is not None:
            trip = travels.get(kept.prompt.rhythm_id)
            letter_id = _write(kept.prompt, decided, found.address, trip, asked)
        asked.stepped.append(Stepped(kept, decided, letter_id))
        if decided.climbs:
            asked.climbing.append((kept.prompt, decided.status))


def _write(
    prompt: Prompt, decided: Step, to: Address, trip: TripId | None, asked: Asked
) -> LetterId:
    """Another letter for the same question: the first again, where the first reached nobody."""
    again = decided.status is PromptStatus.REMINDED
    letter = question(to, prompt.id, trip, again=again)
    asked.letters.append(letter)
    return letter.id


def _heard(
    tx: Tx, out: Sequence[Kept], around: Mapping[Subject, Somebody]
) -> dict[PromptId, Heard]:
    """How well we listened to each, read once for all of them."""
    listening = [one.prompt for one in out if one.prompt.status in LISTENING]
    chats = {
        prompt.id: found.address.chat
        for prompt in listening
        if (found := around.get(prompt.about)) is not None and found.address is not None
    }
    unread = inbox.unread(tx, chats.values())
    since = {one.id: one.asked_at or one.delivered_at or tx.now for one in listening}
    ledger = heartbeats.ledger(tx, min(since.values(), default=tx.now)) if since else None
    return {
        one.prompt.id: Heard(
            ledger.away(since[one.prompt.id], tx.now)
            if ledger and one.prompt.id in since
            else timedelta(0),
            chats.get(one.prompt.id) in unread,
        )
        for one in out
    }


def _trips(tx: Tx, due: Sequence[Rhythm]) -> dict[RhythmId, TripId]:
    single = (one for one in due if one.plan is not None and not one.plan.repeats)
    return trips.rhythms_of(tx, [one.id for one in single if one.about.person is not None])


def _asking_for(tx: Tx, out: Sequence[Kept]) -> dict[RhythmId, TripId]:
    return trips.rhythms_of(
        tx, {one.prompt.rhythm_id for one in out if one.prompt.about.person is not None}
    )
