"""What it costs a press in the chat that the handbook knows what was dialled and reviewed."""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from handbook.library import load_library
from handbook.standing import as_it_stands
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Nobody
from network.manual import services, store
from network.manual.domain import Dial, Outcome, Review, ReviewStatus, Specialty
from network.people import services as people
from tests.bench.report import TIMES, measured, middle
from tests.cast import Cast

ROUNDS = int(300 * TIMES)
TESTS_OF_TWO_YEARS = 24


def fill(tx: Tx, _actor: Actor, *, cast: Cast) -> None:
    """Every section reviewed, every line dialled each month for two years."""
    day = tx.now.date() - timedelta(days=10)
    for chapter in load_library().chapters.values():
        store.add_review(
            tx,
            Review(
                uuid4(),
                chapter.slug,
                chapter.language,
                Specialty.LAW,
                day,
                {section.id: section.digest for section in chapter.sections if section.harm},
                ReviewStatus.CONFIRMED,
                cast.alice.id,
                cast.elena.id,
            ),
        )
    for line in tx.pack.directory:
        for _ in range(TESTS_OF_TWO_YEARS):
            store.add_dial(tx, Dial(line.id, line.number, Outcome.ANSWERED, day, cast.alice.id))


def each(job: Callable[[], object]) -> float:
    """Milliseconds of one, the median of many."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        job()
        took.append((time.perf_counter() - began) * 1000)
    return middle(took)


@pytest.mark.bench
def test_knowing_costs_a_press_little(door: Door, cast: Cast) -> None:
    door.ask(fill, Nobody(), cast=cast)
    found = door.look(services.standing, Nobody())
    assert len(found.reviewed) > 300
    assert len(found.dialled) == len(door.pack.directory)
    as_it_stands(load_library(), found)

    def knowing() -> None:
        as_it_stands(load_library(), door.look(services.standing, Nobody()))

    measured(
        f"standing on {door.database.engine.dialect.name}",
        ours=each(knowing),
        reference=each(lambda: door.look(people.whoami, Nobody())),
        unit="ms",
        against="an empty crossing of the door",
        goal="a few milliseconds",
    )
