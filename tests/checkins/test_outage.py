"""Our own absences: nobody is called late for them, whoever is late is found, and we are told."""

import json
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import update

from network import heartbeats
from network.checkins import services
from network.checkins.domain.prompts import PromptStatus
from network.checkins.domain.rhythms import Plan
from network.checkins.services.asking import ASKING_AGAIN, CHANNEL_DOWN, HOW_ARE_YOU
from network.checkins.services.telling import ALARM
from network.checkins.store import rhythms
from network.checkins.tables import RhythmRow, WatchRow
from network.db import writing
from network.door import Door
from network.encryption.sealed import Place
from network.heartbeats import ENGINES, ROAD, AbsenceRow, Ledger
from network.inbox import services as inbox
from network.inbox.domain import Incoming
from network.kernel.actor import Engine
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.outbox.services import Postponed, Refused, settle, take
from tests.cast import Cast
from tests.checkins.conftest import CLOCK, POSTMAN, WORD, Life, alarms, asked, latest, rows, writes
from tests.delivery.test_channels import confirmed

MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
START = datetime(2030, 1, 1, 12, tzinfo=UTC)


def test_an_engine_that_falls_silent_leaves_an_absence_in_the_ledger(
    door: Door, life: Life
) -> None:
    life.alive = ENGINES
    life.passes(10 * MINUTES)
    assert rows(door, AbsenceRow) == []
    life.clock.advance(6 * HOURS)
    life.beat()
    assert {row["engine"] for row in rows(door, AbsenceRow)} == set(ENGINES)
    life.clock.advance(timedelta(days=31))
    assert door.ask(heartbeats.sweep, CLOCK) == len(ENGINES)


def test_the_ledger_counts_time_once_however_many_were_away() -> None:
    ledger = Ledger.of(
        [
            (START + 2 * HOURS, START + 3 * HOURS),
            (START, START + HOURS),
            (START + 30 * MINUTES, START + 90 * MINUTES),
        ]
    )
    assert ledger.away(START - HOURS, START + 5 * HOURS) == 150 * MINUTES
    assert ledger.away(START + HOURS, START + 2 * HOURS) == 30 * MINUTES
    assert ledger.away(START + 4 * HOURS, START + 5 * HOURS) == timedelta(0)


def test_after_six_hours_away_nobody_is_late_before_they_were_asked_again(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.alive = ENGINES
    life.beat()
    asked(door, cast, life, case_id)
    life.passes(20 * MINUTES)
    assert life.postman.to(cast.family.chat) == [HOW_ARE_YOU, ASKING_AGAIN]
    life.clock.advance(6 * HOURS)
    life.knock()  # the clock is back first: the others have not said that they are
    assert alarms(door, cast) == ()
    assert life.postman.to(cast.family.chat) == [HOW_ARE_YOU, ASKING_AGAIN, ASKING_AGAIN]
    life.beat()
    life.passes(14 * MINUTES)
    assert alarms(door, cast) == ()
    life.passes(3 * MINUTES)
    assert len(alarms(door, cast)) == 1
    assert life.postman.to(cast.family.chat).count(ASKING_AGAIN) == 2


def test_whoever_was_told_before_our_absence_has_the_time_that_was_left(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.alive = ENGINES
    life.beat()
    asked(door, cast, life, case_id)
    life.passes(35 * MINUTES)
    assert ALARM in life.postman.to(cast.bilal.chat)
    life.clock.advance(6 * HOURS)
    life.knock()
    life.beat()
    life.passes(8 * MINUTES)
    assert ALARM not in life.postman.to(cast.alice.chat)
    life.passes(5 * MINUTES)
    assert ALARM in life.postman.to(cast.alice.chat)


@pytest.mark.parametrize("danger", [False, True])
@pytest.mark.parametrize("gone", ["postman", ROAD])
def test_while_nothing_goes_out_no_rung_is_told_and_the_ladder_waits(
    door: Door, cast: Cast, life: Life, case_id: CaseId, gone: str, danger: bool
) -> None:
    """The clock lives all the while: its looks are on time, and nobody could hear of them."""
    life.alive = (*ENGINES, ROAD)
    life.beat()
    if danger:
        writes(door, cast, f"canary {WORD}")
        life.passes(5 * MINUTES)
    else:
        asked(door, cast, life, case_id)
        life.passes(32 * MINUTES)
    (before,) = alarms(door, cast)
    life.alive = tuple(one for one in life.alive if one != gone)
    life.postman.asleep = True
    life.passes(75 * MINUTES)
    assert alarms(door, cast)[0].rung == before.rung
    life.alive = (*ENGINES, ROAD)
    life.beat()
    life.postman.asleep = False
    life.postman.sent.clear()
    life.passes(MINUTES)
    assert ALARM not in [one.say for one in life.postman.sent]
    life.passes(20 * MINUTES)
    assert alarms(door, cast)[0].rung > before.rung
    told = [one.to for one in life.postman.sent if one.say == ALARM]
    assert len(told) == len(set(told))


@pytest.mark.usefixtures("case_id")
def test_calm_and_danger_wait_alike_while_nothing_goes_out(
    door: Door, cast: Cast, life: Life
) -> None:
    """The same looks, and as many envelopes."""
    life.alive = (*ENGINES, ROAD)
    found = []
    for words in ("canary: good night", f"canary {WORD}"):
        life.beat()
        before = {row["id"] for row in rows(door, WatchRow)}
        writes(door, cast, words)
        began, looks = life.clock.instant, []
        life.alive = ("ingress", "worker", "clock", ROAD)
        for minute in range(80):
            if minute == 55:
                life.alive = (*ENGINES, ROAD)
            life.passes(MINUTES)
            mine = [row for row in rows(door, WatchRow) if row["id"] not in before]
            looks += [(row["next_look_at"] - began, len(row["state"])) for row in mine]
        signals = life.postman.signals
        found.append((looks[:70], signals))
        life.passes(6 * MINUTES)
        life.postman.signals = 0
    assert found[0] == found[1]


@pytest.mark.usefixtures("case_id")
def test_with_another_way_to_somebody_telegrams_absence_alone_holds_no_ladder(
    door: Door, cast: Cast, life: Life
) -> None:
    """Without the postman, who rings those ways too, they wait."""
    confirmed(door, cast.elena, "ntfys://ntfy.example.org/topic")
    life.alive = (*ENGINES, ROAD)
    life.beat()
    writes(door, cast, f"canary {WORD}")
    life.knock()
    (before,) = alarms(door, cast)
    life.postman.asleep = True
    life.alive = ENGINES
    life.passes(12 * MINUTES)
    (climbing,) = alarms(door, cast)
    assert climbing.rung > before.rung
    life.alive = ("ingress", "worker", "clock", ROAD)
    life.passes(45 * MINUTES)
    assert alarms(door, cast)[0].rung == climbing.rung


def test_what_they_sent_meanwhile_is_read_before_they_are_judged(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    asked(door, cast, life, case_id)
    life.passes(20 * MINUTES)
    waiting = Incoming(77, cast.family.chat, Plaintext(json.dumps({"update_id": 77})))
    door.ask(inbox.receive, Engine("ingress"), updates=[waiting])
    life.passes(3 * HOURS)
    assert alarms(door, cast) == ()
    (arrival,) = door.ask(inbox.take, Engine("worker"), limit=5)
    door.ask(inbox.put_aside, Engine("worker"), arrivals=[arrival])
    life.passes(2 * MINUTES)
    assert len(alarms(door, cast)) == 1


def test_a_short_absence_is_added_to_the_time_somebody_has(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.alive = ENGINES
    life.beat()
    asked(door, cast, life, case_id)
    life.passes(20 * MINUTES)
    life.clock.advance(5 * MINUTES)
    life.passes(9 * MINUTES)
    assert alarms(door, cast) == ()
    life.passes(5 * MINUTES)
    assert len(alarms(door, cast)) == 1
    assert life.postman.to(cast.family.chat).count(ASKING_AGAIN) == 1


def test_when_nothing_reaches_anybody_we_are_the_alarm_and_nobody_is_silent(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.postman.asleep = True
    door.ask(services.ask_once, cast.bilal.at_desk, case_id=case_id)
    life.passes(5 * HOURS, 5 * MINUTES)
    assert alarms(door, cast) == ()
    life.postman.asleep = False
    life.knock()
    told = [one for one in life.postman.sent if one.say == CHANNEL_DOWN]
    assert {one.to for one in told} == {cast.alice.chat, cast.elena.chat}
    assert len(told) == 2


def test_refusals_of_everybody_are_our_trouble_and_not_theirs(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.postman.asleep = True
    life.passes(20 * MINUTES, 20 * MINUTES)
    for _ in range(4):
        door.ask(services.ask_once, cast.bilal.at_desk, case_id=case_id)
    for _ in range(6):
        life.passes(MINUTES)
        leased = door.ask(take, POSTMAN, limit=50)
        door.ask(settle, POSTMAN, outcomes=[Refused(one, "chat_not_found") for one in leased])
    seen = door.look(services.overview, cast.bilal.at_desk, case_id=case_id).asked
    assert {one.prompt.status for one in seen} <= {PromptStatus.PROMISED, PromptStatus.UNREACHABLE}
    assert sum(one.prompt.status is PromptStatus.UNREACHABLE for one in seen) < len(seen)
    life.postman.asleep = False
    life.passes(20 * MINUTES)
    assert HOW_ARE_YOU in life.postman.to(cast.family.chat)


def test_a_letter_that_waits_is_not_a_silence(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    life.postman.asleep = True
    door.ask(services.ask_once, cast.bilal.at_desk, case_id=case_id)
    for _ in range(20):
        life.passes(MINUTES)
        leased = door.ask(take, POSTMAN, limit=50)
        outcomes = [Postponed(one, "network", timedelta(seconds=5)) for one in leased]
        door.ask(settle, POSTMAN, outcomes=outcomes)
    assert alarms(door, cast) == ()
    seen = door.look(services.overview, cast.bilal.at_desk, case_id=case_id).asked
    assert [one.prompt.status for one in seen] == [PromptStatus.PROMISED]


def test_a_plan_stored_by_the_first_version_still_asks(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    rhythm = door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id)
    old = {
        "every": 21600,
        "waking": ["08:00:00", "22:00:00"],
        "zone": "America/Mexico_City",
        "reminder": 900,
        "grace": 1800,
        "asked": "family",
    }
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        sealed = tx.secret.seal(Plaintext(json.dumps(old)), Place("rhythms", "plan", rhythm), 512)
        tx.session.execute(update(RhythmRow).where(RhythmRow.id == rhythm).values(plan=sealed))
        found = rhythms.plans(tx, [rhythm])[rhythm]
    assert found == Plan(
        6 * HOURS, time(8), time(22), "America/Mexico_City", 15 * MINUTES, 30 * MINUTES
    )
    life.passes(24 * HOURS, 10 * MINUTES)
    assert HOW_ARE_YOU in life.postman.to(cast.family.chat)
    assert latest(door, cast, case_id) is not None


def test_every_plan_fits_its_envelope_and_comes_out_the_same() -> None:
    full = Plan(
        None,
        time(0),
        time(23, 59),
        "America/Argentina/ComodRivadavia",
        15 * MINUTES,
        30 * MINUTES,
        times=tuple(time(hour, 59) for hour in range(12, 24)),
        days=frozenset(range(6)),
        last=START.date(),
        quiet_until=START,
    )
    assert len(rhythms._written(full).reveal().encode()) <= rhythms.PLAN_BYTES
    assert rhythms._read(rhythms._written(full)) == full
