"""Whoever holds the family's telephone cannot shut what an alarm is about by taking people away."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from bot.dialogue import Step, Talk
from bot.keys import REMOVED, REMOVED_LAST, remove
from bot.replies import Here
from network.cases import services as cases
from network.cases.domain import NobodyToReceive
from network.cases.erasure import MOST_HELD
from network.cases.services.holding import NOBODY_OPENS_BEFORE, PASS_IT_ON, READERS_CHANGED
from network.cases.services.passing import OPENS_AGAIN
from network.cases.tables import GrantRow
from network.checkins import services
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor
from network.kernel.errors import NotAllowed, NotVisible
from network.kernel.ids import CaseId
from network.outbox.domain import Letter
from tests.cases.browsing import signed_in
from tests.cast import Cast, Somebody
from tests.checkins.conftest import CLOCK, WORD, Life, alarms, writes

DAY = timedelta(days=1)
FIRST = "canary: he is not home"


def presses(door: Door, cast: Cast, who: Somebody) -> Letter:
    """/quitar, and a name; what the chat is answered."""

    def pressed(tx: Tx, actor: Actor) -> Letter:
        here = Here(cast.family.chat, actor.language, Talk(Step.ERASE), at=tx.now)
        return remove(tx, actor, here, person_id=who.id).letters[0]

    return door.ask(pressed, cast.family)


def takes_all_away(door: Door, cast: Cast) -> Letter:
    """Everybody who was there from the beginning, one press each, Alice last; the last answer."""
    answers = [presses(door, cast, each) for each in readers(door, cast) if each != cast.alice]
    answers.append(presses(door, cast, cast.alice))
    assert [each.say for each in answers] == [REMOVED] * (len(answers) - 1) + [REMOVED_LAST]
    return answers[-1]


def reads(door: Door, who: Somebody, case_id: CaseId) -> list[str]:
    seen = door.ask(cases.room, who.at_desk, case_id=case_id)
    return [each.text.reveal() for each in seen.entries]


def grants(sessions: sessionmaker[Session], who: Somebody) -> int:
    with sessions() as session:
        query = select(func.count()).select_from(GrantRow).where(GrantRow.member_id == who.id)
        return session.scalar(query) or 0


def dawns(life: Life, day: date) -> None:
    """It is one in the morning of that day in Mexico City, and the clock has knocked."""
    life.clock.advance(datetime.combine(day, time(7), UTC) - life.clock.instant)
    while life.door.ask(services.destroy_left, CLOCK):
        pass
    life.door.ask(cases.end_grants, CLOCK)


def readers(door: Door, cast: Cast) -> list[Somebody]:
    ids = {one.id: one for one in (cast.alice, cast.elena, cast.bilal)}
    return [ids[each.person_id] for each in door.look(cases.holders, cast.family)]


def test_who_takes_everybody_away_while_it_rings_has_not_shut_what_was_said(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    writes(door, cast, f"canary: {WORD}")
    last = cast.alice
    takes_all_away(door, cast)
    (now,) = readers(door, cast)
    assert now != last
    assert not [each for each in reads(door, now, case_id) if each.startswith("canary: h")]
    with pytest.raises(NotVisible):  # nothing of what comes is theirs, from this moment on
        door.ask(cases.room, last.at_desk, case_id=case_id)

    assert door.ask(cases.pass_on, last.at_desk) == 1
    assert FIRST in reads(door, now, case_id)
    assert grants(sessions, last) == 0
    assert door.ask(cases.pass_on, last.at_desk) == 0
    life.postman.walk()
    assert OPENS_AGAIN in life.postman.to(now.chat)
    assert len(alarms(door, cast)) == 1


def test_coming_in_is_all_that_whoever_was_last_has_to_do(
    app: Flask, door: Door, cast: Cast, case_id: CaseId
) -> None:
    last = cast.alice
    takes_all_away(door, cast)
    (now,) = readers(door, cast)
    assert str(case_id) not in signed_in(app, last).reads("/cases/")
    assert FIRST in reads(door, now, case_id)


@pytest.mark.usefixtures("case_id")
def test_coordination_hears_of_each_who_is_taken_away_and_the_last_what_to_do(
    door: Door, cast: Cast, life: Life
) -> None:
    takes_all_away(door, cast)
    life.postman.walk()
    told = {
        one.name: set(life.postman.to(one.chat)) for one in (cast.alice, cast.bilal, cast.elena)
    }
    ours = {READERS_CHANGED, NOBODY_OPENS_BEFORE, PASS_IT_ON}
    assert {name: ours & said for name, said in told.items()} == {
        "alice": {READERS_CHANGED, PASS_IT_ON},
        "bilal": set(),
        "elena": {READERS_CHANGED, NOBODY_OPENS_BEFORE},
    }


@pytest.mark.parametrize("rings", [False, True])
def test_what_nobody_passed_on_is_destroyed_on_its_day_and_later_while_it_rings(
    door: Door, cast: Cast, life: Life, sessions: sessionmaker[Session], case_id: CaseId,
    rings: bool,
) -> None:  # fmt: skip
    writes(door, cast, f"canary: {WORD if rings else 'all is well'}")
    last = cast.alice
    answer = takes_all_away(door, cast)
    day = datetime.strptime(answer.params["day"], "%d/%m/%Y").replace(tzinfo=UTC).date()
    dawns(life, day - DAY)
    assert grants(sessions, last)
    dawns(life, day)
    assert bool(grants(sessions, last)) is rings
    if rings:
        for after in range(1, MOST_HELD.days - 1):
            dawns(life, day + after * DAY)
            assert grants(sessions, last)
        dawns(life, day + MOST_HELD)
        assert not grants(sessions, last)
    assert reads(door, readers(door, cast)[0], case_id) is not None


@pytest.mark.usefixtures("case_id")
def test_the_chat_is_told_the_same_whether_it_rings_or_not(
    door: Door, cast: Cast, life: Life
) -> None:
    writes(door, cast, f"canary: {WORD}")
    answer = takes_all_away(door, cast)
    assert answer.params == {"day": f"{life.clock().date() + 2 * DAY:%d/%m/%Y}"}


@pytest.mark.usefixtures("case_id")
def test_who_was_taken_away_last_does_not_come_back_as_who_receives(
    door: Door, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    last = cast.alice
    takes_all_away(door, cast)
    (now,) = readers(door, cast)
    with pytest.raises(NobodyToReceive):  # there is only the one who was taken away last
        presses(door, cast, now)
    assert readers(door, cast) == [now]
    assert grants(sessions, last)
    assert grants(sessions, now)


@pytest.mark.usefixtures("case_id")
def test_only_the_clock_destroys_and_nobody_passes_on_what_they_do_not_have(
    door: Door, cast: Cast
) -> None:
    takes_all_away(door, cast)
    for who in (cast.alice.at_desk, cast.bilal.in_chat, cast.family):
        with pytest.raises(NotAllowed):
            door.ask(services.destroy_left, who)
    assert door.ask(cases.pass_on, cast.chiara.at_desk) == 0
