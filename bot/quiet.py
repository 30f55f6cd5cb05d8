"""Telegram's own «wait», kept for each letter of an envelope that is taken up again before."""

from collections.abc import Callable
from datetime import datetime, timedelta

from network.kernel.ids import LetterId
from network.outbox.domain import LONGEST_WAIT


class Quiet:
    """What goes by other ways in the same envelope need not wait for Telegram.

    Every envelope is tried again at its usual times, whatever it holds: its row would tell.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._until: dict[LetterId, datetime] = {}

    def keep(self, letter: LetterId, wait: timedelta) -> None:
        """Telegram wants to be asked for this one after `wait`."""
        for each in [each for each in self._until if not self.left(each)]:
            del self._until[each]
        self._until[letter] = self._now() + min(wait, LONGEST_WAIT)

    def left(self, letter: LetterId) -> timedelta:
        """How much of that is left; none where the clock leapt meanwhile."""
        until = self._until.get(letter)
        left = timedelta(0) if until is None else until - self._now()
        return left if timedelta(0) < left <= LONGEST_WAIT else timedelta(0)
