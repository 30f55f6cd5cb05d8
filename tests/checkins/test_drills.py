"""A drill is an alarm about nobody: marked from the first letter, timed, and behind every alarm."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from network.checkins import services
from network.checkins.domain.drills import (
    Drill,
    DrillOpen,
    NobodyToTell,
    RealAlarm,
    Rehearsed,
    nobody_came,
)
from network.checkins.domain.watches import Whom
from network.checkins.services.drills import DRILL, DRILL_ELSEWHERE, OFF, TAKEN
from network.checkins.services.telling import ALARM
from network.checkins.tables import DrillRow
from network.checkins.web.drills import drawn
from network.door import Door
from network.kernel.errors import BadInput, NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.outbox.domain import Letter, Priority
from network.people import services as people
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody
from tests.checkins.conftest import CLOCK, WORD, Life, alarms, rows, writes
from tests.checkins.test_without_chat import rang, without_chat

MINUTES = timedelta(minutes=1)
BOTH = (Whom.DUTY, Whom.COORDINATORS)


@pytest.fixture
def at(app: Flask) -> Callable[[Somebody], Browser]:
    return lambda who: signed_in(app, who)


def start(door: Door, cast: Cast, *rungs: Whom, stand_in: Somebody | None = None) -> Drill:
    return door.ask(
        services.start_drill,
        cast.elena.at_desk,
        ladder=Rehearsed.CHECK_INS,
        rungs=rungs or BOTH,
        stand_in=None if stand_in is None else stand_in.id,
    )


def passes(door: Door, life: Life, span: timedelta) -> list[Letter]:
    """As time passes, with the clock's knock for drills; what went out."""
    before = len(life.postman.sent)
    for _ in range(int(span / MINUTES)):
        life.passes(MINUTES)
        door.ask(services.rehearse, CLOCK)
        life.postman.walk()
    return life.postman.sent[before:]


def drills(letters: list[Letter]) -> list[int]:
    return [one.to for one in letters if one.say == DRILL]


@pytest.mark.usefixtures("case_id")
def test_a_drill_climbs_as_an_alarm_does_until_somebody_takes_it(
    door: Door, cast: Cast, life: Life
) -> None:
    drill = start(door, cast, Whom.ACCOMPANIER, *BOTH, stand_in=cast.chiara)
    sent = life.postman.walk()
    assert drills(sent) == [cast.chiara.chat]
    assert {one.priority for one in sent} == {Priority.CHECKIN}
    sent = passes(door, life, 20 * MINUTES)
    assert drills(sent) == [cast.alice.chat]
    minutes = door.ask(services.take_drill, cast.alice.in_chat, drill_id=drill.id)
    assert minutes == 20
    life.postman.walk()
    assert life.postman.to(cast.chiara.chat) == [DRILL, TAKEN]
    assert drills(passes(door, life, 120 * MINUTES)) == []
    with pytest.raises(WrongMoment):
        door.ask(services.take_drill, cast.elena.in_chat, drill_id=drill.id)
    (kept,) = door.look(services.drills_page, cast.alice.at_desk).drills
    assert kept.took == 20 * MINUTES
    assert kept.watch.owner == cast.alice.id


@pytest.mark.usefixtures("case_id")
def test_whoever_has_no_chat_is_rehearsed_by_their_other_ways_and_hears_of_its_end(
    door: Door, cast: Cast, life: Life
) -> None:
    ways = without_chat(door, cast, life)
    drill = start(door, cast)
    sent = [*life.postman.walk(), *passes(door, life, 20 * MINUTES)]
    assert {one.by for one in sent if one.say == DRILL_ELSEWHERE} == set(ways)
    assert len(rang(life, DRILL_ELSEWHERE)) == len(ways)
    assert not [one for one in rang(life, DRILL_ELSEWHERE) if one.buttons]
    door.ask(services.take_drill, cast.elena.at_desk, drill_id=drill.id)
    life.postman.walk()
    assert {one.by for one in rang(life, TAKEN)} == set(ways)


@pytest.mark.usefixtures("case_id")
def test_a_drill_that_reaches_nobody_is_not_begun(door: Door, cast: Cast) -> None:
    for who in (cast.alice, cast.elena):
        door.ask(people.unlink_chat, who.at_desk)
    with pytest.raises(NobodyToTell):
        start(door, cast)
    assert door.look(services.drills_page, cast.alice.at_desk).drills == ()


@pytest.mark.usefixtures("case_id")
def test_a_drill_nobody_takes_tells_each_rung_once_and_ends(
    door: Door, cast: Cast, life: Life
) -> None:
    start(door, cast)
    sent = passes(door, life, 180 * MINUTES)
    assert sorted(drills(sent)) == sorted([cast.alice.chat, cast.alice.chat, cast.elena.chat])
    (kept,) = door.look(services.drills_page, cast.alice.at_desk).drills
    assert kept.ended_at is not None
    assert kept.took is None
    start(door, cast)


@pytest.mark.usefixtures("case_id")
def test_a_real_alarm_calls_a_drill_off(door: Door, cast: Cast, life: Life) -> None:
    start(door, cast)
    assert drills(passes(door, life, 16 * MINUTES)) == [cast.alice.chat]
    writes(door, cast, f"canary {WORD}")
    sent = passes(door, life, 90 * MINUTES)
    assert ALARM in {one.say for one in sent}
    assert drills(sent) == []
    assert [one.to for one in sent if one.say == OFF] == [cast.alice.chat]
    for words in (OFF, TAKEN):
        assert "that one is real" in words, "their telephone rings for the real one"
    (kept,) = door.look(services.drills_page, cast.alice.at_desk).drills
    assert kept.ended_at is not None
    assert not nobody_came(kept), "it says nothing of those who were called away"
    assert door.ask(services.figures, CLOCK).drills_untaken == 0
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.alice.in_chat, watch_id=ringing.id)
    start(door, cast)


@pytest.mark.usefixtures("case_id")
def test_a_drill_that_is_called_off_is_not_one_that_nobody_took(
    at: Callable[[Somebody], Browser], door: Door, cast: Cast, life: Life
) -> None:
    drill = start(door, cast)
    passes(door, life, 20 * MINUTES)
    door.ask(services.call_off_drill, cast.alice.at_desk, drill_id=drill.id)
    page = at(cast.alice).reads("/drills?lang=en")
    assert "<circle" not in page
    assert "nobody</span>" not in page
    assert "called off" in page
    assert door.ask(services.figures, CLOCK).drills_untaken == 0
    start(door, cast)
    passes(door, life, 90 * MINUTES)
    assert door.ask(services.figures, CLOCK).drills_untaken == 1
    assert at(cast.alice).reads("/drills?lang=en").count("<circle") == 1


@pytest.mark.usefixtures("case_id")
def test_the_row_of_a_drill_says_neither_its_rungs_nor_that_somebody_is_in_danger(
    door: Door, cast: Cast, life: Life
) -> None:
    start(door, cast)
    while True:
        passes(door, life, MINUTES)
        (row,) = rows(door, DrillRow)
        if row["next_look_at"] is None:
            break
        assert row["next_look_at"] == life.clock.instant + MINUTES
    first = start(door, cast, Whom.COORDINATORS)
    writes(door, cast, f"canary {WORD}")
    passes(door, life, MINUTES)
    row = next(one for one in rows(door, DrillRow) if one["id"] == first.id)
    assert row["next_look_at"] is None, "as if it had been taken"


def test_of_an_alarm_about_themselves_nobody_learns_by_a_drill(
    door: Door, cast: Cast, life: Life
) -> None:
    back = door.now() + 60 * MINUTES
    where = Plaintext("canary: the ranch")
    door.ask(services.begin_trip, cast.elena.in_chat, destination=where, back_at=back)
    door.ask(services.need_help, cast.elena.in_chat)
    life.postman.walk()
    assert door.look(services.drills_page, cast.alice.at_desk).real_alarm
    assert not door.look(services.drills_page, cast.elena.at_desk).real_alarm
    start(door, cast)


@pytest.mark.usefixtures("case_id")
def test_no_drill_begins_while_a_real_alarm_has_nobody(door: Door, cast: Cast) -> None:
    writes(door, cast, f"canary {WORD}")
    with pytest.raises(RealAlarm):
        start(door, cast)


@pytest.mark.usefixtures("case_id", "life")
def test_a_drill_is_started_by_coordination_one_at_a_time(door: Door, cast: Cast) -> None:
    drill = start(door, cast)
    with pytest.raises(DrillOpen):
        start(door, cast)
    for who in (cast.bilal.at_desk, cast.chiara.in_chat):
        with pytest.raises(NotVisible):
            door.ask(services.take_drill, who, drill_id=drill.id)
    for outsider in (cast.dino.in_chat, cast.family):
        with pytest.raises(NotAllowed):
            door.ask(services.take_drill, outsider, drill_id=drill.id)
    with pytest.raises(NotAllowed):
        door.ask(services.start_drill, cast.bilal.at_desk, ladder=Rehearsed.ALARMS, rungs=BOTH)
    door.ask(services.call_off_drill, cast.alice.at_desk, drill_id=drill.id)
    with pytest.raises(BadInput):
        start(door, cast, Whom.ACCOMPANIER)


@pytest.mark.usefixtures("case_id")
def test_the_page_starts_a_drill_and_draws_the_year(
    at: Callable[[Somebody], Browser], door: Door, cast: Cast, life: Life
) -> None:
    alice = at(cast.alice)
    assert alice.sends("/drills", page="/drills", ladder="x").status_code == 400
    assert alice.sends("/drills", page="/drills", ladder="alarms").status_code == 400
    begun = alice.sends("/drills", page="/drills", ladder="alarms", rungs="duty")
    assert begun.status_code == 303
    again = alice.sends("/drills", page="/drills", ladder="alarms", rungs="duty")
    assert again.status_code == 409
    (drill,) = door.look(services.drills_page, cast.alice.at_desk).drills
    life.passes(4 * MINUTES)
    assert alice.sends(f"/drills/{drill.id}/take", page="/drills").status_code == 303
    second = start(door, cast)
    assert alice.sends(f"/drills/{second.id}/off", page="/drills").status_code == 303
    page = alice.reads("/drills?lang=en")
    assert page.count("<circle") == 1, "one that was called off is not drawn"
    assert "4 min" in page
    assert "called off" in page
    assert "style=" not in page
    assert at(cast.chiara).looks("/drills").status_code == 404


def test_the_picture_of_no_drill_is_empty(life: Life) -> None:
    assert drawn((), life.clock.instant).dots == ()
