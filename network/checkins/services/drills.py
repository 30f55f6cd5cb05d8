"""Drills: started from the desk, marked as such from the first letter, drawn over months."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from network import outbox
from network.checkins.domain.drills import (
    Drill,
    DrillOpen,
    NobodyToTell,
    RealAlarm,
    Rehearsed,
    ended,
    is_spent,
    looked,
    next_step,
    rehearsal,
    rungs_of,
    taken,
)
from network.checkins.domain.watches import Whom, due_rungs
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.telling import (
    Around,
    country_ladder,
    reach,
    roster,
    sent,
    those_told,
)
from network.checkins.store import drills, endings, forgetting, outcomes, watches
from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NotVisible
from network.kernel.ids import DrillId, PersonId, new_id
from network.kernel.words import N_
from network.outbox.domain import NOBODY, Button, Letter, Priority
from network.people import services as people
from network.people.domain import Member

DRILL = N_("Drill: this is practice, nobody is in danger. Press the button as you would for real.")
DRILL_ELSEWHERE = N_(
    "Drill: this is practice, nobody is in danger. Open Hilo and take it as you would for real."
)
I_TAKE_IT = N_("I take it")
# A real alarm may have called them meanwhile: nothing here may sound as if that were over too.
TAKEN = N_(
    "Drill over: somebody took it after %(minutes)s minutes. Thank you."
    " If another message calls you, that one is real."
)
OFF = N_("Drill over. Thank you. If another message calls you, that one is real.")
BUTTON = "drill:"  # how the data of its button begins
MOST_CALLED = 200
AT_ONCE = 10
DRAWN = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class DrillsPage:
    """The drills of a year, newest first, who may stand in, and what everybody is called."""

    drills: tuple[Drill, ...]
    activists: tuple[Member, ...]
    names: dict[PersonId, str]
    real_alarm: bool


def start_drill(
    tx: Tx,
    actor: Actor,
    *,
    ladder: Rehearsed,
    rungs: Iterable[Whom],
    stand_in: PersonId | None = None,
) -> Drill:
    """Rehearse these rungs of a ladder of the country. Not while a real alarm has nobody."""
    require(actor, CheckinPermission.SEE_DESK)
    if real_alarm(tx, but=actor.person):
        raise RealAlarm
    if drills.is_open(tx):
        raise DrillOpen
    whole = tx.pack.alarms.ladder if ladder is Rehearsed.ALARMS else tx.pack.ladder
    chosen = rungs_of(country_ladder(whole), rungs, stand_in)
    drill = Drill(
        DrillId(new_id()), tx.now, ladder, actor.person, stand_in, rehearsal(chosen, tx.now)
    )
    around = _around(tx, drill)
    if stand_in is not None and around.accompanier is None:
        raise BadInput("stand_in", "not_one")
    if not any(around.places(member) for rung in chosen for member in around.named(rung.tell)):
        raise NobodyToTell
    drill = _told(tx, drill, due_rungs(drill.watch, tx.now), around)
    drills.add(tx, drill, next_step(drill, tx.now))
    return drill


def take_drill(tx: Tx, actor: Actor, *, drill_id: DrillId) -> int:
    """«I take it»: the drill is over, and its time is kept. Of two at once, one took it.

    Says how many minutes that was after its first letter.
    """
    require(actor, CheckinPermission.SEE_ALARMS)
    drill = drills.hold(tx, drill_id)
    if actor.role is not Role.COORDINATOR and actor.person_id != drill.stand_in:
        raise NotVisible
    over = taken(drill, actor.person, tx.now)
    drills.save(tx, over, None)
    minutes = round((over.took or timedelta(0)).total_seconds() / 60)
    _spread(tx, actor, drill, TAKEN, {"minutes": str(minutes)})
    return minutes


def call_off_drill(tx: Tx, actor: Actor, *, drill_id: DrillId) -> None:
    """End a drill that nobody took."""
    require(actor, CheckinPermission.SEE_DESK)
    drill = drills.hold(tx, drill_id)
    drills.save(tx, ended(drill, tx.now), None)
    _spread(tx, actor, drill, OFF, {})


def drills_page(tx: Tx, actor: Actor) -> DrillsPage:
    """The drills of a year, for whoever coordinates."""
    require(actor, CheckinPermission.SEE_DESK)
    found = drills.since(tx, tx.now - DRAWN)
    involved = {one.started_by for one in found}
    involved |= {one.watch.owner for one in found if one.watch.owner is not None}
    named = people.members_named(tx, involved)
    free = sorted(people.activists(tx), key=lambda one: one.alias.casefold())
    return DrillsPage(
        found,
        tuple(free),
        {each: one.alias for each, one in named.items()},
        real_alarm(tx, but=actor.person),
    )


def rehearse(tx: Tx, actor: Actor) -> int:
    """The clock's knock for drills. A real alarm that nobody has goes first: it calls them off."""
    require(actor, CheckinPermission.LOOK_AFTER_ALL)
    due = drills.claim(tx, AT_ONCE)
    if not due:
        return 0
    real = real_alarm(tx)
    for drill, planned in due:
        if real:
            drills.save(tx, ended(drill, tx.now), None)
            _spread(tx, actor, drill, OFF, {})
            continue
        seen, rungs = looked(drill, planned, tx.now)
        if rungs:
            seen = _told(tx, seen, rungs, _around(tx, seen))
        elif is_spent(seen, tx.now):
            seen = ended(seen, tx.now)
        drills.save(tx, seen, next_step(seen, tx.now))
    return len(due)


def sweep(tx: Tx, actor: Actor) -> int:
    """The clock forgets drills that are not drawn any more, how old alarms ended, and what members
    were asked so long ago; says how many questions and rhythms.
    """
    require(actor, CheckinPermission.LOOK_AFTER_ALL)
    drills.sweep(tx)
    outcomes.sweep(tx)
    endings.sweep(tx, outcomes.KEPT)
    return forgetting.sweep(tx)


def real_alarm(tx: Tx, but: PersonId | None = None) -> bool:
    """Whether a real alarm rings and nobody has it; of one about themselves nobody learns here."""
    return any(
        one.watch is None or not one.watch.has_owner(tx.now)
        for one in watches.ringing(tx)
        if one.about.person is None or one.about.person != but
    )


def _told(tx: Tx, drill: Drill, rungs: tuple[int, ...], around: Around) -> Drill:
    """Letters of their own, behind every alarm and every answer; each reader has one of a rung."""
    watch, members = reach(drill.watch, rungs, around, MOST_CALLED, tx.now)
    for member in members:
        once = f"drill:{drill.id}:{watch.rung}:{member.id}"
        for letter in sent(member, _letter(drill, member), around.ways):
            outbox.promise(tx, replace(letter, once=f"{once}:{letter.by or ''}"))
    return replace(drill, watch=watch)


def _letter(drill: Drill, member: Member) -> Letter:
    """By another way than the chat there is no button to press."""
    chat = member.profile.chat
    return Letter(
        to=NOBODY if chat is None else chat,
        language=member.profile.language,
        say=DRILL_ELSEWHERE if chat is None else DRILL,
        buttons=() if chat is None else ((Button(I_TAKE_IT, f"{BUTTON}{drill.id.hex}"),),),
        priority=Priority.CHECKIN,
    )


def _spread(tx: Tx, actor: Actor, drill: Drill, sentence: str, params: dict[str, str]) -> None:
    around = _around(tx, drill)
    for one in those_told(drill.watch, around):
        if one.id == actor.person_id:
            continue
        chat = one.profile.chat
        over = Letter(
            to=NOBODY if chat is None else chat,
            language=one.profile.language,
            say=sentence,
            params=params,
            priority=Priority.NOTICE,
        )
        for letter in sent(one, over, around.ways):
            outbox.promise(tx, letter)


def _around(tx: Tx, drill: Drill) -> Around:
    everyone = roster(tx)
    named = people.members_named(tx, {drill.stand_in} if drill.stand_in is not None else set())
    stands_in = next((one for one in named.values() if one.active), None)
    return Around("", stands_in, everyone.duty, everyone.coordinators, everyone.ways)
