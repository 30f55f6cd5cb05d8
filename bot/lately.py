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

    def said(self, letter: Letter) -> bool:
        """Whether this chat was just told the same; if not, it is from now on."""
        if not letter.is_bare_notice:
            return False
        now = time.monotonic()
        self._clear(now)
        key = _key(letter)
        if key in self._until:
            return True
        self._until[key] = now + ROUND.total_seconds()
        return False

    def not_gathered(self, held: Iterable[Letter], now: datetime) -> list[Letter]:
        """Those of them for which no letter of this round stands yet; from now on one does."""
        self._gathered = {key: at for key, at in self._gathered.items() if at > now}
        new = {_key(one): one for one in held if _key(one) not in self._gathered}
        self._gathered.update(dict.fromkeys(new, next_round(now)))
        return list(new.values())

    def forget(self, letters: Iterable[Letter]) -> None:
        """They did not arrive."""
        for letter in letters:
            self._until.pop(_key(letter), None)

    def _clear(self, now: float) -> None:
        while self._until:
            oldest = next(iter(self._until))
            if self._until[oldest] > now and len(self._until) < MOST:
                return
            del self._until[oldest]


def _key(letter: Letter) -> Said:
    return letter.to, letter.say, tuple(sorted(letter.params.items()))
