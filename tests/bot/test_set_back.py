"""The machine's own clock is set back, and we go on looking after people."""

from datetime import datetime, timedelta, tzinfo
from typing import Self

import pytest
from apscheduler.schedulers import base

from tests.bot.conftest import RunningBot, until

WATCHED = "checkins.services.watching.watch by"


class TwoHoursAhead(datetime):
    """As the scheduler reads the machine's clock before it is put right."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + timedelta(hours=2)


def test_a_clock_that_is_set_back_two_hours_does_not_stop_the_watch(
    bot: RunningBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "network.door")

    def looks() -> int:
        return sum(WATCHED in line for line in caplog.messages)

    monkeypatch.setattr(base, "datetime", TwoHoursAhead)
    bot.start("clock")
    until(lambda: looks() > 2)
    monkeypatch.undo()
    before = looks()
    until(lambda: looks() > before + 3)
