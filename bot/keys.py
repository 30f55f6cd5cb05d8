"""The keys that are a family's: who can read it, who may no longer, the end, and a clean chat."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.replies import Here, column
from bot.visit import Context, Updated
from config.language import say
from network.cases import services as cases
from network.cases.services import glass
from network.cases.services.holding import Holder
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor, Role
from network.kernel.ids import PersonId
from network.kernel.words import N_
from network.outbox.domain import Button

WHO = N_("These people can read what you wrote:\n%(lines)s")
NOBODY = N_("Nothing of yours is with us now, so nobody can read it.")
HOLDER_OPENED = N_("• %(alias)s, %(role)s: last read it on %(when)s")
HOLDER_NEVER = N_("• %(alias)s, %(role)s: has not read it yet")
COORDINATION = N_("coordination")
ACCOMPANIES = N_("accompanies you")
WHOM = N_("Who should not read any more what you write?")
REMOVE = N_("Remove %(alias)s")
REMOVED = N_("Done. From now on that person can read nothing more of yours.")
REMOVED_ALL = N_(
    "Done. From now on that person can read nothing more of yours. Nobody else could read what you"
    " wrote before, so tell again what matters."
)
SURE = N_("End here, and erase everything you told us? It cannot be undone.")
YES_ERASE = N_("Yes, erase it")
NO_STAY = N_("No, go on")
LEFT = N_(
    "It is erased. The messages of this chat are still in Telegram: erase them with /wipe. If you"
    " need somebody again, write /start."
)
KEPT_SHUT = N_("Done. Nobody opens it.")
STAYED = N_("Nothing was erased.")
WIPED = N_(
    "Messages erased from this chat: %(gone)s. What is older than two days a bot cannot erase: use"
    " «clear history» in this chat's menu."
)
WIPED_PARTLY = N_(
    "Messages erased from this chat: %(gone)s. Telegram did not let us erase %(left)s: use «clear"
    " history» in this chat's menu."
)


def who(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Who can open it, and when each last did."""
    found = cases.case_of(tx, actor)
    if found is None:
        return here.reply(actor, NOBODY)
    zone = ZoneInfo(found[0].card.time_zone or tx.pack.time_zone)
    lines = [_line(actor, holder, zone) for holder in cases.holders(tx, actor)]
    return here.reply(actor, WHO, lines="\n".join(lines))


def whom_to_remove(tx: Tx, actor: Actor, here: Here) -> Turn:
    """A button for each person who can open it."""
    if cases.case_of(tx, actor) is None:
        return here.reply(actor, NOBODY)
    names, buttons = {}, []
    for number, holder in enumerate(cases.holders(tx, actor)):
        names[f"name_{number}"] = say(actor.language, REMOVE, alias=holder.alias)
        buttons.append(Button(f"%(name_{number})s", f"remove:{holder.person_id.hex}"))
    return here.reply(actor, WHOM, buttons=column(*buttons), **names)


def remove(tx: Tx, actor: Actor, here: Here, *, person_id: PersonId) -> Turn:
    """Somebody's access ends; what comes from now on has a new key."""
    removed = cases.remove_holder(tx, actor, person_id=person_id)
    return here.reply(actor, REMOVED if removed.history else REMOVED_ALL)


def ask_to_leave(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Ending erases, so it is asked once."""
    if cases.case_of(tx, actor) is None:
        return here.reply(actor, NOBODY)
    buttons = column(Button(YES_ERASE, "leave:yes"), Button(NO_STAY, "leave:no"))
    return here.reply(actor, SURE, buttons=buttons)


def leave(tx: Tx, actor: Actor, here: Here, *, sure: str) -> Turn:
    """Ended and erased, or not."""
    if sure != "yes":
        return here.reply(actor, STAYED)
    cases.leave(tx, actor)
    return here.turn(here.letter(actor, LEFT), talk=here.talk.cleared())


def keep_shut(tx: Tx, actor: Actor, here: Here, *, ceremony_id: UUID) -> Turn:
    """The family does not want what it wrote to be opened by somebody new."""
    glass.family_stops(tx, actor, ceremony_id=ceremony_id)
    return here.reply(actor, KEPT_SHUT)


def wiped(tx: Tx, actor: Actor, here: Here, *, gone: int, left: int) -> Turn:
    """What could be erased from Telegram, and what could not."""
    if left:
        return here.reply(actor, WIPED_PARTLY, gone=str(gone), left=str(left))
    return here.reply(actor, WIPED, gone=str(gone))


def _line(actor: Actor, holder: Holder, zone: ZoneInfo) -> str:
    coordinates = holder.role is Role.COORDINATOR
    role = say(actor.language, COORDINATION if coordinates else ACCOMPANIES)
    if holder.last_opened is None:
        return say(actor.language, HOLDER_NEVER, alias=holder.alias, role=role)
    when = _when(holder.last_opened, zone)
    return say(actor.language, HOLDER_OPENED, alias=holder.alias, role=role, when=when)


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d/%m/%Y %H:%M}"


async def readers(update: Updated, context: Context) -> None:
    """/quien."""
    await context.visit.command(who)


async def removing(update: Updated, context: Context) -> None:
    """/quitar."""
    await context.visit.command(whom_to_remove)


async def removed(update: Updated, context: Context) -> None:
    """Somebody to remove was pressed."""
    await context.visit.answer(remove, person_id=PersonId(context.id_part(1)))


async def leaving(update: Updated, context: Context) -> None:
    """/salir."""
    await context.visit.command(ask_to_leave)


async def left(update: Updated, context: Context) -> None:
    """Yes or no."""
    await context.visit.answer(leave, sure=context.part(1))


async def keeps_shut(update: Updated, context: Context) -> None:
    """«I do not want it»."""
    await context.visit.answer(keep_shut, ceremony_id=context.id_part(1))


async def wipe(update: Updated, context: Context) -> None:
    """/borrar."""
    gone, kept = await context.visit.wipe()
    await context.visit.command(wiped, gone=gone, left=kept)
