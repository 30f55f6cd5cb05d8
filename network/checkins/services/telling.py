"""Whom a rung tells, and with which words: a reference, a button, no detail."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from config.country import Ladder as CountryLadder
from network.cases.services.offers import read_ladders
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import Ladder, Rung, Watch, Whom, climbed
from network.checkins.services.somebody import Somebody
from network.db import Tx
from network.kernel.ids import AlarmId
from network.kernel.words import N_
from network.outbox.domain import Button, Letter, Priority
from network.outbox.letters import write
from network.outbox.store import SIGNAL_BYTES
from network.people import services as people
from network.people.domain import Member

ALARM = N_("%(reference)s needs somebody now. Open Hilo before you call or write to anybody.")
I_TAKE_IT = N_("I take it")
OVER = N_("%(reference)s answered. That alarm is over.")
SOMEBODY_HAS_IT = N_("%(reference)s: somebody has it now.")
RESOLVED = N_("%(reference)s: it is resolved. Nothing more to do.")
WELL = N_("%(reference)s answered: all is well.")
TALK = N_("%(reference)s wants to talk. Open Hilo to answer.")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Around:
    """Everybody a rung may name, for one family or member."""

    reference: str
    accompanier: Member | None
    duty: tuple[Member, ...]
    coordinators: tuple[Member, ...]

    def named(self, whom: Whom) -> tuple[Member, ...]:
        """The members a rung tells, in one order for every look."""
        match whom:
            case Whom.ACCOMPANIER:
                return (self.accompanier,) if self.accompanier else ()
            case Whom.DUTY:
                return self.duty
            case Whom.COORDINATORS:
                return self.coordinators


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is on duty and who coordinates, read once for a whole batch."""

    duty: tuple[Member, ...]
    coordinators: tuple[Member, ...]

    def around(self, about: Subject, found: Somebody | None) -> Around:
        """Everybody around somebody; nobody is told of their own silence.

        Where their card cannot be read, coordination is still told.
        """
        duty = tuple(one for one in self.duty if one.id != about.person)
        coordinators = tuple(one for one in self.coordinators if one.id != about.person)
        if found is None:
            return Around(str(about.id)[:8], None, duty, coordinators)
        return Around(found.reference, found.accompanier, duty, coordinators)


def roster(tx: Tx) -> Roster:
    """Who is on duty and who coordinates now, in one read; without duty, everybody has it."""
    everyone = people.coordinators(tx)
    return Roster(tuple(each for each in everyone if each.on_duty) or everyone, everyone)


def tell(
    tx: Tx,
    watch_id: AlarmId,
    watch: Watch,
    rungs: Sequence[int],
    around: Around,
    room: int = SIGNAL_BYTES,
) -> tuple[Watch, tuple[Letter, ...]]:
    """The letters of these rungs, and the watch that knows they are told.

    A rung that reaches nobody is no rung: the next one is told in its place. Where the envelope has
    no room for all, the rest of the rung is told at the next look.
    """
    if not rungs:
        return watch, ()
    letters: list[Letter] = []
    told: set[str] = set()
    number, last = rungs[0], rungs[-1]
    while True:
        partly = set(watch.told) if number == rungs[0] else set()
        for member in around.named(watch.whom(number)):
            mark = member.id.hex[:8]
            if mark in partly or mark in told or member.profile.chat is None:
                continue
            letter = _alarm(watch_id, around.reference, member)
            room -= weight(letter)
            if room < 0:
                return climbed(watch, number, tuple(sorted(partly)), tx.now), tuple(letters)
            letters.append(letter)
            partly.add(mark)
        told |= partly
        number += 1
        if number > last and (letters or number >= len(watch.ladder)):
            return climbed(watch, number, (), tx.now), tuple(letters)


def weight(letter: Letter) -> int:
    """How many bytes of an envelope a letter takes."""
    return len(write((letter,)).reveal().encode())


def news(members: Sequence[Member], say: str, around: Around) -> tuple[Letter, ...]:
    """A sentence with the reference, for whoever of these has a chat."""
    return people.letters_to(
        members, say, params={"reference": around.reference}, priority=Priority.NOTICE
    )


def those_told(watch: Watch, around: Around) -> tuple[Member, ...]:
    """Whoever has it, or else whoever of these knows of the alarm, once each."""
    found: dict[object, Member] = {}
    for number in range(min(watch.rung, len(watch.ladder))):
        found.update({member.id: member for member in around.named(watch.whom(number))})
    return tuple(found.values())


def country_ladder(rungs: CountryLadder) -> Ladder:
    """The pack's rungs in this room's words."""
    return tuple(Rung(rung.after, Whom(rung.tell.value)) for rung in rungs)


def ladder_of(tx: Tx, found: Somebody | None) -> Ladder:
    """The ladder copied into the case when somebody accepted it; else the country's."""
    if found is None or not found.ladder:
        return country_ladder(tx.pack.ladder)
    try:
        copied = read_ladders(found.ladder)
    except (ValueError, KeyError, TypeError):
        log.exception("the ladder of %s cannot be read", found.about.id)
        copied = None
    return country_ladder(copied[0] if copied else tx.pack.ladder)


def _alarm(watch_id: AlarmId, reference: str, member: Member) -> Letter:
    assert member.profile.chat is not None
    return Letter(
        to=member.profile.chat,
        language=member.profile.language,
        say=ALARM,
        params={"reference": reference},
        buttons=((Button(I_TAKE_IT, f"own:{watch_id.hex}"),),),
        priority=Priority.ALARM,
    )
