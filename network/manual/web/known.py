"""What the network knows of the handbook, for its pages: asked once a minute, not once a page."""

from contextlib import suppress
from datetime import datetime, timedelta

from handbook.standing import Standing
from network.db import TROUBLE
from network.door import Door
from network.kernel.actor import Engine
from network.manual import services

KEPT = timedelta(minutes=1)
ME = Engine("handbook")


class Known:
    """Callable: the standing of now, or of less than a minute ago. Never fails: people must read.

    With the database away it says what it last knew; before that, only what is careful.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._asked_at: datetime | None = None
        self._standing = Standing(refuses=door.pack.handbook.refuse_unreviewed)

    def __call__(self) -> Standing:
        now = self._door.now()
        if self._asked_at is None or not timedelta(0) <= now - self._asked_at < KEPT:
            self._asked_at = now
            with suppress(*TROUBLE):  # asked again in a minute; the page is shown now
                self._standing = self._door.look(services.standing, ME)
        return self._standing

    def forget(self) -> None:
        """Something was said just now: ask at the next page."""
        self._asked_at = None
