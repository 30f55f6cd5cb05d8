"""Whoever reads every statement, size, moment and log line learns nothing of the danger word."""

from network.door import Door
from network.people import services as people
from tests.cast import Cast
from tests.checkins.conftest import Life
from tests.checkins.telling import answers
from tests.ground.betting import accuracy, in_any_order

PAIRS = 30
MANY_MORE = 4 * PAIRS


def test_nobody_tells_a_calm_answer_from_one_with_the_danger_word(
    door: Door, cast: Cast, life: Life
) -> None:
    """Guessing is right half of the time; `make chaos` asks the same of ten thousand pairs.

    The interval leaves out what is so by chance one time in twenty. Then many more are bet on, of
    other families, and those decide.
    """
    door.ask(people.set_duty, cast.alice.at_desk)
    ways = in_any_order(PAIRS)
    share, low, high = accuracy(answers(door, cast, life, ways), ways)
    if not low <= 0.5 <= high:
        again = in_any_order(MANY_MORE)
        seen = answers(door, cast, life, again, before=len(ways))
        share, low, high = accuracy(seen, again)

    assert low <= 0.5 <= high, f"{share:.3f} [{low:.3f}, {high:.3f}]"
