"""Several people of one zone fall silent moments apart: their letters are gathered, never the first
one's, never for longer than named, and nobody is lost in it.
"""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from network.cases import services as cases
from network.checkins import services
from network.checkins.domain.silence import gathers_at, is_recent
from network.checkins.domain.subjects import Subject
from network.checkins.domain.watches import (
    Cause,
    Rung,
    Watch,
    Whom,
    in_step,
    of_silence,
    waiting,
)
from network.checkins.services.sharing import MOST_NAMED
from network.checkins.store import watches
from network.checkins.tables import PromptRow
from network.db import Database, writing
from network.door import Door
from network.heartbeats import ENGINES
from network.kernel.actor import InChat
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PromptId, new_id
from network.outbox.domain import Letter
from network.people import services as people
from tests.cast import Cast, Somebody
from tests.checkins.conftest import CLOCK, Life, alarms, statements
from tests.checkins.conftest import WORD as DANGER
from tests.checkins.test_silence import families

SECONDS = timedelta(seconds=1)
MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
START = datetime(2030, 1, 1, 12, tzinfo=UTC)
APART = 20 * SECONDS
SHARE = 2 * MINUTES
HERE, THERE = "09", "14"
LADDER = (Rung(timedelta(0), Whom.DUTY), Rung(15 * MINUTES, Whom.COORDINATORS))
several = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@dataclass(frozen=True, slots=True)
class Told:
    """One letter that calls somebody, and for whom."""

    at: datetime
    to: int
    about: AbstractSet[str]


def calls(at: datetime, letters: Sequence[Letter]) -> list[Told]:
    found = []
    for one in letters:
        if any(button.data.startswith("own:") for row in one.buttons for button in row):
            named = one.params.get("references") or one.params["reference"]
            found.append(Told(at, one.to, frozenset(named.split(", "))))
    return found


def hears(life: Life, span: timedelta, step: timedelta = APART) -> list[Told]:
    """Every letter that calls somebody in this time, in their order."""
    found: list[Told] = []
    end = life.clock.instant + span
    while life.clock.instant < end:
        before = len(life.postman.sent)
        life.passes(step, step)
        found += calls(life.clock.instant, life.postman.sent[before:])
    return found


def to_alice(cast: Cast, told: Sequence[Told]) -> list[AbstractSet[str]]:
    return [one.about for one in told if one.to == cast.alice.chat]


def falling(
    door: Door, cast: Cast, life: Life, zones: list[str], apart: timedelta = APART
) -> list[str]:
    """A family for each zone, asked twice; the first of them is late in a minute, and each next one
    so much later. Their references, in that order.
    """
    asked = families(door, cast, life, zones)
    late(door, life, asked, [number * apart for number in range(len(asked))])
    return references(door, asked)


def late(door: Door, life: Life, asked: list[CaseId], after: list[timedelta]) -> datetime:
    """They are late so long after the moment that is given back."""
    life.passes(20 * MINUTES, 5 * MINUTES)
    first = door.now() + MINUTES
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        for case, later in zip(asked, after, strict=True):
            question = update(PromptRow).where(PromptRow.case_id == case)
            tx.session.execute(question.values(next_look_at=first + later))
    life.postman.sent.clear()
    return first


def references(door: Door, asked: list[CaseId]) -> list[str]:
    found = []
    for number in range(len(asked)):
        known = door.look(cases.case_of, InChat(6_000_000 + number))
        assert known is not None
        found.append(known[0].card.reference)
    return found


def kept(door: Door, asked: Sequence[CaseId]) -> dict[CaseId, Watch]:
    """The alarms of silence of these, as they are sealed."""
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        found = watches.of_these(tx, {Subject(case=one) for one in asked})
        return {
            one.about.case: one.watch
            for one in found
            if one.about.case and one.watch and one.watch.rings
        }


def take(door: Door, who: Somebody, name: str) -> None:
    (ringing,) = [one for one in door.look(services.alarms, who.at_desk) if one.reference == name]
    door.ask(services.own, who.in_chat, watch_id=ringing.id)


def test_seven_who_fall_silent_seconds_apart_are_two_letters_and_then_one_for_each_rung(
    door: Door, cast: Cast, life: Life
) -> None:
    seven = falling(door, cast, life, [HERE] * 7)
    begins = door.now() + MINUTES
    told = hears(life, MINUTES + 6 * APART)
    shown = alarms(door, cast)  # also those whose letters are gathered yet
    assert {one.since for one in shown} == {begins + number * APART for number in range(7)}
    (finding,) = door.look(services.desk, cast.alice.at_desk).findings
    assert (set(finding.references), finding.since) == (set(seven), begins)
    told += hears(life, 2 * MINUTES)
    assert [(one.at, one.to, one.about) for one in told] == [
        (begins, cast.alice.chat, set(seven[:1])),
        (begins + APART + SHARE, cast.alice.chat, set(seven[1:])),
    ]
    later = hears(life, 65 * MINUTES, MINUTES)
    assert to_alice(cast, later) == [frozenset(seven)] * 2
    assert Counter(one.to for one in later) == {cast.alice.chat: 2, cast.elena.chat: 2}
    assert len(alarms(door, cast)) == 7


def test_thirty_who_trickle_in_push_no_moment_on(door: Door, cast: Cast, life: Life) -> None:
    every = 30 * SECONDS
    names = falling(door, cast, life, [HERE] * 30, every)
    begins = door.now() + MINUTES
    told = [one for one in hears(life, 20 * MINUTES, every) if one.to == cast.alice.chat]
    assert Counter(name for one in told for name in one.about) == Counter(names)
    when = {name: one.at for one in told for name in one.about}
    waited = [when[name] - begins - number * every for number, name in enumerate(names)]
    assert waited[0] == timedelta(0)
    assert all(timedelta(0) <= each <= SHARE for each in waited)
    assert len(told) == 7


def test_the_first_of_each_zone_is_told_of_at_once(door: Door, cast: Cast, life: Life) -> None:
    names = falling(door, cast, life, [HERE, THERE] * 3)
    begins = door.now() + MINUTES
    told = [one for one in hears(life, 5 * MINUTES) if one.to == cast.alice.chat]
    assert [(one.at, one.about) for one in told] == [
        (begins, {names[0]}),
        (begins + APART, {names[1]}),
        (begins + 2 * APART + SHARE, {names[2], names[4]}),
        (begins + 3 * APART + SHARE, {names[3], names[5]}),
    ]


def test_whoever_falls_silent_long_after_the_last_is_told_of_at_once(
    door: Door, cast: Cast, life: Life
) -> None:
    names = falling(door, cast, life, [HERE] * 3, 3 * MINUTES)
    begins = door.now() + MINUTES
    told = [one for one in hears(life, 8 * MINUTES) if one.to == cast.alice.chat]
    assert [(one.at - begins, one.about) for one in told] == [
        (number * 3 * MINUTES, {name}) for number, name in enumerate(names)
    ]


def test_so_many_at_one_moment_that_they_fill_a_letter_wait_for_nobody(
    door: Door, cast: Cast, life: Life
) -> None:
    asked = families(door, cast, life, [HERE] * (MOST_NAMED + 1))
    begins = late(door, life, asked, [timedelta(0), *[APART] * MOST_NAMED])
    names = references(door, asked)
    told = [one for one in hears(life, 4 * MINUTES) if one.to == cast.alice.chat]
    assert [(one.at, one.about) for one in told] == [
        (begins, set(names[:1])),
        (begins + APART, set(names[1:])),
    ]


def test_a_danger_word_among_them_waits_for_nobody_and_stands_alone(
    door: Door, cast: Cast, life: Life
) -> None:
    asked = families(door, cast, life, [HERE] * 4)
    chat = InChat(6_000_003)
    door.ask(cases.set_danger_word, chat, word=Plaintext(DANGER))
    begins = late(door, life, asked, [number * APART for number in range(4)])
    names = references(door, asked)
    told = hears(life, MINUTES + 3 * APART)
    door.ask(services.hear, chat, text=Plaintext(f"canary {DANGER}"))
    at = door.now()
    told += hears(life, 3 * MINUTES)
    mine = [one for one in told if one.to == cast.alice.chat]
    assert [(one.at, one.about) for one in mine] == [
        (begins, {names[0]}),
        (at + APART, {names[3]}),
        (begins + APART + SHARE, {names[1], names[2]}),
    ]
    assert {watch.cause for watch in kept(door, asked[3:]).values()} == {Cause.DANGER}


def test_whoever_is_taken_while_they_wait_or_before_the_next_rung_leaves_the_letters(
    door: Door, cast: Cast, life: Life
) -> None:
    names = falling(door, cast, life, [HERE] * 6)
    hears(life, MINUTES + 5 * APART)
    take(door, cast.alice, names[2])
    door.ask(services.hear, InChat(6_000_004), text=Plaintext("canary: here"))
    told = hears(life, SHARE)
    assert to_alice(cast, told) == [{names[1], names[3], names[5]}]
    take(door, cast.alice, names[1])
    take(door, cast.alice, names[0])
    life.passes(20 * MINUTES)
    for one in alarms(door, cast):
        if one.owner is not None:
            door.ask(services.renew, cast.alice.in_chat, watch_id=one.id, doing=Plaintext("canary"))
    told = hears(life, 15 * MINUTES, MINUTES)
    assert to_alice(cast, told) == [{names[3], names[5]}]


def test_whoever_has_the_first_keeps_it_and_the_others_gather_without_it(
    door: Door, cast: Cast, life: Life
) -> None:
    names = falling(door, cast, life, [HERE] * 3)
    hears(life, MINUTES)
    take(door, cast.alice, names[0])
    until = {one.reference: one.owned_until for one in alarms(door, cast)}[names[0]]
    told = hears(life, 4 * MINUTES)
    assert to_alice(cast, told) == [set(names[1:])]
    assert {one.reference: one.owned_until for one in alarms(door, cast)}[names[0]] == until


def test_a_letter_waits_only_for_whoever_just_had_one(door: Door, cast: Cast, life: Life) -> None:
    """Each accompanier is called at once for their own; whoever is on duty reads one letter."""
    asked = families(door, cast, life, [HERE] * 4)
    with_whom = [cast.bilal, cast.chiara, cast.bilal, None]
    for case, who in zip(asked, with_whom, strict=True):
        if who is not None:
            (offer,) = door.ask(
                cases.offer,
                cast.alice.at_desk,
                case_id=case,
                to=(who.id,),
                brief=Plaintext("brief canary"),
            )
            door.ask(cases.accept, who.in_chat, offer_id=offer)
    begins = late(door, life, asked, [number * APART for number in range(4)])
    names = references(door, asked)
    told = hears(life, 4 * MINUTES)
    assert [(one.at, one.to, one.about) for one in told] == [
        (begins, cast.bilal.chat, {names[0]}),
        (begins + APART, cast.chiara.chat, {names[1]}),
        (begins + 3 * APART, cast.alice.chat, {names[3]}),
        (begins + APART + SHARE, cast.bilal.chat, {names[2]}),
    ]
    duty = hears(life, 15 * MINUTES)
    assert [(one.to, one.about) for one in duty] == [(cast.alice.chat, set(names[:3]))]


def test_whoever_cannot_be_reached_waits_for_nobody(door: Door, cast: Cast, life: Life) -> None:
    asked = families(door, cast, life, [HERE] * 3)
    life.postman.gone = {6_000_002}
    begins = late(door, life, asked, [number * APART for number in range(3)])
    names = references(door, asked)
    told = [one for one in hears(life, 4 * MINUTES) if one.to == cast.alice.chat]
    assert (begins + 2 * APART, {names[2]}) in [(one.at, one.about) for one in told]


def test_whoever_is_late_from_a_trip_waits_for_nobody(door: Door, cast: Cast, life: Life) -> None:
    door.ask(people.change_zone, cast.bilal.at_desk, zone=HERE)
    asked = families(door, cast, life, [HERE] * 2)
    where, back = Plaintext("canary"), door.now() + 5 * MINUTES
    door.ask(services.begin_trip, cast.bilal.in_chat, destination=where, back_at=back)
    life.passes(6 * MINUTES)
    begins = late(door, life, asked, [timedelta(0), 3 * APART])
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        question = update(PromptRow).where(PromptRow.person_id == cast.bilal.id)
        tx.session.execute(question.values(next_look_at=begins + APART))
    names = references(door, asked)
    told = [one for one in hears(life, 6 * MINUTES) if one.to == cast.alice.chat]
    assert [(one.at, one.about) for one in told] == [
        (begins, {names[0]}),
        (begins + APART, {cast.bilal.alias}),
        (begins + 3 * APART + SHARE, {names[1]}),
    ]


def test_a_clock_that_dies_while_letters_are_gathered_tells_of_all_when_it_is_back(
    door: Door, cast: Cast, life: Life
) -> None:
    names = falling(door, cast, life, [HERE] * 5)
    life.alive = ENGINES
    hears(life, MINUTES + 4 * APART)
    life.clock.advance(HOURS)
    assert to_alice(cast, hears(life, 5 * MINUTES)) == [set(names[1:])]
    assert to_alice(cast, hears(life, 60 * MINUTES, MINUTES)) == [set(names)] * 2


def test_letters_gathered_while_nothing_can_go_out_are_one_when_it_can(
    door: Door, cast: Cast, life: Life
) -> None:
    names = falling(door, cast, life, [HERE] * 5)
    life.alive = ENGINES
    life.passes(MINUTES + 4 * APART, APART)
    life.postman.asleep, life.alive = True, tuple({*ENGINES} - {"postman"})
    life.passes(10 * MINUTES, APART)
    life.postman.asleep, life.alive = False, ENGINES
    assert to_alice(cast, hears(life, 2 * MINUTES)) == [set(names[1:])]
    assert to_alice(cast, hears(life, 65 * MINUTES, MINUTES)) == [set(names)] * 2


@several
def test_two_clocks_that_share_the_moment_tell_of_each_once(
    door: Door, cast: Cast, life: Life
) -> None:
    """One takes some of them, the other the rest: two letters, and from the next rung on one."""
    names = falling(door, cast, life, [HERE] * 6)
    hears(life, MINUTES + SHARE)
    life.clock.advance(APART)
    life.postman.sent.clear()
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        assert len(watches.claim(tx, 2)) == 2
        assert door.ask(services.watch, CLOCK) == 3
    assert door.ask(services.watch, CLOCK) == 2
    life.postman.walk()
    told = to_alice(cast, calls(door.now(), life.postman.sent))
    assert sorted(len(one) for one in told) == [2, 3]
    assert set().union(*told) == set(names[1:])
    assert to_alice(cast, hears(life, 31 * MINUTES, MINUTES)) == [set(names)]


@several
def test_whoever_is_being_taken_at_that_moment_is_not_waited_for(
    door: Door, cast: Cast, life: Life
) -> None:
    names = falling(door, cast, life, [HERE] * 2)
    hears(life, MINUTES)
    (first,) = alarms(door, cast)
    life.clock.advance(APART)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        watches.hold(tx, first.id)
        assert door.ask(services.watch, CLOCK) == 1
    assert {one.reference for one in alarms(door, cast)} == set(names)
    assert to_alice(cast, hears(life, 4 * MINUTES)) == [{names[1]}]


def test_seven_who_join_cost_as_many_statements_as_two(
    door: Door, cast: Cast, life: Life, database: Database
) -> None:
    asked = families(door, cast, life, [HERE] * 3 + [THERE] * 8)
    apart = 10 * MINUTES
    late(
        door,
        life,
        asked,
        [timedelta(0), *[APART] * 2, apart, *[apart + APART] * 7],
    )
    costs = []
    for count in (2, 7):
        life.passes(MINUTES)
        life.clock.advance(APART)
        with statements(database) as joining:
            assert door.ask(services.watch, CLOCK) == count
        life.passes(MINUTES)
        life.clock.advance(MINUTES)
        with statements(database) as telling:
            assert door.ask(services.watch, CLOCK) == count
        costs.append((len(joining), len(telling)))
        life.clock.advance(apart - 3 * MINUTES - APART)
    assert costs[0] == costs[1]
    assert max(costs[1]) <= 25


@given(st.lists(st.integers(0, 200), min_size=1, max_size=40))
def test_nobody_waits_longer_than_named_however_they_follow_each_other(gaps: list[int]) -> None:
    now, silent = START, list[Watch]()
    for gap in gaps:
        now += timedelta(seconds=gap)
        fresh = of_silence(Cause.SILENCE, LADDER, PromptId(new_id()), now)
        near = [one for one in silent if is_recent(one, now, SHARE)]
        if not near:
            silent.append(replace(fresh, rung=1))
            continue
        moment, named_now = gathers_at(near, now, SHARE)
        assert now - MINUTES <= moment <= now + SHARE
        if not named_now:
            assert moment in {one.since for one in near}
        silent.append(waiting(fresh, moment))
        silent = [
            replace(one, rung=1) if one.rung == 0 and one.since <= now else one for one in silent
        ]
        if named_now:
            silent = [
                one if one.gathered or one.until <= now - SHARE else in_step(one, moment)
                for one in silent
            ]
    assert all(one.since - one.until < 2 * SHARE for one in silent)
