"""What anybody finds in the chat: a neutral greeting, situations, cards, help, languages."""

from collections.abc import Sequence

from bot.dialogue import Talk
from bot.replies import AS_IT_IS, Buttons, Here, column
from bot.visit import Context, Updated
from handbook.cards import Card
from handbook.library import NotWritten, load_library
from handbook.standing import as_it_stands
from network.cases import services as cases
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotVisible
from network.kernel.words import N_
from network.manual import services as manual
from network.outbox.domain import Button, Letter
from network.people import services as people

SITUATIONS = (
    ("calling_now", N_("They are calling me now")),
    ("taken", N_("I think they took somebody")),
    ("missing", N_("Somebody is missing")),
    ("days", N_("It has been days")),
    ("returned", N_("They are back")),
    ("happened_to_me", N_("It happened to me")),
    ("afraid", N_("I am afraid it may happen")),
    ("want_to_help", N_("I want to help")),
)
GREETING = N_("Hello. Choose what is closest to you, or write /help.")
NO_CARD = N_("For this there is nothing to read yet. A person can answer you.")
TALK = N_("Talk with a person")
NEXT = N_("Next")
BACK = N_("Back")
HELPED = N_("It helped")
DID_NOT = N_("It did not help")
THANKS = N_("Thank you. It adds one to a total of this month. Nothing is kept about you.")
HELPERS = N_(
    "Thank you. People who help come in by invitation, and two coordinators approve each one."
    " If you know somebody in the network, ask them to invite you. If they gave you a code, write"
    " it here."
)
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
    "/language: change the language\n\n"
    "What families write is read on the page, never here: %(address)s"
)
HELP_COORDINATOR = N_(
    "This chat brings you requests, alarms and check-ins.\n"
    "/status: what waits for you\n"
    "/duty: receive new requests, or stop\n"
    "/trip: say where you go and when you are back\n"
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


def enter(tx: Tx, actor: Actor, here: Here, *, situation: str) -> Turn:
    """The two-minute first card of a situation, with the ways on."""
    if situation == "want_to_help":
        return here.reply(actor, HELPERS)
    talk = Talk(situation=situation, language=here.talk.language)
    cards, start = _cards(tx, actor, situation)
    if not cards:
        letter = here.letter(actor, NO_CARD, buttons=column(_person(situation)))
        return here.turn(letter, talk=talk)
    return here.turn(_card(actor, here, situation, cards, start), talk=talk)


def turn_card(tx: Tx, actor: Actor, here: Here, *, situation: str, number: int) -> Turn:
    """One card of the chapter a situation leads to."""
    cards, _ = _cards(tx, actor, situation)
    if not 0 <= number < len(cards):
        raise NotVisible
    return here.turn(_card(actor, here, situation, cards, number))


def count_help(
    tx: Tx, actor: Actor, here: Here, *, situation: str, number: int, useful: bool
) -> Turn:
    """One more yes or no for the section that ends with this card; the reader is not noted."""
    cards, _ = _cards(tx, actor, situation)
    if not 0 <= number < len(cards):
        raise NotVisible
    chapter = load_library().path(situation).slug
    assert chapter is not None  # it has cards
    section = cards[number].section
    manual.did_it_help(tx, actor, chapter=chapter, section=section, useful=useful)
    buttons = (*_ways(situation, cards, number), (_person(situation),))
    return here.reply(actor, THANKS, buttons=buttons)


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
    letter = Letter(here.chat, language, LANGUAGE_SET)
    return here.turn(letter, talk=here.talk.speaking(language))


def nothing(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Taken note of; there is nothing to say."""
    return here.turn()


def _cards(tx: Tx, actor: Actor, situation: str) -> tuple[tuple[Card, ...], int]:
    """The chapter's cards and where this situation begins; none where nothing is written."""
    library = as_it_stands(load_library(), manual.standing(tx, actor)).library
    try:
        path = library.path(situation)
        if path.slug is None:
            return (), 0
        cards = library.cards(path.slug, actor.language)
    except NotWritten:
        return (), 0
    numbers = [at for at, card in enumerate(cards) if card.section == path.section]
    return cards, numbers[0] if numbers else 0


def _card(actor: Actor, here: Here, situation: str, cards: Sequence[Card], number: int) -> Letter:
    buttons: Buttons = (*_ways(situation, cards, number), (_person(situation),))
    if _ends_section(cards, number):
        said = ((HELPED, "yes"), (DID_NOT, "no"))
        answers = tuple(Button(label, f"helped:{situation}:{number}:{a}") for label, a in said)
        buttons = (*buttons, answers)
    return here.letter(actor, AS_IT_IS, buttons=buttons, text=cards[number].text)


def _ways(situation: str, cards: Sequence[Card], number: int) -> Buttons:
    """Back and on, as far as there are cards."""
    return (
        tuple(
            Button(label, f"card:{situation}:{at}")
            for label, at in ((BACK, number - 1), (NEXT, number + 1))
            if 0 <= at < len(cards)
        ),
    )


def _ends_section(cards: Sequence[Card], number: int) -> bool:
    return number + 1 == len(cards) or cards[number + 1].section != cards[number].section


def _person(situation: str) -> Button:
    return Button(TALK, f"person:{situation}")


async def start(update: Updated, context: Context) -> None:
    """/start."""
    await context.visit.command(greet)


async def situation(update: Updated, context: Context) -> None:
    """A situation was pressed."""
    await context.visit.answer(enter, situation=context.part(1))


async def card(update: Updated, context: Context) -> None:
    """Next or back was pressed."""
    await context.visit.answer(turn_card, situation=context.part(1), number=int(context.part(2)))


async def helped(update: Updated, context: Context) -> None:
    """Whether it helped was pressed."""
    await context.visit.answer(
        count_help,
        situation=context.part(1),
        number=int(context.part(2)),
        useful=context.part(3) == "yes",
    )


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
