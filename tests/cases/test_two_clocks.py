"""Two clocks that come to the same daily round: it is done once, and neither breaks."""

from datetime import timedelta

import pytest

from network.audit import printed
from network.cases import services
from network.cases.services import proofs
from network.door import Door
from network.kernel.actor import Actor, Engine, Role
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.ground.crossing import crossed_by, several

CLOCK = Engine("clock")
MACHINE = Actor(Role.MACHINE)


@several
@pytest.mark.usefixtures("accompanied")
def test_the_logs_head_is_said_once_by_two_clocks(door: Door, clock: StillClock) -> None:
    said: list[int] = []
    with crossed_by(door, lambda: said.append(door.ask(proofs.anchor_and_say, CLOCK))) as tx:
        assert proofs.anchor_and_say(tx, MACHINE)
    assert said == [0]
    clock.advance(timedelta(days=1))
    assert door.ask(proofs.anchor_and_say, CLOCK)
    assert len(door.look(lambda tx, _actor: printed(tx), CLOCK)) == 2


@several
@pytest.mark.usefixtures("accompanied")
def test_how_much_each_can_open_is_counted_once_by_two_clocks(door: Door, cast: Cast) -> None:
    with crossed_by(door, lambda: door.ask(services.measure_reach, CLOCK)) as tx:
        assert services.measure_reach(tx, MACHINE) == 3
    found = door.ask(services.reach, cast.alice.at_desk, person_id=cast.bilal.id)
    assert [day.cases for day in found.days] == [1]
