from uuid import UUID

import pytest

from network.encryption.envelope import KeyPair, new_key_pair
from network.encryption.sealed import Place
from network.encryption.server import ServerSecret
from network.kernel.hidden import SecretBytes

ALICE = UUID("a11ce000-0000-4000-8000-000000000001")
BILAL = UUID("b11a1000-0000-4000-8000-000000000002")
CASE = UUID("ca5e0000-0000-4000-8000-000000000003")
ENTRY = UUID("e0000000-0000-4000-8000-000000000004")


@pytest.fixture(scope="session")
def pair() -> KeyPair:
    return new_key_pair()


@pytest.fixture(scope="session")
def place() -> Place:
    return Place("entries", "body", ENTRY, CASE, 3, ALICE)


@pytest.fixture(scope="session")
def server() -> ServerSecret:
    return ServerSecret.from_text(ServerSecret.new_text())


@pytest.fixture(scope="session")
def pepper(server: ServerSecret) -> SecretBytes:
    return server.pepper
