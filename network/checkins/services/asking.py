"""The question itself: two buttons under neutral words, and what became of its letter."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from network import outbox
from network.checkins.domain.prompts import SELDOM, Fate, Post, Prompt, PromptStatus
from network.checkins.services.somebody import Address
from network.checkins.store.prompts import Kept
from network.db import Tx
from network.delivery import services as delivery
from network.kernel.ids import LetterId, PromptId, TripId, new_id
from network.kernel.words import N_
from network.outbox.domain import NOBODY, Button, Delivery, Letter, LetterStatus, Priority

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
# Never about a person: a day in which nothing got out, a letter that we cannot read ourselves.
OURS = frozenset({"gave_up", "unreadable"})
AFTER_ASKING = timedelta(minutes=1)  # what is asked again in this moment is out or refused by then
CROWD = 3  # refusals, with nothing delivered meanwhile, that cannot all be theirs


def question(
    to: Address, prompt_id: PromptId, trip: TripId | None, planned: datetime, *, again: bool
) -> Letter:
    """The letter that asks: how somebody is, or whether they are back."""
    if trip is not None:
        say, buttons = (ARE_YOU_BACK_AGAIN if again else ARE_YOU_BACK), trip_buttons(trip, planned)
    else:
        say, buttons = (ASKING_AGAIN if again else HOW_ARE_YOU), _answers(prompt_id)
    return Letter(
        to=to.chat, language=to.language, say=say, buttons=buttons, priority=Priority.CHECKIN
    )


def trip_buttons(trip: TripId, back_at: datetime) -> tuple[tuple[Button, ...], ...]:
    """What somebody on the way can press at any time; more time counts from this return time."""
    known = f"{trip.hex}:{back_at.timestamp():.0f}"
    return (
        (Button(ARRIVED, f"arrived:{trip.hex}"),),
        (Button(HALF_AN_HOUR, f"later:30:{known}"), Button(TWO_HOURS, f"later:120:{known}")),
        (Button(HELP, f"help:{trip.hex}"),),
    )


def _answers(prompt_id: PromptId) -> tuple[tuple[Button, ...], ...]:
    return (
        (Button(I_AM_WELL, f"well:{prompt_id.hex}"),),
        (Button(I_WANT_TO_TALK, f"talk:{prompt_id.hex}"),),
    )


def fates(tx: Tx, kept: Sequence[Kept]) -> dict[LetterId, Post]:
    """What became of the letters of these questions. One the outbox forgot is gone.

    What may be the channel and not they is theirs only where others were reached about then.
    """
    found = outbox.deliveries(tx, [one.letter_id for one in kept])
    doubtful = any(_is_doubtful(one) for one in found.values())
    reached = outbox.last_delivery(tx) if doubtful else None
    known = {}
    for one in kept:
        fate = found.get(one.letter_id)
        if fate is None:
            known[one.letter_id] = GONE
        else:
            ours = _is_doubtful(fate) and not _is_theirs(tx, one.prompt, fate, reached)
            known[one.letter_id] = Post(
                Fate.FAILED if ours else FATES[fate.status], fate.settled_at
            )
    return known


def channel_down(tx: Tx, kept: Sequence[Kept], known: dict[LetterId, Post]) -> Sequence[Letter]:
    """One letter to each coordinator when nothing gets through to anybody; none otherwise.

    Named by the last delivery there was, so that it is written once however long it lasts; where
    none is remembered, by the day. It goes by their other ways at once, for Telegram is what fails.
    """
    fates_of = [(known[one.letter_id].fate, one.prompt) for one in kept]
    stuck = [one for fate, one in fates_of if fate in {Fate.FAILED, Fate.WAITING}]
    if not stuck:
        return ()
    since = min(one.asked_at or one.planned_at for one in stuck)
    last = outbox.last_delivery(tx)
    if last is not None and tx.now - last < UNHEARD:
        return ()
    failed = any(fate is Fate.FAILED for fate, _ in fates_of)
    crowd = failed and outbox.only_refused(tx, tx.now - UNHEARD, CROWD)
    if tx.now - since <= UNHEARD and not crowd:
        return ()
    log.error("nothing that we send reaches anybody")
    local = (last or since).astimezone(ZoneInfo(tx.pack.time_zone))
    once = f"down:{(last or tx.today).isoformat()}"
    letter = Letter(
        to=NOBODY,
        language="",
        say=CHANNEL_DOWN,
        params={"since": f"{local:%d/%m %H:%M}"},
        priority=Priority.ALARM,
    )
    found = []
    for member, ways in delivery.to_coordination(tx):
        mine = replace(letter, language=member.profile.language)
        found += [
            replace(mine, by=way.id, once=f"{once}:{way.id}", id=LetterId(new_id())) for way in ways
        ]
        if member.profile.chat is not None:
            # After what is asked again now: where this arrives, a refusal of that was theirs.
            due = tx.now + AFTER_ASKING
            to, named = member.profile.chat, f"{once}:{member.id}"
            found.append(replace(mine, to=to, once=named, due_at=due, id=LetterId(new_id())))
    return found


def _is_doubtful(one: Delivery) -> bool:
    return one.status is LetterStatus.REFUSED and one.error not in THEIRS


def _is_theirs(tx: Tx, prompt: Prompt, fate: Delivery, reached: datetime | None) -> bool:
    """Others were reached before and after it; or it was tried again, and refused again, soon after
    somebody was reached.
    """
    at = fate.settled_at
    if fate.error in OURS or reached is None or at is None:
        return False
    if reached >= at:
        return outbox.reached_between(tx, at - UNHEARD, at)
    again = prompt.status is PromptStatus.PROMISED and tx.now - prompt.planned_at > UNHEARD
    return again and at - reached < SELDOM
