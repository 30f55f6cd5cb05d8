"""The door of a test: a real database, a fresh secret, Mexico, a clock moved by hand."""

from typing import TYPE_CHECKING

import pytest

from config.country import Pack, load_pack
from network.db import Database
from network.encryption.server import ServerSecret
from tests.ground.clock import StillClock

if TYPE_CHECKING:
    from network.door import Door


@pytest.fixture(scope="session")
def secret() -> ServerSecret:
    """The machine's secret for this run: fresh, as every installation's is."""
    return ServerSecret.from_text(ServerSecret.new_text())


@pytest.fixture(scope="session")
def pack() -> Pack:
    """Mexico, as it ships."""
    return load_pack("mx")


@pytest.fixture
def door(database: Database, clock: StillClock, secret: ServerSecret, pack: Pack) -> "Door":
    """The one door, on both databases in turn."""
    # Imported here, so that a room that cannot be imported fails its own tests and no other.
    from network.checkins.services import read_ahead  # noqa: PLC0415
    from network.door import Door  # noqa: PLC0415
    from network.people.services import identify  # noqa: PLC0415

    return Door(database, clock, secret, pack, identify, read_ahead)
