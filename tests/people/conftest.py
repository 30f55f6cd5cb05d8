"""Somebody who really signs in: with a passphrase, an authenticator and a printed code."""

from dataclasses import dataclass, replace

import pytest

from network.db import writing
from network.door import Door
from network.encryption.keyring import unlock_with_recovery
from network.kernel.actor import Engine, InSession, Nobody, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people import entrance, services, totp
from network.people.domain import OWN, Device, Opened
from network.people.entrance import Prepared
from network.people.entrance.coming import begun
from network.people.store import passes

CLI = Engine("cli")
PASSPHRASE = Plaintext("lluvia tornillo cometa almendra puente")
ANOTHER = Plaintext("farola mostaza ribera trompeta ceniza")


@dataclass(frozen=True, slots=True)
class Typist:
    """Fátima coordinates. She is the one who types her passphrase in these stories."""

    door: Door
    prepared: Prepared

    @property
    def id(self) -> PersonId:
        return self.prepared.id

    @property
    def handle(self) -> str:
        return self.prepared.handle

    @property
    def code(self) -> str:
        """What her authenticator shows now."""
        return totp.code_at(self.prepared.totp_secret, self.door.now())


@pytest.fixture
def fatima(door: Door, keys_of_fatima: dict[str, Prepared]) -> Typist:
    if not keys_of_fatima:
        keys_of_fatima["hers"] = entrance.prepare(
            door, handle="fatima", alias="Fátima", language="es", passphrase=PASSPHRASE
        )
    prepared = keys_of_fatima["hers"]
    newcomer = entrance.prove(door, prepared, code=totp.code_at(prepared.totp_secret, door.now()))
    token = door.ask(services.invite, CLI, role=Role.COORDINATOR)
    door.ask(services.join, Nobody(), token=token, newcomer=replace(newcomer, step=0))
    return Typist(door, prepared)


@pytest.fixture(scope="session")
def keys_of_fatima() -> dict[str, Prepared]:
    """Keys are slow on purpose: hers are made once per run, under that run's one secret."""
    return {}


@pytest.fixture
def at_home(door: Door, fatima: Typist) -> InSession:
    """Where she is signed in. How she came does not matter here, so it costs nothing."""
    keys = fatima.prepared.keys
    printed = fatima.prepared.recovery_code
    private = unlock_with_recovery(fatima.id, printed, keys.by_recovery, door.secret.pepper)
    who, half = begun(fatima.id, Opened(private, OWN), Device.COMPUTER)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        passes.open_session(tx, fatima.id, half)
    return who
