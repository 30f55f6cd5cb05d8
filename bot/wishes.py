"""What a family allows to be done with what it told us: one purpose at a time, no until yes."""

from bot.replies import Here, column
from bot.visit import Context, Updated
from network.cases import services as cases
from network.cases.domain import Purpose
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.words import N_
from network.outbox.domain import Button

NOTHING_HERE = N_("Nothing of yours is with us now, so there is nothing to decide.")
# What a telephone shows while it is locked is this first sentence, so it names nothing.
YOU_DECIDE = N_(
    "You decide what may be done with what you told us. Each is no until you say yes, and you can"
    " take it back at any time. Press one to read it."
)
# Nor does any of this: whoever reads along learns neither what it is about nor who could be told.
# Who accompanies them says aloud, each time, to whom exactly.
NAMES = {
    Purpose.LAWYER: (N_("Who advises me: no"), N_("Who advises me: yes")),
    Purpose.SEARCH: (N_("A public office: no"), N_("A public office: yes")),
    Purpose.STATISTICS: (N_("Being counted: no"), N_("Being counted: yes")),
}
QUESTIONS = {
    Purpose.LAWYER: N_(
        "May whoever accompanies you show what you told us to a person who advises you and has to"
        " keep it secret? They tell you who it is and ask you again each time. What was shown"
        " cannot be made unseen."
    ),
    Purpose.SEARCH: N_(
        "May whoever accompanies you show what you told us to a public office that could help? It"
        " is part of the government. They tell you which one and ask you again each time. What was"
        " shown cannot be made unseen."
    ),
    Purpose.STATISTICS: N_(
        "When everything of yours is erased, may one line stay: the year, the state and how it"
        " ended? No name, no date, none of your words. After that nobody can find the line again,"
        " so it cannot be taken out."
    ),
}
YES_THEY_MAY, NO_THEY_MAY_NOT = N_("Yes, they may"), N_("No")
NOTED_YES = N_("Noted: yes. You can take it back here: /permits")
NOTED_NO = N_("Noted: no.")
IN_THE_ROOM = {
    (Purpose.LAWYER, "yes"): N_("They allow showing it to a lawyer who helps them."),
    (Purpose.LAWYER, "no"): N_("They do not allow showing it to a lawyer."),
    (Purpose.SEARCH, "yes"): N_("They allow showing it to a search commission."),
    (Purpose.SEARCH, "no"): N_("They do not allow showing it to a search commission."),
    (Purpose.STATISTICS, "yes"): N_("They allow being counted, without names."),
    (Purpose.STATISTICS, "no"): N_("They do not allow being counted."),
}


def show(tx: Tx, actor: Actor, here: Here) -> Turn:
    """Everything there is to decide, and how it stands. Once it has ended a yes can be taken back,
    and none is given.
    """
    mine = cases.my_wishes(tx, actor) if actor.person_id is None else None
    shown = [] if mine is None else [each for each in NAMES if mine.is_open or each in mine.allowed]
    if mine is None or not shown:
        return here.reply(actor, NOTHING_HERE)
    buttons = column(
        *(Button(NAMES[each][each in mine.allowed], f"permit:{each.value}") for each in shown)
    )
    return here.reply(actor, YOU_DECIDE, buttons=buttons)


def ask(tx: Tx, actor: Actor, here: Here, *, purpose: Purpose) -> Turn:
    """One of them in plain words, with a no, and a yes where there is still something to allow."""
    mine = cases.my_wishes(tx, actor) if actor.person_id is None else None
    if mine is None:
        raise NotVisible
    yes = (Button(YES_THEY_MAY, f"permit:{purpose.value}:yes"),) if mine.is_open else ()
    no = Button(NO_THEY_MAY_NOT, f"permit:{purpose.value}:no")
    return here.reply(actor, QUESTIONS[purpose], buttons=column(no, *yes))


def decide(tx: Tx, actor: Actor, here: Here, *, purpose: Purpose, said: str) -> Turn:
    """Yes or no, from now on; the room says so to whoever accompanies them."""
    noted = Plaintext(here.said(actor, IN_THE_ROOM[purpose, said]))
    verb = cases.allow if said == "yes" else cases.forbid
    verb(tx, actor, purpose=purpose, noted=noted)
    return here.reply(actor, NOTED_YES if said == "yes" else NOTED_NO)


async def deciding(update: Updated, context: Context) -> None:
    """/permisos."""
    await context.visit.command(show)


async def asked_about(update: Updated, context: Context) -> None:
    """One of them was pressed."""
    await context.visit.answer(ask, purpose=Purpose(context.part(1)))


async def decided(update: Updated, context: Context) -> None:
    """Yes or no."""
    said = context.part(2)
    await context.visit.answer(decide, purpose=Purpose(context.part(1)), said=said)
