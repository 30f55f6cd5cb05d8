"""What a member does from Telegram: link the chat, answer offers, take alarms, see what waits."""

import re
from math import ceil

from bot import helping
from bot.public import greet
from bot.replies import Here
from bot.visit import Context, Updated
from network.cases import services as cases
from network.checkins import services as checkins
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, DrillId, OfferId
from network.kernel.words import N_
from network.outbox.domain import Button
from network.people import services as people
from network.vetting import services as vetting

CODE = re.compile(r"^\s*[0-9A-Za-z]{4}\s*-\s*[0-9A-Za-z]{4}\s*$")

LINKED = N_("This chat is now linked to %(alias)s. Write /help to see what it is for.")
HINT = N_(
    "What is written here does not reach anybody. To write to a family, open the page: %(address)s"
    "\n\nIf you are in danger yourself, write /sos. For anything else, tell coordination."
)
ACCEPTED = N_("It is yours: %(reference)s. Open it on the page: %(address)s")
DECLINED = N_("Thank you for answering. It was not taken.")
OWNED = N_(
    "You have the alarm of %(reference)s for %(minutes)s minutes. Open it now: %(address)s"
    "\n\nTo keep it longer, say there what you are doing."
)
ALARM_OVER = N_(
    "That alarm is over, or it is not for you. Write /status to see which ones are open."
)
STATUS = N_("Offers waiting for your answer: %(offers)s.\nAlarms open: %(alarms)s.\n%(address)s")
ON_DUTY = N_("You are on duty: new requests come to you.")
OFF_DUTY = N_("You are not on duty.")
REHEARSED = N_("Thank you. That was a drill: taken after %(minutes)s minutes.")
TAKE_IT = N_("I take it: %(reference)s")
MOST_ALARMS = 8


def link(tx: Tx, actor: Actor, here: Here, *, code: Plaintext) -> Turn:
    """From now on this chat is the code's owner's."""
    alias = people.link_chat(tx, actor, code=code)
    return here.turn(here.letter(actor, LINKED, alias=alias), talk=here.talk.cleared())


def link_or_greet(tx: Tx, actor: Actor, here: Here, *, code: Plaintext) -> Turn:
    """«/start CODE» links a chat; not one in which a family has been heard, which would be deaf to
    it from then on. Whatever else stands behind it is no code.
    """
    family = actor.person_id is None and cases.case_of(tx, actor) is not None
    if family or not CODE.match(code.reveal()):
        return greet(tx, actor, here)
    return link(tx, actor, here, code=code)


def hint(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Words of a member have no reader here; say where they have."""
    return here.reply(actor, HINT, address=here.address)


def accept(tx: Tx, actor: Actor, here: Here, *, offer_id: OfferId) -> Turn:
    """The first to accept has it."""
    case = cases.accept(tx, actor, offer_id=offer_id)
    return here.reply(
        actor, ACCEPTED, reference=case.card.reference, address=f"{here.address}/cases/{case.id}"
    )


def decline(tx: Tx, actor: Actor, here: Here, *, offer_id: OfferId) -> Turn:
    """Not this time."""
    cases.decline(tx, actor, offer_id=offer_id)
    return here.reply(actor, DECLINED)


def own(tx: Tx, actor: Actor, here: Here, *, watch_id: AlarmId) -> Turn:
    """«I take it»: nobody else is woken for this alarm."""
    try:
        alarm = checkins.own(tx, actor, watch_id=watch_id)
    except NotVisible:  # answered or ended meanwhile, or never theirs; nothing was written
        return here.reply(actor, ALARM_OVER)
    address = f"{here.address}/alarms/{alarm.id}"
    left = (alarm.owned_until or tx.now) - tx.now
    minutes = str(ceil(left.total_seconds() / 60))
    return here.reply(actor, OWNED, reference=alarm.reference, minutes=minutes, address=address)


def rehearse(tx: Tx, actor: Actor, here: Here, *, drill_id: DrillId) -> Turn:
    """«I take it» under a drill: the drill is over."""
    minutes = checkins.take_drill(tx, actor, drill_id=drill_id)
    return here.reply(actor, REHEARSED, minutes=str(minutes))


def status(tx: Tx, actor: Actor, here: Here) -> Turn:
    """What waits for this member, alarms with the button that takes them."""
    if actor.person_id is None and vetting.where_i_stand(tx, actor) is not None:
        return helping.status(tx, actor, here)
    if actor.person_id is None:
        return greet(tx, actor, here)
    offers = cases.my_offers(tx, actor)
    alarms = checkins.alarms(tx, actor)
    names, buttons = {}, []
    for number, alarm in enumerate([one for one in alarms if not one.mine][:MOST_ALARMS]):
        names[f"alarm_{number}"] = here.said(actor, TAKE_IT, reference=alarm.reference)
        buttons.append((Button(f"%(alarm_{number})s", f"own:{alarm.id.hex}"),))
    summary = here.letter(
        actor,
        STATUS,
        buttons=tuple(buttons),
        offers=str(len(offers)),
        alarms=str(len(alarms)),
        address=here.address,
        **names,
    )
    if actor.role is not Role.COORDINATOR:
        return here.turn(summary)
    member = people.member(tx, actor.person)
    return here.turn(here.letter(actor, ON_DUTY if member.on_duty else OFF_DUTY), summary)


async def start_with_code(update: Updated, context: Context) -> None:
    """/start with a code, as the page's link brings it."""
    code = Plaintext(" ".join(context.args or ()))
    await context.visit.command(link_or_greet, code=code)


async def accepting(update: Updated, context: Context) -> None:
    """An offer's yes was pressed."""
    await context.visit.answer(accept, offer_id=OfferId(context.id_part(1)))


async def declining(update: Updated, context: Context) -> None:
    """An offer's no was pressed."""
    await context.visit.answer(decline, offer_id=OfferId(context.id_part(1)))


async def owning(update: Updated, context: Context) -> None:
    """«I take it» was pressed."""
    await context.visit.answer(own, watch_id=AlarmId(context.id_part(1)))


async def rehearsing(update: Updated, context: Context) -> None:
    """«I take it» was pressed under a drill."""
    await context.visit.answer(rehearse, drill_id=DrillId(context.id_part(1)))


async def what_waits(update: Updated, context: Context) -> None:
    """/estado."""
    await context.visit.command(status)
