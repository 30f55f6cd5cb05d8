"""A clock that moves only when a test moves it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest


@dataclass(slots=True)
class StillClock:
    """Tells the same instant until it is advanced."""

    instant: datetime = field(default=datetime(2030, 1, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        self.instant += by


@pytest.fixture
def clock() -> StillClock:
    return StillClock()
