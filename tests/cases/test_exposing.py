"""Nobody of coordination learns alone and unheard who holds what."""

from datetime import timedelta

import pytest

from network.cases.services import exposing
from network.cases.services.exposing import LOOKED_AT, TOOK_ALONG
from network.door import Door
from network.kernel.actor import Role
from tests.cast import Cast, Somebody, somebody
from tests.checkins.conftest import Postman
from tests.ground.clock import StillClock

pytestmark = pytest.mark.usefixtures("accompanied")


def hears(postman: Postman, who: Somebody, what: str) -> int:
    """How often somebody has been sent one sentence so far."""
    postman.walk()
    return postman.to(who.chat).count(what)


def test_the_others_hear_once_a_day_that_somebody_looked_at_what_an_account_could_open(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    postman = Postman(door)
    for _ in range(3):
        door.ask(exposing.look_at, cast.alice.at_desk, person_id=cast.bilal.id)
    assert hears(postman, cast.elena, LOOKED_AT) == 1
    clock.advance(timedelta(days=1))
    door.ask(exposing.look_at, cast.alice.at_desk, person_id=cast.chiara.id)
    door.ask(exposing.look_at, cast.alice.at_desk, person_id=cast.bilal.id)
    assert hears(postman, cast.elena, LOOKED_AT) == 3


def test_they_hear_of_every_table_taken_along(door: Door, cast: Cast) -> None:
    postman = Postman(door)
    for _ in range(2):
        door.ask(exposing.take_along, cast.alice.at_desk, person_id=cast.bilal.id)
    assert hears(postman, cast.elena, TOOK_ALONG) == 2


def test_neither_whom_it_is_about_nor_whoever_looks_gets_a_letter(door: Door, cast: Cast) -> None:
    postman, gina = Postman(door), somebody(door, "gina", Role.COORDINATOR)
    door.ask(exposing.take_along, cast.alice.at_desk, person_id=cast.elena.id)
    assert hears(postman, gina, TOOK_ALONG) == 1
    assert hears(postman, cast.elena, TOOK_ALONG) == 0
    door.ask(exposing.take_along, cast.alice.at_desk, person_id=cast.alice.id)
    assert hears(postman, gina, TOOK_ALONG) == 1
    assert hears(postman, cast.alice, TOOK_ALONG) == 0
