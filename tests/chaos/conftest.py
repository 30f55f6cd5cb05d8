"""What the stories of this folder share: Telegram, a parent of processes, databases that last."""

from collections.abc import Iterator

import pytest

from network.clock import utc_now
from tests.bench.conftest import durable_cluster, durable_server, durable_url
from tests.bench.telegram import Telegram
from tests.chaos.nursery import Hurried, Nursery
from tests.chaos.telegram import PROGRAM
from tests.people.conftest import at_home, fatima, keys_of_fatima

__all__ = [
    "at_home",
    "durable_cluster",
    "durable_server",
    "durable_url",
    "fatima",
    "keys_of_fatima",
]

SPEED = 5.0  # a lease lapses in four seconds


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Bears processes whose clock runs fast, for the short forms."""
    with Nursery(Hurried(utc_now(), SPEED)) as parent:
        yield parent


@pytest.fixture(scope="session")
def honest_nursery() -> Iterator[Nursery]:
    """Bears processes by our own clock, for the long forms."""
    with Nursery(Hurried(utc_now(), 1.0)) as parent:
        yield parent


@pytest.fixture(scope="session")
def telegram() -> Iterator[Telegram]:
    """A Bot API nobody kills, some milliseconds away."""
    with Telegram(latency=0.01, program=PROGRAM) as there:
        yield there
