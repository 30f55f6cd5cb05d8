"""Somebody who really signs in: with a passphrase, an authenticator and a printed code."""

from dataclasses import dataclass, replace

import pytest

from network.door import Door
from network.kernel.actor import Engine, Nobody, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people import entrance, services, totp
from network.people.entrance import Prepared

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
