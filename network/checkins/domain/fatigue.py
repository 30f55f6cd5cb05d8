"""Alarms that nobody needed wear people out: how many a family had, and a gentler rhythm. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from network.checkins.domain.watches import Happened, Outcome, Watch

NEEDED = frozenset({Outcome.HELPED, Outcome.ELSEWHERE})
STEPS = tuple(timedelta(hours=hours) for hours in (1, 2, 3, 4, 6, 8, 12, 24, 48, 72))
LONGEST_GRACE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Ending:
    """How one alarm of silence ended, how far it had climbed, and whether somebody had it."""

    outcome: Outcome
    on: date
    rungs: int
    owned: bool

    @property
    def was_needed(self) -> bool:
        """Whether anybody had to do something."""
        return self.outcome in NEEDED


@dataclass(frozen=True, slots=True)
class Weariness:
    """The alarms of silence of one family within the country's window."""

    alarms: int
    unneeded: int


@dataclass(frozen=True, slots=True)
class Gentler:
    """What the desk proposes: asked more seldom, or given more time; one of them."""

    every: timedelta | None = None
    grace: timedelta | None = None


def ended_as(watch: Watch, outcome: Outcome, now: datetime) -> Ending:
    """What is kept of a watch that ends."""
    owned = any(line.what is Happened.OWNED for line in watch.history)
    return Ending(outcome, now.date(), watch.rung, owned)


def weariness(endings: Sequence[Ending]) -> Weariness:
    """How many alarms, and how many of them nobody needed."""
    return Weariness(len(endings), sum(not one.was_needed for one in endings))


def proposal(
    tired: Weariness, every: timedelta | None, grace: timedelta, *, most_unneeded: int
) -> Gentler | None:
    """A gentler rhythm where alarms that nobody needed are many and most; None where they are not.

    Nobody whose alarms were needed is asked more seldom.
    """
    if tired.unneeded < most_unneeded or tired.alarms > tired.unneeded * 4 // 3:
        return None
    slower = next((step for step in STEPS if every is not None and step > every), None)
    if slower is not None:
        return Gentler(every=slower)
    longer = min(grace * 2, LONGEST_GRACE)
    return Gentler(grace=longer) if longer > grace else None
