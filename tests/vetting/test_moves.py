"""The moves themselves: no order of them is a way round."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.kernel.errors import WrongMoment
from network.people.domain import Clearance, Level
from network.vetting.domain.path import (
    INSIDE,
    MOVES,
    Course,
    IsReferee,
    Move,
    NotYet,
    Stand,
    Step,
    clearance_for,
    moved,
    possible,
)

stands = st.builds(Stand, st.sampled_from(Step), st.sampled_from(Course))


@given(st.lists(st.sampled_from(Move), max_size=40))
def test_no_order_of_moves_leads_inside_without_an_approval(moves: list[Move]) -> None:
    at, approved = Stand(Step.IDENTITY), False
    for move in moves:
        if move not in possible(at):
            with pytest.raises(WrongMoment):
                moved(at, move)
            continue
        before, at = at, moved(at, move)
        approved = move is Move.APPROVE or (approved and at.course is not Course.REFUSED)
        if at.step in INSIDE and at.course is not Course.REFUSED:
            assert approved
        order = list(Step)
        assert order.index(at.step) <= order.index(before.step) + 1


@given(stands, st.sampled_from(Level), st.lists(st.sampled_from(["09", "20067"]), max_size=2))
def test_only_who_is_inside_and_going_is_given_anything(
    at: Stand, level: Level, zones: list[str]
) -> None:
    today = date(2026, 1, 1)
    found = clearance_for(
        at,
        today=today,
        review=timedelta(days=365),
        before=Clearance(level, today),
        zones=tuple(zones),
    )
    inside = at.course is Course.GOING and at.step in INSIDE
    assert (found.level in {Level.PROBATION, Level.FULL}) is inside
    assert found.zones == tuple(zones)


def test_every_stand_can_be_left_or_is_the_last_refusal() -> None:
    for step in Step:
        for course in Course:
            assert possible(Stand(step, course))
    assert set(MOVES) == set(Move)
    assert replace(Stand(Step.MEMBER), course=Course.PAUSED) in MOVES[Move.RESUME]
    assert IsReferee.key != NotYet.key
