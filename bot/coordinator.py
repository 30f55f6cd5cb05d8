"""What a coordinator does from Telegram besides a member's things: duty."""

from bot.public import greet
from bot.replies import Here, column
from bot.visit import Context, Updated
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor, Role
from network.kernel.words import N_
from network.outbox.domain import Button
from network.people import services as people

ASK_DUTY = N_("Do you want to receive new requests?")
YES = N_("Yes, I am on duty")
NO = N_("No, I am off duty")
TAKEN = N_("You are on duty: new requests come to you.")
LEFT = N_("You are off duty. If nobody is on duty, new requests come to every coordinator.")


def ask_duty(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Two buttons."""
    if actor.role is not Role.COORDINATOR:
        return greet(tx, actor, here)
    buttons = column(Button(YES, "duty:on"), Button(NO, "duty:off"))
    return here.reply(actor, ASK_DUTY, buttons=buttons)


def take_duty(tx: Tx, actor: Actor, here: Here) -> Turn:
    """New requests come here from now on."""
    people.set_duty(tx, actor)
    return here.reply(actor, TAKEN)


def leave_duty(tx: Tx, actor: Actor, here: Here) -> Turn:
    """New requests go to others from now on."""
    people.leave_duty(tx, actor)
    return here.reply(actor, LEFT)


async def duty(update: Updated, context: Context) -> None:
    """/guardia."""
    await context.visit.command(ask_duty)


async def chosen(update: Updated, context: Context) -> None:
    """On or off."""
    await context.visit.answer(take_duty if context.part(1) == "on" else leave_duty)
