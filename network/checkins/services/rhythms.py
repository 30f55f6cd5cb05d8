"""When somebody is asked: a family by whoever looks after it, a member by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol

from config.areas import NoSuchArea
from network import outbox
from network.cases.domain import Case
from network.cases.services.circles import companion
from network.checkins.domain.posts import is_out
from network.checkins.domain.prompts import CLIMBING, Prompt, PromptStatus
from network.checkins.domain.rhythms import (
    EVERY_DAY,
    FARTHEST,
    LONGEST_PAUSE,
    Plan,
    RhythmStatus,
    moved,
    next_time,
    patience,
)
from network.checkins.domain.subjects import Subject
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.alarms import Alarm, alarms_of
from network.checkins.services.asking import fates
from network.checkins.store import prompts, rhythms, trips
from network.checkins.store.rhythms import Rhythm
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import BadInput, NotVisible, WrongMoment
from network.kernel.ids import CaseId, PersonId, RhythmId, new_id
from network.outbox.domain import Delivery
from network.people import services as people

SHOWN = 40  # questions on a page
A_WEEK = timedelta(days=7)  # how long a pause is that names no day: nobody is forgotten in one
AT_ONCE = 200


class Turn(Protocol):
    """A verb that turns one rhythm: resume, skip, end."""

    __name__: str

    def __call__(
        self, tx: Tx, actor: Actor, *, case_id: CaseId | None = None, rhythm_id: RhythmId
    ) -> None:
        """Turn it."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as its page shows it, with what became of its last letter."""

    prompt: Prompt
    delivery: Delivery | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The check-ins of one case, or of the member who reads (`case` is None then)."""

    case: Case | None
    rhythms: tuple[Rhythm, ...]
    asked: tuple[Asked, ...]
    alarms: tuple[Alarm, ...]
    usual: Plan
    zones: tuple[str, ...]


def set_rhythm(  # noqa: PLR0913  # a rhythm has this many parts
    tx: Tx,
    actor: Actor,
    *,
    case_id: CaseId | None = None,
    every: timedelta | None = None,
    begins: time | None = None,
    ends: time | None = None,
    times: Sequence[time] = (),
    days: frozenset[int] = EVERY_DAY,
    night: timedelta | None = None,
    last: date | None = None,
    zone: str | None = None,
) -> RhythmId:
    """Ask every so often in waking hours, or at these times, and no longer as before."""
    about, usual = _whose(tx, actor, case_id)
    often = None if times else every or usual.every
    reminder, grace = patience(often, usual.reminder, usual.grace)
    plan = Plan(
        every=often,
        begins=begins or usual.begins,
        ends=ends or usual.ends,
        zone=zone or usual.zone,
        reminder=reminder,
        grace=grace,
        times=tuple(times),
        days=days,
        night=night,
        last=last,
    )
    first = next_time(plan, tx.now)
    if first is None:
        raise BadInput("last", "out_of_range")
    standing = [one for one in rhythms.of(tx, about) if one.plan is None or one.plan.repeats]
    travels = trips.rhythms_of(tx, [one.id for one in standing])
    for before in standing:
        if before.id not in travels:  # one that cannot be read may be a trip's
            end(tx, before)
    return begin(tx, about, plan, first)


def ask_once(tx: Tx, actor: Actor, *, case_id: CaseId, at: datetime | None = None) -> RhythmId:
    """Ask a family one time: now, or at a moment within two months."""
    about, usual = _whose(tx, actor, case_id)
    when = at or tx.now
    if not tx.now - timedelta(minutes=1) <= when <= tx.now + FARTHEST:
        raise BadInput("at", "out_of_range")
    return begin(tx, about, once(usual), when)


def pause(
    tx: Tx,
    actor: Actor,
    *,
    case_id: CaseId | None = None,
    rhythm_id: RhythmId,
    until: datetime | None = None,
) -> None:
    """Ask nothing until then, or for a week. What was asked already keeps its time; what is not out
    yet is not asked.

    A pause beyond the last day would end the rhythm without a word: it is refused.
    """
    rhythm = _rhythm(tx, actor, case_id, rhythm_id)
    until = until or tx.now + A_WEEK
    if not tx.now < until <= tx.now + LONGEST_PAUSE:
        raise BadInput("until", "out_of_range")
    plan = _plan(rhythm, RhythmStatus.ACTIVE, RhythmStatus.PAUSED)
    quiet = replace(plan, quiet_until=until)
    next_at = next_time(quiet, tx.now) if plan.repeats else until
    if next_at is None:
        raise BadInput("until", "past_last")
    rhythms.replan(tx, rhythm, quiet, next_at)
    _take_back(tx, rhythm)


def resume(tx: Tx, actor: Actor, *, case_id: CaseId | None = None, rhythm_id: RhythmId) -> None:
    """Ask again, from the next hour of the rhythm on; a single question is asked now."""
    rhythm = _rhythm(tx, actor, case_id, rhythm_id)
    plan = rhythm.plan
    if plan is None or plan.quiet_until is None or rhythm.status is not RhythmStatus.ACTIVE:
        moved(rhythm.status, RhythmStatus.ACTIVE)
    if plan is None:
        raise BadInput("rhythm", "unreadable")
    plan = replace(plan, quiet_until=None)
    rhythms.replan(tx, rhythm, plan, next_time(plan, tx.now) if plan.repeats else tx.now)


def skip(
    tx: Tx,
    actor: Actor,
    *,
    case_id: CaseId | None = None,
    rhythm_id: RhythmId,
    shown: datetime | None = None,
) -> None:
    """Leave out the next question, and ask the one after it; refused where there is none.

    `shown` is the one they saw: pressed twice, no other is left out.
    """
    rhythm = _rhythm(tx, actor, case_id, rhythm_id)
    plan = _plan(rhythm, RhythmStatus.ACTIVE)
    if rhythm.next_at is None or not plan.repeats:
        raise WrongMoment
    if shown is not None and rhythm.next_at > shown + timedelta(seconds=1):
        return
    next_at = next_time(plan, max(rhythm.next_at, tx.now))
    if next_at is None:
        raise BadInput("form", "last_one")
    rhythms.replan(tx, rhythm, plan, next_at)


def end_rhythm(tx: Tx, actor: Actor, *, case_id: CaseId | None = None, rhythm_id: RhythmId) -> None:
    """Ask no more, and expect no answer to what was asked. An alarm that rings goes on."""
    rhythm = _rhythm(tx, actor, case_id, rhythm_id)
    moved(rhythm.status, RhythmStatus.ENDED)
    end(tx, rhythm)


def end_pauses(tx: Tx, actor: Actor) -> int:
    """A pause of before that names no day ends in a week, as it would now; says how many."""
    require(actor, CheckinPermission.LOOK_AFTER_ALL)
    paused = rhythms.claim_paused(tx, AT_ONCE)
    for rhythm in paused:
        if rhythm.plan is None:
            rhythms.move(tx, rhythm, RhythmStatus.SET_ASIDE, None)
            continue
        quiet = replace(rhythm.plan, quiet_until=tx.now + A_WEEK)
        next_at = next_time(quiet, tx.now) if quiet.repeats else quiet.quiet_until
        rhythms.replan(tx, rhythm, quiet, next_at)
    return len(paused)


def overview(tx: Tx, actor: Actor, *, case_id: CaseId) -> Overview:
    """Everything about the check-ins of one case, for whoever looks after it."""
    case = companion(tx, actor, case_id=case_id)
    return _overview(tx, actor, Subject(case=case_id), case, _of_case(tx, case))


def my_checkins(tx: Tx, actor: Actor) -> Overview:
    """A member's own check-ins. Their own alarms they do not see: others look after those."""
    require(actor, CheckinPermission.OWN_CHECKINS)
    return _overview(tx, actor, Subject(person=actor.person), None, _of_member(tx, actor.person_id))


def once(usual: Plan) -> Plan:
    """The plan of a single question with the usual patience."""
    return Plan(None, usual.begins, usual.ends, usual.zone, usual.reminder, usual.grace)


def begin(tx: Tx, about: Subject, plan: Plan, next_at: datetime) -> RhythmId:
    """A rhythm from now on."""
    rhythm_id = RhythmId(new_id())
    rhythms.add(tx, Rhythm(rhythm_id, about, RhythmStatus.ACTIVE, plan, next_at))
    return rhythm_id


def end(tx: Tx, rhythm: Rhythm) -> None:
    """No more of it, and what it asked expects no answer; an alarm that rings goes on."""
    rhythms.move(tx, rhythm, RhythmStatus.ENDED, None)
    waiting = [
        kept
        for kept in prompts.hold_open(tx, rhythm.about)
        if kept.prompt.rhythm_id == rhythm.id and kept.prompt.status not in CLIMBING
    ]
    prompts.close(tx, [kept.prompt.id for kept in waiting], PromptStatus.CANCELLED)
    for kept in waiting:
        outbox.cancel(tx, kept.letter_id)


def _take_back(tx: Tx, rhythm: Rhythm) -> None:
    """What it asks and what is not out."""
    kept = [one for one in prompts.hold_open(tx, rhythm.about) if one.prompt.rhythm_id == rhythm.id]
    known = fates(tx, kept) if kept else {}
    inside = [one for one in kept if not is_out(one.prompt, known[one.letter_id])]
    prompts.close(tx, [one.prompt.id for one in inside], PromptStatus.CANCELLED)
    for one in inside:
        outbox.cancel(tx, one.letter_id)


def zone_of(tx: Tx, actor: Actor) -> str:
    """The clock of the member who asks."""
    require(actor, CheckinPermission.OWN_CHECKINS)
    return usual_of(tx, actor).zone


def usual_of(tx: Tx, actor: Actor) -> Plan:
    """The habits of the member who asks: their rhythm's clock, or the country's."""
    return _of_member(tx, actor.person_id)


def _overview(tx: Tx, actor: Actor, about: Subject, case: Case | None, usual: Plan) -> Overview:
    kept = prompts.latest_of(tx, about, SHOWN)
    found = outbox.deliveries(tx, [one.letter_id for one in kept])
    standing = rhythms.of(tx, about)
    travels = trips.rhythms_of(tx, [one.id for one in standing])
    return Overview(
        case,
        tuple(one for one in standing if one.id not in travels),
        tuple(Asked(one.prompt, found.get(one.letter_id)) for one in kept),
        alarms_of(tx, actor, about),
        usual,
        tuple(sorted({usual.zone, *(each.time_zone for each in tx.pack.areas.municipalities)})),
    )


def _whose(tx: Tx, actor: Actor, case_id: CaseId | None) -> tuple[Subject, Plan]:
    """Who is asked, and their usual plan: the family of the case, or whoever sets it."""
    if case_id is None:
        require(actor, CheckinPermission.OWN_CHECKINS)
        return Subject(person=actor.person), _of_member(tx, actor.person_id)
    return Subject(case=case_id), _of_case(tx, companion(tx, actor, case_id=case_id))


def _rhythm(tx: Tx, actor: Actor, case_id: CaseId | None, rhythm_id: RhythmId) -> Rhythm:
    """A rhythm that is the actor's to turn. A trip's question is turned by the trip alone."""
    about, _usual = _whose(tx, actor, case_id)
    if trips.rhythms_of(tx, (rhythm_id,)):
        raise NotVisible
    return rhythms.get(tx, about, rhythm_id)


def _plan(rhythm: Rhythm, *standing: RhythmStatus) -> Plan:
    if rhythm.status not in standing:
        raise WrongMoment
    if rhythm.plan is None:
        raise BadInput("rhythm", "unreadable")
    return rhythm.plan


def _of_case(tx: Tx, case: Case) -> Plan:
    """The country's habits, by the clock of the place where this family is."""
    return _country(tx, case.card.time_zone or tx.pack.time_zone)


def _of_member(tx: Tx, person: PersonId | None) -> Plan:
    """The same by the clock a member chose last, or else that of the state they named."""
    assert person is not None
    chosen = [one.plan.zone for one in rhythms.of(tx, Subject(person=person)) if one.plan]
    return _country(tx, chosen[0] if chosen else _clock_of(tx, person))


def _clock_of(tx: Tx, person: PersonId) -> str:
    zone = people.member(tx, person).profile.zone
    try:
        return tx.pack.areas.zone_of(zone) if zone else tx.pack.time_zone
    except NoSuchArea:
        return tx.pack.time_zone


def _country(tx: Tx, zone: str) -> Plan:
    habits, waking = tx.pack.check_ins, tx.pack.waking
    return Plan(habits.every, waking.begins, waking.ends, zone, habits.reminder, habits.grace)
