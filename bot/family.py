"""A family's talk: the questions, and every word and file afterwards."""

from dataclasses import replace

from telegram.error import TelegramError

from bot import activist, danger, helping, keys, trips
from bot.dialogue import QUESTIONS, Question, Step
from bot.files import sent_file
from bot.reading import UNSAID, may_be_asked_about, person_button
from bot.replies import Here, column, refused
from bot.visit import Context, Updated
from config.language import say, say_count
from network import outbox
from network.cases import services as cases
from network.cases.domain import FileLink, NotFetched
from network.checkins import services as checkins
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, Refused
from network.kernel.hidden import Plaintext
from network.kernel.words import N_
from network.outbox.domain import Button
from network.people import services as people

RECEIVED = N_("✓ Received")
SKIP = N_("Skip")
SKIPPED = N_("Skipped")
NOBODY_READS = N_(
    "Nobody has read this, and it was not kept. If you want a person to read you, press the button."
)
KNOW_US = N_(
    "Your reference: %(reference)s\n"
    "Whoever answers must first say these two words: %(verification)s. Whoever cannot say them is"
    " not from the network."
)
OPENED = N_(
    "Done. Somebody of the network will write to you in this chat. We try to answer within"
    " %(time)s; it can take longer.\n\n"
    "Your reference: %(reference)s\n"
    "Whoever answers must first say these two words: %(verification)s. Whoever cannot say them is"
    " not from the network.\n\n"
    "Meanwhile: keep this phone charged, and note down what you are told and when. You can go on"
    " writing here, and send voice notes, photos and documents.\n\n"
    "We are neither police nor negotiators. We do not touch money."
)
ONLY_THIS_POINT = N_(
    "Only the place where you were now is kept: nobody follows a live location from here. If you"
    " move, send it again."
)


def ask_for_person(tx: Tx, actor: Actor, here: Here, *, situation: str) -> Turn:
    """The first question. With somebody already there, nothing is asked twice."""
    if actor.person_id is not None or not may_be_asked_about(situation):
        raise NotVisible
    if cases.case_of(tx, actor) is not None:
        return _opened(tx, actor, replace(here, talk=here.talk.ended()))
    return _ask(actor, replace(here, talk=here.talk.begun(situation)), QUESTIONS[0])


def words(tx: Tx, actor: Actor, here: Here, *, text: Plaintext) -> Turn:
    """Whatever somebody writes: the answer to a question, or words for whoever accompanies them."""
    if actor.person_id is not None:
        return trips.words(tx, actor, here, text=text)
    if here.talk.step in {Step.WORD, Step.ERASE}:
        asked = choose_word if here.talk.step is Step.WORD else keys.confirm_leaving
        return asked(tx, actor, here, text=text)
    if here.talk.step in helping.STEPS and cases.case_of(tx, actor) is None:
        return helping.answered(tx, actor, here, text=text)
    if here.talk.question is not None:
        return _answered(tx, actor, here, here.talk.question, text.reveal())
    try:
        checkins.hear(tx, actor, text=text, at=here.at)
    except NotVisible:  # nobody accompanies this chat; nothing was written
        return helping.status_by_word(tx, actor, here, text=text) or _invite(actor, here)
    return here.reply(actor, RECEIVED)


def call_for_help(tx: Tx, actor: Actor, here: Here, *, text: Plaintext) -> Turn:
    """/sos: help for a member at once; from anybody else it is a word like others."""
    if actor.person_id is None:
        return words(tx, actor, here, text=text)
    return trips.help_(tx, actor, here)


def typed_code(tx: Tx, actor: Actor, here: Here, *, text: Plaintext) -> Turn:
    """What looks like a member's code is one, unless a family is in the middle of its words."""
    if actor.person_id is None and (here.talk.step or cases.case_of(tx, actor)):
        return words(tx, actor, here, text=text)
    return activist.link(tx, actor, here, code=text)


def corrected(tx: Tx, actor: Actor, here: Here, *, text: Plaintext) -> Turn:
    """An edited message is new words; what was sent first stays. The one that chose the word of
    danger chooses it anew.
    """
    found = cases.case_of(tx, actor)
    if actor.person_id is not None or found is None:
        return here.turn()
    if here.message and found[1].chosen_in == here.message:
        return danger.choose_again(tx, actor, here, contact=found[1], text=text)
    again = say(actor.language, danger.CORRECTED, text=text.reveal())
    checkins.hear(tx, actor, text=Plaintext(again), at=here.at)
    return here.reply(actor, RECEIVED)


def choose(tx: Tx, actor: Actor, here: Here, *, step: str, number: int) -> Turn:
    """A button under a question: an answer, unless the question is over."""
    question = here.talk.question
    if question is None or question.step != step or not 0 <= number < len(question.choices):
        raise NotVisible
    return _answered(tx, actor, here, question, say(actor.language, question.choices[number]))


def skip(tx: Tx, actor: Actor, here: Here, *, step: str) -> Turn:
    """Any question can be skipped; asking for a person is then already an answer."""
    if here.talk.step != step:
        raise NotVisible
    if here.talk.question is None:
        return here.turn(here.letter(actor, RECEIVED), talk=here.talk.ended())
    return _answered(tx, actor, here, here.talk.question, say(actor.language, SKIPPED))


def place(
    tx: Tx, actor: Actor, here: Here, *, location: tuple[float, float], is_live: bool = False
) -> Turn:
    """A place on the map. Of a live one, whoever sends it must know that we do not go with it."""
    _need_case(tx, actor, here)
    checkins.hear(tx, actor, location=location, at=here.at)
    turn = _after_file(tx, actor, here)
    if not is_live:
        return turn
    first, *others = turn.letters
    return Turn((first, here.letter(actor, ONLY_THIS_POINT), *others), turn.talk)


def file(tx: Tx, actor: Actor, here: Here, *, link: FileLink, caption: Plaintext | None) -> Turn:
    """A file that is stripped, sealed and stored already."""
    checkins.hear(tx, actor, text=caption, file=link, at=here.at)
    return _after_file(tx, actor, here)


def file_refused(
    tx: Tx, actor: Actor, here: Here, *, refusal: Refused, caption: Plaintext | None
) -> Turn:
    """The file is not kept and its sender is told why; what they wrote under it is heard."""
    if caption is not None:
        _need_case(tx, actor, here)
        if cases.case_of(tx, actor) is not None:
            checkins.hear(tx, actor, text=caption, at=here.at)
    return refused(actor, here, refusal)


def choose_word(tx: Tx, actor: Actor, here: Here, *, text: Plaintext | None = None) -> Turn:
    """/palabra, alone or with the word behind it; or what was written after it."""
    found = cases.case_of(tx, actor)
    if found is None:
        return _invite(actor, here)
    if text is None:
        return danger.ask(tx, actor, here)
    return danger.choose(tx, actor, here, contact=found[1], text=text)


def _ask(actor: Actor, here: Here, question: Question) -> Turn:
    choices = [
        Button(label, f"say:{question.step.value}:{number}")
        for number, label in enumerate(question.choices)
    ]
    buttons = (*column(*choices), *_skipping(question.step))
    return here.turn(here.letter(actor, question.ask, buttons=buttons))


def _skipping(step: Step) -> tuple[tuple[Button, ...], ...]:
    return column(Button(SKIP, f"skip:{step.value}"))


def _answered(tx: Tx, actor: Actor, here: Here, question: Question, said: str) -> Turn:
    """The answer is sealed and stored; in the same commit the next question is promised."""
    text = Plaintext(f"{say(actor.language, question.label)}: {said}")
    _intake(tx, actor, here, text=text, more_follows=question is not QUESTIONS[-1])
    return _go_on(tx, actor, replace(here, talk=here.talk.answered()))


def _intake(tx: Tx, actor: Actor, here: Here, *, text: Plaintext, more_follows: bool) -> None:
    """Whoever stops after the first answer has a case: they are told by which words to know us in
    the commit that opens it.
    """
    situation = here.talk.situation
    opened = checkins.intake(
        tx, actor, situation=situation, text=text, at=here.at, more_follows=more_follows
    )
    if isinstance(opened, cases.Opened):
        card = opened.case.card
        told = here.letter(actor, KNOW_US, reference=card.reference, verification=card.verification)
        outbox.promise(tx, told)


def _go_on(tx: Tx, actor: Actor, here: Here) -> Turn:
    if here.talk.question is not None:
        return _ask(actor, here, here.talk.question)
    return _opened(tx, actor, here)


def _opened(tx: Tx, actor: Actor, here: Here) -> Turn:
    found = cases.case_of(tx, actor)
    if found is None:
        raise NotVisible
    case, contact = found
    letter = here.letter(
        actor,
        OPENED,
        time=_expected(tx, actor.language),
        reference=case.card.reference,
        verification=case.card.verification,
    )
    talk = here.talk.ended()
    if contact.danger_word:
        return here.turn(letter, talk=talk)
    return here.turn(letter, danger.offered(actor, here), talk=talk)


def _expected(tx: Tx, language: str) -> str:
    first = tx.pack.first_answer
    on_duty = any(member.on_duty for member in people.receivers(tx))
    minutes = int((first.on_duty if on_duty else first.nobody_on_duty).total_seconds() // 60)
    if minutes % 60:
        return say_count(language, "%(n)s minute", "%(n)s minutes", minutes)
    return say_count(language, "%(n)s hour", "%(n)s hours", minutes // 60)


def _need_case(tx: Tx, actor: Actor, here: Here) -> None:
    """A file or a place as the very first answer: the case has to exist before it can come."""
    if actor.person_id is not None:
        raise NotVisible
    question = here.talk.question
    if question is not None and cases.case_of(tx, actor) is None:
        text = Plaintext(say(actor.language, question.label))
        _intake(tx, actor, here, text=text, more_follows=False)


def _after_file(tx: Tx, actor: Actor, here: Here) -> Turn:
    received = here.letter(actor, RECEIVED)
    if here.talk.question is None:
        return here.turn(received)
    turn = _go_on(tx, actor, replace(here, talk=here.talk.answered()))
    return Turn((received, *turn.letters), turn.talk)


def _invite(actor: Actor, here: Here) -> Turn:
    situation = here.talk.situation or UNSAID
    person = person_button(situation)
    menu = Button(N_("See the options"), "menu:")
    return here.turn(
        here.letter(actor, NOBODY_READS, buttons=column(person, menu)), talk=here.talk.ended()
    )


def no_case(tx: Tx, actor: Actor, here: Here) -> Turn:
    """A file where nobody would read it."""
    return activist.hint(tx, actor, here) if actor.person_id else _invite(actor, here)


def elsewhere(tx: Tx, actor: Actor, here: Here, *, location: tuple[float, float]) -> Turn:
    """A place from somebody who is no family: a member's trip keeps it."""
    if actor.person_id is None:
        return _invite(actor, here)
    return trips.place(tx, actor, here, location=location)


async def person(update: Updated, context: Context) -> None:
    """«Talk with a person» was pressed."""
    await context.visit.answer(ask_for_person, situation=context.part(1))


async def text(update: Updated, context: Context) -> None:
    """Words."""
    assert update.message
    await context.visit.answer(words, text=Plaintext(update.message.text or ""))


async def sos(update: Updated, context: Context) -> None:
    """/sos."""
    assert update.message
    said = Plaintext(update.message.text or "")
    await context.visit.answer(call_for_help, text=said)


async def code(update: Updated, context: Context) -> None:
    """What looks like a code."""
    assert update.message
    await context.visit.answer(typed_code, text=Plaintext(update.message.text or ""))


async def edited(update: Updated, context: Context) -> None:
    """Words changed afterwards."""
    assert update.edited_message
    said = update.edited_message.text or update.edited_message.caption or ""
    await context.visit.answer(corrected, text=Plaintext(said))


async def choice(update: Updated, context: Context) -> None:
    """A ready answer was pressed."""
    await context.visit.answer(choose, step=context.part(1), number=int(context.part(2)))


async def skipped(update: Updated, context: Context) -> None:
    """«Skip» was pressed."""
    await context.visit.answer(skip, step=context.part(1))


async def located(update: Updated, context: Context) -> None:
    """A place."""
    assert update.message
    assert update.message.location
    where = update.message.location
    here = (where.latitude, where.longitude)
    if await context.visit.is_heard():
        is_live = where.live_period is not None
        await context.visit.answer(place, location=here, is_live=is_live)
    else:
        await context.visit.answer(elsewhere, location=here)


async def attached(update: Updated, context: Context) -> None:
    """A photo, a voice note, a document: stripped, sealed and stored, or refused in a sentence."""
    assert update.message
    if not await context.visit.is_heard():
        await context.visit.answer(no_case)
        return
    caption = Plaintext(update.message.caption) if update.message.caption else None
    try:
        link = await sent_file(context.visit, update.message, _need_case)
    except Refused as refusal:
        await context.visit.answer(file_refused, refusal=refusal, caption=caption)
    except TelegramError:
        if caption is None:
            raise  # tried again a little later
        await context.visit.answer(file_refused, refusal=NotFetched(), caption=caption)
    else:
        await context.visit.answer(file, link=link, caption=caption)


async def word(update: Updated, context: Context) -> None:
    """/palabra."""
    await context.visit.answer(choose_word, text=context.visit.behind)
