"""The question itself: two buttons under neutral words, and what became of its letter."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from network import outbox
from network.checkins.domain.prompts import Fate, Post
from network.checkins.services.somebody import Address
from network.checkins.store.prompts import Kept
from network.db import Tx
from network.kernel.ids import LetterId, PromptId, TripId
from network.kernel.words import N_
from network.outbox.domain import Button, Delivery, Letter, LetterStatus, Priority
from network.people import services as people

log = logging.getLogger(__name__)

HOW_ARE_YOU = N_("Hello. How are you? Press a button when you can.")
ASKING_AGAIN = N_("Hello again. How are you? One press is enough.")
I_AM_WELL = N_("I am well")
I_WANT_TO_TALK = N_("I want to talk")

ARE_YOU_BACK = N_("Hello. Did you arrive?")
ARE_YOU_BACK_AGAIN = N_("Hello again. Did you arrive? One press is enough.")
ARRIVED = N_("I arrived")
HALF_AN_HOUR = N_("+30 minutes")
TWO_HOURS = N_("+2 hours")
HELP = N_("I need help")
CHANNEL_DOWN = N_(
    "Since %(since)s nothing that we send on Telegram reaches anybody. Nobody counts as silent"
    " meanwhile. Look at the desk."
)

GONE = Post(Fate.GONE)
FATES = {
    LetterStatus.WAITING: Fate.WAITING,
    LetterStatus.DELIVERED: Fate.DELIVERED,
    LetterStatus.REFUSED: Fate.REFUSED,
    LetterStatus.CANCELLED: Fate.GONE,
}
THEIRS = frozenset({"blocked", "deactivated"})  # refusals that can only be about this person
UNHEARD = timedelta(minutes=10)  # waiting this long with nothing delivered: the channel is down
CROWD = 3  # refusals, with nothing delivered meanwhile, that cannot all be theirs


def question(to: Address, prompt_id: PromptId, trip: TripId | None, *, again: bool) -> Letter:
    """The letter that asks: how somebody is, or whether they are back."""
    if trip is not None:
        say, buttons = (ARE_YOU_BACK_AGAIN if again else ARE_YOU_BACK), trip_buttons(trip)
    else:
        say, buttons = (ASKING_AGAIN if again else HOW_ARE_YOU), _answers(prompt_id)
    return Letter(
        to=to.chat, language=to.language, say=say, buttons=buttons, priority=Priority.CHECKIN
    )


def trip_buttons(trip: TripId) -> tuple[tuple[Button, ...], ...]:
    """What somebody on the way can press at any time."""
    return (
        (Button(ARRIVED, f"arrived:{trip.hex}"),),
        (Button(HALF_AN_HOUR, f"later:30:{trip.hex}"), Button(TWO_HOURS, f"later:120:{trip.hex}")),
        (Button(HELP, f"help:{trip.hex}"),),
    )


def _answers(prompt_id: PromptId) -> tuple[tuple[Button, ...], ...]:
    return (
        (Button(I_AM_WELL, f"well:{prompt_id.hex}"),),
        (Button(I_WANT_TO_TALK, f"talk:{prompt_id.hex}"),),
    )


def fates(tx: Tx, kept: Sequence[Kept]) -> dict[LetterId, Post]:
    """What became of the letters of these questions. One the outbox forgot is gone.

    Where several are refused and nobody was reached meanwhile, it is the channel and not they.
    """
    found = outbox.deliveries(tx, [one.letter_id for one in kept])
    doubtful = [one for one in found.values() if one.error and one.error not in THEIRS]
    down = bool(doubtful) and outbox.only_refused(tx, tx.now - UNHEARD, CROWD)
    known = {
        LetterId(letter): Post(_fate(one, down=down), one.settled_at)
        for letter, one in found.items()
    }
    return {one.letter_id: known.get(one.letter_id, GONE) for one in kept}


def channel_down(tx: Tx, kept: Sequence[Kept], known: dict[LetterId, Post]) -> Sequence[Letter]:
    """One letter to each coordinator when nothing gets through to anybody; none otherwise.

    Named by the last delivery there was, so that it is written once however long it lasts.
    """
    stuck = [
        one
        for one in kept
        if known[one.letter_id].fate is Fate.FAILED
        or (known[one.letter_id].fate is Fate.WAITING and tx.now - one.prompt.planned_at > UNHEARD)
    ]
    if not stuck:
        return ()
    since = outbox.last_delivery(tx)
    if since is not None and tx.now - since < UNHEARD:
        return ()
    log.error("nothing that we send reaches anybody")
    began = since or min(one.prompt.planned_at for one in stuck)
    local = began.astimezone(ZoneInfo(tx.pack.time_zone))
    return people.letters_to(
        people.coordinators(tx),
        CHANNEL_DOWN,
        params={"since": f"{local:%d/%m %H:%M}"},
        priority=Priority.ALARM,
        once=f"down:{began.isoformat()}",
    )


def _fate(delivery: Delivery, *, down: bool) -> Fate:
    fate = FATES[delivery.status]
    if fate is Fate.REFUSED and down and delivery.error not in THEIRS:
        return Fate.FAILED
    return fate
