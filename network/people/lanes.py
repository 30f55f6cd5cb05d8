"""Who may do slow work at once, and how many may wait for it; everybody else is asked to come back.

A request that waits holds one of the few threads that serve pages, and each Argon2 takes 64 MiB.
Without an end to the queue, strangers who sign in all day would leave no thread for a family.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from network.kernel.errors import SlowDown

PATIENCE = 5  # seconds


class Lane:
    """So many at once, so many waiting."""

    def __init__(self, *, width: int, waiting: int) -> None:
        self._here = BoundedSemaphore(width + waiting)
        self._turn = BoundedSemaphore(width)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One's turn; SlowDown at once where the queue is full, or when the wait grows too long."""
        if not self._here.acquire(blocking=False):
            raise SlowDown(PATIENCE)
        try:
            if not self._turn.acquire(timeout=PATIENCE):
                raise SlowDown(PATIENCE)
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._here.release()


# Strangers share one lane, and browsers that have been in have another.
LANE_WIDTH = 2
STRANGERS = Lane(width=LANE_WIDTH, waiting=1)
KNOWN = Lane(width=LANE_WIDTH, waiting=2)
