"""Ten thousand pairs of sign-ins, by either passphrase, and somebody who bets on each."""

import pytest

from network.door import Door
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.people.conftest import Typist
from tests.people.telling import accuracy, sign_ins
from tests.people.test_telling import in_any_order

pytestmark = pytest.mark.chaos
PAIRS = 10_000


def test_ten_thousand_pairs_are_not_told_apart(
    door: Door, cast: Cast, fatima: Typist, clock: StillClock
) -> None:
    assert cast.alice.chat
    ways = in_any_order(PAIRS)

    share, low, high = accuracy(sign_ins(door, clock, fatima.handle, ways), ways)

    print(f"told apart: {share:.4f}, 95 % interval [{low:.4f}, {high:.4f}], n = {len(ways) // 2}")
    assert low <= 0.5 <= high
