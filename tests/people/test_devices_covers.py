"""What a cover shows and does with her devices: both worlds list the same, and neither tells."""

import pytest
from sqlalchemy import text

from network.db import writing
from network.door import Door
from network.kernel.actor import InSession
from network.people import entrance, services
from network.people.domain import (
    MOST_DEVICES,
    OWN,
    Named,
    TooManyDevices,
    WrongCredentials,
    is_behind,
)
from network.people.entrance import answering, passkeys
from network.people.services import passkeys as verbs
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.people.conftest import PASSPHRASE, Typist
from tests.people.devices import (
    CALLER,
    HALF_A_MINUTE,
    SECOND,
    SITE,
    THIRD,
    adds,
    asks,
    come_in_again,
    mine,
    presses,
    rung,
)


def labels(door: Door, who: InSession) -> list[str]:
    return sorted(one.label for one in mine(door, who))


def test_both_of_her_worlds_list_the_same_devices_for_months(
    door: Door, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    adds(door, at_home, name="De antes", alone=False)
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    covered = come_in_again(fatima, clock, SECOND)
    adds(door, covered, name="De salida")
    adds(door, at_home, name="Propio")
    for who in (at_home, covered):
        assert labels(door, who) == ["De antes", "De salida", "Propio"]
    assert mine(door, at_home) == mine(door, covered)

    gone = next(one for one in mine(door, covered) if one.label == "Propio")
    door.ask(verbs.remove_passkey, covered, passkey_id=gone.id)
    home = come_in_again(fatima, clock)  # she was signed out there
    entrance.set_other_passphrase(door, home, old=PASSPHRASE, new=THIRD)
    later = come_in_again(fatima, clock, THIRD)

    assert mine(door, home) == mine(door, later)
    assert labels(door, later) == ["De antes", "De salida"]


def test_whoever_holds_the_rows_sees_no_difference_between_the_worlds(
    door: Door, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    """Neither by whom a device was added, nor how long its name is, nor what was changed when."""
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    adds(door, at_home, name="A")
    adds(door, come_in_again(fatima, clock, SECOND), name="ñ" * 40)
    before = rows(door)
    assert len({tuple(map(len, one[1:])) for one in before}) == 1

    entrance.change_passphrase(door, at_home, old=PASSPHRASE, new=THIRD)
    changed = rows(door)
    entrance.set_other_passphrase(door, at_home, old=THIRD, new=PASSPHRASE)

    for old, new in ((before, changed), (changed, rows(door))):
        parts = list(zip(pieces(old), pieces(new), strict=True))
        assert not any(a == b for a, b in parts), "every name is sealed anew, for every key"
        assert [len(a) for a, _ in parts] == [len(b) for _, b in parts]


def test_an_account_has_room_for_so_many_and_both_worlds_for_the_same_ones(
    door: Door, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    covered = come_in_again(fatima, clock, SECOND)
    home = come_in_again(fatima, clock)
    for number in range(MOST_DEVICES):
        adds(door, covered if number % 2 else home, name=f"Tel {number}")
    for who, passphrase in ((covered, SECOND), (home, PASSPHRASE)):
        clock.advance(HALF_A_MINUTE)
        code = fatima.code
        with pytest.raises(TooManyDevices):  # and the code is not asked for
            asks(fatima, who, passphrase, code)
        with pytest.raises(TooManyDevices):  # a page that was open since before
            adds(door, who)
        assert len(mine(door, who)) == MOST_DEVICES
    door.ask(verbs.remove_passkey, home, passkey_id=mine(door, home)[0].id)
    clock.advance(HALF_A_MINUTE)
    assert asks(fatima, home, PASSPHRASE, fatima.code)
    adds(door, home)


def rows(door: Door) -> list[tuple[bytes, ...]]:
    query = "SELECT label, facts, key_by_passkey, label FROM passkeys ORDER BY id"
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        return [tuple(map(bytes, one)) for one in tx.session.execute(text(query))]


def pieces(found: list[tuple[bytes, ...]]) -> list[bytes]:
    """Each envelope of each name."""
    return [
        row[0][at : at + len(row[0]) // 3]
        for row in found
        for at in range(0, len(row[0]), len(row[0]) // 3)
    ]


def test_one_added_under_a_second_passphrase_opens_the_cover_and_calls(
    door: Door, cast: Cast, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    own = adds(door, at_home, name="Propio")
    forced = adds(door, come_in_again(fatima, clock, SECOND), name="De salida")
    rung(door)

    inside, outside = presses(door, own), presses(door, forced)

    assert isinstance(inside, InSession)
    assert isinstance(outside, InSession)
    assert door.look(services.whoami, inside).active
    assert not door.look(services.whoami, outside).active
    assert rung(door) == [0, len((cast.alice, cast.elena))]


def test_a_second_passphrase_works_after_a_device_that_stands_for_the_code(
    door: Door, cast: Cast, at_home: InSession
) -> None:
    device = adds(door, at_home, alone=False)
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    rung(door)

    slip = presses(door, device)
    outside = passkeys.finish(door, carried=str(slip), passphrase=SECOND, caller=CALLER)

    assert not door.look(services.whoami, outside).active
    assert rung(door) == [len((cast.alice, cast.elena))]
    assert labels(door, outside) == ["Mi tel"]
    slip = presses(door, device)
    inside = passkeys.finish(door, carried=str(slip), passphrase=PASSPHRASE, caller=CALLER)
    assert door.look(services.whoami, inside).active


def test_one_added_before_a_cover_is_never_half_of_her_account(
    door: Door, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    """Her captor's own telephone must not be a second factor if they ever learn her passphrase."""
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    theirs = adds(door, come_in_again(fatima, clock, SECOND), alone=False)
    entrance.change_passphrase(door, at_home, old=PASSPHRASE, new=THIRD)

    slip = presses(door, theirs)
    with pytest.raises(WrongCredentials):
        passkeys.finish(door, carried=str(slip), passphrase=THIRD, caller=CALLER)
    outside = passkeys.finish(door, carried=str(slip), passphrase=SECOND, caller=CALLER)

    assert not door.look(services.whoami, outside).active
    asked = answering.to_prove(door, at_home, SITE, about="/quorum")
    with pytest.raises(WrongCredentials):
        answering.proof_of(
            door, at_home, SITE, code="", credential=theirs.answers(asked), about="/quorum"
        )


def test_a_former_covers_device_opens_nothing_by_itself(
    door: Door, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    forced = adds(door, come_in_again(fatima, clock, SECOND))
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=THIRD)

    assert isinstance(presses(door, forced), str)
    assert labels(door, at_home) == ["Mi tel"]


def test_what_a_device_stands_for_and_when_it_is_behind() -> None:
    own, theirs = Named("x", OWN), Named("x", 1)
    assert [own.stands_for_code(way) for way in (0, 1, 2)] == [True, True, True]
    assert [theirs.stands_for_code(way) for way in (0, 1, 2)] == [False, True, True]
    assert [is_behind(*each) for each in ((0, 0), (3, 4), (3, 3), (3, 0))] == [
        False,
        False,
        True,
        True,
    ]
