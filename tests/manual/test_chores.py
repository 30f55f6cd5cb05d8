"""The desk says how much of the handbook waits for somebody: numbers to dial, reviews to renew."""

from datetime import timedelta

import pytest

from network.door import Door
from network.kernel.errors import NotAllowed
from network.manual import services
from network.manual.domain import Outcome, Specialty
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.manual.conftest import Sign

CHAPTER, SECTIONS = "acompanar", ("nunca",)


def test_a_number_counts_until_it_is_dialled_and_again_after_ninety_days(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    def lines() -> int:
        return door.look(services.chores, cast.alice.at_desk).lines

    every = len(door.pack.directory)
    assert lines() == every
    door.ask(services.dial, cast.alice.at_desk, line_id="911", outcome=Outcome.ANSWERED)
    assert lines() == every - 1
    clock.advance(timedelta(days=91))
    assert lines() == every


def test_a_review_counts_from_a_month_before_it_ends(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    def reviewed() -> None:
        said = door.ask(
            services.say_review,
            cast.alice.at_desk,
            chapter=CHAPTER,
            language="es",
            sections=SECTIONS,
            specialty=Specialty.LAW,
            day=door.now().date() - timedelta(days=1),
        )
        waits = door.look(services.chores, cast.alice.at_desk)
        assert waits.to_confirm == 1
        door.ask(services.confirm_review, cast.elena.at_desk, review_id=said)

    def counted() -> tuple[int, int]:
        found = door.look(services.chores, cast.alice.at_desk)
        return found.to_confirm, found.lapsing

    reviewed()
    assert counted() == (0, 0)
    clock.advance(timedelta(days=155))
    assert counted() == (0, 1)
    clock.advance(timedelta(days=60))
    assert counted() == (0, 1)
    reviewed()  # a newer one of the same part
    assert counted() == (0, 0)


def test_only_coordination_is_told(door: Door, cast: Cast) -> None:
    for who in (cast.bilal.at_desk, cast.dino.at_desk, cast.family):
        with pytest.raises(NotAllowed):
            door.look(services.chores, who)


def test_the_desk_has_a_tile_for_it(at: Sign, cast: Cast, door: Door) -> None:
    desk = at(cast.alice).reads("/desk")
    waiting = door.look(services.chores, cast.alice.at_desk).waiting
    assert f'<a href="#manual"><strong>{waiting}</strong> El manual</a>' in desk
    assert f"{len(door.pack.directory)} números que nadie ha marcado en 90 días" in desk
