"""/viaje: a member goes somewhere, says when they will be back, and is waited for."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import activist
from bot.dialogue import Step
from bot.public import greet
from bot.replies import Here, column
from bot.visit import Context, Updated
from network import heartbeats
from network.checkins import services as checkins
from network.checkins.services import Underway
from network.checkins.services.asking import trip_buttons
from network.db import Tx
from network.inbox.domain import Turn
from network.kernel.actor import Actor
from network.kernel.errors import BadInput
from network.kernel.hidden import Plaintext
from network.kernel.ids import TripId
from network.kernel.words import N_
from network.outbox.domain import Button

WHERE_TO = N_(
    "Where are you going? One line is enough. It is sealed: coordination can open it only if you"
    " call for help or do not come back in time. Telegram can read what you write here; on the page"
    " it cannot: %(address)s"
)
WHEN_BACK = N_("When will you be back? Press a button, or write an hour such as 18:00.")
NO_HOUR = N_(
    "I could not read the hour. When will you be back? Press a button, or write an hour such as"
    " 18:00 or 6 pm."
)
IN_HOURS = N_("In %(hours)s h")
UNDERWAY = N_(
    "You are expected back by %(at)s. I will ask you then. If you do not answer, coordination is"
    " told.\n\nYou may share your live location here: it is sealed, opened only if you call for"
    " help or do not come back, and erased when you arrive."
)
NOBODY_WAITS = N_(
    "Nobody is waiting for you now. If you are still on the way, press +30 minutes or +2 hours: I"
    " will ask you then, and if you do not answer, coordination is told. If you are back, press"
    " I arrived."
)
BACK_LATER = N_("Noted: back by %(at)s.")
ARRIVED = N_("Good that you are back. Nothing of the trip is kept.")
HELP_COMES = N_("Noted.")
PLACE_KEPT = N_("✓ Sealed")
HOURS = (1, 2, 4, 8)
CLOCK = re.compile(
    r"(?:(?P<about>(?:como )?(?:a las?|at)) )?(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?"
    r" ?(?P<plain>h|hrs?|horas)?\.? ?(?:(?P<half>[ap])\.? ?m\.?)?"
)
NOON = 12


def travel(tx: Tx, actor: Actor, here: Here, *, words: Plaintext | None = None) -> Turn:
    """The trip there is, or the first question of a new one; «/viaje where 18:00» says it all."""
    if actor.person_id is None:
        return greet(tx, actor, here)
    trip = checkins.my_trip(tx, actor)
    if trip is not None:
        return _underway(actor, here, trip)
    if words is None:
        asked = here.letter(actor, WHERE_TO, address=f"{here.address}/trip")
        return here.turn(asked, talk=replace(here.talk, step=Step.TRIP_TO, draft=""))
    where, _, hour = words.reveal().strip().rpartition(" ")
    back_at = _moment(tx, actor, here, hour)
    if back_at is None or not where:
        return _ask_when(actor, here, words.reveal())
    return _begin(tx, actor, here, where, back_at)


def words(tx: Tx, actor: Actor, here: Here, *, text: Plaintext) -> Turn:
    """What a member writes: the answer to a question about a trip, or words nobody reads here."""
    if here.talk.step is Step.TRIP_TO:
        return _ask_when(actor, here, text.reveal())
    if here.talk.step is not Step.TRIP_BACK:
        return activist.hint(tx, actor, here)
    back_at = _moment(tx, actor, here, text.reveal().strip())
    if back_at is None:
        return _ask_when(actor, here, here.talk.draft, NO_HOUR)
    return _begin(tx, actor, here, here.talk.draft, back_at)


def in_hours(tx: Tx, actor: Actor, here: Here, *, hours: int) -> Turn:
    """A return time was pressed."""
    if here.talk.step is not Step.TRIP_BACK or hours not in HOURS:
        raise BadInput("back_at", "out_of_range")
    here = replace(here, at=_pressed(tx, here))
    return _begin(tx, actor, here, here.talk.draft, _said(tx, here) + timedelta(hours=hours))


def arrived(tx: Tx, actor: Actor, here: Here, *, trip_id: TripId) -> Turn:
    """Back, and nothing is kept."""
    checkins.arrive(tx, actor, trip_id=trip_id)
    return here.reply(actor, ARRIVED)


def later(
    tx: Tx,
    actor: Actor,
    here: Here,
    *,
    trip_id: TripId,
    minutes: int,
    shown: datetime | None = None,
) -> Turn:
    """It takes longer than the return time their button stood under."""
    more, said_at = timedelta(minutes=minutes), _pressed(tx, here)
    trip = checkins.extend(tx, actor, trip_id=trip_id, more=more, shown=shown, said_at=said_at)
    buttons = trip_buttons(trip.id, trip.back_at)
    return here.reply(actor, BACK_LATER, buttons=buttons, at=_at(trip))


def help_(tx: Tx, actor: Actor, here: Here, *, trip_id: TripId | None = None) -> Turn:
    """Help is called, on a trip or not; the chat says no more than it must."""
    checkins.need_help(tx, actor, trip_id=trip_id)
    return here.reply(actor, HELP_COMES)


def place(tx: Tx, actor: Actor, here: Here, *, location: tuple[float, float]) -> Turn:
    """A place, or the first of a live one."""
    latitude, longitude = location
    kept = checkins.share_place(tx, actor, latitude=latitude, longitude=longitude, at=here.at)
    return here.reply(actor, PLACE_KEPT) if kept else activist.hint(tx, actor, here)


def moved(
    tx: Tx, actor: Actor, here: Here, *, location: tuple[float, float], at: datetime | None = None
) -> Turn:
    """A live location moved on, at that moment; nothing is said about it."""
    latitude, longitude = location
    checkins.share_place(tx, actor, latitude=latitude, longitude=longitude, at=at)
    return here.turn()


def _ask_when(actor: Actor, here: Here, draft: str, ask: str = WHEN_BACK) -> Turn:
    names = {f"in_{each}": here.said(actor, IN_HOURS, hours=str(each)) for each in HOURS}
    buttons = column(*(Button(f"%(in_{each})s", f"back:{each}") for each in HOURS))
    asked = here.letter(actor, ask, buttons=buttons, **names)
    return here.turn(asked, talk=replace(here.talk, step=Step.TRIP_BACK, draft=draft))


def _begin(tx: Tx, actor: Actor, here: Here, where: str, back_at: datetime) -> Turn:
    trip = checkins.begin_trip(
        tx, actor, destination=Plaintext(where), back_at=back_at, said_at=here.at
    )
    return _underway(actor, replace(here, talk=here.talk.cleared()), trip)


def _underway(actor: Actor, here: Here, trip: Underway) -> Turn:
    buttons = trip_buttons(trip.id, trip.back_at)
    if not trip.waited:
        return here.turn(
            here.letter(actor, NOBODY_WAITS, buttons=buttons), talk=here.talk.cleared()
        )
    letter = here.letter(actor, UNDERWAY, buttons=buttons, at=_at(trip))
    return here.turn(letter, talk=here.talk.cleared())


def _at(trip: Underway) -> str:
    return f"{trip.back_at.astimezone(ZoneInfo(trip.zone)):%d/%m %H:%M}"


def _said(tx: Tx, here: Here) -> datetime:
    """When it was said: what waited for us may have been read hours later."""
    return tx.now if here.at is None else min(here.at, tx.now)


def _pressed(tx: Tx, here: Here) -> datetime:
    """The earliest it can have been pressed: Telegram says only when the button was sent."""
    sent = here.shown_at
    return tx.now if sent is None else heartbeats.unheard_since(tx, min(sent, tx.now))


def _moment(tx: Tx, actor: Actor, here: Here, hour: str) -> datetime | None:
    """The first time it was that hour where they are since they said so; None for no hour."""
    times = hours_of(hour)
    local = _said(tx, here).astimezone(ZoneInfo(checkins.zone_of(tx, actor)))
    moments = [datetime.combine(local, each, local.tzinfo) for each in times]
    return min((one if one > local else one + timedelta(days=1) for one in moments), default=None)


def hours_of(words: str) -> tuple[time, ...]:
    """What hour somebody wrote; two where it may be of the morning or of the evening; else none.

    A bare number up to twelve may be a span («2 h»): that is asked again.
    """
    found = CLOCK.fullmatch(" ".join(words.lower().split()))
    if found is None:
        return ()
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), found["half"]
    told = half or found["minute"] or found["about"] or hour > NOON
    if not told or hour >= 2 * NOON or minute > 59 or (half and not 1 <= hour <= NOON):  # noqa: PLR2004  # a clock
        return ()
    if half:
        return (time(hour % NOON + (NOON if half == "p" else 0), minute),)
    if 1 <= hour <= NOON and not found["plain"] and not found["hour"].startswith("0"):
        return (time(hour % NOON, minute), time(hour % NOON + NOON, minute))
    return (time(hour, minute),)


async def begin(update: Updated, context: Context) -> None:
    """/viaje."""
    behind = context.visit.behind
    await context.visit.command(travel, words=behind)


async def back_in(update: Updated, context: Context) -> None:
    """A return time was pressed."""
    await context.visit.answer(in_hours, hours=int(context.part(1)))


async def is_back(update: Updated, context: Context) -> None:
    """«I arrived» was pressed."""
    await context.visit.answer(arrived, trip_id=TripId(context.id_part(1)))


async def takes_longer(update: Updated, context: Context) -> None:
    """«+30 minutes» or «+2 hours» was pressed."""
    minutes, trip_id = int(context.part(1)), TripId(context.id_part(2))
    known = context.part(3).removeprefix(":")
    shown = datetime.fromtimestamp(int(known), UTC) if known else None
    await context.visit.answer(later, trip_id=trip_id, minutes=minutes, shown=shown)


async def calls_for_help(update: Updated, context: Context) -> None:
    """«I need help» was pressed."""
    await context.visit.answer(help_, trip_id=TripId(context.id_part(1)))


async def on_the_move(update: Updated, context: Context) -> None:
    """A live location moved on."""
    assert update.edited_message
    assert update.edited_message.location
    where, at = update.edited_message.location, update.edited_message.edit_date
    await context.visit.answer(moved, location=(where.latitude, where.longitude), at=at)
