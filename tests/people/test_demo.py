"""The demo's five accounts, in an empty network only."""

import pytest

from network.door import Door
from network.kernel.actor import InChat, Role
from network.kernel.errors import WrongMoment
from network.kernel.hidden import Plaintext
from network.people import entrance, services, totp
from network.people.demo import seed_people


def test_the_demos_people_sign_in_and_are_known_to_the_bot(door: Door) -> None:
    accounts = {str(one["name"]): one for one in seed_people(door)}

    alice = accounts["Alice"]
    browser = entrance.sign_in(
        door,
        handle=str(alice["handle"]),
        passphrase=Plaintext(str(alice["passphrase"])),
        code=totp.code_at(Plaintext(str(alice["totp_secret"])), door.now()),
    )
    page = door.look(services.people, browser)
    assert {card.member.alias for card in page.members} == {"Alice", "Elena", "Bilal", "Chiara"}
    assert [card.member.alias for card in page.waiting] == ["Dino"]
    assert door.look(services.whoami, InChat(1002)).role is Role.ACTIVIST
    assert door.look(services.whoami, InChat(1004)).role is Role.FAMILY

    with pytest.raises(WrongMoment):
        seed_people(door)
