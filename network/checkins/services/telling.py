"""Whom a rung tells, and with which words: a reference, a button, no detail."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from config.country import Ladder as CountryLadder
from network import outbox
from network.cases.services.offers import read_ladders
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import (
    Ladder,
    Rung,
    Watch,
    Whom,
    climbed,
)
from network.checkins.services.somebody import Somebody
from network.db import Tx
from network.delivery import services as delivery
from network.kernel.ids import AlarmId, ChannelId, LetterId, PersonId, new_id
from network.kernel.words import N_
from network.outbox.domain import NOBODY, Button, Letter, Priority
from network.outbox.letters import write
from network.outbox.repairs import ABOUT
from network.outbox.store import SIGNAL_BYTES
from network.people import services as people
from network.people.domain import Member, Profile

ALARM = N_("%(reference)s needs somebody now. Open Hilo before you call or write to anybody.")
I_TAKE_IT = N_("I take it")
UNREADABLE = N_("%(reference)s: an alarm cannot be read. Open the desk and find out who it is.")
OVER = N_("%(reference)s answered. That alarm is over.")
SOMEBODY_HAS_IT = N_("%(reference)s: somebody has it now.")
RESOLVED = N_("%(reference)s: it is resolved. Nothing more to do.")
ONE_IS_OVER = N_("%(reference)s: one alarm is over, and another one goes on. Open Hilo.")
WELL = N_("%(reference)s answered «I am well».")
TALK = N_("%(reference)s wants to talk. Open Hilo to answer.")

OWN = "own:"  # how the data of a button that takes an alarm begins
MORE = "more"  # how many a letter calls for that it gives no button
MOST_ESCAPED = 12  # bytes of one letter as JSON writes it
SLACK = 16  # one more digit in a chat's number, and the comma between two letters
SOMEBODY = Profile("", "", "es", 10**13)  # nobody's chat is longer
MOST_ENVELOPES = 4  # of one word
BY_CHANNEL = 2  # a call that names its channel takes the room of two at most
Ways = Mapping[PersonId, tuple[ChannelId, ...]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Around:
    """Everybody a rung may name, for one family or member; `ways` reach those without a chat."""

    reference: str
    accompanier: Member | None
    duty: tuple[Member, ...]
    coordinators: tuple[Member, ...]
    ways: Ways = field(default_factory=dict)

    def named(self, whom: Whom) -> tuple[Member, ...]:
        """The members a rung tells, in the order of their ids, the same for every look."""
        match whom:
            case Whom.ACCOMPANIER:
                return (self.accompanier,) if self.accompanier else ()
            case Whom.DUTY:
                return self.duty
            case Whom.COORDINATORS:
                return self.coordinators

    def places(self, member: Member) -> int:
        """How many calls there has to be room for to reach a member; 0 where no way leads there."""
        if member.profile.chat is not None:
            return 1
        return BY_CHANNEL * len(self.ways.get(member.id, ()))


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is on duty and who coordinates, read once for a whole batch."""

    duty: tuple[Member, ...]
    coordinators: tuple[Member, ...]
    ways: Ways = field(default_factory=dict)

    def around(self, about: Subject, found: Somebody | None) -> Around:
        """Everybody around somebody; nobody is told of their own silence.

        Where their card cannot be read, coordination is still told.
        """
        duty = tuple(one for one in self.duty if one.id != about.person)
        coordinators = tuple(one for one in self.coordinators if one.id != about.person)
        if found is None:
            return Around(nameless(about), None, duty, coordinators, self.ways)
        return Around(found.reference, found.accompanier, duty, coordinators, self.ways)


def nameless(about: Subject) -> str:
    """How somebody is called whose card cannot be read."""
    return str(about.id)[:8]


def roster(tx: Tx) -> Roster:
    """Who is on duty and who coordinates now, in one read; without duty, everybody has it."""
    everyone = tuple(sorted(people.coordinators(tx), key=lambda each: each.id.hex))
    silent = [each for each in everyone if each.profile.chat is None]
    ways = delivery.ways_to(tx, silent) if silent else {}
    return Roster(tuple(each for each in everyone if each.on_duty) or everyone, everyone, ways)


def reach(
    watch: Watch, rungs: Sequence[int], around: Around, most: int, now: datetime
) -> tuple[Watch, tuple[Member, ...]]:
    """The members these rungs tell, with room for `most` calls, and the watch that knows of them.

    A rung that reaches nobody is no rung: the next one is told in its place. Where not all find
    room, the rest of the rung is told at the next look.
    """
    if not rungs:
        return watch, ()
    found: dict[PersonId, Member] = {}
    number, last, left = rungs[0], rungs[-1], most
    while True:
        after = watch.told if number == rungs[0] else None
        for member in around.named(watch.whom(number)):
            if after is not None and member.id.hex <= after.hex:
                continue
            takes = around.places(member)
            if takes and member.id not in found:
                if takes > left:
                    return _climbed(watch, number, after, found, now), tuple(found.values())
                found[member.id] = member
                left -= takes
            after = member.id
        number += 1
        if number > last and (found or number >= len(watch.ladder)):
            return _climbed(watch, number, None, found, now), tuple(found.values())


def _climbed(
    watch: Watch, rung: int, told: PersonId | None, found: Collection[PersonId], now: datetime
) -> Watch:
    """«Letters went out» is said only where somebody is written to."""
    higher = climbed(watch, rung, told, now)
    return higher if found else replace(higher, history=watch.history)


def tell(  # whom, of what, and in how much room
    tx: Tx,
    watch_id: AlarmId,
    watch: Watch,
    rungs: Sequence[int],
    around: Around,
    room: int = SIGNAL_BYTES,
) -> tuple[Watch, tuple[tuple[Letter, ...], ...]]:
    """The letters of these rungs, envelope by envelope; the first has this much room.

    How many envelopes there are depends on who coordinates and on nothing else: a calm word sends
    as many, with nothing in them.
    """
    each = room_of_a_call(watch_id, around)
    found: list[tuple[Letter, ...]] = []
    begun, left = watch, tuple(rungs)
    for number in range(_envelopes(around, room // each, SIGNAL_BYTES // each)):
        most = (SIGNAL_BYTES if number else room) // each
        lines = begun.history if number else None  # one line, however many envelopes it takes
        begun, members = reach(begun, left, around, most, tx.now)
        begun = begun if lines is None else replace(begun, history=lines)
        found.append(
            tuple(
                letter
                for one in members
                for letter in sent(one, call(watch_id, around.reference, one.profile), around.ways)
            )
        )
        left = _untold(begun, left)
    return begun, tuple(found)


def room_of_a_call(watch_id: AlarmId, around: Around) -> int:
    """How many bytes of an envelope one call takes, whoever it calls."""
    return weight(call(watch_id, around.reference, SOMEBODY)) + SLACK


def _envelopes(around: Around, first: int, others: int) -> int:
    """As many as the fullest rung takes, and whoever accompanies, so that all hear at once."""
    fullest = max(sum(map(around.places, some)) for some in (around.duty, around.coordinators))
    beyond = fullest + 1 - max(first, 0)
    return min(1 + max(-(-beyond // others), 0), MOST_ENVELOPES)


def _untold(watch: Watch, rungs: tuple[int, ...]) -> tuple[int, ...]:
    """What is left of these rungs where one envelope was too small for them."""
    if not rungs or (watch.told is None and watch.rung > rungs[-1]):
        return ()
    return tuple(each for each in rungs if each >= watch.rung) or (watch.rung,)


def sent(member: Member, letter: Letter, ways: Ways) -> tuple[Letter, ...]:
    """A letter to a member, or a copy of it for each of their channels where they have no chat."""
    if member.profile.chat is not None:
        return (letter,)
    return tuple(replace(letter, by=way, id=LetterId(new_id())) for way in ways.get(member.id, ()))


def call_off(tx: Tx, *alarms: AlarmId) -> None:
    """Nobody is called for these any more: whatever waits is taken back, of every rung.

    A letter that calls for others too loses a button, and stays for those others.
    """
    gone = {f"{OWN}{each.hex}" for each in alarms}

    def left(letter: Letter) -> Letter | None:
        if letter.params.get(ABOUT) in gone:
            return None
        rows = [tuple(one for one in row if one.data not in gone) for row in letter.buttons]
        kept = tuple(row for row in rows if row)
        if kept == letter.buttons:
            return letter
        return replace(letter, buttons=kept) if kept or MORE in letter.params else None

    if gone:
        outbox.take_out(tx, gone, left)


def weight(letter: Letter) -> int:
    """How many bytes of an envelope a letter takes."""
    return len(write((letter,)).reveal().encode())


def packed(letters: Iterable[Letter]) -> list[tuple[Letter, ...]]:
    """In as few envelopes as they fit into, in their order."""
    found: list[tuple[Letter, ...]] = []
    some: list[Letter] = []
    room = SIGNAL_BYTES
    for letter in letters:
        heavy = heft(letter)
        if some and heavy > room:
            found.append(tuple(some))
            some, room = [], SIGNAL_BYTES
        some.append(letter)
        room -= heavy
    return [*found, tuple(some)] if some else found


def heft(letter: Letter) -> int:
    """At least the bytes a letter takes in an envelope, without writing it."""
    buttons = sum(len(one.label) + len(one.data) + 12 for row in letter.buttons for one in row)
    params = sum(len(name) + MOST_ESCAPED * len(value) + 8 for name, value in letter.params.items())
    by = 0 if letter.by is None else 48
    return 128 + len(letter.say) + buttons + params + by


def news(members: Sequence[Member], say: str, around: Around) -> tuple[Letter, ...]:
    """A sentence with the reference, for whoever of these has a chat."""
    return people.letters_to(
        members, say, params={"reference": around.reference}, priority=Priority.NOTICE
    )


def cannot_be_read(watch_id: AlarmId, around: Around) -> tuple[Letter, ...]:
    """The alarm about an alarm that does not open, for everybody who coordinates. It has no button,
    for nobody can take it, and is taken back all the same when it is ended.
    """
    params = {"reference": around.reference, ABOUT: f"{OWN}{watch_id.hex}"}
    return tuple(
        letter
        for one in around.coordinators
        for letter in sent(
            one,
            Letter(
                to=NOBODY if one.profile.chat is None else one.profile.chat,
                language=one.profile.language,
                say=UNREADABLE,
                params=params,
                priority=Priority.ALARM,
            ),
            around.ways,
        )
    )


def those_told(watch: Watch, around: Around) -> tuple[Member, ...]:
    """Whoever of these was called for the alarm, once each."""
    found: dict[object, Member] = {}
    for number in range(min(watch.rung, len(watch.ladder))):
        found.update({member.id: member for member in around.named(watch.whom(number))})
    return tuple(found.values())


@lru_cache(maxsize=64)
def country_ladder(rungs: CountryLadder) -> Ladder:
    """The pack's rungs in this room's words."""
    return tuple(Rung(rung.after, Whom(rung.tell.value)) for rung in rungs)


def ladder_of(tx: Tx, found: Somebody | None) -> Ladder:
    """The ladder copied into the case when somebody accepted it; else the country's."""
    if found is None or not found.ladder:
        return country_ladder(tx.pack.ladder)
    try:
        return _copied(found.ladder) or country_ladder(tx.pack.ladder)
    except (ValueError, KeyError, TypeError):
        log.exception("the ladder of %s cannot be read", found.about.id)
        return country_ladder(tx.pack.ladder)


@lru_cache(maxsize=64)
def _copied(ladder: str) -> Ladder | None:
    """Thousands of cases hold the same few ladders."""
    copied = read_ladders(ladder)
    return country_ladder(copied[0]) if copied else None


def call(
    watch_id: AlarmId, reference: str, reader: Profile, letter_id: LetterId | None = None
) -> Letter:
    """The letter that calls one member for one alarm; to nobody yet where they have no chat."""
    return Letter(
        id=letter_id or LetterId(new_id()),
        to=NOBODY if reader.chat is None else reader.chat,
        language=reader.language,
        say=ALARM,
        params={"reference": reference},
        buttons=((Button(I_TAKE_IT, f"{OWN}{watch_id.hex}"),),),
        priority=Priority.ALARM,
    )
