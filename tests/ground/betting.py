"""Somebody who is shown what each of many things left behind, and bets which of two it was."""

import logging
import math
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from re import sub

NEAR = timedelta(days=2)
Seen = tuple[object, ...]


class Listener(logging.Handler):
    """Keeps what was logged, without whose ids."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "id", record.getMessage()))


@contextmanager
def listening() -> Iterator[Listener]:
    """Every line of ours while it lasts."""
    ear, root = Listener(), logging.getLogger("network")
    before = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        yield ear
    finally:
        root.removeHandler(ear)
        root.setLevel(before)


def in_any_order(pairs: int) -> list[int]:
    """As many of either, in an order nobody knows; each half holds as many too."""
    half = [0, 1] * (pairs // 2)
    shuffled = secrets.SystemRandom()
    first, second = half[:], half[:]
    shuffled.shuffle(first)
    shuffled.shuffle(second)
    return [*first, *second]


def accuracy(seen: Sequence[Seen], ways: Sequence[int]) -> tuple[float, float, float]:
    """How often the best guess from these is right on the half it did not learn from, with the 95 %
    interval (Wilson). What was seen together decides, and each thing seen alone where that is new.
    """
    half = len(seen) // 2
    votes: dict[object, Counter[int]] = defaultdict(Counter)
    for one, way in zip(seen[:half], ways[:half], strict=True):
        for clue in _clues(one):
            votes[clue][way] += 1
    right = sum(
        _guess(votes, one) == way for one, way in zip(seen[half:], ways[half:], strict=True)
    )
    return wilson(right, len(seen) - half)


def _clues(one: Seen) -> Iterator[object]:
    yield one
    yield from enumerate(one)


def _guess(votes: dict[object, Counter[int]], one: Seen) -> int:
    score = 0.0
    for clue in _clues(one):
        yes, no = votes[clue][1] + 1, votes[clue][0] + 1
        score += math.log(yes / no)
    return int(score > 0)


def wilson(right: int, of: int) -> tuple[float, float, float]:
    """A share with its 95 % interval."""
    z, share = 1.96, right / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    around = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return share, middle - around, middle + around


def plain(value: object, now: datetime | None = None) -> object:
    """What of a value may be a clue: the length of bytes, small numbers and words as they are, how
    far a moment near `now` is from it; of ids and anything else its kind.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return len(value)
    if isinstance(value, bool | None) or (isinstance(value, int) and value < 100):
        return value
    moment = _moment(value)
    if moment is not None and now is not None and abs(moment - now) < NEAR:
        return str(moment - now)
    if isinstance(value, str) and len(value) < 20:
        return value
    return type(value).__name__


def _moment(value: object) -> datetime | None:
    """SQLite's driver is given moments as words."""
    if isinstance(value, str) and value[4:5] == "-" and value[10:11] == " ":
        value = datetime.fromisoformat(f"{value}+00:00")
    return value if isinstance(value, datetime) and value.tzinfo else None
