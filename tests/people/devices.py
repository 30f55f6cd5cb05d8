"""What stories about devices share: a site, a browser, and how somebody presses."""

from datetime import timedelta

import pytest

from network.door import Door
from network.encryption.authenticators import Site
from network.kernel.actor import Engine, InSession
from network.kernel.hidden import Plaintext
from network.outbox import services as outbox
from network.people import entrance
from network.people.domain import Caller, Passkey, WrongCredentials
from network.people.entrance import passkeys
from network.people.entrance.passkeys import Shown
from network.people.services import passkeys as verbs
from tests.ground.authenticator import SoftDevice
from tests.ground.clock import StillClock
from tests.people.conftest import PASSPHRASE, Typist

SITE = Site.at("http://localhost:8000")
SECOND = Plaintext("calabaza molino jirafa cortina verbo")
THIRD = Plaintext("paraguas ladrillo canela violin tejado")
HALF_A_MINUTE = timedelta(seconds=30)
CALLER = Caller()


def come_in_again(
    fatima: Typist, clock: StillClock, passphrase: Plaintext = PASSPHRASE
) -> InSession:
    """With the next code."""
    clock.advance(HALF_A_MINUTE)
    return entrance.sign_in(fatima.door, handle="fatima", passphrase=passphrase, code=fatima.code)


def asks(fatima: Typist, who: InSession, passphrase: Plaintext, code: str) -> str:
    """To be allowed to add one: her passphrase and a code."""
    return passkeys.to_add(fatima.door, who, SITE, passphrase=passphrase, shown=Shown(code))


def adds(door: Door, who: InSession, *, alone: bool = True, name: str = "Mi tel") -> SoftDevice:
    """What it took to be asked for one is a story of its own."""
    made = SoftDevice()
    options = passkeys.to_make(door, who, SITE)
    output = made.output if alone else ""
    passkeys.add(door, who, SITE, credential=made.makes(options), output=output, label=name)
    return made


def presses(door: Door, device: SoftDevice, *, output: str | None = None) -> InSession | str:
    """She presses «come in with this device»."""
    said = device.answers(passkeys.to_enter(door, SITE))
    given = device.output if output is None else output
    return passkeys.enter(door, SITE, credential=said, output=given, caller=CALLER)


def refused(door: Door, device: SoftDevice, said: str) -> None:
    """This answer lets nobody in."""
    with pytest.raises(WrongCredentials):
        passkeys.enter(door, SITE, credential=said, output=device.output, caller=CALLER)


def rung(door: Door) -> list[int]:
    """How many letters each waiting signal holds."""
    held = door.ask(outbox.take, Engine("postman"), limit=20, urgent=20)
    return [len(one.letters) for one in held if one.is_signal]


def mine(door: Door, who: InSession) -> tuple[Passkey, ...]:
    """The list on her page."""
    return door.look(verbs.my_passkeys, who)
