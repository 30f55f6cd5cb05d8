"""Trips: where to and when back, sealed to those who would search; asked about at the return."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from network import audit, outbox
from network.checkins.domain.prompts import PromptStatus
from network.checkins.domain.rhythms import RhythmStatus
from network.checkins.domain.subjects import Subject
from network.checkins.domain.trips import (
    ASK_AGAIN,
    KEPT,
    AlreadyTravelling,
    NobodyToOpen,
    Opened,
    Place,
    Trip,
    checked_return,
    checked_words,
    later,
)
from network.checkins.domain.watches import Cause, due_rungs, next_look, of_word
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.alarms import alarm
from network.checkins.services.rhythms import begin, end, once, usual_of
from network.checkins.services.somebody import find
from network.checkins.services.telling import Around, country_ladder, news, roster, tell
from network.checkins.services.tripkeys import pass_on_trips, public_key
from network.checkins.services.words import signs_of_life
from network.checkins.store import forgetting, prompts, rhythms, trips, watches
from network.db import Tx
from network.encryption.envelope import KeyPair, new_key_pair
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, PersonId, TripId, new_id
from network.outbox.domain import Signal
from network.people import services as people


@dataclass(frozen=True, slots=True)
class Underway:
    """A trip as its traveller sees it. `opened` is None where no key is at hand, as in a chat;
    `waited` says whether they are asked, or were: not where coordination ended the alarm.
    """

    id: TripId
    back_at: datetime
    zone: str
    opened: Opened | None = None
    waited: bool = True


def begin_trip(
    tx: Tx,
    actor: Actor,
    *,
    destination: Plaintext,
    back_at: datetime,
    said_at: datetime | None = None,
) -> Underway:
    """From now until they are back, somebody waits for them.

    What they said may have waited for us. Where the time has passed since, they are asked at once.
    Where an alarm of danger still rings, an earlier trip said to be over is kept beside this one:
    whoever holds their telephone sees a trip begin as any other, and takes nothing from those who
    search.
    """
    require(actor, CheckinPermission.OWN_CHECKINS)
    if trips.of(tx, actor.person) is not None:
        raise AlreadyTravelling
    words, back = checked_words(destination), checked_return(back_at, _said(tx, said_at))
    if people.member(tx, actor.person).profile.chat is None:
        raise BadInput("form", "not_linked")
    before = trips.kept(tx, actor.person)
    usual = usual_of(tx, actor)
    about = Subject(person=actor.person)
    rhythm_id = begin(tx, about, once(usual), max(back, tx.now))
    opened = Opened(words, back, None)
    if before is not None and _is_searched(tx, before):
        trips.begin_beside(tx, before, rhythm_id, opened, back + KEPT)
        forgetting.forget(tx, before.rhythm_id)
        return Underway(before.id, back, usual.zone)
    if before is not None:
        trips.erase(tx, before)
        forgetting.forget(tx, before.rhythm_id)
    pair = new_key_pair()
    trip = Trip(TripId(new_id()), actor.person, rhythm_id, pair.public)
    _store(tx, actor, trip, opened, pair)
    return Underway(trip.id, back, usual.zone)


def my_trip(tx: Tx, actor: Actor) -> Underway | None:
    """The trip the actor is on; opened where their key is at hand."""
    require(actor, CheckinPermission.OWN_TRIP)
    trip = trips.of(tx, actor.person)
    if trip is None:
        return None
    zone, asked_at = usual_of(tx, actor).zone, _back_at(tx, trip)
    found = None
    if actor.private_key is not None:
        found = trips.opened(tx, trip, actor.person, actor.key())
    return Underway(trip.id, asked_at or tx.now, zone, found, waited=asked_at is not None)


def arrive(tx: Tx, actor: Actor, *, trip_id: TripId | None = None) -> None:
    """They are back: nothing of the trip is left, nor of what it asked, and an alarm of silence
    about them is over.

    While an alarm of danger rings it only looks so, also to them: their telephone may be in other
    hands, and those who search need what is sealed.
    """
    trip = _mine(tx, actor, trip_id)
    _sign_of_life(tx, actor)
    _end_question(tx, trip)
    if _in_danger(tx, actor.person):
        trips.hide(tx, trip)
    else:
        trips.erase(tx, trip)
    forgetting.forget(tx, trip.rhythm_id)


def extend(
    tx: Tx,
    actor: Actor,
    *,
    more: timedelta,
    trip_id: TripId | None = None,
    shown: datetime | None = None,
    said_at: datetime | None = None,
) -> Underway:
    """Back later than they said; counted from when they said so where that time had passed.

    A press counts from the return time it stood under: whoever presses again because nothing
    answers asks for no more than they did at first.
    """
    trip = _mine(tx, actor, trip_id)
    said = _said(tx, said_at)
    back_at = later(_back_at(tx, trip) or said, more, said, shown)
    _sign_of_life(tx, actor)
    return _ask_at(tx, actor, trip, back_at)


def need_help(tx: Tx, actor: Actor, *, trip_id: TripId | None = None) -> None:
    """An alarm at once, for everybody whom a danger word would wake; the trip stays open to them.

    Pressed again while it rings, it rings no second alarm. A button outlives its trip in the chat:
    help is help under whichever trip of theirs it was pressed.
    """
    _may_call(tx, actor, trip_id)
    about = Subject(person=actor.person)
    if Cause.DANGER in _causes(tx, about):
        return
    around = _around(tx, about)
    watch_id = AlarmId(new_id())
    begun = of_word(Cause.DANGER, country_ladder(tx.pack.alarms.ladder), tx.now)
    told, calls = tell(tx, watch_id, begun, due_rungs(begun, tx.now), around)
    look = next_look(told, (), tx.now)
    assert look is not None
    watches.add(tx, (watches.New(watch_id, about, told, look),))
    for letters in calls:
        outbox.promise_signal(tx, Signal(letters))


def share_place(
    tx: Tx, actor: Actor, *, latitude: float, longitude: float, at: datetime | None = None
) -> bool:
    """Seal where they are to those who would search; whether they know of a trip it is kept in.

    While help is on its way it is kept also after an arrival that somebody else may have pressed.
    """
    if actor.person_id is None:
        return False
    trip = trips.kept(tx, actor.person)
    if trip is None or (trip.over and not _in_danger(tx, actor.person)):
        return False
    trips.put_place(tx, trip, Place(latitude, longitude, _said(tx, at)))
    return not trip.over


def trip_of_alarm(tx: Tx, actor: Actor, *, watch_id: AlarmId) -> Underway | None:
    """What a responder needs when a trip went wrong. Only while its alarm rings; with a receipt."""
    ringing = alarm(tx, actor, watch_id=watch_id)
    person = ringing.about.person
    trip = None if person is None else trips.kept(tx, person)
    if trip is None or person is None:
        return None
    back_at = _back_at(tx, trip)
    try:
        found = trips.opened(tx, trip, actor.person, actor.key())
    except NotVisible:  # nobody with a key was here since they came to coordination
        return Underway(trip.id, back_at or tx.now, tx.pack.time_zone)
    audit.receipt(tx, actor, "trip.opened", subject=person)
    pass_on_trips(tx, actor)
    return Underway(trip.id, back_at or found.back_at, tx.pack.time_zone, found)


def postpone_trip(tx: Tx, actor: Actor) -> None:
    """Another answer is a sign of life too, yet not their return: it is asked again soon."""
    trip = trips.of(tx, actor.person)
    if trip is None:
        return
    standing = rhythms.get(tx, Subject(person=actor.person), trip.rhythm_id)
    if standing.status is not RhythmStatus.ACTIVE:
        _ask_at(tx, actor, trip, tx.now + ASK_AGAIN)


def _store(tx: Tx, actor: Actor, trip: Trip, opened: Opened, pair: KeyPair) -> None:
    """Sealed to whoever travels and to every coordinator but them; refused where there is none."""
    searchers = people.coordinators(tx, but={actor.person})
    if not searchers:
        raise NobodyToOpen
    readers = {one.id: public_key(one) for one in (people.member(tx, actor.person), *searchers)}
    trips.add(tx, trip, opened, pair.private, readers, opened.back_at + KEPT)


def _in_danger(tx: Tx, person: PersonId) -> bool:
    return bool({Cause.DANGER, None} & _causes(tx, Subject(person=person)))


def _is_searched(tx: Tx, trip: Trip) -> bool:
    """Whether an alarm rings and somebody who would search has a key to it."""
    if not _in_danger(tx, trip.person_id):
        return False
    searchers = {one.id for one in people.coordinators(tx, but={trip.person_id})}
    return bool(searchers & trips.readers_of(tx, trip))


def _causes(tx: Tx, about: Subject) -> set[Cause | None]:
    """Why we look at them; None stands for what cannot be read."""
    found = (one.watch for one in watches.of(tx, about))
    return {None if watch is None else watch.cause for watch in found}


def _mine(tx: Tx, actor: Actor, trip_id: TripId | None) -> Trip:
    require(actor, CheckinPermission.OWN_TRIP)
    trip = trips.of(tx, actor.person)
    if trip is None or trip_id not in {None, trip.id}:
        raise NotVisible
    return trip


def _may_call(tx: Tx, actor: Actor, trip_id: TripId | None) -> None:
    """Whoever is on a trip or was; nobody by the button of somebody else's."""
    require(actor, CheckinPermission.OWN_TRIP)
    owner = None if trip_id is None else trips.traveller(tx, trip_id)
    if owner not in {None, actor.person} or not (actor.active or trips.of(tx, actor.person)):
        raise NotVisible


def _said(tx: Tx, said_at: datetime | None) -> datetime:
    return tx.now if said_at is None else min(said_at, tx.now)


def _ask_at(tx: Tx, actor: Actor, trip: Trip, back_at: datetime) -> Underway:
    _end_question(tx, trip)
    usual = usual_of(tx, actor)
    rhythm_id = begin(tx, Subject(person=actor.person), once(usual), max(back_at, tx.now))
    trips.asks_by(tx, trip, rhythm_id, back_at + KEPT)
    forgetting.forget(tx, trip.rhythm_id)
    return Underway(trip.id, back_at, usual.zone)


def _end_question(tx: Tx, trip: Trip) -> None:
    """Its question is answered, or never asked."""
    about = Subject(person=trip.person_id)
    rhythm = rhythms.get(tx, about, trip.rhythm_id)
    if rhythm.status is RhythmStatus.ACTIVE:
        end(tx, rhythm)
    out = [one for one in prompts.hold_open(tx, about) if one.prompt.rhythm_id == trip.rhythm_id]
    prompts.close(tx, [one.prompt.id for one in out], PromptStatus.ANSWERED)
    for one in out:
        outbox.cancel(tx, one.letter_id)


def _back_at(tx: Tx, trip: Trip) -> datetime | None:
    """When they will be asked, or were."""
    about = Subject(person=trip.person_id)
    rhythm = rhythms.get(tx, about, trip.rhythm_id)
    if rhythm.next_at is not None:
        return rhythm.next_at
    out = prompts.open_for(tx, (trip.rhythm_id,)).get(trip.rhythm_id)
    return out.prompt.planned_at if out else None


def _sign_of_life(tx: Tx, actor: Actor) -> None:
    """Whoever knew of an alarm of silence about them hears that it is over."""
    about = Subject(person=actor.person)
    around = _around(tx, about)
    silenced = signs_of_life(tx, about, around)
    over = news(silenced.knew, silenced.say, around)
    outbox.promise_signal(tx, Signal(over))


def _around(tx: Tx, about: Subject) -> Around:
    return roster(tx).around(about, find(tx, (about,)).get(about))
