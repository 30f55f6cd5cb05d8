"""Questions by the clock: those that are due are asked, those that are out are looked at."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from network import heartbeats, inbox, outbox
from network.checkins.domain.posts import asked_once, kept_back
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
    at_any_hour,
    judged,
    step,
)
from network.checkins.domain.rhythms import (
    Plan,
    RhythmStatus,
    may_ask,
    next_time,
    owed,
    wakes,
)
from network.checkins.domain.subjects import Subject
from network.checkins.services.asking import GONE, channel_down, fates, question
from network.checkins.services.somebody import Address, Somebody, find
from network.checkins.store import prompts, rhythms, trips
from network.checkins.store.prompts import Kept, Stepped
from network.checkins.store.rhythms import Rhythm, Turned
from network.db import Tx
from network.heartbeats import Ledger
from network.kernel.ids import LetterId, PromptId, RhythmId, TripId, new_id
from network.outbox.domain import Letter

LISTENING = frozenset({PromptStatus.DELIVERED, PromptStatus.REMINDED})
WRITTEN = frozenset({PromptStatus.PROMISED, PromptStatus.REMINDED})  # may not be out yet
WRITTEN_AGAIN = frozenset({Fate.FAILED, Fate.KEPT_BACK})
CLEARLY = Heard()
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
    taken_back: list[LetterId] = field(default_factory=list)
    climbing: list[tuple[Prompt, PromptStatus]] = field(default_factory=list)

    def write(self, tx: Tx) -> None:
        """All of it, one statement for each kind."""
        rhythms.turn(tx, self.turned)
        prompts.add(tx, self.begun)
        prompts.asked_anew(tx, self.anew)
        prompts.save(tx, self.stepped)
        outbox.cancel_all(tx, self.taken_back)
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
        found, trip = around.get(rhythm.about), travels.get(rhythm.id)
        to = found.address if found is not None else None
        if trip is not None:  # asked at its hour whatever of it cannot be read
            asked.turned.append(Turned(rhythm.id, RhythmStatus.ENDED, None))
            if found is None or not found.gone:
                _ask(tx, rhythm, to, (out.get(rhythm.id), trip), asked)
            continue
        if rhythm.plan is None or found is None:
            log.error("rhythm %s is set aside: somebody has to set it again", rhythm.id)
            asked.turned.append(Turned(rhythm.id, RhythmStatus.SET_ASIDE, None))
            continue
        if found.over or (to is None and rhythm.about.case is not None):
            asked.turned.append(Turned(rhythm.id, RhythmStatus.ENDED, None))
            continue
        asked.turned.append(_turned(rhythm, rhythm.plan, tx.now))
        if may_ask(rhythm.plan, tx.now):
            _ask(tx, rhythm, to, (out.get(rhythm.id), None), asked)


def _turned(rhythm: Rhythm, plan: Plan, now: datetime) -> Turned:
    """Where it goes on: with the next question, or with one we owe, when they wake."""
    next_at = next_time(plan, now)
    if not may_ask(plan, now):
        next_at = owed(plan, rhythm.next_at or now, now) or next_at
    return Turned(rhythm.id, RhythmStatus.ACTIVE if next_at else RhythmStatus.ENDED, next_at)


def _ask(
    tx: Tx,
    rhythm: Rhythm,
    to: Address | None,
    standing: tuple[Kept | None, TripId | None],
    asked: Asked,
) -> None:
    before, trip = standing
    if before is not None and before.prompt.status not in CLIMBING:
        return
    prompt_id = before.prompt.id if before else PromptId(new_id())
    planned = rhythm.next_at or tx.now
    letter = None
    if to is not None:
        letter = question(to, prompt_id, trip, planned, again=False)
    if before is not None:
        if letter is not None:
            asked.letters.append(letter)
            asked.taken_back.append(before.letter_id)  # one is enough when Telegram is back
            again = replace(before.prompt, asked=min(before.prompt.asked + 1, MOST_ASKED))
            asked.anew.append(Kept(again, letter.id))
        return
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


@dataclass(frozen=True, slots=True)
class Hearing:
    """How well we hear at this tick. `clear`: we were not away, and nothing waits to be read."""

    ledger: Ledger
    anything_waits: bool

    @property
    def clear(self) -> bool:
        """Whether nobody's silence can be our own fault."""
        return not (self.ledger.spans or self.anything_waits)


def listen(tx: Tx, out: Sequence[Kept]) -> Hearing:
    """How well we heard since these questions were asked."""
    since = [_since(one.prompt) or tx.now for one in out if one.prompt.status in LISTENING]
    if not since:
        return Hearing(Ledger(), anything_waits=False)
    return Hearing(heartbeats.ledger(tx, min(since)), inbox.anything_waits(tx))


def look_at(
    tx: Tx,
    out: Sequence[Kept],
    around: Mapping[Subject, Somebody],
    hearing: Hearing,
    asked: Asked,
) -> None:
    """One look at each question that is out. Nobody is judged before what they sent is read."""
    if not out:
        return
    known = fates(tx, [one for one in out if one.prompt.status is not PromptStatus.DELIVERED])
    heard = _heard(tx, out, around, hearing)
    posts = [kept_back(one.prompt, known.get(one.letter_id, GONE)) for one in out]
    around, posts = _written_again(tx, out, posts, around)
    hows = [heard.get(one.prompt.id, CLEARLY) for one in out] if heard else [CLEARLY] * len(out)
    decisions = [
        judged(one.prompt, post, how, tx.now)
        for one, post, how in zip(out, posts, hows, strict=True)
    ]
    open_yet = [one for one, decided in zip(out, decisions, strict=True) if decided is None]
    standing = rhythms.plans(tx, {one.prompt.rhythm_id for one in open_yet})
    travels = _asking_for(tx, out)
    asked.about_us += channel_down(tx, [one for one in out if one.prompt.status in WRITTEN], known)
    usual = Patience(tx.pack.check_ins.reminder, tx.pack.check_ins.grace)
    for kept, post, how, judgement in zip(out, posts, hows, decisions, strict=True):
        found = around.get(kept.prompt.about)
        trip = travels.get(kept.prompt.rhythm_id) if travels else None
        to = found.address if found is not None else None
        decided = judgement
        if found is not None and (found.over if trip is None else found.gone):
            decided = Step(PromptStatus.CANCELLED, kept.prompt.delivered_at, None)
        elif decided is None:
            plan = standing.get(kept.prompt.rhythm_id)
            patience = _patience(plan, kept.prompt, trip) if plan else usual
            last = asked_once(kept.prompt, post, reachable=to is not None) if trip else post
            decided = step(kept.prompt, last, how, patience, tx.now)
        _take_down(kept, post, decided, (to, trip), asked)


def _patience(plan: Plan, prompt: Prompt, trip: TripId | None) -> Patience:
    """That of their plan. Who is on a trip is asked again at any hour."""
    hours = partial(wakes, plan, prompt.planned_at)
    return Patience(plan.reminder, plan.grace, hours if trip is None else at_any_hour)


def _written_again(
    tx: Tx, out: Sequence[Kept], posts: list[Post], around: Mapping[Subject, Somebody]
) -> tuple[Mapping[Subject, Somebody], list[Post]]:
    """With the address of those whom a letter did not reach by our own doing: where somebody is
    only judged it stays sealed. Where there is nowhere to write to any more, it is not tried for
    ever.
    """
    found = zip(out, posts, strict=True)
    unreached = {one.prompt.about for one, post in found if post.fate in WRITTEN_AGAIN}
    if not unreached:
        return around, posts
    here = {**around, **find(tx, unreached)}
    gone = {one for one in unreached if one not in here or here[one].address is None}
    return here, [
        Post(Fate.REFUSED, post.settled_at)
        if post.fate in WRITTEN_AGAIN and one.prompt.about in gone
        else post
        for one, post in zip(out, posts, strict=True)
    ]


def _take_down(
    kept: Kept,
    post: Post,
    decided: Step,
    written_to: tuple[Address | None, TripId | None],
    asked: Asked,
) -> None:
    """What one look decided, and the letter it asks for where there is somewhere to write to.

    One before it that still waits is taken back, also where they are asked in the morning only.
    """
    to, trip = written_to
    letter_id = kept.letter_id
    if decided.reminds and to is not None:
        letter_id = _write(kept.prompt, decided, to, trip, asked)
    waits = post.fate is Fate.WAITING
    if waits and (letter_id != kept.letter_id or _asks_later(decided)):
        asked.taken_back.append(kept.letter_id)
    asked.stepped.append(Stepped(kept, decided, letter_id))
    if decided.climbs:
        asked.climbing.append((kept.prompt, decided.status))


def _asks_later(decided: Step) -> bool:
    """Whether a letter that is not out yet is to stay at home for the night."""
    if decided.status is PromptStatus.PROMISED:
        return decided.asked_at is not None and decided.asked_at == decided.next_look_at
    return decided.status is PromptStatus.DELIVERED


def _write(
    prompt: Prompt, decided: Step, to: Address, trip: TripId | None, asked: Asked
) -> LetterId:
    """Another letter for the same question: the first again, where the first reached nobody."""
    again = decided.status is PromptStatus.REMINDED
    letter = question(to, prompt.id, trip, prompt.planned_at, again=again)
    asked.letters.append(letter)
    return letter.id


def _since(prompt: Prompt) -> datetime | None:
    """From when on we listen for its answer."""
    return prompt.asked_at or prompt.delivered_at


def _heard(
    tx: Tx, out: Sequence[Kept], around: Mapping[Subject, Somebody], hearing: Hearing
) -> dict[PromptId, Heard]:
    """How well we listened to each, read once for all; those we heard clearly are left out."""
    if hearing.clear:
        return {}
    listening = [one.prompt for one in out if one.prompt.status in LISTENING]
    chats = {
        prompt.id: found.address.chat
        for prompt in listening
        if (found := around.get(prompt.about)) is not None and found.address is not None
    }
    unread = inbox.unread(tx, chats.values())
    return {
        one.id: Heard(
            hearing.ledger.away(_since(one) or tx.now, tx.now), chats.get(one.id) in unread
        )
        for one in listening
    }


def _trips(tx: Tx, due: Sequence[Rhythm]) -> dict[RhythmId, TripId]:
    single = (one for one in due if one.plan is None or not one.plan.repeats)
    return trips.rhythms_of(tx, [one.id for one in single if one.about.person is not None])


def _asking_for(tx: Tx, out: Sequence[Kept]) -> dict[RhythmId, TripId]:
    return trips.rhythms_of(
        tx, {one.prompt.rhythm_id for one in out if one.prompt.about.person is not None}
    )
