"""Every word of a family: heard, sealed, and followed by the same looks whatever it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from network import outbox
from network.cases import services as cases
from network.cases.domain import Case, EntryKind, FileLink, is_danger
from network.cases.services import Heard, Opened
from network.checkins.domain.fatigue import ended_as
from network.checkins.domain.posts import is_out
from network.checkins.domain.prompts import CLIMBING, PromptStatus
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import (
    SILENT,
    Cause,
    Outcome,
    due_rungs,
    fixed_looks,
    of_word,
)
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.alike import any_rings
from network.checkins.services.asking import fates
from network.checkins.services.owners import concerned
from network.checkins.services.telling import (
    ONE_IS_OVER,
    OVER,
    Around,
    call,
    call_off,
    country_ladder,
    news,
    room_of_a_call,
    roster,
    sent,
    tell,
    weight,
)
from network.checkins.store import outcomes, prompts, watches
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, LetterId, PromptId, new_id
from network.outbox.domain import Letter, Signal
from network.outbox.store import SIGNAL_BYTES
from network.people import services as people
from network.people.domain import Member

MOST_OVER = 6  # hear that an alarm is over; the envelope keeps room for new ones


@dataclass(frozen=True, slots=True)
class Said:
    """One word that was kept, and what its envelope is to carry when it is calm."""

    case: Case
    news: tuple[Letter, ...]
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Silenced:
    """Who hears, in which words, that an alarm of silence is over: few, first whoever has it."""

    knew: tuple[Member, ...] = ()
    say: str = OVER


def intake(
    tx: Tx,
    actor: Actor,
    *,
    situation: str,
    text: Plaintext,
    at: datetime | None = None,
    more_follows: bool = False,
) -> Opened | Heard:
    """A family's first words open a case; with one open already they are heard in it.

    A request is told at once; its further answers, while more follow, ring nobody's telephone.
    """
    require(actor, CheckinPermission.SPEAK)
    opened = cases.intake(tx, actor, situation=situation, text=text, at=at)
    follow(
        tx,
        Said(opened.case, () if more_follows and isinstance(opened, Heard) else opened.news),
        dangerous=is_danger(opened.contact, text),
    )
    return opened


def hear(  # noqa: PLR0913  # a word has this many parts
    tx: Tx,
    actor: Actor,
    *,
    text: Plaintext | None = None,
    file: FileLink | None = None,
    location: tuple[float, float] | None = None,
    at: datetime | None = None,
    kind: EntryKind = EntryKind.FROM_FAMILY,
    ends_silence: bool = True,
) -> Heard:
    """Words, a file or a place from a family; also a sign of life for every question that is out.

    A danger word among them calls for help. What is written, and how much, is the same without one.
    What does not end silence answers a question too, but its alarm rings on.
    """
    require(actor, CheckinPermission.SPEAK)
    heard = cases.hear(tx, actor, text=text, file=file, location=location, at=at, kind=kind)
    dangerous = is_danger(heard.contact, text or Plaintext(""))
    said = Said(heard.case, heard.news)
    follow(tx, said, dangerous=dangerous, ends_silence=ends_silence)
    return heard


def follow(tx: Tx, said: Said, *, dangerous: bool, ends_silence: bool = True) -> None:
    """One watch for one word, and its envelope: more where more coordinate than one has room for.
    Both endings are worked out; one is sealed.

    Whoever looked after their silence hears that it is over; or that they call for help, and then
    nothing that would send them home.
    """
    around = around_case(tx, said.case)
    about = Subject(case=said.case.id)
    silenced = signs_of_life(tx, about, around, ends_silence=ends_silence)
    knew, over = silenced.knew, news(silenced.knew, silenced.say, around)
    ladder = country_ladder(tx.pack.alarms.ladder)
    watch_id = AlarmId(new_id())
    calm = of_word(Cause.CALM, ladder, tx.now)
    danger = of_word(Cause.DANGER, ladder, tx.now)
    again = sum(map(around.places, knew)) * room_of_a_call(watch_id, around)
    room = SIGNAL_BYTES - _weight(said.news) - max(again, _weight(over))
    ringing, alarm = tell(tx, watch_id, danger, due_rungs(danger, tx.now), around, room)
    loud = (*_called_too(watch_id, knew, alarm, around), *said.news)
    calm_ones = ((),) * len(alarm)
    calls, quiet, watch = (
        (alarm, loud, ringing) if dangerous else (calm_ones, (*said.news, *over), calm)
    )
    first_look = tx.now + fixed_looks(ladder)[0]
    signals = (Signal((*calls[0], *quiet), once=said.once), *map(Signal, calls[1:]))
    watches.add(tx, (watches.New(watch_id, about, watch, first_look),))
    for signal in signals:
        outbox.promise_signal(tx, signal)


def _weight(letters: Sequence[Letter]) -> int:
    return sum(weight(letter) for letter in letters)


def _called_too(
    watch_id: AlarmId, knew: Sequence[Member], calls: Sequence[Sequence[Letter]], around: Around
) -> tuple[Letter, ...]:
    """Calls for whoever looked after their silence, where the first rung does not call them."""
    called = {(letter.to, letter.by) for some in calls for letter in some}
    return tuple(
        letter
        for one in knew
        for letter in sent(one, call(watch_id, around.reference, one.profile), around.ways)
        if (letter.to, letter.by) not in called
    )


def signs_of_life(tx: Tx, about: Subject, around: Around, *, ends_silence: bool = True) -> Silenced:
    """Any word after a question's delivery answers it; what rang for silence falls silent, unless
    the word is one that whoever took the telephone would write. Then its question is answered all
    the same, so that the chat is asked and reminded from then on as if nothing rang, and only
    coordination ends the alarm.
    """
    kept = prompts.hold_open(tx, about)
    if not kept:
        return Silenced()
    found = fates(tx, kept)
    out = [one for one in kept if is_out(one.prompt, found[one.letter_id])]
    closed = prompts.close(tx, [one.prompt.id for one in out], PromptStatus.ANSWERED)
    for one in out:
        outbox.cancel(tx, LetterId(one.letter_id))
    rang = any(one.prompt.status in CLIMBING and one.prompt.id in closed for one in out)
    if not (rang and ends_silence):
        return Silenced()
    return _end_silence(tx, about, around, closed)


def _fitting(knew: Sequence[Member], around: Around) -> tuple[Member, ...]:
    """As many as find room, in their order; whoever needs too much of it leaves it to others."""
    found: list[Member] = []
    places = 0
    for one in knew:
        takes = around.places(one)
        if places + takes <= MOST_OVER:
            found.append(one)
            places += takes
    return tuple(found)


def _end_silence(tx: Tx, about: Subject, around: Around, closed: frozenset[PromptId]) -> Silenced:
    """Forget the alarms of silence about somebody; says who knew of them. Those whose question was
    answered before by words that end nothing ring on.
    """
    knew: dict[object, Member] = {}
    kept = watches.of(tx, about)
    found = [(one.id, one.watch) for one in kept if one.watch is not None]
    silent = [(watch_id, watch) for watch_id, watch in found if watch.cause in SILENT]
    asked = {watch.prompt for _, watch in silent if watch.prompt is not None}
    rings_on = prompts.answered(tx, asked - closed)
    ended = []
    for watch_id, watch in silent:
        if watch.prompt in rings_on:
            continue
        ended.append(watch_id)
        outcomes.add(tx, about, ended_as(watch, Outcome.ANSWERED, tx.now))
        knew.update({member.id: member for member in concerned(tx, about, watch, around)})
    watches.remove(tx, ended)
    call_off(tx, *ended)
    goes_on = any_rings(one for one in kept if one.id not in ended)
    return Silenced(_fitting(list(knew.values()), around), ONE_IS_OVER if goes_on else OVER)


def around_case(tx: Tx, case: Case) -> Around:
    """Everybody around a case that is open already."""
    everyone = roster(tx)
    named = people.members_named(tx, {case.activist} if case.activist is not None else set())
    accompanier = next((each for each in named.values() if each.active), None)
    return Around(
        case.card.reference, accompanier, everyone.duty, everyone.coordinators, everyone.ways
    )
