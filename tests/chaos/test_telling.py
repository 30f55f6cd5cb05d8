"""Ten thousand pairs of sign-ins by either passphrase, of answers with the danger word or without,
and days with a device: somebody bets.
"""

import pytest

from network.door import Door
from network.kernel.actor import InSession
from network.people import services as people
from tests.cast import Cast
from tests.checkins.conftest import Life, life, postman
from tests.checkins.telling import answers
from tests.ground.betting import accuracy, in_any_order
from tests.ground.clock import StillClock
from tests.people.conftest import Typist
from tests.people.devices import adds
from tests.people.telling import days_with_a_device, sign_ins
from tests.people.test_telling import both_keys

__all__ = ["life", "postman"]

pytestmark = pytest.mark.chaos
PAIRS = 10_000
DAYS = 1_500  # bets on what she does with her devices


def test_ten_thousand_pairs_are_not_told_apart(
    door: Door, cast: Cast, fatima: Typist, clock: StillClock
) -> None:
    assert cast.alice.chat
    ways = in_any_order(PAIRS)

    share, low, high = accuracy(sign_ins(door, clock, fatima.handle, ways), ways)

    print(f"told apart: {share:.4f}, 95 % interval [{low:.4f}, {high:.4f}], n = {len(ways) // 2}")
    assert low <= 0.5 <= high


def test_ten_thousand_pairs_of_answers_are_not_told_apart(
    door: Door, cast: Cast, life: Life
) -> None:
    """Asked, answered with the danger word or without, looked at until both are forgotten."""
    door.ask(people.set_duty, cast.alice.at_desk)
    ways = in_any_order(PAIRS)

    share, low, high = accuracy(answers(door, cast, life, ways), ways)

    print(f"told apart: {share:.4f}, 95 % interval [{low:.4f}, {high:.4f}], n = {len(ways) // 2}")
    assert low <= 0.5 <= high


def test_days_with_a_device_are_not_told_apart(
    door: Door, cast: Cast, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    """She comes in with it and one of her passphrases, looks, adds another and takes it off."""
    assert cast.alice.chat
    keys = both_keys(door, fatima, at_home, clock)
    device, ways = adds(door, at_home, alone=False), in_any_order(DAYS)

    share, low, high = accuracy(days_with_a_device(door, clock, device, keys, ways), ways)

    print(f"told apart: {share:.4f}, 95 % interval [{low:.4f}, {high:.4f}], n = {len(ways) // 2}")
    assert low <= 0.5 <= high
