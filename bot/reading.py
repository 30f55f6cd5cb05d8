"""The handbook in the chat: situations, cards, a chapter on paper or read aloud.

Nothing is kept of who reads what: a card is drawn from what its button says and from nothing else.
"""

from collections.abc import Sequence

from bot import helping
from bot.dialogue import Talk
from bot.replies import AS_IT_IS, Buttons, Here, column
from bot.visit import Context, Updated
from handbook.cards import Card
from handbook.chapter import Chapter
from handbook.library import Library, NotWritten, load_library
from handbook.paper import leaflet, spoken
from handbook.standing import as_it_stands
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.words import N_
from network.manual import services as manual
from network.outbox.domain import Button, Letter

SITUATIONS = (
    ("calling_now", N_("They are calling me now")),
    ("taken", N_("I think they took somebody")),
    ("missing", N_("Somebody is missing")),
    ("days", N_("It has been days")),
    ("returned", N_("They are back")),
    ("happened_to_me", N_("It happened to me")),
    ("afraid", N_("I am afraid it may happen")),
    ("migrant", N_("I am a migrant, or a relative is travelling")),
    ("press_defender", N_("I am a journalist or a defender")),
    ("want_to_help", N_("I want to help")),
)
UNSAID = "unsaid"  # somebody wants a person and has named no situation
NO_CARD = N_("For this there is nothing to read yet. A person can answer you.")
TALK = N_("Talk with a person")
NEXT = N_("Next")
BACK = N_("Back")
AS_PDF = N_("Send it as PDF")
READ_ALOUD = N_("Read it aloud")
HELPED = N_("It helped")
DID_NOT = N_("It did not help")
THANKS = N_("Thank you. It adds one to a total of this month. Nothing is kept about you.")


def may_be_asked_about(situation: str) -> bool:
    """Whether a talk with a person may begin there."""
    return situation == UNSAID or situation in dict(SITUATIONS)


def enter(tx: Tx, actor: Actor, here: Here, *, situation: str) -> Turn:
    """The two-minute first card of a situation, with the ways on."""
    if situation == "want_to_help":
        return helping.tell(tx, actor, here)
    talk = Talk(language=here.talk.language)
    cards, start = _cards(tx, actor, situation)
    if not cards:
        letter = here.letter(actor, NO_CARD, buttons=column(person_button(situation)))
        return here.turn(letter, talk=talk)
    return here.turn(_card(tx, actor, here, situation, start), talk=talk)


def turn_card(tx: Tx, actor: Actor, here: Here, *, situation: str, number: int) -> Turn:
    """One card of the chapter a situation leads to."""
    cards, _ = _cards(tx, actor, situation)
    if not 0 <= number < len(cards):
        raise NotVisible
    return here.turn(_card(tx, actor, here, situation, number))


def count_help(
    tx: Tx, actor: Actor, here: Here, *, situation: str, number: int, useful: bool
) -> Turn:
    """One more yes or no for the section that ends with this card; the reader is not noted."""
    chapter = _chapter(tx, actor, situation)
    cards, _ = _cards(tx, actor, situation)
    if chapter is None or not 0 <= number < len(cards):
        raise NotVisible
    section = cards[number].section
    manual.did_it_help(tx, actor, chapter=chapter.slug, section=section, useful=useful)
    buttons = (*_ways(situation, cards, number), (person_button(situation),))
    return here.reply(actor, THANKS, buttons=buttons)


def on_paper(tx: Tx, actor: Actor, here: Here, *, situation: str) -> Turn:
    """The chapter as the PDF that was printed; this process prints nothing."""
    chapter = _chapter(tx, actor, situation)
    found = chapter and leaflet(here.paper, actor.language, chapter.number)
    if not found:
        raise NotVisible
    return here.turn(Letter(here.chat, actor.language, leaf=str(found.path)))


def aloud(tx: Tx, actor: Actor, here: Here, *, situation: str) -> Turn:
    """The chapter as the recording the country's pack has."""
    chapter = _chapter(tx, actor, situation)
    found = chapter and spoken(here.pack, chapter.slug, actor.language)
    if not found:
        raise NotVisible
    return here.turn(Letter(here.chat, actor.language, leaf=str(found)))


def person_button(situation: str) -> Button:
    """Asks for somebody of the network."""
    return Button(TALK, f"person:{situation}")


def _library(tx: Tx, actor: Actor) -> Library:
    """The handbook as it stands today for this country's network."""
    return as_it_stands(load_library(tx.pack.code), manual.standing(tx, actor)).library


def _chapter(tx: Tx, actor: Actor, situation: str) -> Chapter | None:
    library = _library(tx, actor)
    try:
        slug = library.path(situation).slug
        return library.chapter(slug, actor.language) if slug else None
    except NotWritten:
        return None


def _cards(tx: Tx, actor: Actor, situation: str) -> tuple[Sequence[Card], int]:
    """The chapter's cards and where this situation begins; none where nothing is written."""
    chapter = _chapter(tx, actor, situation)
    if chapter is None:
        return (), 0
    library = _library(tx, actor)
    cards, begins = library.cards(chapter.slug, actor.language), library.path(situation).section
    numbers = [at for at, card in enumerate(cards) if card.section == begins]
    return cards, numbers[0] if numbers else 0


def _card(tx: Tx, actor: Actor, here: Here, situation: str, number: int) -> Letter:
    cards, _ = _cards(tx, actor, situation)
    files = _files(tx, actor, here, situation)
    rows: Buttons = (*_ways(situation, cards, number), files, (person_button(situation),))
    if _ends_section(cards, number):
        said = ((HELPED, "yes"), (DID_NOT, "no"))
        rows = (*rows, tuple(Button(text, f"helped:{situation}:{number}:{a}") for text, a in said))
    buttons = tuple(row for row in rows if row)
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


def _files(tx: Tx, actor: Actor, here: Here, situation: str) -> tuple[Button, ...]:
    """What there is of this chapter beside its cards; no button where there is nothing."""
    chapter = _chapter(tx, actor, situation)
    if chapter is None:
        return ()
    printed = leaflet(here.paper, actor.language, chapter.number)
    voice = spoken(here.pack, chapter.slug, actor.language)
    ways = ((printed, AS_PDF, "paper"), (voice, READ_ALOUD, "aloud"))
    return tuple(Button(label, f"{verb}:{situation}") for file, label, verb in ways if file)


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


async def paper(update: Updated, context: Context) -> None:
    """«Send it as PDF» was pressed."""
    await context.visit.answer(on_paper, situation=context.part(1))


async def voice(update: Updated, context: Context) -> None:
    """«Read it aloud» was pressed."""
    await context.visit.answer(aloud, situation=context.part(1))
