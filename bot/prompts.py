"""A family answers a check-in with a button."""

from bot.replies import Here
from bot.visit import Context, Updated
from network.checkins import services as checkins
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.ids import PromptId
from network.kernel.words import N_

NOTED_WELL = N_("Thank you. We have noted it.")
NOTED_TALK = N_("We have told those who look after you that you want to talk.")


def well(tx: Tx, actor: Actor, here: Here, *, prompt_id: PromptId) -> Turn:
    """Somebody says they are well."""
    checkins.answer_well(tx, actor, prompt_id=prompt_id)
    return here.reply(actor, NOTED_WELL)


def wants_to_talk(tx: Tx, actor: Actor, here: Here, *, prompt_id: PromptId) -> Turn:
    """Somebody wants to talk."""
    checkins.answer_talk(tx, actor, prompt_id=prompt_id)
    return here.reply(actor, NOTED_TALK)


async def is_well(update: Updated, context: Context) -> None:
    """A check-in was answered."""
    await context.visit.answer(well, prompt_id=PromptId(context.id_part(1)))


async def talk(update: Updated, context: Context) -> None:
    """A check-in was answered by asking for somebody."""
    await context.visit.answer(wants_to_talk, prompt_id=PromptId(context.id_part(1)))
