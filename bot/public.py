"""What anybody finds in the chat: a neutral greeting, situations, cards, help, languages."""

from telegram import Update

from bot.replies import Here, column
from bot.visit import Context
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.words import N_
from network.outbox.domain import Button

SITUATIONS = (
    ("calling_now", N_("They are calling me now")),
    ("taken", N_("I think they took him or her")),
    ("missing", N_("Somebody does not come back")),
    ("days", N_("It has been days")),
    ("returned", N_("He or she came back")),
    ("happened_to_me", N_("It happened to me")),
    ("afraid", N_("I am afraid it will happen")),
    ("want_to_help", N_("I want to help")),
)
GREETING = N_("Hello. Choose what is closest, or write /help.")


def greet(tx: Tx, actor: Actor, here: Here) -> Turn:
    """A neutral greeting; what the network does is not said until a button is pressed."""
    buttons = column(*(Button(label, f"go:{name}") for name, label in SITUATIONS))
    return here.turn(here.letter(actor, GREETING, buttons=buttons), talk=here.talk.ended())


async def start(update: Update, context: Context) -> None:
    """/start, with or without a member's code."""
    await context.visit.answer(greet)
