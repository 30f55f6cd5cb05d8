"""Whoever wants to help: a few questions, each answer sealed at once, and where they stand."""

from dataclasses import replace

from bot.dialogue import Step
from bot.replies import Here, column
from bot.visit import Context, Updated
from network.cases import services as cases
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.words import N_
from network.outbox.domain import Button
from network.vetting import services as vetting
from network.vetting.domain.path import REASONS, WHERE, Course, Stand
from network.vetting.domain.path import Step as On

HELPERS = N_(
    "Thank you. Whoever comes in goes a way of several weeks: getting to know each other, two"
    " references, a talk, learning, and two people of coordination who say yes.\n\nIf they gave you"
    " a code, write it here. If you want to begin, press the button. What you answer is sealed to"
    " two people of coordination; Telegram can read it too, and whoever holds this phone. The page"
    " is safer: %(address)s/help-out"
)
BEGIN = N_("I want to begin")
LATER = N_("First things first: you have people beside you here. When that is over, write /start.")
WRITTEN = N_(
    "It arrived. Somebody of coordination will look for you. They will never ask you for money.\n\n"
    "Write /status to see where you stand."
)
STATUS_WORDS = frozenset({"estado", "status"})
AGAIN = N_("Answer the questions again")
TAKE_BACK = N_("Erase what I wrote")
GONE = N_("It is erased. Nothing of what you wrote is with us any more.")
MAY_THEY_KNOW = N_("May those who read it know that we were beside you before?")
YES_THEY_MAY = N_("Yes, they may know")
NO_KEEP_IT = N_("No, let it stay between us")

QUESTIONS: tuple[tuple[Step, str, str], ...] = (
    (Step.HELP_CALLED, "called", N_("What may we call you? A name you choose is enough.")),
    (Step.HELP_PLACE, "place", N_("In which state and town do you live? No address.")),
    (Step.HELP_REACH, "reach", N_("How else can we reach you, without danger for you?")),
    (Step.HELP_WHY, "why", N_("Why do you want to help?")),
    (
        Step.HELP_WORK,
        "work",
        N_(
            "Where do you work? Do you, or somebody close to you, belong to the police, the"
            " prosecution, the armed forces, the press or a party? Saying so does not close the"
            " door."
        ),
    ),
)
STEPS = {step: (asked, at) for at, (step, asked, _) in enumerate(QUESTIONS)}

PAUSED = N_("It is paused. Your coordination can tell you why.")
REFUSED = N_("It does not go on for now. %(reason)s Thank you for wanting to help.")


def tell(tx: Tx, actor: Actor, here: Here) -> Turn:
    """How people come in; with an application already there, where it stands."""
    if actor.person_id is not None:
        raise NotVisible
    if vetting.where_i_stand(tx, actor) is not None:
        return status(tx, actor, here)
    buttons = column(Button(BEGIN, "apply:begin"))
    return here.reply(actor, HELPERS, buttons=buttons, address=here.address)


def begin(tx: Tx, actor: Actor, here: Here) -> Turn:
    """The first question. Whoever is accompanied now is asked nothing: their words have readers."""
    if actor.person_id is not None:
        raise NotVisible
    if cases.case_of(tx, actor) is not None:
        return here.reply(actor, LATER)
    found = vetting.where_i_stand(tx, actor)
    if found is not None and found.stand != Stand(On.IDENTITY):
        return status(tx, actor, here)
    return _ask(actor, here, 0)


def begin_from_beside(tx: Tx, actor: Actor, here: Here) -> Turn:
    """The same for a family that was accompanied: first, whether that may be known."""
    if actor.person_id is not None or not cases.was_accompanied(tx, actor):
        raise NotVisible
    buttons = column(Button(YES_THEY_MAY, "apply:known"), Button(NO_KEEP_IT, "apply:begin"))
    return here.reply(actor, MAY_THEY_KNOW, buttons=buttons)


def begin_known(tx: Tx, actor: Actor, here: Here) -> Turn:
    """They want those who read it to know that the network was beside them."""
    if actor.person_id is not None or not cases.was_accompanied(tx, actor):
        raise NotVisible
    if vetting.where_i_stand(tx, actor) is None:
        vetting.answer(tx, actor, asked="helped_before", text=Plaintext("✓"))
        return _ask(actor, here, 0)
    return status(tx, actor, here)


def answered(tx: Tx, actor: Actor, here: Here, *, text: Plaintext) -> Turn:
    """An answer, sealed and stored before the next question is asked."""
    step = here.talk.step
    assert step is not None
    asked, at = STEPS[step]
    found = vetting.where_i_stand(tx, actor)
    if found is not None and found.stand != Stand(On.IDENTITY):
        return status(tx, actor, replace(here, talk=here.talk.ended()))
    vetting.answer(tx, actor, asked=asked, text=text)
    if at + 1 < len(QUESTIONS):
        return _ask(actor, here, at + 1)
    return here.turn(here.letter(actor, WRITTEN), talk=here.talk.ended())


def status(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Where somebody stands on the way in, in one sentence."""
    found = vetting.where_i_stand(tx, actor)
    if found is None:
        raise NotVisible
    if found.stand.course is Course.REFUSED:
        why = here.said(actor, REASONS[found.reason]) if found.reason else ""
        return here.reply(actor, REFUSED, buttons=_take_back(), reason=why)
    if found.stand.course is Course.PAUSED:
        return here.reply(actor, PAUSED, buttons=_take_back())
    inside = found.stand.step in {On.PROBATION, On.MEMBER}
    again = column(Button(AGAIN, "apply:begin")) if found.stand.step is On.IDENTITY else ()
    buttons = () if inside else (*again, *_take_back())
    return here.reply(actor, WHERE[found.stand.step], buttons=buttons)


def status_by_word(tx: Tx, actor: Actor, here: Here, *, text: Plaintext) -> Turn | None:
    """The same for whoever wrote the bare word; None where it is none, or nothing is to be said."""
    if text.reveal().strip().casefold() not in STATUS_WORDS:
        return None
    return None if vetting.where_i_stand(tx, actor) is None else status(tx, actor, here)


def take_back(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Everything they wrote is destroyed."""
    vetting.take_back(tx, actor)
    return here.turn(here.letter(actor, GONE), talk=here.talk.cleared())


def _ask(actor: Actor, here: Here, at: int) -> Turn:
    step, _, question = QUESTIONS[at]
    return here.turn(here.letter(actor, question), talk=replace(here.talk, step=step))


def _take_back() -> tuple[tuple[Button, ...], ...]:
    return column(Button(TAKE_BACK, "apply:back"))


async def beginning(update: Updated, context: Context) -> None:
    """«I want to begin» was pressed."""
    await context.visit.answer(begin)


async def from_beside(update: Updated, context: Context) -> None:
    """«I want to help, too» was pressed under the letter to a family."""
    await context.visit.answer(begin_from_beside)


async def known(update: Updated, context: Context) -> None:
    """They may know."""
    await context.visit.answer(begin_known)


async def taking_back(update: Updated, context: Context) -> None:
    """«Erase what I wrote» was pressed."""
    await context.visit.answer(take_back)
