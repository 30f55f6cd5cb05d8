"""The days on which cases end: pure dates, and a chat with more than one case."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from network.cases import services
from network.cases.domain import Outcome
from network.cases.erasure import MOST_HELD, Erasure, everything_goes
from network.door import Door
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from tests.cast import Cast
from tests.ground.clock import StillClock

TODAY = date(2027, 3, 1)
KEPT = timedelta(days=30)
days = st.integers(-40, 40).map(lambda n: TODAY + timedelta(days=n))
erasures = st.builds(
    Erasure, st.none() | days, st.none() | days, st.none() | days, kept_for=st.just(KEPT)
)


@given(erasures, days)
def test_a_hold_never_shortens_and_never_passes_two_weeks(one: Erasure, until: date) -> None:
    after = one.held(until)
    if after is None:
        return
    assert one.erase_on is not None
    assert after.held_until is not None
    assert after.held_until <= one.erase_on + MOST_HELD
    assert after.held_until > max(one.erase_on, one.held_until or date.min)
    assert after.erase_on == one.erase_on


@given(erasures)
def test_asking_never_puts_off_and_taking_back_is_as_if_nobody_had_asked(one: Erasure) -> None:
    asked = one.asked(TODAY)
    assert asked.erase_on is not None
    assert asked.erase_on <= TODAY + timedelta(days=2)
    assert one.erase_on is None or asked.erase_on <= one.erase_on
    assert not asked.taken_back().is_asked


@given(st.lists(erasures, max_size=4).map(tuple))
def test_the_day_that_is_said_is_the_last_ones(each: tuple[Erasure, ...]) -> None:
    said = everything_goes(each, TODAY)
    if said is not None:
        assert all(one.erase_on is not None and one.erase_on <= said for one in each)
        assert any(one.is_asked for one in each)


def test_what_was_asked_of_an_earlier_case_does_not_stand_for_the_open_one(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    door.ask(services.close, cast.alice.at_desk, case_id=accompanied, outcome=Outcome.REUNITED)
    first = door.ask(services.ask_erasure, cast.family)
    clock.advance(timedelta(days=1))
    door.ask(services.intake, cast.family, situation="missing", text=Plaintext("again"))
    found = door.look(services.my_wishes, cast.family)
    assert found is not None
    assert found.erase_on is None
    assert found.would_be_on == first + timedelta(days=1)

    day = door.ask(services.ask_erasure, cast.family)

    assert day == first + timedelta(days=1)
    found = door.look(services.my_wishes, cast.family)
    assert found is not None
    assert found.erase_on == day


def test_asking_for_what_ends_sooner_says_the_sooner_day(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    door.ask(services.close, cast.alice.at_desk, case_id=accompanied, outcome=Outcome.REUNITED)
    clock.advance(door.pack.access.kept_after_closing)
    found = door.look(services.my_wishes, cast.family)
    assert found is not None
    assert found.erase_on is None
    tomorrow = clock().date() + timedelta(days=1)
    assert door.ask(services.ask_erasure, cast.family) == found.would_be_on == tomorrow
