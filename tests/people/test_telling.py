"""Whoever reads every row, size and log line learns nothing of which passphrase it was."""

import secrets

from network.door import Door
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.people.conftest import Typist
from tests.people.telling import accuracy, sign_ins

PAIRS = 60


def in_any_order(pairs: int) -> list[int]:
    """As many of either, in an order nobody knows; each half holds as many too."""
    half = [0, 1] * (pairs // 2)
    shuffled = secrets.SystemRandom()
    first, second = half[:], half[:]
    shuffled.shuffle(first)
    shuffled.shuffle(second)
    return [*first, *second]


def test_nobody_tells_the_two_passphrases_apart(
    door: Door, cast: Cast, fatima: Typist, clock: StillClock
) -> None:
    """Guessing is right half of the time; `make chaos` asks the same of ten thousand pairs."""
    assert cast.alice.chat
    ways = in_any_order(PAIRS)

    share, low, high = accuracy(sign_ins(door, clock, fatima.handle, ways), ways)

    assert low <= 0.5 <= high, f"{share:.3f} [{low:.3f}, {high:.3f}]"


def test_one_who_can_be_told_is_told() -> None:
    """The guesser does find what is there to be found."""
    ways = in_any_order(PAIRS)
    seen = [(1, 8193 if way else 8192) for way in ways]

    assert accuracy(seen, ways)[0] == 1.0
