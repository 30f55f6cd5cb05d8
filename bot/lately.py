"""What chats were just told, so that a family's ten messages do not ring ten times at a desk."""

import time
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from network.outbox.domain import ROUND, Letter, next_round

MOST: Final = 20_000
Said = tuple[int, str, tuple[tuple[str, str], ...]]


class Lately:
    """Remembers the bare notices of half a minute; one that says the same again may wait.

    Nothing is lost with this memory: what waits has been promised, and without it more is sent.
    """

    def __init__(self) -> None:
        self._until: OrderedDict[Said, float] = OrderedDict()
        self._gathered: dict[Said, datetime] = {}

    def sift(self, letters: Iterable[Letter]) -> tuple[tuple[Letter, ...], tuple[Letter, ...]]:
        """Those to send, and those whose chat was just told the same. What is sent is told now."""
        now = time.monotonic()
        self._clear(now)
        fresh: list[Letter] = []
        held: list[Letter] = []
        for letter in letters:
            told = letter.is_bare_notice and self._said(_key(letter), now)
            (held if told else fresh).append(letter)
        return tuple(fresh), tuple(held)

    def _said(self, key: Said, now: float) -> bool:
        if key in self._until:
            return True
        self._until[key] = now + ROUND.total_seconds()
        return False

    def not_gathered(self, held: Iterable[Letter], now: datetime) -> list[Letter]:
        """Those of them for which no letter of this round stands yet; from now on one does."""
        self._end_rounds(now)
        new: dict[Said, Letter] = {}
        for one in held:
            key = _key(one)
            if self._gathered.get(key, now) <= now:
                new.setdefault(key, one)
                self._gathered.pop(key, None)  # so that the oldest rounds stay in front
        self._gathered.update(dict.fromkeys(new, next_round(now)))
        return list(new.values())

    def forget(self, letters: Iterable[Letter]) -> None:
        """They did not arrive."""
        for letter in letters:
            self._until.pop(_key(letter), None)

    def _end_rounds(self, now: datetime) -> None:
        while self._gathered and self._gathered[oldest := next(iter(self._gathered))] <= now:
            del self._gathered[oldest]

    def _clear(self, now: float) -> None:
        while self._until:
            oldest = next(iter(self._until))
            if self._until[oldest] > now and len(self._until) < MOST:
                return
            del self._until[oldest]


def _key(letter: Letter) -> Said:
    return letter.to, letter.say, tuple(sorted(letter.params.items()))
