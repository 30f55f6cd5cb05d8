"""Whoever holds something says so by the clock that measures leases, however that clock goes."""

from datetime import timedelta

from bot.pulse import Hold
from tests.ground.clock import StillClock

LEASE = timedelta(seconds=20)
SECOND = timedelta(seconds=1)


def test_it_is_said_three_times_in_a_lease(clock: StillClock) -> None:
    hold = Hold(clock, LEASE)
    said = []
    for second in range(60):
        if hold.is_due:
            said.append(second)
            hold.done()
        clock.advance(SECOND)
    assert said == list(range(0, 60, 7))


def test_a_clock_that_leaps_makes_it_due_at_once(clock: StillClock) -> None:
    for leap in (timedelta(hours=2), timedelta(hours=-2), timedelta(days=400)):
        hold = Hold(clock, LEASE)
        hold.done()
        assert not hold.is_due
        clock.advance(leap)
        assert hold.is_due
