"""The keys that are a family's: who can read it, who may no longer, the end, and a clean chat."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.dialogue import Step
from bot.replies import Here, column
from bot.visit import Context, Updated
from config.language import say
from network.cases import services as cases
from network.cases.services import glass
from network.cases.services.holding import Holder
from network.checkins import services as checkins
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.kernel.words import N_
from network.outbox.domain import Button

WHO = N_("These people can read what you wrote:\n%(lines)s")
NOBODY = N_("Nothing of yours is with us now, so nobody can read it.")
HOLDER_OPENED = N_("• %(alias)s, %(role)s: last read it on %(when)s")
HOLDER_NEVER = N_("• %(alias)s, %(role)s: has not read it yet")
HOLDER_STOPPED = N_("• %(alias)s, %(role)s: stopped by us for now, cannot read anything")
COORDINATION = N_("coordination")
ACCOMPANIES = N_("accompanies you")
WHOM = N_("Who should not read any more what you write?")
REMOVE = N_("Remove %(alias)s")
REMOVED = N_("Done. From now on that person can read nothing more of yours.")
REMOVED_LAST = N_(
    "Done. From now on that person can read nothing new of yours. Nobody else could open what you"
    " wrote before. Until %(day)s, or at times up to two weeks more, that person can pass it on to"
    " whoever reads you now; what is not passed on is destroyed. So tell again what matters."
)
SURE = N_(
    "Everything you told us would be erased. On %(day)s this chat is cut off from it; destroying"
    " it takes until then, or at times up to two weeks more. After that nobody can open it, and"
    " neither can we. Until %(day)s everything goes on as it is, and you can take it back.\n\n"
    "What stays: lines of our log without any of your words, what people remember, and this chat"
    " in Telegram, which you erase with /wipe.\n\n"
    "If you are sure, write: %(words)s"
)
SURE_IN_WORDS = N_("erase everything")
NO_STAY = N_("No, go on")
WILL_BE_ERASED = N_(
    "It will be erased on %(day)s. If you change your mind, press here before then."
)
KEEP_IT = N_("Keep it after all")
KEPT_SHUT = N_("Done. Nobody opens it.")
STAYED = N_("Nothing was erased.")
HEARD_AND_STAYED = N_("✓ Received. Nothing was erased.")
NOTHING_TO_COPY = N_("Nothing of yours is with us now.")
YOUR_COPY = N_(
    "You can have what you wrote here and what we answered, to keep. It does not come to this chat,"
    " because whoever holds this phone could read it: somebody gives it to you in person, and says"
    " aloud the words that open it. Do you want it?"
)
YOUR_COPY_LATER = N_(
    "You can have what you wrote here and what we answered, to keep. It does not come to this chat,"
    " because whoever holds this phone could read it. Ask in person whoever was beside you."
)
I_WANT_IT = N_("I want it")
THEY_WANT_IT = N_("I want a copy of my own.")
THEY_WILL_ASK_YOU = N_(
    "✓ Received. They will agree with you, by voice or in person, how you get it."
)
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
    """Somebody's access ends; what comes from now on has a new key. The same is said, and holds,
    whether anything rings or not.
    """
    removed = cases.remove_holder(tx, actor, person_id=person_id)
    if removed.kept_until is None:
        return here.reply(actor, REMOVED)
    return here.reply(actor, REMOVED_LAST, day=_day(removed.kept_until))


def ask_to_leave(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Ending erases, so it is asked once more, and answered in words; and it takes its time."""
    mine = cases.my_wishes(tx, actor) if actor.person_id is None else None
    if mine is None:
        return here.reply(actor, NOBODY)
    if mine.erase_on is not None:
        return _will_be_erased(actor, here, mine.erase_on)
    words = here.said(actor, SURE_IN_WORDS)
    buttons = column(Button(NO_STAY, "leave:no"))
    day = _day(mine.would_be_on)
    letter = here.letter(actor, SURE, buttons=buttons, day=day, words=words)
    return here.turn(letter, talk=replace(here.talk, step=Step.ERASE))


def confirm_leaving(tx: Tx, actor: Actor, here: Here, *, text: Plaintext) -> Turn:
    """Said in words or not: heard as any word is. Only these words begin the erasure, and they do
    not end an alarm of silence: whoever took the telephone would write them.
    """
    talk = here.talk.ended()
    sure = _are_these(text, here.said(actor, SURE_IN_WORDS))
    if cases.case_of(tx, actor) is not None:
        checkins.hear(tx, actor, text=text, at=here.at, ends_silence=not sure)
    if not sure:
        return here.turn(here.letter(actor, HEARD_AND_STAYED), talk=talk)
    day = cases.ask_erasure(tx, actor)
    return _will_be_erased(actor, replace(here, talk=talk), day)


def stay(tx: Tx, actor: Actor, here: Here, *, how: str) -> Turn:
    """It was not meant, or is taken back."""
    if how == "back":
        cases.keep_after_all(tx, actor)
    ended = here.talk.ended() if here.talk.step is Step.ERASE else here.talk
    return here.turn(here.letter(actor, STAYED), talk=ended)


def _will_be_erased(actor: Actor, here: Here, day: date) -> Turn:
    buttons = column(Button(KEEP_IT, "leave:back"))
    return here.reply(actor, WILL_BE_ERASED, buttons=buttons, day=_day(day))


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _are_these(text: Plaintext, words: str) -> bool:
    """Whether these words were written, however the keyboard spelled them."""
    found = "".join(one if one.isalnum() else " " for one in text.reveal().casefold())
    return found.split() == words.casefold().split()


def keep_shut(tx: Tx, actor: Actor, here: Here, *, ceremony_id: UUID) -> Turn:
    """The family does not want what it wrote to be opened by somebody new."""
    glass.family_stops(tx, actor, ceremony_id=ceremony_id)
    return here.reply(actor, KEPT_SHUT)


def offer_copy(tx: Tx, actor: Actor, here: Here) -> Turn:
    """How they get what was written here, to keep. Nothing of it comes to this chat."""
    if actor.person_id is not None or cases.my_wishes(tx, actor) is None:
        return here.reply(actor, NOTHING_TO_COPY)
    heard = cases.case_of(tx, actor) is not None
    buttons = column(Button(I_WANT_IT, "copy:ask")) if heard else ()
    return here.reply(actor, YOUR_COPY if heard else YOUR_COPY_LATER, buttons=buttons)


def want_copy(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Heard as any word of theirs is: whoever accompanies them reads it in the room."""
    text = Plaintext(here.said(actor, THEY_WANT_IT))
    checkins.hear(tx, actor, text=text, at=here.at)
    return here.reply(actor, THEY_WILL_ASK_YOU)


def wiped(tx: Tx, actor: Actor, here: Here, *, gone: int, left: int) -> Turn:
    """What could be erased from Telegram, and what could not."""
    if left:
        return here.reply(actor, WIPED_PARTLY, gone=str(gone), left=str(left))
    return here.reply(actor, WIPED, gone=str(gone))


def _line(actor: Actor, holder: Holder, zone: ZoneInfo) -> str:
    coordinates = holder.role is Role.COORDINATOR
    role = say(actor.language, COORDINATION if coordinates else ACCOMPANIES)
    if holder.is_stopped:
        return say(actor.language, HOLDER_STOPPED, alias=holder.alias, role=role)
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


async def stayed(update: Updated, context: Context) -> None:
    """«No», or «keep it»."""
    await context.visit.answer(stay, how=context.part(1))


async def keeps_shut(update: Updated, context: Context) -> None:
    """«I do not want it»."""
    await context.visit.answer(keep_shut, ceremony_id=context.id_part(1))


async def copying(update: Updated, context: Context) -> None:
    """/copia."""
    await context.visit.command(offer_copy)


async def wants_copy(update: Updated, context: Context) -> None:
    """«I want it»."""
    await context.visit.answer(want_copy)


async def wipe(update: Updated, context: Context) -> None:
    """/borrar."""
    gone, kept = await context.visit.wipe()
    await context.visit.command(wiped, gone=gone, left=kept)
