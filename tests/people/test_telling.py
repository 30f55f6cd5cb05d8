"""Whoever reads every row, size and log line learns nothing of which passphrase it was."""

from network.door import Door
from network.kernel.actor import InChat, InSession
from network.kernel.hidden import SecretBytes
from network.people import entrance, services
from tests.cast import Cast
from tests.ground.betting import accuracy, in_any_order
from tests.ground.clock import StillClock
from tests.people.conftest import PASSPHRASE, Typist
from tests.people.devices import SECOND, adds, come_in_again
from tests.people.telling import days_with_a_device, sign_ins

PAIRS = 60


def test_nobody_tells_the_two_passphrases_apart(
    door: Door, cast: Cast, fatima: Typist, clock: StillClock
) -> None:
    """Guessing is right half of the time; `make chaos` asks the same of ten thousand pairs."""
    assert cast.alice.chat
    ways = in_any_order(PAIRS)

    share, low, high = accuracy(sign_ins(door, clock, fatima.handle, ways), ways)

    assert low <= 0.5 <= high, f"{share:.3f} [{low:.3f}, {high:.3f}]"


def test_nobody_tells_them_apart_by_her_devices(
    door: Door, cast: Cast, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    assert cast.alice.chat
    keys = both_keys(door, fatima, at_home, clock)
    device, ways = adds(door, at_home, alone=False), in_any_order(PAIRS // 3)

    share, low, high = accuracy(days_with_a_device(door, clock, device, keys, ways), ways)

    assert low <= 0.5 <= high, f"{share:.3f} [{low:.3f}, {high:.3f}]"


def both_keys(
    door: Door, fatima: Typist, at_home: InSession, clock: StillClock
) -> tuple[SecretBytes, SecretBytes]:
    """What her two passphrases open, where she has a chat that could hear of things."""
    code = door.ask(services.new_link_code, at_home)
    door.ask(services.link_chat, InChat(8_100_001), code=code)
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    covered = come_in_again(fatima, clock, SECOND)
    own, cover = (door.look(services.whoami, each).key() for each in (at_home, covered))
    return own, cover


def test_one_who_can_be_told_is_told() -> None:
    """The guesser does find what is there to be found."""
    ways = in_any_order(PAIRS)
    seen = [(1, 8193 if way else 8192) for way in ways]

    assert accuracy(seen, ways)[0] == 1.0
