"""A family's word of danger. It is chosen only by who asks to choose: nothing else they write is
ever taken for it, and what cannot be a word is heard as any message is.
"""

from dataclasses import replace

from bot.dialogue import Step
from bot.replies import Here, column
from bot.visit import Context, Updated
from config.language import say
from network.cases import services as cases
from network.cases.domain import WORD_CHOSEN, Contact, EntryKind, danger_word, is_danger
from network.checkins import services as checkins
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.words import N_
from network.outbox.domain import Button, Letter

OFFER_WORD = N_(
    "You can have a word of danger. If you ever write it here, in any message, we will know that"
    " you cannot speak freely. The chat will look as it always does.\n\nTo choose it, press the"
    " button or write /word. Everything else you write here is read as a message."
)
CHOOSE_WORD = N_("Choose a word")
ASK_WORD = N_(
    "Write now only your word of danger: one you would not write by chance. It can be up to three"
    " words, without numbers.\n\nAfterwards, erase it from this chat with /wipe."
)
NOT_NOW = N_("Not now")
WORD_KEPT = N_(
    "Kept. This one is your word, and nobody reads it as a message. You can choose another with"
    " /word, and erase this chat's messages with /wipe."
)
WAS_A_MESSAGE = N_("It was a message")
IS_A_MESSAGE = N_(
    "✓ Received, as a message: it is not your word. You have none now, until you choose one."
)
NO_WORD = N_(
    "✓ Received, as a message. It did not become your word: that has up to three words, no numbers,"
    " and is not one you write every day."
)
WORD_STAYS = N_("✓ Received, as a message. Your word did not change. To choose another: /word.")
CORRECTED = N_("(corrected) %(text)s")
BUTTON = column(Button(CHOOSE_WORD, "word:choose"))


def offered(actor: Actor, here: Here) -> Letter:
    """That there is such a word, and the button that begins to choose it."""
    return here.letter(actor, OFFER_WORD, buttons=BUTTON)


def ask(tx: Tx, actor: Actor, here: Here) -> Turn:
    """They want to choose one, or another one: what they write next is it."""
    if cases.case_of(tx, actor) is None:
        raise NotVisible
    buttons = column(Button(NOT_NOW, f"skip:{Step.WORD.value}"))
    asked = here.letter(actor, ASK_WORD, buttons=buttons)
    return here.turn(asked, talk=replace(here.talk, step=Step.WORD))


def choose(tx: Tx, actor: Actor, here: Here, *, contact: Contact, text: Plaintext) -> Turn:
    """The word is kept. Where the old one stands in it, help is called; nothing looks different.

    What the chat answers follows from the text alone, never from the word of before.
    """
    ended = replace(here, talk=here.talk.ended())
    chosen = _as_word(text)
    if chosen is None:
        checkins.hear(tx, actor, text=text, at=here.at)
        return ended.turn(here.letter(actor, NO_WORD, buttons=BUTTON))
    return _keep(tx, actor, ended, contact, chosen, rings=is_danger(contact, text))


def choose_again(tx: Tx, actor: Actor, here: Here, *, contact: Contact, text: Plaintext) -> Turn:
    """The message that chose the word was edited: it is the word now, wherever the talk stands.

    What is made of the word it chose rings not: Telegram may say so of one that did not change.
    """
    said = text.reveal()
    bare = Plaintext(" ".join(said.split()[1:]) if said.startswith("/") else said)
    chosen = _as_word(bare)
    if chosen is None:
        corrected = say(actor.language, CORRECTED, text=bare.reveal())
        checkins.hear(tx, actor, text=Plaintext(corrected), at=here.at)
        return here.reply(actor, WORD_STAYS, buttons=BUTTON)
    rings = contact.rang and is_danger(contact, bare)
    return _keep(tx, actor, here, contact, chosen, rings=rings)


def _as_word(text: Plaintext) -> str | None:
    try:
        return danger_word(text)
    except BadInput:
        return None


def _keep(tx: Tx, actor: Actor, here: Here, contact: Contact, chosen: str, *, rings: bool) -> Turn:
    entry = chosen if rings else say(actor.language, WORD_CHOSEN)
    # An event either way: a family's own copy leaves both out, or it would tell which it was.
    checkins.hear(tx, actor, text=Plaintext(entry), at=here.at, kind=EntryKind.EVENT)
    kept = Plaintext(contact.danger_word if rings else chosen)
    cases.set_danger_word(tx, actor, word=kept, chosen_in=here.message, rang=rings)
    return here.reply(actor, WORD_KEPT, buttons=column(Button(WAS_A_MESSAGE, "word:message")))


def was_a_message(tx: Tx, actor: Actor, here: Here) -> Turn:
    """What was kept as the word was none: it is heard, and there is no word until they choose."""
    found = cases.case_of(tx, actor)
    if found is None or not found[1].chosen_in:
        raise NotVisible
    cases.forget_danger_word(tx, actor)
    checkins.hear(tx, actor, text=Plaintext(found[1].danger_word), at=here.at)
    return here.reply(actor, IS_A_MESSAGE, buttons=BUTTON)


async def choosing(update: Updated, context: Context) -> None:
    """«Choose a word» was pressed."""
    await context.visit.answer(ask)


async def message(update: Updated, context: Context) -> None:
    """«It was a message» was pressed."""
    await context.visit.answer(was_a_message)
