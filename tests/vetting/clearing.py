"""Setting how far somebody is trusted, for a story that begins there."""

from collections.abc import Iterator
from datetime import date, timedelta

from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine
from network.people import services as people
from network.people.domain import Clearance, Level
from tests.cast import Somebody

TEST = Engine("test")


def clear(door: Door, who: Somebody, clearance: Clearance) -> None:
    """From now on vetting says this of them."""

    def say(tx: Tx, _actor: Actor) -> None:
        people.set_clearance(tx, people.member(tx, who.id), clearance)

    door.ask(say, TEST)


def barred(today: date) -> Iterator[tuple[str, Clearance]]:
    """Everything that forbids a key to a case in Mexico City that nobody accompanies yet."""
    for level in (Level.NONE, Level.ON_PATH, Level.PROBATION):
        yield level.value, Clearance(level, today)
    yield "review", Clearance(Level.FULL, today, review_on=today)
    yield "state", Clearance(Level.FULL, today, zones=("09",))
    yield "municipality", Clearance(Level.VOUCHED, today, zones=("20067", "09015"))


def allowed(today: date) -> Iterator[tuple[str, Clearance]]:
    """What does not."""
    yield "full", Clearance(Level.FULL, today)
    yield "vouched", Clearance(Level.VOUCHED, today)
    yield "tomorrow", Clearance(Level.FULL, today, review_on=today + timedelta(days=1))
    yield "elsewhere", Clearance(Level.FULL, today, zones=("20", "15033"))
