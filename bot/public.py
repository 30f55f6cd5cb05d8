"""What anybody finds in the chat: a neutral greeting, help, languages."""

from bot.reading import SITUATIONS
from bot.replies import Here, column
from bot.visit import Context, Updated
from network.cases import services as cases
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotVisible
from network.kernel.words import N_
from network.outbox.domain import Button, Letter
from network.people import services as people

GREETING = N_("Hello. Choose what is closest to you, or write /help.")
HELP_FIRST = N_(
    "What you can write here:\n"
    "/start: begin again\n"
    "/wipe: erase the messages of this chat\n"
    "/language: change the language\n\n"
    "Telegram can read what is written here, and so can whoever holds this phone."
)
HELP = N_(
    "What you can write here:\n"
    "/start: begin again\n"
    "/who: who can read what you wrote\n"
    "/remove: take that away from somebody\n"
    "/word: choose your word\n"
    "/permits: what may be done with what you told us\n"
    "/copy: keep what you wrote\n"
    "/wipe: erase the messages of this chat\n"
    "/leave: end, and erase what you told us\n"
    "/language: change the language\n\n"
    "We are neither police nor negotiators. We do not touch money.\n"
    "Telegram can read what is written here, and so can whoever holds this phone."
)
HELP_MEMBER = N_(
    "This chat brings you offers, alarms and check-ins.\n"
    "/status: what waits for you\n"
    "/trip: say where you go and when you are back\n"
    "/sos: call coordination for help; the chat only says «Noted.»\n"
    "/language: change the language\n\n"
    "What families write is read on the page, never here: %(address)s"
)
HELP_COORDINATOR = N_(
    "This chat brings you requests, alarms and check-ins.\n"
    "/status: what waits for you\n"
    "/duty: receive new requests, or stop\n"
    "/trip: say where you go and when you are back\n"
    "/sos: call coordination for help; the chat only says «Noted.»\n"
    "/language: change the language\n\n"
    "What families write is read on the page, never here: %(address)s"
)
CHOOSE_LANGUAGE = N_("Which language do you want to read?")
LANGUAGE_NAMES = {"es": "Español", "en": "English"}
LANGUAGE_SET = N_("From now on in English.")


def greet(tx: Tx, actor: Actor, here: Here) -> Turn:
    """A neutral greeting; what the network does is not said until a button is pressed."""
    if actor.person_id is not None:
        return offer_help(tx, actor, here)
    buttons = column(*(Button(label, f"go:{name}") for name, label in SITUATIONS))
    return here.turn(here.letter(actor, GREETING, buttons=buttons), talk=here.talk.ended())


def offer_help(tx: Tx, actor: Actor, here: Here) -> Turn:
    """What can be written here, by whoever asks."""
    if actor.person_id is None:
        return here.reply(actor, HELP if cases.case_of(tx, actor) else HELP_FIRST)
    coordinates = actor.role is Role.COORDINATOR
    return here.reply(actor, HELP_COORDINATOR if coordinates else HELP_MEMBER, address=here.address)


def ask_language(tx: Tx, actor: Actor, here: Here) -> Turn:
    """The languages there are, each in its own words."""
    names = {f"name_{each}": LANGUAGE_NAMES.get(each, each) for each in tx.pack.languages}
    buttons = column(*(Button(f"%(name_{each})s", f"lang:{each}") for each in tx.pack.languages))
    return here.reply(actor, CHOOSE_LANGUAGE, buttons=buttons, **names)


def set_language(tx: Tx, actor: Actor, here: Here, *, language: str) -> Turn:
    """From now on in that language."""
    if language not in tx.pack.languages:
        raise NotVisible
    if actor.person_id is not None:
        people.change_language(tx, actor, language=language)
    else:
        cases.change_language(tx, actor, language=language)
    letter = Letter(here.chat, language, LANGUAGE_SET)
    return here.turn(letter, talk=here.talk.speaking(language))


def nothing(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Taken note of; there is nothing to say."""
    return here.turn()


async def start(update: Updated, context: Context) -> None:
    """/start."""
    await context.visit.command(greet)


async def help_(update: Updated, context: Context) -> None:
    """/ayuda."""
    await context.visit.command(offer_help)


async def languages(update: Updated, context: Context) -> None:
    """/idioma."""
    await context.visit.command(ask_language)


async def language(update: Updated, context: Context) -> None:
    """A language was pressed."""
    await context.visit.answer(set_language, language=context.part(1))


async def silence(update: Updated, context: Context) -> None:
    """Somebody stopped the bot, or let it in again."""
    await context.visit.answer(nothing)
