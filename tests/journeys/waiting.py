"""Waiting for engines that run beside the test."""

import time
from collections.abc import Callable


def until(true: Callable[[], bool], within: float = 60.0) -> None:
    """Returns when it is so; fails when it is not in time."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it never became so"
        time.sleep(0.05)
