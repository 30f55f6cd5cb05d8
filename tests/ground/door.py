"""The door of a test: a real database, a fresh secret, Mexico, a clock moved by hand."""

import pytest

from config.country import Pack, load_pack
from network.db import Database
from network.door import Door
from network.encryption.server import ServerSecret
from network.people.services import identify
from tests.ground.clock import StillClock


@pytest.fixture(scope="session")
def secret() -> ServerSecret:
    """The machine's secret for this run: fresh, as every installation's is."""
    return ServerSecret.from_text(ServerSecret.new_text())


@pytest.fixture(scope="session")
def pack() -> Pack:
    """Mexico, as it ships."""
    return load_pack("mx")


@pytest.fixture
def door(database: Database, clock: StillClock, secret: ServerSecret, pack: Pack) -> Door:
    """The one door, on both databases in turn."""
    return Door(database, clock, secret, pack, identify)
