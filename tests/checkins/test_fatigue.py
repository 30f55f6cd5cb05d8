"""Alarms that nobody needed are counted, and the desk proposes to ask more gently."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from network.checkins import services
from network.checkins.domain.fatigue import STEPS, Weariness, proposal
from network.checkins.domain.watches import Outcome
from network.checkins.tables import OutcomeRow
from network.door import Door
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody
from tests.checkins.conftest import WORD, Life, alarms, asked, rows, writes

MINUTES = timedelta(minutes=1)
WORDS = Plaintext("canary: slept")


@pytest.fixture
def at(app: Flask) -> Callable[[Somebody], Browser]:
    return lambda who: signed_in(app, who)


def an_alarm(door: Door, cast: Cast, life: Life, case_id: CaseId, outcome: Outcome) -> None:
    """One silence, taken and ended by Bilal."""
    asked(door, cast, life, case_id)
    life.passes(40 * MINUTES, 5 * MINUTES)
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.bilal.in_chat, watch_id=ringing.id)
    door.ask(
        services.resolve, cast.bilal.at_desk, watch_id=ringing.id, outcome=outcome, words=WORDS
    )


def test_after_three_alarms_nobody_needed_the_desk_proposes_a_gentler_rhythm(
    at: Callable[[Somebody], Browser], door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id, every=timedelta(hours=2))
    an_alarm(door, cast, life, case_id, Outcome.FORGOT)
    asked(door, cast, life, case_id)
    life.passes(40 * MINUTES, 5 * MINUTES)
    writes(door, cast, "canary: here, sorry")  # an alarm that ended by itself
    assert door.look(services.desk, cast.alice.at_desk).weary == ()
    an_alarm(door, cast, life, case_id, Outcome.CHANNEL)
    (weary,) = door.look(services.desk, cast.alice.at_desk).weary
    assert (weary.tired.alarms, weary.tired.unneeded) == (3, 3)
    assert weary.gentler.every == timedelta(hours=3)
    assert "3 of 3 not needed" in at(cast.alice).reads("/desk?lang=en")
    for row in rows(door, OutcomeRow):
        assert b"forgot" not in row["facts"]
    assert len({len(row["facts"]) for row in rows(door, OutcomeRow)}) == 1
    life.passes(timedelta(days=31), timedelta(days=1))
    assert door.look(services.desk, cast.alice.at_desk).weary == ()


def test_whose_alarms_were_needed_is_not_asked_more_seldom(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    door.ask(services.set_rhythm, cast.bilal.at_desk, case_id=case_id, every=timedelta(hours=2))
    for outcome in (Outcome.FORGOT, Outcome.HELPED, Outcome.HELPED, Outcome.FALSE, Outcome.FALSE):
        an_alarm(door, cast, life, case_id, outcome)
    assert door.look(services.desk, cast.alice.at_desk).weary == ()


def test_nobody_sees_how_alarms_about_themselves_ended(door: Door, cast: Cast, life: Life) -> None:
    door.ask(services.set_rhythm, cast.elena.at_desk, every=timedelta(hours=2))
    for _ in range(3):
        while not alarms(door, cast):
            life.passes(timedelta(minutes=30), 10 * MINUTES)
        (ringing,) = alarms(door, cast)
        door.ask(services.own, cast.alice.in_chat, watch_id=ringing.id)
        door.ask(
            services.resolve,
            cast.alice.at_desk,
            watch_id=ringing.id,
            outcome=Outcome.FORGOT,
            words=WORDS,
        )
    (weary,) = door.look(services.desk, cast.alice.at_desk).weary
    assert weary.reference == cast.elena.alias
    assert door.look(services.desk, cast.elena.at_desk).weary == ()


@pytest.mark.usefixtures("case_id")
def test_an_alarm_of_danger_leaves_no_row_behind(door: Door, cast: Cast, life: Life) -> None:
    writes(door, cast, f"canary {WORD}")
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.bilal.in_chat, watch_id=ringing.id)
    door.ask(
        services.resolve,
        cast.bilal.at_desk,
        watch_id=ringing.id,
        outcome=Outcome.FALSE,
        words=WORDS,
    )
    life.passes(40 * MINUTES)
    assert rows(door, OutcomeRow) == []


@given(
    st.integers(0, 30),
    st.integers(0, 30),
    st.one_of(st.none(), st.sampled_from(STEPS)),
    st.integers(1, 300),
)
def test_what_is_proposed_is_gentler(
    unneeded: int, needed: int, every: timedelta | None, grace: int
) -> None:
    tired = Weariness(unneeded + needed, unneeded)
    found = proposal(tired, every, grace * MINUTES, most_unneeded=3)
    if found is None:
        assert (
            unneeded < 3
            or needed * 3 > unneeded
            or ((every is None or every == STEPS[-1]) and grace >= 120)
        )
    elif found.every is not None:
        assert every is not None
        assert found.every > every
    else:
        assert found.grace is not None
        assert found.grace > grace * MINUTES
