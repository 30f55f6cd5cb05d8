"""Whether the time of signing in, alone, tells which of two passphrases was typed."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from time import perf_counter

import pytest
from flask import Flask

from config.settings import load
from network.app import create_app
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import InSession
from network.people import entrance
from tests.bench.report import TIMES, middle, told
from tests.cases.browsing import TOKEN
from tests.cast import Cast
from tests.ground.betting import wilson
from tests.ground.clock import StillClock
from tests.people.conftest import PASSPHRASE, Typist, at_home, fatima, keys_of_fatima
from tests.people.devices import SECOND

__all__ = ["at_home", "fatima", "keys_of_fatima"]
pytestmark = pytest.mark.bench
PAIRS = int(400 * TIMES)
WORDS = (PASSPHRASE, SECOND)
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_time_of_signing_in_does_not_tell_which_passphrase_it_was(
    door: Door, cast: Cast, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    """Somebody beside her with a stopwatch that is better than any network lets them have."""
    assert cast.alice.chat
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    app = create_app(load({"HILO_SECRET": ServerSecret.new_text()}), door)
    ways: list[int] = []
    for _ in range(PAIRS):
        first = secrets.randbelow(2)
        ways += [first, 1 - first]
    times = [_signs_in(app, fatima, clock, way) for way in ways]
    own, other = (
        [each for each, way in zip(times, ways, strict=True) if way == one] for one in (0, 1)
    )
    tossed = [secrets.randbelow(2) for _ in ways]

    share, low, high = _told_apart(times, ways)
    chance, least, most = _told_apart(times, tossed)

    told(
        "two passphrases by time alone",
        f"a bet is right in {share:.3f} [{low:.3f}, {high:.3f}] of {PAIRS}; with tossed labels in"
        f" {chance:.3f} [{least:.3f}, {most:.3f}]; medians {middle(own)} and {middle(other)} ms",
        share=share,
        interval=[low, high],
        chance=chance,
        bets=PAIRS,
    )


def _signs_in(app: Flask, fatima: Typist, clock: StillClock, way: int) -> float:
    """From sending the form to having the answer, in milliseconds."""
    clock.advance(HALF_A_MINUTE)
    client = app.test_client()
    found = TOKEN.search(client.get("/enter").text)
    assert found
    typed = {"handle": "fatima", "passphrase": WORDS[way].reveal(), "code": fatima.code}
    began = perf_counter()
    answer = client.post("/enter", data={"csrf_token": found[1], **typed})
    took = perf_counter() - began
    assert answer.status_code == 303
    return took * 1000


def _told_apart(times: Sequence[float], ways: Sequence[int]) -> tuple[float, float, float]:
    """How often «slower than this» is right about the half it was not chosen by, with its 95 %
    interval (Wilson); the bound and the side are those that do best on the other half.
    """
    half = len(times) // 2
    seen = sorted(zip(times[:half], ways[:half], strict=True))
    slower = sum(way for _, way in seen)  # right if all are called «other»
    best = max((slower, -1.0, 1), (half - slower, -1.0, 0))
    for time, way in seen:
        slower += 1 - 2 * way  # from here on this one is called «own»
        best = max(best, (slower, time, 1), (half - slower, time, 0))
    _, bound, side = best
    bets = zip(times[half:], ways[half:], strict=True)
    right = sum((side if time > bound else 1 - side) == way for time, way in bets)
    return wilson(right, len(times) - half)
