"""A member's chat is linked by a code that works once, soon, and for one member."""

import pytest
from sqlalchemy import text

from network.db import writing
from network.door import Door
from network.kernel.actor import InChat, Role
from network.kernel.errors import NotAllowed, NotVisible
from network.kernel.hidden import Plaintext
from network.outbox import lease
from network.people import services
from network.people.domain import LINK_CODE_LASTS, AlreadyLinked
from tests.cast import Cast, Somebody
from tests.ground.clock import StillClock

NEW_CHAT = InChat(9_000_001)


def code_for(door: Door, one: Somebody) -> Plaintext:
    return door.ask(services.new_link_code, one.at_desk)


def test_a_code_links_a_chat_and_says_whose_it_is(door: Door, cast: Cast) -> None:
    typed = Plaintext(code_for(door, cast.bilal).reveal().lower().replace("-", " "))

    assert door.ask(services.link_chat, NEW_CHAT, code=typed) == "Bilal"

    actor = door.look(services.whoami, NEW_CHAT)
    assert (actor.person_id, actor.role, actor.private_key) == (cast.bilal.id, Role.ACTIVIST, None)
    assert door.look(services.whoami, cast.bilal.in_chat).role is Role.FAMILY


def test_the_chat_linked_before_is_told(door: Door, cast: Cast) -> None:
    door.ask(services.link_chat, NEW_CHAT, code=code_for(door, cast.bilal))

    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        (leased,) = lease(tx, 10)
        assert leased.letters[0].to == cast.bilal.chat


def test_whoever_was_stopped_is_written_to_no_more(door: Door, cast: Cast) -> None:
    door.ask(services.suspend, cast.alice.at_desk, person_id=cast.elena.id)

    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        elena, alice = services.member(tx, cast.elena.id), services.member(tx, cast.alice.id)
        assert elena.profile.chat is not None
        assert [each.to for each in services.letters_to([elena, alice], "x")] == [cast.alice.chat]


def test_a_code_works_once(door: Door, cast: Cast) -> None:
    code = code_for(door, cast.bilal)
    door.ask(services.link_chat, NEW_CHAT, code=code)

    with pytest.raises(NotVisible):
        door.ask(services.link_chat, cast.strangers, code=code)


def test_a_code_is_good_for_a_quarter_of_an_hour(door: Door, cast: Cast, clock: StillClock) -> None:
    code = code_for(door, cast.bilal)
    clock.advance(LINK_CODE_LASTS)

    with pytest.raises(NotVisible):
        door.ask(services.link_chat, NEW_CHAT, code=code)


def test_a_second_code_voids_the_first(door: Door, cast: Cast) -> None:
    first = code_for(door, cast.bilal)
    code_for(door, cast.bilal)

    with pytest.raises(NotVisible):
        door.ask(services.link_chat, NEW_CHAT, code=first)


def test_one_chat_is_one_members(door: Door, cast: Cast) -> None:
    code = code_for(door, cast.bilal)

    with pytest.raises(AlreadyLinked):
        door.ask(services.link_chat, cast.chiara.in_chat, code=code)

    assert door.look(services.whoami, cast.chiara.in_chat).person_id == cast.chiara.id
    door.ask(services.link_chat, NEW_CHAT, code=code)  # the refusal did not spend it


def test_a_browser_cannot_link_itself(door: Door, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        door.ask(services.link_chat, cast.bilal.at_desk, code=code_for(door, cast.bilal))


def test_an_unlinked_chat_is_anybodys(door: Door, cast: Cast) -> None:
    door.ask(services.unlink_chat, cast.bilal.at_desk)

    assert door.look(services.whoami, cast.bilal.in_chat).role is Role.FAMILY
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        assert services.letters_to([services.member(tx, cast.bilal.id)], "x") == ()


def test_the_tables_hold_no_chat_and_no_code(door: Door, cast: Cast) -> None:
    code = code_for(door, cast.bilal).reveal()
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        for table in ("people", "link_codes"):
            rows = tx.session.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
            raw = repr(rows).encode()
            for word in (str(cast.bilal.chat), "Bilal", "bilal", code, code.replace("-", "")):
                assert word.encode() not in raw
