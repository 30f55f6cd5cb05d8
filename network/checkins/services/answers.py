"""A button under a question was pressed, by a family or by a member."""

from dataclasses import dataclass

from config.language import say
from network import outbox
from network.cases import services as cases
from network.cases.domain import Case
from network.checkins.domain.posts import is_out
from network.checkins.domain.prompts import CLIMBING, PromptStatus
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import TREMBLING
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.asking import I_AM_WELL, I_WANT_TO_TALK, fates
from network.checkins.services.somebody import find
from network.checkins.services.telling import TALK, WELL, Around, news, roster
from network.checkins.services.trips import postpone_trip
from network.checkins.services.words import Said, around_case, follow, signs_of_life
from network.checkins.store import prompts
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import PromptId
from network.outbox.domain import Signal

UNANSWERED = frozenset({PromptStatus.RESOLVED, PromptStatus.CANCELLED})
MOST_NEWS = 12  # letters of a wish to talk: the envelope has one size, and «over» needs room in it


@dataclass(frozen=True, slots=True)
class Answered:
    """A button under a question was pressed. `already`: somebody had pressed one before."""

    wants_to_talk: bool
    already: bool


def answer_well(tx: Tx, actor: Actor, *, prompt_id: PromptId) -> Answered:
    """«I am well»: stops the reminder and the alarm of silence. Pressed twice, it stays calm.

    Buttons stay in the chat, and somebody may press that of a question of yesterday: a press is a
    word like any other, and answers what waits now.
    """
    case = _asked(tx, actor)
    about = _subject(actor, case)
    first = _pressed(tx, about, prompt_id)
    answers = prompt_id if first else _waiting(tx, about)
    if answers is not None and case is not None:
        _speak(tx, actor, I_AM_WELL, WELL, f"well:{answers}")
    elif answers is not None:
        _tell(tx, actor, "", f"well:{answers}")
    return Answered(wants_to_talk=False, already=not first)


def answer_talk(tx: Tx, actor: Actor, *, prompt_id: PromptId) -> Answered:
    """«I want to talk»: as a sign of life, and somebody is told to write.

    Also under a question answered before: nobody who asks for a person is told it is too late.
    """
    case = _asked(tx, actor)
    first = _pressed(tx, _subject(actor, case), prompt_id)
    once = f"talk:{prompt_id}:{tx.now.timestamp() // TREMBLING.total_seconds():.0f}"
    if case is not None:
        _speak(tx, actor, I_WANT_TO_TALK, TALK, once)
    else:
        _tell(tx, actor, TALK, once)
    return Answered(wants_to_talk=True, already=not first)


def _asked(tx: Tx, actor: Actor) -> Case | None:
    """The case of a family's chat; None where a member answers for themselves."""
    if actor.person_id is not None:
        require(actor, CheckinPermission.OWN_CHECKINS)
        return None
    require(actor, CheckinPermission.SPEAK)
    found = cases.case_of(tx, actor)
    if found is None:
        raise NotVisible
    return found[0]


def _subject(actor: Actor, case: Case | None) -> Subject:
    return Subject(person=actor.person) if case is None else Subject(case=case.id)


def _pressed(tx: Tx, about: Subject, prompt_id: PromptId) -> bool:
    """Whether they had not answered this question until now."""
    kept = prompts.one(tx, about, prompt_id)
    if kept.prompt.status in CLIMBING:
        return True  # left for the sign of life, which ends the alarm together with the question
    if kept.prompt.status in UNANSWERED:
        return True  # coordination ended it without them: what they say is news all the same
    first = bool(prompts.close(tx, (prompt_id,), PromptStatus.ANSWERED))
    outbox.cancel(tx, kept.letter_id)
    return first


def _waiting(tx: Tx, about: Subject) -> PromptId | None:
    """A question of theirs that is out and waits for an answer."""
    kept = prompts.open_of(tx, about)
    known = fates(tx, kept) if kept else {}
    out = (one.prompt for one in kept if is_out(one.prompt, known[one.letter_id]))
    return next((prompt.id for prompt in out), None)


def _speak(tx: Tx, actor: Actor, words: str, told: str, once: str) -> None:
    """A family's button is a word of theirs, kept as any other."""
    heard = cases.hear(tx, actor, text=Plaintext(say(actor.language, words)))
    around = around_case(tx, heard.case)
    first = (around.accompanier,) if around.accompanier else around.duty[:MOST_NEWS]
    follow(tx, Said(heard.case, news(first, told, around), once), dangerous=False)


def _tell(tx: Tx, actor: Actor, told: str, once: str) -> None:
    """A member's button: whoever knew of an alarm hears it is over, whoever is on duty the wish."""
    around = around_member(tx, actor)
    silenced = signs_of_life(tx, Subject(person=actor.person), around)
    over = news(silenced.knew, silenced.say, around)
    letters = news(around.duty[:MOST_NEWS], told, around) if told else ()
    outbox.promise_signal(tx, Signal((*letters, *over), once=once))
    postpone_trip(tx, actor)


def around_member(tx: Tx, actor: Actor) -> Around:
    """Everybody around the member who asks."""
    about = Subject(person=actor.person)
    return roster(tx).around(about, find(tx, (about,)).get(about))
