"""One page's worth of facts: is anybody falling through?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.areas import NoSuchArea
from network import heartbeats, inbox, outbox
from network.cases import services as cases
from network.checkins.domain.fatigue import Gentler, Weariness, proposal, weariness
from network.checkins.domain.silence import Fell, findings
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import SILENT
from network.checkins.policy import CheckinPermission, require
from network.checkins.services.alarms import Alarm, Late, alarms, late
from network.checkins.services.memberplans import plans_lack_keys
from network.checkins.services.somebody import find
from network.checkins.services.tripkeys import some_lack_keys
from network.checkins.store import outcomes, prompts, rhythms
from network.db import Tx
from network.delivery import services as delivery
from network.heartbeats import Pulse
from network.kernel.actor import Actor
from network.kernel.ids import CaseId
from network.people import services as people
from network.people.services import MemberCard
from network.proposals import services as proposals

MOST_WEARY = 20  # shown at once; the next ones follow when these are asked more gently


@dataclass(frozen=True, slots=True)
class Machine:
    """How we ourselves are."""

    pulses: tuple[Pulse, ...]
    letters_waiting: int
    letters_refused: int
    arrivals_waiting: int
    arrivals_set_aside: int
    rhythms_set_aside: int
    channels_failing: int
    is_cut_off: bool  # whether nothing has got through to Telegram for minutes


@dataclass(frozen=True, slots=True)
class Dark:
    """So many people of one zone silent at once: perhaps its power or network is out."""

    zone: str
    references: tuple[str, ...]
    since: datetime
    unowned: int


@dataclass(frozen=True, slots=True)
class Weary:
    """Somebody whose alarms nobody needed, and how they could be asked more gently."""

    about: Subject
    reference: str
    tired: Weariness
    every: timedelta | None
    gentler: Gentler


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What coordination looks at first."""

    cases: cases.Desk
    alarms: tuple[Alarm, ...]
    findings: tuple[Dark, ...]
    late: tuple[Late, ...]  # the newest, where there are very many
    late_in_all: int
    weary: tuple[Weary, ...]
    applicants: tuple[MemberCard, ...]
    decisions: int  # that wait for the reader
    on_duty: bool  # the reader
    nobody_on_duty: bool
    machine: Machine
    trips_lack_keys: bool  # of somebody who came since they began, and the reader can pass them on
    plans_lack_keys: bool  # members' own, likewise

    @property
    def open_to_me(self) -> frozenset[CaseId]:
        """The cases whose room the reader can enter."""
        waiting = (each.case for each in self.cases.requests)
        offered = (each.case for each in self.cases.offered)
        return frozenset(
            each.id for each in (*waiting, *offered, *self.cases.mine, *self.cases.others)
        )

    @property
    def somebody_is_falling(self) -> bool:
        """Whether there is anything here that somebody must do now."""
        unowned = any(each.owner is None for each in self.alarms)
        return bool(unowned or self.late or self.cases.requests or self.machine.is_cut_off)


def desk(tx: Tx, actor: Actor) -> DeskPage:
    """Requests, offers, late questions, alarms and the machine, as they are this moment."""
    require(actor, CheckinPermission.SEE_DESK)
    everybody = people.people(tx, actor)
    ringing = alarms(tx, actor)
    return DeskPage(
        cases.desk(tx, actor),
        ringing,
        _dark(tx, ringing),
        late(tx, actor),
        prompts.count_climbing(tx, but=actor.person_id),
        _weary(tx, actor),
        everybody.waiting,
        proposals.count_waiting(tx, actor),
        everybody.on_duty,
        everybody.nobody_on_duty,
        machine(tx, actor),
        some_lack_keys(tx, actor),
        plans_lack_keys(tx, actor),
    )


def _dark(tx: Tx, ringing: Sequence[Alarm]) -> tuple[Dark, ...]:
    rules = tx.pack.silence
    silent = {one.about: one for one in ringing if one.cause in SILENT and one.since is not None}
    fell = [Fell(one.about, one.zone, one.since or tx.now) for one in silent.values()]
    return tuple(
        Dark(
            zone_name(tx, one.zone),
            tuple(silent[each].reference for each in one.who),
            one.since,
            sum(silent[each].owner is None for each in one.who),
        )
        for one in findings(fell, window=rules.window, people=rules.people)
    )


def _weary(tx: Tx, actor: Actor) -> tuple[Weary, ...]:
    """Those whose alarms nobody needed, while they are still asked by the clock; of alarms about
    themselves nobody learns.
    """
    rules = tx.pack.fatigue
    ended = outcomes.everybodys(tx, (tx.now - rules.window).date())
    ended.pop(Subject(person=actor.person), None)
    tired = {about: weariness(some) for about, some in ended.items()}
    tired = {about: some for about, some in tired.items() if some.unneeded >= rules.alarms}
    most = sorted(tired, key=lambda one: -tired[one].unneeded)[:MOST_WEARY]
    known = find(tx, most)
    found = []
    for about in most:
        some = tired[about]
        somebody = known.get(about)
        if somebody is None or somebody.over:
            continue
        gentler = gentler_for(tx, about, some)
        if gentler is not None:
            every, proposed = gentler
            found.append(Weary(about, somebody.reference, some, every, proposed))
    return tuple(found)


def gentler_for(
    tx: Tx, about: Subject, tired: Weariness
) -> tuple[timedelta | None, Gentler] | None:
    """How often somebody is asked now, and what to propose; None where there is nothing to."""
    asking = [one.plan for one in rhythms.of(tx, about) if one.plan is not None]
    plan = next((each for each in asking if each.every is not None), None)
    if plan is None:
        return None
    found = proposal(tired, plan.every, plan.grace, most_unneeded=tx.pack.fatigue.alarms)
    return None if found is None else (plan.every, found)


def zone_name(tx: Tx, code: str) -> str:
    """What a zone is called; a code the pack does not know stands for itself."""
    try:
        return tx.pack.areas.get(code).name
    except NoSuchArea:
        return code


def machine(tx: Tx, actor: Actor) -> Machine:
    """Heartbeats, what waits in the inbox and the outbox, and what had to be set aside."""
    return Machine(
        heartbeats.pulses(tx, actor),
        *outbox.backlog(tx),
        *inbox.backlog(tx),
        rhythms.set_aside(tx),
        delivery.failing_channels(tx),
        heartbeats.road_is_silent(tx),
    )
