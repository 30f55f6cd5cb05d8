"""Every word of a family: heard, sealed, and followed by the same looks whatever it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.language import say
from network import outbox
from network.cases import services as cases
from network.cases.domain import Case, Contact, FileLink, is_danger
from network.cases.services import Heard, Opened
from network.checkins.domain.prompts import CLIMBING, Fate, PromptStatus
from network.checkins.domain.watches import (
    Cause,
    due_rungs,
    fixed_looks,
    of_word,
)
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.asking import I_AM_WELL, I_WANT_TO_TALK, fates
from network.checkins.services.telling import (
    OVER,
    TALK,
    WELL,
    Around,
    country_ladder,
    news,
    roster,
    tell,
    those_told,
    weight,
)
from network.checkins.store import prompts, watches
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId, LetterId, PromptId, new_id
from network.outbox.domain import Letter, Signal
from network.outbox.store import SIGNAL_BYTES
from network.people import services as people
from network.people.domain import Member

TREMBLING = timedelta(minutes=2)  # presses within it are one wish: a hand that shakes taps twice
MOST_OVER = 6  # letters that say an alarm is over; the envelope keeps room for new ones


@dataclass(frozen=True, slots=True)
class Answered:
    """A button under a question was pressed. `already`: somebody had pressed one before."""

    case: Case
    contact: Contact
    wants_to_talk: bool
    already: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One word that was kept, and what its envelope is to carry when it is calm."""

    case: Case
    news: tuple[Letter, ...]
    once: str | None = None


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
    _follow(
        tx,
        Said(opened.case, () if more_follows and isinstance(opened, Heard) else opened.news),
        dangerous=is_danger(opened.contact, text),
    )
    return opened


def hear(
    tx: Tx,
    actor: Actor,
    *,
    text: Plaintext | None = None,
    file: FileLink | None = None,
    location: tuple[float, float] | None = None,
    at: datetime | None = None,
) -> Heard:
    """Words, a file or a place from a family; also a sign of life for every question that is out.

    A danger word among them calls for help. What is written, and how much, is the same without one.
    """
    require(actor, CheckinPermission.SPEAK)
    heard = cases.hear(tx, actor, text=text, file=file, location=location, at=at)
    dangerous = is_danger(heard.contact, text or Plaintext(""))
    _follow(tx, Said(heard.case, heard.news), dangerous=dangerous)
    return heard


def answer_well(tx: Tx, actor: Actor, *, prompt_id: PromptId) -> Answered:
    """«I am well»: stops the reminder and the alarm of silence. Pressed twice, it stays calm."""
    case, contact, first = _pressed(tx, actor, prompt_id)
    if first:
        _speak(tx, actor, say(contact.language, I_AM_WELL), WELL, f"well:{prompt_id}")
    return Answered(case, contact, wants_to_talk=False, already=not first)


def answer_talk(tx: Tx, actor: Actor, *, prompt_id: PromptId) -> Answered:
    """«I want to talk»: as a sign of life, and somebody is told to write.

    Also under a question answered before: nobody who asks for a person is told it is too late.
    """
    case, contact, first = _pressed(tx, actor, prompt_id)
    once = f"talk:{prompt_id}:{tx.now.timestamp() // TREMBLING.total_seconds():.0f}"
    _speak(tx, actor, say(contact.language, I_WANT_TO_TALK), TALK, once)
    return Answered(case, contact, wants_to_talk=True, already=not first)


def _pressed(tx: Tx, actor: Actor, prompt_id: PromptId) -> tuple[Case, Contact, bool]:
    """The case of this chat, and whether its question was still open."""
    require(actor, CheckinPermission.SPEAK)
    found = cases.case_of(tx, actor)
    if found is None:
        raise NotVisible
    case, contact = found
    kept = prompts.one(tx, case.id, prompt_id)
    if kept.prompt.status in CLIMBING:
        # Left for _follow, which ends the alarm together with the question.
        return case, contact, True
    first = bool(prompts.close(tx, (prompt_id,), PromptStatus.ANSWERED))
    outbox.cancel(tx, kept.letter_id)
    return case, contact, first


def _speak(tx: Tx, actor: Actor, words: str, told: str, once: str) -> None:
    heard = cases.hear(tx, actor, text=Plaintext(words))
    around = _around(tx, heard.case)
    first = (around.accompanier,) if around.accompanier else around.duty
    letters = news(first, told, around)
    _follow(tx, Said(heard.case, letters, once), dangerous=False)


def _follow(tx: Tx, said: Said, *, dangerous: bool) -> None:
    """One envelope and one watch for one word. Both endings are worked out; one is sealed."""
    around = _around(tx, said.case)
    over = _signs_of_life(tx, said.case.id, around)
    ladder = country_ladder(tx.pack.alarms.ladder)
    watch_id = AlarmId(new_id())
    calm = of_word(Cause.CALM, ladder, tx.now)
    danger = of_word(Cause.DANGER, ladder, tx.now)
    quiet = (*said.news, *over)
    room = SIGNAL_BYTES - sum(weight(letter) for letter in quiet)
    ringing, alarm = tell(tx, watch_id, danger, due_rungs(danger, tx.now), around, room)
    letters, watch = ((*alarm, *quiet), ringing) if dangerous else (quiet, calm)
    first_look = tx.now + fixed_looks(ladder)[0]
    watches.add(tx, (watches.New(watch_id, said.case.id, watch, first_look),))
    outbox.promise_signal(tx, Signal(letters, once=said.once))


def _signs_of_life(tx: Tx, case_id: CaseId, around: Around) -> tuple[Letter, ...]:
    """Any word after a question's delivery answers it; what rang for silence falls silent."""
    kept = prompts.open_of(tx, case_id)
    if not kept:
        return ()
    found = fates(tx, kept)
    out = [
        one
        for one in kept
        if one.prompt.status is not PromptStatus.PROMISED
        or found[one.letter_id].fate is Fate.DELIVERED
    ]
    closed = prompts.close(tx, [one.prompt.id for one in out], PromptStatus.ANSWERED)
    for one in out:
        outbox.cancel(tx, LetterId(one.letter_id))
    if not any(one.prompt.status in CLIMBING and one.prompt.id in closed for one in out):
        return ()
    return news(_end_silence(tx, case_id, around)[:MOST_OVER], OVER, around)


def _end_silence(tx: Tx, case_id: CaseId, around: Around) -> Sequence[Member]:
    """Forget the alarms of silence of one case; says who knew of them."""
    knew: dict[object, Member] = {}
    ended = []
    for kept in watches.of_case(tx, case_id):
        if kept.watch is not None and kept.watch.cause in {Cause.SILENCE, Cause.UNREACHABLE}:
            ended.append(kept.id)
            knew.update({member.id: member for member in those_told(kept.watch, around)})
    watches.remove(tx, ended)
    return tuple(knew.values())


def _around(tx: Tx, case: Case) -> Around:
    everyone = roster(tx)
    named = people.members_named(tx, {case.activist} if case.activist is not None else set())
    accompanier = next((each for each in named.values() if each.active), None)
    return Around(case.card.reference, accompanier, everyone.duty, everyone.coordinators)
